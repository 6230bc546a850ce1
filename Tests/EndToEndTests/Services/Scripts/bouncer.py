"""Two clients of one login through a private PgBouncer that has a single connection to the server.

usage: bouncer.py PGBOUNCER SOCKET-FOLDER DATABASE LOGIN MODE ROUNDS, where MODE is session, transaction or statement.
Prints what each client got as JSON; it judges nothing.
"""

import ctypes
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import psycopg2

pgbouncer, server, database, login, mode, rounds = sys.argv[1:7]
folder = tempfile.mkdtemp(prefix="piste-pgbouncer-", dir="/tmp")


def start():
    """PgBouncer refuses root, and ends with this script however that ends."""
    account = {}
    if os.geteuid() == 0:
        postgres = pwd.getpwnam("postgres")
        os.chown(folder, postgres.pw_uid, postgres.pw_gid)
        account = {"user": postgres.pw_uid, "group": postgres.pw_gid, "extra_groups": []}
    with open(folder + "/users", "w") as users:
        users.write('"%s" ""\n' % login)
    with open(folder + "/ini", "w") as ini:
        ini.write(
            "[databases]\n%s = host=%s pool_size=%d\n[pgbouncer]\nlisten_addr =\nlisten_port = 6543\n"
            "unix_socket_dir = %s\nauth_type = trust\nauth_file = %s/users\npool_mode = %s\n"
            "server_reset_query = DISCARD ALL\n"
            % (database, server, 2 if mode == "session" else 1, folder, folder, mode))
    for name in ("users", "ini"):
        os.chmod(folder + "/" + name, 0o644)
    process = subprocess.Popen(
        [pgbouncer, folder + "/ini"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        preexec_fn=lambda: ctypes.CDLL(None).prctl(1, signal.SIGKILL), **account)
    for _ in range(6000):
        # The socket is there before anybody listens.
        with socket.socket(socket.AF_UNIX) as knock:
            if knock.connect_ex(folder + "/.s.PGSQL.6543") == 0:
                return process
        if process.poll() is not None:
            break
        time.sleep(0.01)
    process.kill()
    sys.exit("PgBouncer did not start")


class Client:
    """What an application sees of PgBouncer: it knows of no other client."""

    def __init__(self, **options):
        self.connection = psycopg2.connect(
            host=folder, port=6543, dbname=database, user=login, **options)
        self.connection.autocommit = True
        self.cursor = self.connection.cursor()

    def ask(self, statement, *parameters):
        """The rows, or the SQLSTATE of the refusal."""
        try:
            self.cursor.execute(statement, parameters or None)
            return [list(row) for row in self.cursor.fetchall()] if self.cursor.description else self.cursor.rowcount
        except psycopg2.Error as error:
            return error.pgcode or "lost"

    def enter(self, company):
        return self.ask(
            "SELECT e.url_id, e.refusal FROM piste.generate_context_token(%s, 5) AS t, "
            "LATERAL piste.enter(t.token, 'users.read', 'users') AS e", company)

    def emails(self):
        return self.ask("SELECT email FROM users ORDER BY id LIMIT 50")

    def close(self):
        self.connection.close()


def rows_of(company, answer):
    """How many rows of the company; what else came, as it came."""
    if isinstance(answer, list) and all(email.endswith("@%s.example" % company) for (email,) in answer):
        return len(answer)
    return repr(answer)


HOSTILE = {
    "reads": "SELECT email FROM users",
    "declares": "SELECT piste.declare('users.read', 'users')",
    "reads after declaring": "SELECT email FROM users",
    "reads the trail": "SELECT seq FROM piste.audit_trail(NULL, NULL, 50) WHERE refusal IS NULL",
    "runs what was prepared": "EXECUTE prepared",
    "fetches what was held": "FETCH ALL FROM held",
    "changes": "UPDATE users SET locale = 'zz'",
    "deletes": "DELETE FROM users",
    "inserts": "INSERT INTO users (email, name) VALUES ('intruder@example.com', 'Intruder')",
    "counts": "SELECT count(*) FROM users HAVING count(*) > 0",
    "asks where it is": "SELECT url_id FROM piste.whoami() WHERE url_id IS NOT NULL",
}


def attack(first, other):
    """What `other`, which never entered, gets while `first` is in acme: rows that it got or changed, or the SQLSTATE."""
    answers = {}
    for name, statement in HOSTILE.items():
        first.ask("SELECT piste.declare('users.read', 'users')")
        answer = other.ask(statement)
        answers[name] = answer if isinstance(answer, str) else str(answer if isinstance(answer, int) else len(answer))
    return answers


def interleave():
    """Two clients, each in its own company, statement by statement: rows of the wrong company."""
    clients = {company: Client() for company in ("acme", "globex")}
    seen = {"own": 0, "foreign": 0, "refused": 0, "empty": 0}
    for number in range(int(rounds)):
        for company, client in clients.items():
            if number % 10 == 0:
                client.enter(company)
            if number % 3 == 0:
                client.ask("SELECT piste.declare('users.read', 'users')")
        for company, client in clients.items():
            answer = client.emails()
            if isinstance(answer, str):
                seen["refused"] += 1
            elif not answer:
                seen["empty"] += 1
            else:
                own = sum(email.endswith("@%s.example" % company) for (email,) in answer)
                seen["own"] += own
                seen["foreign"] += len(answer) - own
    for client in clients.values():
        client.close()
    return seen


process = start()
try:
    result = {}
    first = Client()
    result["entered"] = first.enter("acme") == [["acme", None]]
    result["own rows"] = rows_of("acme", first.emails())
    first.ask("PREPARE prepared AS SELECT email FROM users")
    first.ask("SELECT piste.declare('users.read', 'users')")
    result["own prepared rows"] = rows_of("acme", first.ask("EXECUTE prepared"))
    first.ask("SELECT piste.declare('users.read', 'users')")
    first.ask("DECLARE held CURSOR WITH HOLD FOR SELECT email FROM users")
    result["nameless"] = attack(first, Client())
    first.ask("CLOSE ALL")
    first.ask("SELECT piste.declare('users.read', 'users')")
    first.ask("DECLARE held CURSOR WITH HOLD FOR SELECT email FROM users")
    named = Client(application_name="another")
    result["named"] = attack(first, named)
    first.ask("CLOSE ALL")
    # Still the first client's own: it is the others who are shut out.
    first.ask("SELECT piste.declare('users.read', 'users')")
    result["own rows afterwards"] = rows_of("acme", first.emails())
    first.ask("SELECT piste.leave()")
    # One message is one turn of PgBouncer's: enter, commit, read, all of it before anybody else comes.
    first.cursor.execute("SELECT token FROM piste.generate_context_token('globex', 1)")
    token = first.cursor.fetchone()[0]
    result["one message"] = rows_of("globex", named.ask(
        "BEGIN; SELECT piste.enter(%s, 'users.read', 'users'); COMMIT; SELECT email FROM users", token))
    named.ask("SELECT piste.leave()")
    for client in (first, named):
        client.close()
    result["interleaved"] = interleave()
    print(json.dumps(result))
finally:
    process.terminate()
    process.wait()
    shutil.rmtree(folder, ignore_errors=True)
