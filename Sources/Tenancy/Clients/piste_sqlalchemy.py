"""Piste for SQLAlchemy (1.4 and 2): one ticket a unit of work, for Core and ORM alike, on the engine's own pool.

    from sqlalchemy import create_engine
    from piste_sqlalchemy import Piste
    piste = Piste(create_engine("postgresql+psycopg2://shop@/app"))
    with piste.inside("acme", "users") as session:
        session.get(User, 7).name = "Ada"

What is bound to the session's connection is in the company until the block ends; then it is committed, or rolled back where the block
raises. The login is a service's; a refusal is `Refused`, with the engine's code word in `code`. Name no schema in your models: inside, a
table is found under its own name.

    with piste.inside("acme", "users") as session:
        enqueue(session, "mail.welcome", {"user": 7})      # part of the transaction
    for job in piste.drain(100, seconds=60):               # a worker's login, which an admin lets drain
        work(job.company, job.kind, job.payload)
        piste.finish([job])                                # else it comes again when its time is over
    piste.each(range(100_000), remind, "acme", "users")    # remind(session, 7): a ticket for every hundred, however long
"""

import collections
import contextlib
import itertools
import json

from sqlalchemy import text
from sqlalchemy.orm import Session

__all__ = ["Job", "Missed", "Piste", "PisteError", "Refused", "enqueue"]

_TICKET = text(
    "SELECT CAST(ticket AS text), refusal FROM piste.ticket("
    ":company, :action, :tables, CAST(:detail AS jsonb), :seconds, :read_only, :token)")
_USE = text("SELECT piste.use(CAST(:ticket AS uuid))")
_MISSED = text("SELECT resource, why FROM piste.missed_reasons()")
_ENQUEUE = text("SELECT CAST(piste.enqueue(:kind, CAST(:payload AS jsonb)) AS text)")
_DRAIN = text("SELECT CAST(lease AS text), refusal FROM piste.drain(:limit, :seconds, :kind)")
_JOBS = text(
    "SELECT CAST(job AS text), company, kind, CAST(payload AS text), attempt, enqueued_at FROM piste.jobs(CAST(:lease AS uuid))")
_FINISH = text("SELECT finished, refusal FROM piste.finish_jobs(CAST(:lease AS uuid), CAST(:jobs AS uuid[]))")
_CREATE = text("SELECT CAST(id AS text), refusal FROM piste.create_company(:name, :url_id, :auth_provider)")
_TOKEN = text("SELECT token, refusal FROM piste.generate_context_token(:company, :minutes)")
_IMPERSONATE = text("SELECT token, refusal FROM piste.impersonate_company(:company, :reason, :ticket, :user, :minutes)")

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


def enqueue(session, kind, payload=None):
    """Puts a job into the outbox of the company that the session or connection is inside, as part of its transaction; its id."""
    return session.execute(_ENQUEUE, {"kind": kind, "payload": json.dumps({} if payload is None else payload)}).scalar_one()


class Piste:
    """Work inside companies, one transaction at a time."""

    def __init__(self, engine):
        # READ COMMITTED is the only level in which a revocation is seen at once.
        self._engine = engine.execution_options(isolation_level="READ COMMITTED")

    @contextlib.contextmanager
    def connection(self, company, *tables, action="app.work", detail=None, seconds=60, read_only=False, token=None):
        """A connection in one transaction inside a company; `tables` are those that are read or written, or `*`."""
        if not tables or not all(isinstance(table, str) for table in tables):
            raise PisteError("name the tables that the work is about, one after the other, or '*'")
        with self._engine.connect() as db:
            # A transaction of its own: the ticket is committed before it is used.
            with db.begin():
                ticket, refusal = db.execute(_TICKET, {
                    "company": company if token is None else None, "action": action, "tables": ",".join(tables),
                    "detail": None if detail is None else json.dumps(detail), "seconds": seconds, "read_only": read_only,
                    "token": token}).one()
            if refusal is not None:
                raise Refused(refusal)
            with db.begin():
                db.execute(_USE, {"ticket": ticket})
                yield db
                missed = db.execute(_MISSED).all()
                if missed:
                    raise Missed([tuple(row) for row in missed])

    @contextlib.contextmanager
    def inside(self, company, *tables, **options):
        """The same with a session, whose objects are no longer loaded anew once the block has ended."""
        with self.connection(company, *tables, **options) as db:
            with Session(bind=db, expire_on_commit=False) as session:
                yield session
                session.flush()
                session.expunge_all()

    def each(self, items, work, company, *tables, size=100, **options):
        """Does `work(session, item)` for each item, so many in one transaction by one ticket: for what takes longer than a ticket can.

        How many. Items are asked for between the transactions. Where the work raises, its transaction is rolled back, and those before
        it stand.
        """
        items, done = iter(items), 0
        for batch in iter(lambda: list(itertools.islice(items, size)), []):
            with self.inside(company, *tables, **options) as session:
                for item in batch:
                    work(session, item)
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
        return self._answer(_CREATE, name=name, url_id=url_id, auth_provider=auth_provider)

    def generate_context_token(self, company, minutes=30):
        """A context token for this login."""
        return self._answer(_TOKEN, company=company, minutes=minutes)

    def impersonate_company(self, company, reason, ticket=None, user=None, minutes=None):
        """A token for an impersonation with a written reason (support, admin)."""
        return self._answer(_IMPERSONATE, company=company, reason=reason, ticket=ticket, user=user, minutes=minutes)

    def drain(self, limit=100, seconds=60, kind=None):
        """Leases jobs of all companies for so many seconds; what is not finished by then comes again, to whoever drains."""
        lease = self._answer(_DRAIN, limit=limit, seconds=seconds, kind=kind)
        if lease is None:
            return []
        # The record is committed: now the jobs leave.
        with self._engine.connect() as db, db.begin():
            rows = db.execute(_JOBS, {"lease": lease}).all()
        return [Job(lease, job, company, kind, json.loads(payload), *rest) for job, company, kind, payload, *rest in rows]

    def finish(self, jobs):
        """Acknowledges jobs that are done; how many were still leased by the drain that gave them."""
        leases = {}
        for job in jobs:
            leases.setdefault(job.lease, []).append(job.id)
        return sum(self._answer(_FINISH, lease=lease, jobs=done) for lease, done in leases.items())

    def _answer(self, statement, **values):
        with self._engine.connect() as db, db.begin():
            answer, refusal = db.execute(statement, values).one()
        # Outside of the transaction: a refusal's record is committed.
        if refusal is not None:
            raise Refused(refusal)
        return answer

    def _rows(self, company, table, limit, after):
        with self.connection(company, table, action=f"{table}.read", read_only=True) as db:
            rows = db.execute(
                text(f"SELECT * FROM {table} WHERE id > :after ORDER BY id LIMIT :limit"), {"after": after, "limit": limit})
            return [dict(row) for row in rows.mappings()]
