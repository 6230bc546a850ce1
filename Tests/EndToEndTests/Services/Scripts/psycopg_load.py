"""psycopg 3 with its own pool. usage: psycopg_load.py REQUESTS; the address comes from libpq's variables."""

import contextlib
import sys

from psycopg_pool import ConnectionPool

from workload import TICKET, Workload


class Psycopg:
    def __init__(self):
        # A pooler that shares backends knows nothing of what a driver prepares on the server.
        self.pool = ConnectionPool(
            min_size=3, max_size=3, timeout=120, kwargs={"autocommit": True, "prepare_threshold": None})

    @contextlib.contextmanager
    def inside(self, company):
        with self.pool.connection() as db:
            ticket, refusal = db.execute(TICKET.format("%s"), [company]).fetchone()
            assert refusal is None, refusal
            with db.transaction():
                db.execute("SELECT piste.use(%s)", [ticket])
                yield lambda sql: db.execute(sql).fetchall()

    def alone(self, sql):
        with self.pool.connection() as db:
            return db.execute(sql).fetchall()

    def together(self, statements):
        with self.pool.connection() as db:
            with db.transaction(force_rollback=True):
                return [db.execute(sql).fetchall() for sql in statements][-1]

    def state(self, error):
        return getattr(error, "sqlstate", None)


Workload(Psycopg(), int(sys.argv[1])).run()
