"""Piste for Django (3.2 and later): a database backend, where a transaction is a unit of work and has a ticket, and a middleware.

    # settings.py; keep this file beside manage.py, or in a package: then it is "package.piste_django" here
    DATABASES = {"default": {"ENGINE": "piste_django", …}}    # as the service's login; any CONN_MAX_AGE, any pooler
    MIDDLEWARE = ["piste_django.InsideCompany", …]            # first: sessions and sign-in are the company's
    PISTE = {"tables": "*"}                                   # or "auth_user,django_session,…"

    # a job, a consumer, a callback of on_commit
    from piste_django import each, enqueue, inside, serving
    with inside("acme", "orders"):                            # one transaction by one ticket
        Order.objects.filter(paid=False).update(reminded=True)
        enqueue("mail.reminder", {"orders": 3})               # a job, as part of the transaction; in a request too
    with serving("acme", "orders"):                           # each transaction by a ticket of its own, Django's ways
        Order.objects.get(pk=7).delete()                      # … what stands alone, too
    each(range(100_000), remind, "acme", "orders")            # remind(7): a ticket for every hundred, however long it takes

    # a worker, whose login an admin lets drain
    from piste_django import drain, finish
    for job in drain(100, seconds=60):
        work(job.company, job.kind, job.payload)
        finish([job])                                         # else it comes again when its time is over

    $ DJANGO_SETTINGS_MODULE=… python -m piste_django acme createsuperuser    # a command inside a company

The company of a request is its host's first label, unless PISTE["company"] is a function that tells another, or None for a request that
is for none. Everything of a request is one transaction, rolled back where the view answers 500 and above or raises (with ATOMIC_REQUESTS
also where it raises what Django answers with less, such as Http404). A request that only reads (GET, HEAD, OPTIONS) has a ticket that only
reads, unless sessions are rows of the company; PISTE["sessions"] says otherwise.

Outside of a unit of work a query is `OutsideCompany`, before it reaches PostgreSQL, which has no such table there anyway. Migrations are
Piste's to run (piste migrate --with, which the backend obeys). The database that Django's tests make has no engine: there `inside` is a
transaction and nothing more. Tables that lie beside the companies have another alias, plain PostgreSQL with a login of its own:
PISTE["shared"] = {"auth": "site", "sessions": "site"} and DATABASE_ROUTERS = ["piste_django.SharedTables"] send the models of these apps there.
With another backend (PostGIS) the middleware, `inside` and `each` work as well.
"""

import collections
import contextlib
import importlib
import itertools
import json
import os
import re
import sys

from asgiref.sync import async_to_sync
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError
from django.db import OperationalError, connections, transaction
from django.db.backends import utils
from django.db.backends.base.base import NO_DB_ALIAS
from django.db.backends.postgresql import base
from django.http import FileResponse, HttpResponse

__all__ = ["DatabaseWrapper", "InsideCompany", "Job", "Missed", "OutsideCompany", "PisteError", "Refused", "SharedTables", "drain", "each",
           "enqueue", "finish", "inside", "serving"]

# Django asks for the module `base` of an ENGINE. This file is both, as the module os is os.path's.
sys.modules[__name__ + ".base"] = sys.modules[__name__]

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


class OutsideCompany(PisteError, OperationalError, ImproperlyConfigured):
    """A query outside of a unit of work."""

    # Of Django's two kinds as well, so that runserver and makemigrations, which look for migrations that ran, go on without.

    def __init__(self):
        super().__init__(
            "this query is outside of a unit of work, where there is no company and no table: let the middleware "
            "piste_django.InsideCompany put requests into their company, put other work into a block "
            "`with piste_django.inside(company, tables):`, and run commands as `python -m piste_django COMPANY COMMAND`")


class DatabaseCreation(base.DatabaseWrapper.creation_class):
    """The databases of Django's tests, which have no engine."""

    def create_test_db(self, *args, **kwargs):
        self.connection.settings_dict["PISTE_PLAIN"] = True
        return super().create_test_db(*args, **kwargs)

    def set_as_test_mirror(self, primary_settings_dict):
        self.connection.settings_dict["PISTE_PLAIN"] = True
        super().set_as_test_mirror(primary_settings_dict)


