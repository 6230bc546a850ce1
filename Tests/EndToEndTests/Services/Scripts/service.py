"""The recommended way into a company for an application's backend: a pool, and a context for each request.

One statement issues a token, enters and declares, in one round trip; what follows may read. On the way back the session
leaves its company and forgets everything, whatever the request did. A context needs a session of its own: connect
directly, or through PgBouncer with pool_mode = session.
"""

from contextlib import contextmanager

from psycopg2.pool import ThreadedConnectionPool

ENTER = """
    SELECT coalesce(issued.refusal, entered.refusal)
    FROM piste.generate_context_token(%s, %s) AS issued
    LEFT JOIN LATERAL piste.enter(issued.token, %s, %s) AS entered ON issued.token IS NOT NULL
"""


class Refused(Exception):
    """The engine said no, and has recorded why."""


class Service:
    def __init__(self, dsn, connections):
        self.pool = ThreadedConnectionPool(connections, connections, dsn)

    @contextmanager
    def request(self, company, action, resources, minutes=1):
        """A cursor inside the company, declared for one kind of read; commits by itself."""
        connection = self.pool.getconn()
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(ENTER, (company, minutes, action, resources))
                (refusal,) = cursor.fetchone()
                if refusal:
                    raise Refused(refusal)
                yield cursor
        finally:
            self.give_back(connection)

    def give_back(self, connection):
        """Out of the company, and out of everything that a session can remember; a connection that fails is dropped."""
        try:
            connection.rollback()
            connection.autocommit = True
            with connection.cursor() as cursor:
                # The driver rolls back only what it began itself.
                cursor.execute("ROLLBACK")
                cursor.execute("SELECT piste.leave()")
                cursor.execute("DISCARD ALL")
            self.pool.putconn(connection)
        except Exception:
            self.pool.putconn(connection, close=True)
