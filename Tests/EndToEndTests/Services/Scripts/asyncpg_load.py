"""asyncpg with its own pool, on one event loop. usage: asyncpg_load.py REQUESTS; the address comes from libpq's variables."""

import asyncio
import contextlib
import sys
import threading

import asyncpg

from workload import TICKET, Workload


class Asyncpg:
    def __init__(self):
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        self.pool = self.wait(self.make_pool())

    async def make_pool(self):
        return await asyncpg.create_pool(min_size=3, max_size=3, statement_cache_size=0)

    def wait(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result()

    async def rows(self, db, sql, *values):
        return [tuple(row) for row in await db.fetch(sql, *values)]

    async def committed(self, db, sql, *values):
        """One statement as a transaction: this driver asks for types first, in a message that needs the same backend."""
        async with db.transaction():
            return await self.rows(db, sql, *values)

    async def begin(self, company):
        db = await self.pool.acquire()
        try:
            ((ticket, refusal),) = await self.committed(db, TICKET.format("$1"), company)
            assert refusal is None, refusal
            transaction = db.transaction()
            await transaction.start()
            await self.rows(db, "SELECT piste.use($1::text::uuid)", ticket)
            return db, transaction
        except BaseException:
            # The pool rolls back what was begun.
            await self.pool.release(db)
            raise

    async def end(self, db, transaction, good):
        await (transaction.commit() if good else transaction.rollback())
        await self.pool.release(db)

    @contextlib.contextmanager
    def inside(self, company):
        db, transaction = self.wait(self.begin(company))
        good = False
        try:
            yield lambda sql: self.wait(self.rows(db, sql))
            good = True
        finally:
            self.wait(self.end(db, transaction, good))

    def alone(self, sql):
        async def run():
            async with self.pool.acquire() as db:
                return await self.committed(db, sql)

        return self.wait(run())

    def together(self, statements):
        async def run():
            async with self.pool.acquire() as db:
                transaction = db.transaction()
                await transaction.start()
                try:
                    return [await self.rows(db, sql) for sql in statements][-1]
                finally:
                    await transaction.rollback()

        return self.wait(run())

    def state(self, error):
        return getattr(error, "sqlstate", None)


Workload(Asyncpg(), int(sys.argv[1])).run()