class DatabaseIntrospection(base.DatabaseWrapper.introspection_class):
    """Inside a company a table is a window, and for Django a table all the same: so it finds its own list of migrations."""

    def get_table_list(self, cursor):
        tables = super().get_table_list(cursor)
        if self.connection.is_plain:
            return tables
        return [table._replace(type="t" if table.type == "v" else table.type) for table in tables]


class DatabaseWrapper(base.DatabaseWrapper):
    """PostgreSQL, where a transaction has a ticket and nothing is asked outside of one."""

    creation_class = DatabaseCreation
    introspection_class = DatabaseIntrospection

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # What a transaction that begins asks a ticket for, and whether the one that is open has used it.
        self.wish, self.is_inside, self._is_connecting = None, False, False

    @property
    def is_plain(self):
        """Whether there is no engine to ask: in tests, and for the login of `piste migrate --with`, which has one schema alone."""
        return "PISTE_SCHEMA" in os.environ or self.alias == NO_DB_ALIAS or self.settings_dict.get("PISTE_PLAIN", False)

    def get_connection_params(self):
        given = super().get_connection_params()
        if "PISTE_SCHEMA" not in os.environ:
            return given
        # The login and the address are then those of libpq's variables, whatever the settings say.
        own = {"database", "dbname", "host", "password", "port", "service", "user"}
        return {"dbname": os.environ["PGDATABASE"], **{name: value for name, value in given.items() if name not in own}}

    def connect(self):
        self.is_inside, self._is_connecting = False, True
        try:
            super().connect()
        finally:
            self._is_connecting = False

    def set_autocommit(self, autocommit, *args, **kwargs):
        begins = not autocommit and self.wish is not None and not self.is_plain and self.get_autocommit()
        # Committed before the transaction begins, which uses it.
        ticket = _ticket(self, self.wish) if begins else None
        super().set_autocommit(autocommit, *args, **kwargs)
        if begins:
            try:
                _use(self, ticket)
            except BaseException:
                self.close()
                raise
            self.is_inside = True

    def _commit(self):
        if self.is_inside:
            missed = _missed(self)
            if missed:
                self.rollback()
                raise Missed(missed)
        try:
            super()._commit()
        finally:
            self.is_inside = False

    def _rollback(self):
        self.is_inside = False
        super()._rollback()

    def close(self):
        self.is_inside = False
        super().close()

    def make_cursor(self, cursor):
        return _Cursor(cursor, self)

    def make_debug_cursor(self, cursor):
        return _DebugCursor(cursor, self)

    def chunked_cursor(self):
        # Alone it would be one that outlives its transaction, and the gate is shut while there is such a cursor.
        return self.cursor() if self.wish is not None and not self.in_atomic_block else super().chunked_cursor()

    def unit(self):
        """What a query runs in: nothing more inside a unit of work, a transaction of its own where it stands alone in `serving`."""
        # Who is told of a new connection asks the catalogs, as django.contrib.postgres does.
        if self.is_inside or self._is_connecting or self.is_plain:
            return contextlib.nullcontext()
        if self.wish is not None and not self.in_atomic_block:
            return transaction.atomic(using=self.alias)
        raise OutsideCompany

    def prepare_database(self):
        if not self.is_plain:
            raise CommandError(
                "the tables of companies are the engine's, and not this login's to migrate: "
                "run `piste migrate --with 'python manage.py migrate'`; schemas that were adopted are migrated by `piste adopt --around`, "
                "with the settings that they had before")
        super().prepare_database()


class _Guarded:
    def execute(self, *args, **kwargs):
        with self.db.unit():
            return super().execute(*args, **kwargs)

    def executemany(self, *args, **kwargs):
        with self.db.unit():
            return super().executemany(*args, **kwargs)

    def callproc(self, *args, **kwargs):
        with self.db.unit():
            return super().callproc(*args, **kwargs)


class _Cursor(_Guarded, utils.CursorWrapper):
    pass


class _DebugCursor(_Guarded, base.CursorDebugWrapper):
    pass


