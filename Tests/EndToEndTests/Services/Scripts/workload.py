"""What a driver's script runs: requests of two companies on one pool, and everything that an application can do wrong.

A driver is an object with
    inside(company)        a context manager: one transaction by a ticket, that gives a function execute(sql) -> rows
    alone(sql)             one statement on whatever connection the pool gives, committed by itself, as rows
    together(statements)   statements on one connection in one transaction, which is rolled back; the last one's rows
    state(error)           the SQLSTATE of an error of the driver's, or None
Prints what it counted as JSON; it judges nothing.
"""

import json
import os
import sys
import threading
import uuid

TICKET = "SELECT ticket::text, refusal FROM piste.ticket({}, 'users.read', 'users')"
# What a busy server answers, which an application asks again: somebody was waited for in vain; a session that was kept from its
# work while it was let in made room; a ticket got too old before it could be used.
AGAIN = ("PT423", "57P01", "PT410")
COMPANIES = tuple(os.environ.get("COMPANIES", "acme,globex").split(","))


class Crash(Exception):
    pass


class Workload:
    def __init__(self, driver, requests, threads=6):
        self.driver = driver
        self.requests = requests
        self.threads = threads
        self.lock = threading.Lock()
        self.counts = dict.fromkeys(
            ["requests", "rows", "wrong", "empty", "writes", "crashes", "misuses", "silent", "again"], 0)
        self.states = {}
        self.failures = []

    def count(self, name, by=1):
        with self.lock:
            self.counts[name] += by

    def judge(self, company, emails):
        """Counts rows, and each that is another company's."""
        self.count("rows", len(emails))
        self.count("empty", not emails)
        self.count("wrong", sum(not email.endswith("@%s.example" % company) for (email,) in emails))

    def expect(self, state, body):
        """What must be an error of this SQLSTATE; rows that come instead are wrong, whosever they are."""
        try:
            rows = body()
        except Exception as error:
            found = self.driver.state(error)
            if found != state and found in AGAIN:
                raise
            self.count("misuses")
            with self.lock:
                self.states[str(found)] = self.states.get(str(found), 0) + 1
            if found != state:
                self.failures.append("%s instead of %s: %r" % (found, state, error))
        else:
            self.count("misuses")
            self.count("silent")
            self.count("wrong", len(rows or []))

    def ticket(self, company):
        ((ticket, refusal),) = self.driver.alone(TICKET.format("'%s'" % company))
        assert refusal is None, refusal
        return ticket

    def request(self, company, number):
        other = COMPANIES[company == COMPANIES[0]]
        kind = number % 20
        if kind < 14:
            with self.driver.inside(company) as execute:
                emails = execute("SELECT email FROM users ORDER BY id LIMIT 50")
            self.judge(company, emails)
        elif kind == 14:
            with self.driver.inside(company) as execute:
                execute("UPDATE users SET name = '%s %s' WHERE id = 2 RETURNING id" % (company, uuid.uuid4().hex))
            self.count("writes")
        elif kind == 15:
            try:
                with self.driver.inside(company) as execute:
                    execute("UPDATE users SET locale = 'xx' WHERE id = 1 RETURNING id")
                    raise Crash
            except Crash:
                self.count("crashes")
        elif kind == 16:
            # Statement by statement, each on whatever connection there is.
            ticket = self.ticket(company)
            self.driver.alone("SELECT company FROM piste.use('%s')" % ticket)
            self.expect("42P01", lambda: self.driver.alone("SELECT email FROM users"))
        elif kind == 17:
            self.expect("PT409", lambda: self.driver.together([
                "SELECT set_config('my.ticket', ticket::text, true) "
                "FROM piste.ticket('%s', 'users.read', 'users')" % company,
                "SELECT company FROM piste.use(current_setting('my.ticket')::uuid)", "SELECT email FROM users"]))
        elif kind == 18:
            ours, theirs = self.ticket(company), self.ticket(other)
            self.expect("PT409", lambda: self.driver.together([
                "SELECT company FROM piste.use('%s')" % ours, "SELECT company FROM piste.use('%s')" % theirs,
                "SELECT email FROM users"]))
        else:
            ticket = self.ticket(company)
            self.driver.alone("SELECT company FROM piste.use('%s')" % ticket)
            self.expect("PT410", lambda: self.driver.together([
                "SELECT company FROM piste.use('%s')" % ticket, "SELECT email FROM users"]))
        self.count("requests")

    def request_until_done(self, company, number):
        while True:
            try:
                return self.request(company, number)
            except Exception as failure:
                if self.driver.state(failure) not in AGAIN:
                    raise
                self.count("again")

    def serve(self, worker):
        try:
            for number in range(self.requests // self.threads):
                self.request_until_done(COMPANIES[(worker + number) % 2], number)
        except Exception as failure:
            self.failures.append(repr(failure))

    def run(self):
        threads = [threading.Thread(target=self.serve, args=(worker,)) for worker in range(self.threads)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        print(json.dumps({"counts": self.counts, "states": self.states}, sort_keys=True))
        sys.exit("\n".join(self.failures[:5]) or 0)
