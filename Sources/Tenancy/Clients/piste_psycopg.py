"""Piste for psycopg 3: one ticket a unit of work, on any pool, nothing kept between two of them.

    import psycopg_pool, piste_psycopg
    piste = piste_psycopg.Piste(psycopg_pool.ConnectionPool("postgresql://shop@/app").connection)
    with piste.inside("acme", "users", "journeys") as acme:
        acme.execute("UPDATE users SET name = %s WHERE id = %s", ["Ada", 7])

`Piste` takes whatever gives a connection in a `with`: a pool's `connection`, or `lambda: psycopg.connect(address)`. `AsyncPiste` is the same
with `async with` and `await`, and `aenqueue`. The login is a service's; a refusal is `Refused`, with the engine's code word in `code`.

    with piste.inside("acme", "users") as acme:
        piste_psycopg.enqueue(acme, "mail.welcome", {"user": 7})      # part of the transaction
    for job in piste.drain(100, seconds=60):                          # a worker's login, which an admin lets drain
        work(job.company, job.kind, job.payload)
        piste.finish([job])                                           # else it comes again when its time is over
    piste.each(range(100_000), remind, "acme", "users")               # remind(connection, 7): a ticket for every hundred, however long
"""

import collections
import contextlib
import itertools
import json

import psycopg
from psycopg.rows import dict_row

__all__ = ["AsyncPiste", "Job", "Missed", "Piste", "PisteError", "Refused", "aenqueue", "enqueue"]

_TICKET = "SELECT ticket::text, refusal FROM piste.ticket(%s, %s, %s, %s::jsonb, %s, %s, %s)"
_USE = "SELECT piste.use(%s::uuid)"
_MISSED = "SELECT resource, why FROM piste.missed_reasons()"
_ENQUEUE = "SELECT piste.enqueue(%s, %s::jsonb)::text"
_DRAIN = "SELECT lease::text, refusal FROM piste.drain(%s::int, %s::int, %s)"
_JOBS = "SELECT job::text, company, kind, payload::text, attempt, enqueued_at FROM piste.jobs(%s::uuid)"
_FINISH = "SELECT finished, refusal FROM piste.finish_jobs(%s::uuid, %s::uuid[])"
_CREATE = "SELECT id::text, refusal FROM piste.create_company(%s, %s, %s)"
_TOKEN = "SELECT token, refusal FROM piste.generate_context_token(%s, %s)"
_IMPERSONATE = "SELECT token, refusal FROM piste.impersonate_company(%s, %s, %s, %s, %s)"

Job = collections.namedtuple("Job", "lease id company kind payload attempt enqueued_at")


class PisteError(Exception):
    """What this adapter itself has to say."""


class Refused(PisteError):
    """The engine refused, and recorded that it did."""

    def __init__(self, refusal):
        self.code, _, self.words = refusal.partition(": ")
        super().__init__(refusal)


class Missed(PisteError):
    """A table was read that the ticket does not open: its rows were not given, so nothing was committed."""

    def __init__(self, reasons):
        self.reasons = dict(reasons)
        super().__init__("; ".join(f"{table}: {why}" for table, why in self.reasons.items()))


def _wish(company, tables, action, detail, seconds, read_only, token):
    if not tables or not all(isinstance(table, str) for table in tables):
        raise PisteError("name the tables that the work is about, one after the other, or '*'")
    return [company if token is None else None, action, ",".join(tables),
            None if detail is None else json.dumps(detail), seconds, read_only, token]


def _check_idle(connection):
    # Inside somebody else's transaction the ticket would not be committed when it is used.
    if connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
        raise PisteError("the connection is in a transaction already: a ticket has one of its own")


def _job(kind, payload):
    return [kind, json.dumps({} if payload is None else payload)]


def _jobs(lease, rows):
    return [Job(lease, job, company, kind, json.loads(payload), *rest) for job, company, kind, payload, *rest in rows]


def _leases(jobs):
    leases = {}
    for job in jobs:
        leases.setdefault(job.lease, []).append(job.id)
    return leases.items()


def _batches(items, size):
    items = iter(items)
    return iter(lambda: list(itertools.islice(items, size)), [])


def _page(table):
    return f"SELECT * FROM {table} WHERE id > %s ORDER BY id LIMIT %s"


def enqueue(connection, kind, payload=None):
    """Puts a job into the outbox of the company that `connection` is inside, as part of its transaction; the job's id."""
    return connection.execute(_ENQUEUE, _job(kind, payload)).fetchone()[0]


async def aenqueue(connection, kind, payload=None):
    """The same for an `AsyncConnection`."""
    return (await (await connection.execute(_ENQUEUE, _job(kind, payload))).fetchone())[0]