@contextlib.contextmanager
def serving(company, *tables, action="app.work", detail=None, seconds=60, read_only=False, token=None, using="default"):
    """Gives each transaction that begins in the block, and each query that stands alone, a ticket of its own for the company.

    `tables` are those that are read or written, or `*`; `token` is a context token instead of the company.
    """
    connection = connections[using]
    if not isinstance(connection, DatabaseWrapper):
        raise PisteError(f"the ENGINE of the database {using!r} must be {__name__!r}, and not {connection.settings_dict['ENGINE']!r}")
    _check_idle(connection)
    before, connection.wish = connection.wish, _wish(company, tables, action, detail, seconds, read_only, token)
    try:
        yield connection
    finally:
        connection.wish = before


@contextlib.contextmanager
def inside(company, *tables, action="app.work", detail=None, seconds=60, read_only=False, token=None, using="default"):
    """One transaction inside a company; what was read in vain raises `Missed` before anything is committed."""
    connection = connections[using]
    options = dict(action=action, detail=detail, seconds=seconds, read_only=read_only, token=token)
    if isinstance(connection, DatabaseWrapper):
        with serving(company, *tables, using=using, **options), transaction.atomic(using=using):
            yield connection
        return
    _check_idle(connection)
    ticket = _ticket(connection, _wish(company, tables, **options))
    with transaction.atomic(using=using):
        _use(connection, ticket)
        yield connection
        missed = [] if connection.needs_rollback else _missed(connection)
        if missed:
            raise Missed(missed)


def each(items, work, company, *tables, size=100, **options):
    """Does `work(item)` for each item, so many in one transaction by one ticket: for what takes longer than a ticket can. How many.

    Items are asked for between the transactions. Where the work raises, its transaction is rolled back, and those before it stand.
    """
    items, done = iter(items), 0
    for batch in iter(lambda: list(itertools.islice(items, size)), []):
        with inside(company, *tables, **options):
            for item in batch:
                work(item)
        done += len(batch)
    return done


