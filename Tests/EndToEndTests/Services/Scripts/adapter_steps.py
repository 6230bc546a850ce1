"""What the adapters of Python have in common, tried on each: outboxes, and work that takes longer than a ticket can.

`piste` has an adapter's calls, `enqueue(db, kind, payload)` and `rename(db, user, name)` do what they say on what its `inside` gives.
"""


def outbox(piste, enqueue):
    with piste.inside("acme", "users") as db:
        enqueue(db, "mail.welcome", {"user": 7})
    try:
        with piste.inside("acme", "users") as db:
            enqueue(db, "mail.lost")
            raise KeyError
    except KeyError:
        pass
    jobs = piste.drain(10, seconds=60)
    print([(job.company, job.kind, job.payload, job.attempt) for job in jobs],
          piste.finish(jobs), piste.finish(jobs), piste.drain(kind="mail.other"))


def long_work(piste, rename):
    """Seven users are tidy then, by five tickets: the thirteenth's transaction is rolled back."""
    def tidy(db, user):
        rename(db, user, "tidy")
        if user == 14:
            raise KeyError(user)

    done = piste.each(range(1, 6), tidy, "acme", "users", size=2, action="users.tidy")
    try:
        piste.each(range(11, 16), tidy, "acme", "users", size=2, action="users.tidy")
    except KeyError as error:
        print(done, "done, and then", error)
