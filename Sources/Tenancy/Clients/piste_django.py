"""Piste for Django (3.2 and later): one ticket a request, and one a unit of work elsewhere; models as ever.

    # settings.py; DATABASES["default"] is PostgreSQL, as the service's login
    MIDDLEWARE = ["piste_django.InsideCompany", …]       # first: sessions and sign-in are the company's
    PISTE = {"tables": "*"}                              # or "auth_user,django_session,…"; also "company", "alias"

    # a job, a command, a consumer
    from piste_django import inside
    with inside("acme", "orders"):
        Order.objects.filter(paid=False).update(reminded=True)
        enqueue("mail.reminder", {"orders": 3})          # a job, as part of the transaction; in a request too

    # a worker, whose login an admin lets drain
    from piste_django import drain, finish
    for job in drain(100, seconds=60):
        work(job.company, job.kind, job.payload)
        finish([job])                                    # else it comes again when its time is over

The company of a request is its host's first label, unless PISTE["company"] is a function that tells another. A request that only reads
(GET, HEAD, OPTIONS) has a ticket that only reads, unless PISTE["sessions"] says that reading requests write as well, as Django's own sessions
do. Everything of a request is one transaction: rolled back where the view raises or answers 500 and above. ATOMIC_REQUESTS adds nothing, and
does no harm.
"""

import collections
import contextlib
import json

from django.conf import settings
from django.db import connections, transaction
from django.http import HttpResponse, StreamingHttpResponse

__all__ = ["InsideCompany", "Job", "Missed", "PisteError", "Refused", "drain", "enqueue", "finish", "inside"]

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


@contextlib.contextmanager
def inside(company, *tables, action="app.work", detail=None, seconds=60, read_only=False, token=None, using="default"):
    """One transaction inside a company; what was read in vain raises `Missed` before anything is committed."""
    if not tables:
        raise PisteError("name the tables that the work is about, or '*'")
    connection = connections[using]
    if connection.in_atomic_block:
        raise PisteError("the connection is in a transaction already: a ticket has one of its own")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT CAST(ticket AS text), refusal FROM piste.ticket(%s, %s, %s, CAST(%s AS jsonb), %s, %s, %s)",
            [company if token is None else None, action, ",".join(tables), None if detail is None else json.dumps(detail),
             seconds, read_only, token])
        ticket, refusal = cursor.fetchone()
    if refusal is not None:
        raise Refused(refusal)
    with transaction.atomic(using=using):
        with connection.cursor() as cursor:
            cursor.execute("SELECT piste.use(CAST(%s AS uuid))", [ticket])
        yield connection
        if not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("SELECT resource, why FROM piste.missed_reasons()")
                missed = cursor.fetchall()
            if missed:
                raise Missed(missed)


def enqueue(kind, payload=None, using="default"):
    """Puts a job into the outbox of the company that this request or block is inside, as part of its transaction; its id."""
    return _rows(using, "SELECT CAST(piste.enqueue(%s, CAST(%s AS jsonb)) AS text)",
                 [kind, json.dumps({} if payload is None else payload)])[0][0]


def drain(limit=100, seconds=60, kind=None, using="default"):
    """Leases jobs of all companies for so many seconds; what is not finished by then comes again, to whoever drains."""
    if connections[using].in_atomic_block:
        raise PisteError("the connection is in a transaction already: jobs leave when their record is committed")
    lease = _answer(using, "SELECT CAST(lease AS text), refusal FROM piste.drain(%s, %s, %s)", [limit, seconds, kind])
    if lease is None:
        return []
    rows = _rows(using, "SELECT CAST(job AS text), company, kind, CAST(payload AS text), attempt, enqueued_at"
                 " FROM piste.jobs(CAST(%s AS uuid))", [lease])
    return [Job(lease, job, company, kind, json.loads(payload), *rest) for job, company, kind, payload, *rest in rows]


def finish(jobs, using="default"):
    """Acknowledges jobs that are done; how many were still leased by the drain that gave them."""
    leases = {}
    for job in jobs:
        leases.setdefault(job.lease, []).append(job.id)
    return sum(_answer(using, "SELECT finished, refusal FROM piste.finish_jobs(CAST(%s AS uuid), CAST(%s AS uuid[]))",
                       [lease, done]) for lease, done in leases.items())


def _rows(using, sql, values):
    with connections[using].cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def _answer(using, sql, values):
    [(answer, refusal)] = _rows(using, sql, values)
    if refusal is not None:
        raise Refused(refusal)
    return answer


class InsideCompany:
    """Puts each request into the company that it is for."""

    def __init__(self, get_response):
        options = getattr(settings, "PISTE", {})
        self._get_response = get_response
        self._tables = options.get("tables", "*").split(",")
        self._company = options.get("company", lambda request: request.get_host().split(".")[0])
        self._alias = options.get("alias", "default")
        self._sessions = options.get("sessions", False)

    def __call__(self, request):
        reads = request.method in ("GET", "HEAD", "OPTIONS")
        try:
            with inside(self._company(request), *self._tables, action="web.read" if reads else "web.change",
                        read_only=reads and not self._sessions, using=self._alias):
                response = self._get_response(request)
                if isinstance(response, StreamingHttpResponse):
                    # It would be read when the transaction is over: then there is nothing.
                    response = _whole(response)
                if response.status_code >= 500:
                    transaction.set_rollback(True, using=self._alias)
                return response
        except Refused as refused:
            return HttpResponse(str(refused), status=404 if refused.code == "unknown_company" else 403)


def _whole(streaming):
    response = HttpResponse(b"".join(streaming.streaming_content), status=streaming.status_code)
    for name, value in streaming.items():
        response[name] = value
    return response