def enqueue(kind, payload=None, using="default"):
    """Puts a job into the outbox of the company that this request or block is inside, as part of its transaction; its id."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT CAST(piste.enqueue(%s, CAST(%s AS jsonb)) AS text)", [kind, json.dumps({} if payload is None else payload)])
        return cursor.fetchone()[0]


def drain(limit=100, seconds=60, kind=None, using="default"):
    """Leases jobs of all companies for so many seconds; what is not finished by then comes again, to whoever drains."""
    connection = connections[using]
    if connection.in_atomic_block:
        raise PisteError("the connection is in a transaction already: jobs leave when their record is committed")
    lease = _answer(connection, "SELECT CAST(lease AS text), refusal FROM piste.drain(%s, %s, %s)", [limit, seconds, kind])
    if lease is None:
        return []
    rows = _rows(connection, "SELECT CAST(job AS text), company, kind, CAST(payload AS text), attempt, enqueued_at"
                 " FROM piste.jobs(CAST(%s AS uuid))", [lease])
    return [Job(lease, job, company, kind, json.loads(payload), *rest) for job, company, kind, payload, *rest in rows]


def finish(jobs, using="default"):
    """Acknowledges jobs that are done; how many were still leased by the drain that gave them."""
    leases = {}
    for job in jobs:
        leases.setdefault(job.lease, []).append(job.id)
    return sum(_answer(connections[using], "SELECT finished, refusal FROM piste.finish_jobs(CAST(%s AS uuid), CAST(%s AS uuid[]))",
                       [lease, done]) for lease, done in leases.items())


def _check_idle(connection):
    # Inside somebody else's transaction the ticket would not be committed when it is used. Django's tests are in one all the time.
    if connection.in_atomic_block and not getattr(connection, "is_plain", False):
        raise PisteError("the connection is in a transaction already: a ticket has one of its own")


def _wish(company, tables, action, detail, seconds, read_only, token):
    if not tables or not all(isinstance(table, str) for table in tables):
        raise PisteError("name the tables that the work is about, one after the other, or '*'")
    return [company if token is None else None, action, ",".join(tables), None if detail is None else json.dumps(detail), seconds,
            read_only, token]


def _ticket(connection, wish):
    if connection.errors_occurred:
        # A worker's connection that was lost is replaced, as Django does between requests.
        connection.close_if_unusable_or_obsolete()
    return _answer(
        connection, "SELECT CAST(ticket AS text), refusal FROM piste.ticket(%s, %s, %s, CAST(%s AS jsonb), %s, %s, %s)", wish)


def _use(connection, ticket):
    _rows(connection, "SELECT piste.use(CAST(%s AS uuid))", [ticket])


def _missed(connection):
    return _rows(connection, "SELECT resource, why FROM piste.missed_reasons()", [])


def _answer(connection, sql, values):
    [(answer, refusal)] = _rows(connection, sql, values)
    if refusal is not None:
        raise Refused(refusal)
    return answer


def _rows(connection, sql, values):
    # The driver's own cursor: what the engine is asked needs no unit of work, and is none of the application's queries.
    with connection.cursor() as cursor, connection.wrap_database_errors:
        cursor.cursor.execute(sql, values)
        return cursor.cursor.fetchall()


class InsideCompany:
    """Puts each request into the company that it is for."""

    def __init__(self, get_response):
        options = getattr(settings, "PISTE", {})
        self._get_response = get_response
        self._tables = options.get("tables", "*").split(",")
        self._company = options.get("company", lambda request: re.split("[.:]", request.get_host().lower())[0])
        self._alias = options.get("alias", "default")
        # Django saves a session whenever it likes.
        rows = settings.SESSION_ENGINE in ("django.contrib.sessions.backends.db", "django.contrib.sessions.backends.cached_db")
        self._sessions = options.get("sessions", rows and "sessions" not in options.get("shared", {}) and any(
            name.endswith("SessionMiddleware") for name in settings.MIDDLEWARE))

    def __call__(self, request):
        company = self._company(request)
        if company is None:
            return self._get_response(request)
        reads = request.method in ("GET", "HEAD", "OPTIONS")
        try:
            with inside(company, *self._tables, action="web.read" if reads else "web.change",
                        read_only=reads and not self._sessions, using=self._alias):
                response = self._get_response(request)
                if response.streaming and not isinstance(response, FileResponse):
                    # It would be read when the transaction is over: then there is nothing.
                    response = _whole(response)
                if response.status_code >= 500:
                    transaction.set_rollback(True, using=self._alias)
                return response
        except Refused as refused:
            return HttpResponse(str(refused), status=404 if refused.code == "unknown_company" else 403, content_type="text/plain")


def _whole(streaming):
    async def read():
        return [part async for part in streaming.streaming_content]

    parts = async_to_sync(read)() if getattr(streaming, "is_async", False) else streaming.streaming_content
    response = HttpResponse(b"".join(parts), status=streaming.status_code, reason=streaming.reason_phrase)
    for name, value in streaming.items():
        response[name] = value
    response.cookies = streaming.cookies
    response._resource_closers.extend(streaming._resource_closers)
    return response


class SharedTables:
    """Sends the models of the apps in PISTE["shared"] to the database that stands there, and keeps those of companies away from it."""

    def db_for_read(self, model, **hints):
        return getattr(settings, "PISTE", {}).get("shared", {}).get(model._meta.app_label)

    db_for_write = db_for_read

    def allow_relation(self, one, other, **hints):
        return True if self.db_for_read(one) or self.db_for_read(other) else None

    def allow_migrate(self, db, app_label, **hints):
        shared = getattr(settings, "PISTE", {}).get("shared", {})
        return shared[app_label] == db if app_label in shared else False if db in shared.values() else None


def main(arguments):
    """Runs a management command inside a company, each of its transactions by a ticket."""
    if len(arguments) < 2:
        sys.exit("usage: python -m piste_django COMPANY COMMAND [ARGUMENT …]")
    import django
    from django.core.management import execute_from_command_line
    django.setup()
    company, command = arguments[:2]
    try:
        with serving(company, "*", action="command." + re.sub("[^a-z0-9]+", "_", command), seconds=1800,
                     using=getattr(settings, "PISTE", {}).get("alias", "default")):
            execute_from_command_line(["manage.py"] + arguments[1:])
    except PisteError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    # As the module that the ENGINE names, and not a second one beside it.
    importlib.import_module(__spec__.name).main(sys.argv[1:])
