"""Two threads, two companies, one pool: thousands of requests, some of which end as badly as requests do.

usage: pool.py SERVICE-DSN OWNER-DSN ROUNDS. Prints what it counted as JSON.
"""

import json
import sys
import threading

import psycopg2
from psycopg2.pool import ThreadedConnectionPool

from service import Service

service_dsn, owner_dsn, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
counts = dict.fromkeys(
    ["requests", "rows", "foreign", "empty", "writes", "crashed", "dirty", "expired", "leaked", "bare"], 0)
lock = threading.Lock()


def count(name, by=1):
    with lock:
        counts[name] += by


def look(cursor, company):
    """Reads, and counts every row that is another company's."""
    cursor.execute("SELECT email FROM users ORDER BY id LIMIT 50")
    emails = [email for (email,) in cursor.fetchall()]
    count("rows", len(emails))
    count("empty", not emails)
    count("foreign", sum(not email.endswith("@%s.example" % company) for email in emails))


class Crash(Exception):
    pass


def well_behaved(company, number):
    """Requests that take the recommended way, of which every fifth crashes in the middle of a transaction."""
    try:
        with service.request(company, "users.read", "users") as cursor:
            look(cursor, company)
            if number % 5 == 0:
                cursor.execute("BEGIN")
                cursor.execute("UPDATE users SET locale = 'xx' WHERE id = 1")
                raise Crash
            if number % 10 == 1:
                cursor.execute("UPDATE users SET name = %s WHERE id = 2", ("%s %d" % (company, number),))
                count("writes", cursor.rowcount)
    except Crash:
        count("crashed")
    count("requests")


def careless(company, number, pool, owner):
    """Requests of an application that never leaves, and hands its connections back as they are."""
    connection = pool.getconn()
    connection.autocommit = True
    cursor = connection.cursor()
    # Whatever state the one before left it in, an application begins its own transaction.
    cursor.execute("ROLLBACK")
    cursor.execute("SELECT * FROM piste.generate_context_token(%s, 1)", (company,))
    token, jti = cursor.fetchone()[:2]
    kind = number % 6
    if kind == 5:
        # The token expires between checkout and use.
        owner.execute("UPDATE piste.context SET expires_at = clock_timestamp() WHERE jti = %s", (jti,))
        cursor.execute("SELECT refusal FROM piste.enter(%s, 'users.read', 'users')", (token,))
        assert cursor.fetchone()[0].startswith("token_expired"), "an expired token opens"
        count("expired")
    else:
        cursor.execute("SELECT refusal FROM piste.enter(%s, 'users.read', 'users')", (token,))
        assert cursor.fetchone()[0] is None
        look(cursor, company)
        look_for_leftovers(cursor, company)
        if kind == 0:
            cursor.execute("BEGIN")
            cursor.execute("SELECT 1")
        elif kind == 1:
            cursor.execute("SELECT current_user")
            cursor.execute('SET ROLE "%s"' % cursor.fetchone()[0])
        elif kind == 2:
            cursor.execute("DEALLOCATE ALL")
            cursor.execute("PREPARE left_behind AS SELECT email FROM users")
            cursor.execute("EXECUTE left_behind")
            assert cursor.fetchall()
        elif kind == 3:
            cursor.execute("DECLARE left_open CURSOR WITH HOLD FOR SELECT email FROM users")
        else:
            owner.execute("UPDATE piste.context SET expires_at = clock_timestamp() WHERE jti = %s", (jti,))
            cursor.execute("SELECT count(*) FROM users")
            assert cursor.fetchone()[0] == 0, "an expired context reads"
            count("expired")
        count("dirty")
    pool.putconn(connection)
    count("requests")


def look_for_leftovers(cursor, company):
    """What the one before prepared and opened gives nothing of its company to the one who entered now."""
    for statement in ("EXECUTE left_behind", "FETCH ALL FROM left_open"):
        try:
            cursor.execute(statement)
            emails = [email for (email,) in cursor.fetchall()]
            count("leaked", sum(not email.endswith("@%s.example" % company) for email in emails))
        except psycopg2.Error:
            pass


def bare():
    """A connection that came back from a request is in no company."""
    connection = service.pool.getconn()
    with connection.cursor() as cursor:
        cursor.execute("SELECT url_id FROM piste.whoami()")
        count("leaked", cursor.fetchone()[0] is not None)
    service.give_back(connection)
    count("bare")


def serve(company, pool, failures):
    owner_connection = psycopg2.connect(owner_dsn)
    owner_connection.autocommit = True
    owner = owner_connection.cursor()
    try:
        for number in range(rounds):
            well_behaved(company, number)
            if number % 3 == 0:
                careless(company, number // 3, pool, owner)
            if number % 7 == 0:
                bare()
    except Exception as failure:
        failures.append("%s: %r" % (company, failure))


service = Service(service_dsn, 3)
pool = ThreadedConnectionPool(2, 2, service_dsn)
failures = []
threads = [threading.Thread(target=serve, args=(company, pool, failures)) for company in ("acme", "globex")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(json.dumps(counts, sort_keys=True))
sys.exit("\n".join(failures) or 0)