class Piste:
    """Work inside companies, one transaction at a time."""

    def __init__(self, connection):
        self._connection = connection

    @contextlib.contextmanager
    def inside(self, company, *tables, action="app.work", detail=None, seconds=60, read_only=False, token=None):
        """One transaction inside a company; at its end it is committed, or rolled back where the block raises.

        `tables` are those that are read or written, `token` a context token instead of the company. What was read in vain raises
        `Missed` before anything is committed.
        """
        with self._connection() as connection:
            _check_idle(connection)
            before, connection.autocommit = connection.autocommit, True
            try:
                ticket, refusal = connection.execute(
                    _TICKET, _wish(company, tables, action, detail, seconds, read_only, token)).fetchone()
                if refusal is not None:
                    raise Refused(refusal)
                with connection.transaction():
                    connection.execute(_USE, [ticket])
                    yield connection
                    missed = connection.execute(_MISSED).fetchall()
                    if missed:
                        raise Missed(missed)
            finally:
                if not connection.closed:
                    connection.autocommit = before

    def each(self, items, work, company, *tables, size=100, **options):
        """Does `work(connection, item)` for each item, so many in one transaction by one ticket: for what takes longer than a ticket can.

        How many. Items are asked for between the transactions. Where the work raises, its transaction is rolled back, and those before
        it stand.
        """
        done = 0
        for batch in _batches(items, size):
            with self.inside(company, *tables, **options) as connection:
                for item in batch:
                    work(connection, item)
            done += len(batch)
        return done

    def get_users(self, company, limit=100, after=0):
        """A company's users by their id, as dictionaries."""
        return self._rows(company, "users", limit, after)

    def get_journeys(self, company, limit=100, after=0):
        """A company's journeys by their id, as dictionaries."""
        return self._rows(company, "journeys", limit, after)

    def create_company(self, name, url_id, auth_provider):
        """Makes a company (admin); its id."""
        return self._answer(_CREATE, name, url_id, auth_provider)

    def generate_context_token(self, company, minutes=30):
        """A context token for this login."""
        return self._answer(_TOKEN, company, minutes)

    def impersonate_company(self, company, reason, ticket=None, user=None, minutes=None):
        """A token for an impersonation with a written reason (support, admin)."""
        return self._answer(_IMPERSONATE, company, reason, ticket, user, minutes)

    def drain(self, limit=100, seconds=60, kind=None):
        """Leases jobs of all companies for so many seconds; what is not finished by then comes again, to whoever drains."""
        lease = self._answer(_DRAIN, limit, seconds, kind)
        if lease is None:
            return []
        with self._connection() as connection:
            # The record is committed: now the jobs leave.
            return _jobs(lease, connection.execute(_JOBS, [lease]).fetchall())

    def finish(self, jobs):
        """Acknowledges jobs that are done; how many were still leased by the drain that gave them."""
        return sum(self._answer(_FINISH, lease, done) for lease, done in _leases(jobs))

    def _rows(self, company, table, limit, after):
        with self.inside(company, table, action=f"{table}.read", read_only=True) as connection:
            return connection.cursor(row_factory=dict_row).execute(_page(table), [after, limit]).fetchall()

    def _answer(self, sql, *values):
        with self._connection() as connection:
            _check_idle(connection)
            with connection.transaction():
                answer, refusal = connection.execute(sql, values).fetchone()
        # Outside of the transaction: a refusal's record is committed.
        if refusal is not None:
            raise Refused(refusal)
        return answer


class AsyncPiste:
    """The same for `psycopg.AsyncConnection`."""

    def __init__(self, connection):
        self._connection = connection

    @contextlib.asynccontextmanager
    async def inside(self, company, *tables, action="app.work", detail=None, seconds=60, read_only=False, token=None):
        """As `Piste.inside`."""
        async with await _opened(self._connection()) as connection:
            _check_idle(connection)
            before = connection.autocommit
            await connection.set_autocommit(True)
            try:
                cursor = await connection.execute(
                    _TICKET, _wish(company, tables, action, detail, seconds, read_only, token))
                ticket, refusal = await cursor.fetchone()
                if refusal is not None:
                    raise Refused(refusal)
                async with connection.transaction():
                    await connection.execute(_USE, [ticket])
                    yield connection
                    missed = await (await connection.execute(_MISSED)).fetchall()
                    if missed:
                        raise Missed(missed)
            finally:
                if not connection.closed:
                    await connection.set_autocommit(before)

    async def each(self, items, work, company, *tables, size=100, **options):
        """As `Piste.each`, with `work` to be awaited."""
        done = 0
        for batch in _batches(items, size):
            async with self.inside(company, *tables, **options) as connection:
                for item in batch:
                    await work(connection, item)
            done += len(batch)
        return done

    async def get_users(self, company, limit=100, after=0):
        """As `Piste.get_users`."""
        return await self._rows(company, "users", limit, after)

    async def get_journeys(self, company, limit=100, after=0):
        """As `Piste.get_journeys`."""
        return await self._rows(company, "journeys", limit, after)

    async def create_company(self, name, url_id, auth_provider):
        """As `Piste.create_company`."""
        return await self._answer(_CREATE, name, url_id, auth_provider)

    async def generate_context_token(self, company, minutes=30):
        """As `Piste.generate_context_token`."""
        return await self._answer(_TOKEN, company, minutes)

    async def impersonate_company(self, company, reason, ticket=None, user=None, minutes=None):
        """As `Piste.impersonate_company`."""
        return await self._answer(_IMPERSONATE, company, reason, ticket, user, minutes)

    async def drain(self, limit=100, seconds=60, kind=None):
        """As `Piste.drain`."""
        lease = await self._answer(_DRAIN, limit, seconds, kind)
        if lease is None:
            return []
        async with await _opened(self._connection()) as connection:
            return _jobs(lease, await (await connection.execute(_JOBS, [lease])).fetchall())

    async def finish(self, jobs):
        """As `Piste.finish`."""
        return sum([await self._answer(_FINISH, lease, done) for lease, done in _leases(jobs)])

    async def _rows(self, company, table, limit, after):
        async with self.inside(company, table, action=f"{table}.read", read_only=True) as connection:
            cursor = await connection.cursor(row_factory=dict_row).execute(_page(table), [after, limit])
            return await cursor.fetchall()

    async def _answer(self, sql, *values):
        async with await _opened(self._connection()) as connection:
            _check_idle(connection)
            async with connection.transaction():
                answer, refusal = await (await connection.execute(sql, values)).fetchone()
        if refusal is not None:
            raise Refused(refusal)
        return answer


async def _opened(given):
    """A pool gives what `async with` takes; `AsyncConnection.connect` has to be awaited first."""
    return given if hasattr(given, "__aenter__") else await given
