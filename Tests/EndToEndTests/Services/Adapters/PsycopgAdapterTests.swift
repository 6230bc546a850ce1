import Tenancy
import TestSupport
import Testing

/// `piste client python` on a pool of one connection: one ticket a unit of work, refusals as errors, and nothing in vain.
struct PsycopgAdapterTests {
    @Test(
        .enabled(
            if: Driver.psycopg.isInstalled, "needs psycopg 3 with its pool (Debian's python3-psycopg-pool)"))
    func python() async throws {
        try await ServiceWorld.run { world in
            let lines = try await AdapterRun.lines(
                .python, .psycopg,
                """
                import psycopg, psycopg_pool
                from piste_psycopg import Missed, Piste, PisteError, Refused, enqueue
                pool = psycopg_pool.ConnectionPool("", min_size=1, max_size=1)
                piste = Piste(pool.connection)
                for n in range(30):
                    company = ("acme", "globex")[n % 2]
                    users = piste.get_users(company)
                    assert len(users) == 20 and all(u["email"].endswith("@%s.example" % company) for u in users)
                    with piste.inside(company, "users", action="users.rename") as db:
                        assert db.execute("UPDATE users SET name = %s WHERE id = 7", ["Grace %d" % n]).rowcount == 1
                assert piste.get_journeys("acme") == []
                for tables, wanted in [(["users"], Missed), (["nothing"], psycopg.Error)]:
                    try:
                        with piste.inside("acme", *tables) as db:
                            db.execute("UPDATE users SET name = 'lost' WHERE id = 7")
                            db.execute("SELECT * FROM journeys")
                        print("nothing raised")
                    except wanted:
                        print(wanted.__name__)
                try:
                    with piste.inside("acme", "users") as db:
                        db.execute("UPDATE users SET name = 'lost' WHERE id = 7")
                        raise KeyError
                except KeyError:
                    pass
                for call in [lambda: piste.get_users("nobody"), lambda: piste.create_company("A", "aa", "b"),
                             lambda: piste.impersonate_company("acme", "why")]:
                    try:
                        call()
                    except Refused as refused:
                        print(refused.code)
                with pool.connection() as held:
                    held.execute("SELECT 1")
                    try:
                        with Piste(lambda: __import__("contextlib").nullcontext(held)).inside("acme", "users"):
                            pass
                    except PisteError as error:
                        print(error)
                import adapter_steps
                adapter_steps.outbox(piste, enqueue)
                def rename(db, user, name):
                    db.execute("UPDATE users SET name = %s WHERE id = %s", [name, user])
                adapter_steps.long_work(piste, rename)
                pool.close()
                """, world)
            #expect(
                lines == [
                    "Missed", "Error", "unknown_company", "not_allowed", "not_allowed",
                    "the connection is in a transaction already: a ticket has one of its own",
                ] + AdapterRun.steps, "\(lines)")
            #expect(try await AdapterRun.records("users.read", world) == 15)
            #expect(try await AdapterRun.records("users.rename", world) == 15)
            try await AdapterRun.expectSteps(world)
        }
    }

    /// The asynchronous half has every call of the other, and does the same.
    @Test(
        .enabled(
            if: Driver.psycopg.isInstalled, "needs psycopg 3 with its pool (Debian's python3-psycopg-pool)"))
    func asynchronous() async throws {
        try await ServiceWorld.run { world in
            let lines = try await AdapterRun.lines(
                .python, .psycopg,
                """
                import asyncio, contextlib, psycopg, psycopg_pool
                import adapter_steps
                from piste_psycopg import AsyncPiste, Missed, Piste, Refused, aenqueue
                calls = lambda kind: {name for name in vars(kind) if not name.startswith("_")}
                assert calls(Piste) == calls(AsyncPiste), calls(Piste) ^ calls(AsyncPiste)
                loop = asyncio.new_event_loop()
                asyncio.set_event_loop(loop)
                wait = loop.run_until_complete
                class Waiting:
                    # The same steps as for everybody, each awaited.
                    def __init__(self, piste):
                        self.piste = piste
                    def __getattr__(self, name):
                        return lambda *args, **options: wait(getattr(self.piste, name)(*args, **options))
                    @contextlib.contextmanager
                    def inside(self, *args, **options):
                        block = self.piste.inside(*args, **options)
                        db = wait(block.__aenter__())
                        try:
                            yield db
                        except BaseException as error:
                            if not wait(block.__aexit__(type(error), error, error.__traceback__)):
                                raise
                        else:
                            wait(block.__aexit__(None, None, None))
                    def each(self, items, work, *tables, **options):
                        async def awaited(db, item):
                            renames = []
                            try:
                                work(renames, item)
                            finally:
                                for user, name in renames:
                                    await db.execute("UPDATE users SET name = %s WHERE id = %s", [name, user])
                        return wait(self.piste.each(items, awaited, *tables, **options))
                async def make():
                    pool = psycopg_pool.AsyncConnectionPool("", min_size=1, max_size=1, open=False)
                    await pool.open()
                    return pool
                pool = wait(make())
                piste = AsyncPiste(pool.connection)
                direct = AsyncPiste(lambda: psycopg.AsyncConnection.connect(""))
                async def companies():
                    for n in range(10):
                        company = ("acme", "globex")[n % 2]
                        for users in await asyncio.gather(piste.get_users(company), direct.get_users(company)):
                            assert len(users) == 20 and all(u["email"].endswith("@%s.example" % company) for u in users)
                    assert await piste.get_journeys("acme") == []
                    try:
                        async with piste.inside("acme", "users") as db:
                            await db.execute("UPDATE users SET name = 'lost' WHERE id = 7")
                            await db.execute("SELECT * FROM journeys")
                    except Missed as missed:
                        print(list(missed.reasons))
                    for call in [piste.get_users("nobody"), piste.create_company("A", "aa", "b"), piste.impersonate_company("acme", "why")]:
                        try:
                            await call
                        except Refused as refused:
                            print(refused.code)
                    print((await piste.generate_context_token("acme")).count("."))
                wait(companies())
                adapter_steps.outbox(Waiting(piste), lambda db, *job: wait(aenqueue(db, *job)))
                adapter_steps.long_work(Waiting(direct), lambda renames, user, name: renames.append((user, name)))
                wait(pool.close())
                """, world)
            #expect(
                lines == ["['journeys']", "unknown_company", "not_allowed", "not_allowed", "2"]
                    + AdapterRun.steps, "\(lines)")
            try await AdapterRun.expectSteps(world)
        }
    }

    /// Work of any length takes tickets as it goes: it outlives each of them, and ends when the next one is refused.
    @Test(
        .enabled(
            if: Driver.psycopg.isInstalled, "needs psycopg 3 with its pool (Debian's python3-psycopg-pool)"))
    func longWorkOutlivesItsTickets() async throws {
        try await ServiceWorld.run { world in
            let lines = try await AdapterRun.lines(
                .python, .psycopg,
                """
                import psycopg
                from piste_psycopg import Piste, Refused
                piste = Piste(lambda: psycopg.connect(""))
                def tidy(db, user):
                    db.execute("SELECT pg_sleep(0.8)")
                    db.execute("UPDATE users SET name = 'tidy' WHERE id = %s", [user])
                print(piste.each(range(1, 5), tidy, "acme", "users", size=1, seconds=3))
                try:
                    # The control: by one ticket it is over before it is done.
                    print(piste.each(range(11, 15), tidy, "acme", "users", seconds=2))
                except psycopg.Error as error:
                    print("over")
                def suspended():
                    yield 1
                    with psycopg.connect("user=\(world.bob)", autocommit=True) as bob:
                        assert bob.execute("SELECT refusal FROM piste.suspend_company('globex')").fetchone() == (None,)
                    yield 2
                try:
                    piste.each(suspended(), lambda db, user: db.execute(
                        "UPDATE users SET name = 'tidy' WHERE id = %s", [user]), "globex", "users", size=1)
                except Refused as refused:
                    print(refused.code)
                """, world)
            #expect(lines == ["4", "over", "company_suspended"], "\(lines)")
            for (company, tidy) in [("acme", 4), ("globex", 1)] {
                #expect(
                    try await world.number(
                        "SELECT count(*) FROM \(try await world.home(company)).users WHERE name = 'tidy'")
                        == tidy, "\(company)")
            }
        }
    }
}
