import Foundation
import Tenancy
import TestSupport
import Testing

/// What `piste client` prints, each with its own driver against a real server: one ticket a unit of work on a pool of one
/// connection, refusals as errors, and nothing in vain.
struct AdapterTests {
    /// Writes the adapter as `piste client` prints it beside a script, and runs that.
    private func run(
        _ adapter: ClientAdapter, _ driver: Driver, _ script: String, _ world: ServiceWorld,
        as login: String? = nil
    ) async throws -> [String] {
        let printed = try await Piste.run(["client", adapter.rawValue])
        #expect(printed.status == 0 && printed.output == adapter.source, "\(printed.narration)")
        let folder = try TemporaryFolder()
        let extent = driver == .node ? "js" : "py"
        try printed.output.write(
            toFile: "\(folder.path)/\(adapter.fileName)", atomically: true, encoding: .utf8)
        try script.write(toFile: "\(folder.path)/use.\(extent)", atomically: true, encoding: .utf8)
        var environment = world.variables(login ?? world.till)
        environment["LC_ALL"] = "C.UTF-8"
        let ended = try await Driver.run(
            driver.interpreter + ["\(folder.path)/use.\(extent)"], environment: environment)
        #expect(ended.status == 0, "\(ended.output)\(ended.errors)")
        return ended.output.split(separator: "\n").map(String.init)
    }

    /// Records of a company's trail with this action.
    private func records(_ action: String, _ world: ServiceWorld) async throws -> Int {
        try await world.number(
            """
            SELECT count(*) FROM piste.entry e JOIN piste.company k ON k.id = e.company
            WHERE k.url_id = 'acme' AND e.action = '\(action)'
            """)
    }

    @Test(
        .enabled(
            if: Driver.psycopg.isInstalled, "needs psycopg 3 with its pool (Debian's python3-psycopg-pool)"))
    func python() async throws {
        try await ServiceWorld.run { world in
            let lines = try await run(
                .python, .psycopg,
                """
                import asyncio, psycopg, psycopg_pool
                from piste_psycopg import AsyncPiste, Missed, Piste, PisteError, Refused, enqueue
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
                async def later():
                    async with AsyncPiste(lambda: psycopg.AsyncConnection.connect("")).inside("acme", "users") as db:
                        return (await (await db.execute("SELECT name FROM users WHERE id = 7")).fetchone())[0]
                print(asyncio.run(later()))
                with piste.inside("acme", "users") as db:
                    enqueue(db, "mail.welcome", {"user": 7})
                try:
                    with piste.inside("acme", "users") as db:
                        enqueue(db, "mail.lost")
                        raise KeyError
                except KeyError:
                    pass
                jobs = piste.drain(10, seconds=60)
                print([(j.company, j.kind, j.payload, j.attempt) for j in jobs], piste.finish(jobs), piste.finish(jobs), piste.drain())
                pool.close()
                """, world)
            #expect(
                lines == [
                    "Missed", "Error", "unknown_company", "not_allowed", "not_allowed",
                    "the connection is in a transaction already: a ticket has one of its own", "Grace 28",
                    "[('acme', 'mail.welcome', {'user': 7}, 1)] 1 0 []",
                ], "\(lines)")
            #expect(try await records("users.read", world) == 15)
            #expect(try await records("users.rename", world) == 15)
        }
    }

    @Test(
        .enabled(
            if: Driver.sqlalchemy.isInstalled, "needs SQLAlchemy and psycopg 2 (Debian's python3-sqlalchemy)")
    )
    func sqlalchemy() async throws {
        try await ServiceWorld.run { world in
            let lines = try await run(
                .sqlalchemy, .sqlalchemy,
                """
                from sqlalchemy import BigInteger, Column, Text, create_engine, select
                from sqlalchemy.orm import declarative_base
                from piste_sqlalchemy import Missed, Piste, Refused, enqueue
                Base = declarative_base()
                class User(Base):
                    __tablename__ = "users"
                    id = Column(BigInteger, primary_key=True)
                    name = Column(Text)
                    email = Column(Text)
                class Journey(Base):
                    __tablename__ = "journeys"
                    id = Column(BigInteger, primary_key=True)
                piste = Piste(create_engine("postgresql+psycopg2://", pool_size=1, max_overflow=0))
                for n in range(30):
                    company = ("acme", "globex")[n % 2]
                    users = piste.get_users(company)
                    assert len(users) == 20 and all(u["email"].endswith("@%s.example" % company) for u in users)
                    with piste.inside(company, "users", action="users.rename") as session:
                        session.get(User, 7).name = "Grace %d" % n
                try:
                    with piste.inside("acme", "users") as session:
                        session.get(User, 7).name = "lost"
                        session.scalars(select(Journey)).all()
                except Missed as missed:
                    print(list(missed.reasons))
                try:
                    piste.get_users("nobody")
                except Refused as refused:
                    print(refused.code)
                with piste.inside("acme", "users") as session:
                    user = session.get(User, 7)
                print(user.name)
                with piste.inside("acme", "users") as session:
                    enqueue(session, "mail.welcome", {"user": 7})
                try:
                    with piste.inside("acme", "users") as session:
                        enqueue(session, "mail.lost")
                        raise KeyError
                except KeyError:
                    pass
                jobs = piste.drain(10, seconds=60)
                print([(j.company, j.kind, j.payload, j.attempt) for j in jobs], piste.finish(jobs), piste.finish(jobs), piste.drain())
                """, world)
            #expect(
                lines == [
                    "['journeys']", "unknown_company", "Grace 28",
                    "[('acme', 'mail.welcome', {'user': 7}, 1)] 1 0 []",
                ], "\(lines)")
            #expect(try await records("users.rename", world) == 15)
        }
    }

    @Test(.enabled(if: Driver.django.isInstalled, "needs Django and psycopg 2 (Debian's python3-django)"))
    func django() async throws {
        try await ServiceWorld.run { world in
            let lines = try await run(
                .django, .django,
                """
                import os
                import django
                from django.conf import settings
                settings.configure(
                    DATABASES={"default": {"ENGINE": "django.db.backends.postgresql", "HOST": os.environ["PGHOST"],
                        "NAME": os.environ["PGDATABASE"], "USER": os.environ["PGUSER"], "ATOMIC_REQUESTS": True}},
                    ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, SECRET_KEY="x", USE_TZ=True,
                    MIDDLEWARE=["piste_django.InsideCompany"], PISTE={"tables": "users,journeys"})
                django.setup()
                from django.db import models
                from django.http import JsonResponse, StreamingHttpResponse
                from django.test import Client
                from django.urls import path
                from piste_django import Missed, PisteError, drain, enqueue, finish, inside
                class User(models.Model):
                    name = models.TextField()
                    email = models.TextField()
                    class Meta:
                        app_label = "shop"
                        db_table = "users"
                        managed = False
                def users(request):
                    if request.method == "POST":
                        User.objects.filter(id=7).update(name=request.POST["name"])
                        if request.POST["name"] in ("lost", "Grace 28"):
                            enqueue("mail.renamed", {"name": request.POST["name"]})
                        return JsonResponse({}, status=500 if "crash" in request.POST else 200)
                    return JsonResponse({"users": [u.email for u in User.objects.order_by("id").iterator()]})
                def stream(request):
                    return StreamingHttpResponse(u.name + ";" for u in User.objects.filter(id=7))
                urlpatterns = [path("users", users), path("stream", stream)]
                client = Client(raise_request_exception=False)
                for n in range(30):
                    company = ("acme", "globex")[n % 2]
                    host = company + ".shop.example"
                    emails = client.get("/users", HTTP_HOST=host).json()["users"]
                    assert len(emails) == 20 and all(e.endswith("@%s.example" % company) for e in emails)
                    assert client.post("/users", {"name": "Grace %d" % n}, HTTP_HOST=host).status_code == 200
                    assert client.post("/users", {"name": "lost", "crash": 1}, HTTP_HOST=host).status_code == 500
                print(client.get("/users", HTTP_HOST="nobody.shop.example").status_code)
                print(client.get("/stream", HTTP_HOST="acme.shop.example").content.decode())
                try:
                    with inside("acme", "journeys", read_only=True):
                        list(User.objects.all())
                except Missed as missed:
                    print(list(missed.reasons))
                with inside("acme", "users"):
                    try:
                        with inside("globex", "users"):
                            pass
                    except PisteError as error:
                        print(error)
                    try:
                        drain()
                    except PisteError as error:
                        print(error)
                jobs = drain(10, seconds=60)
                print([(j.company, j.kind, j.payload, j.attempt) for j in jobs], finish(jobs), finish(jobs), drain())
                """, world)
            #expect(
                lines == [
                    "404", "Grace 28;", "['users']",
                    "the connection is in a transaction already: a ticket has one of its own",
                    "the connection is in a transaction already: jobs leave when their record is committed",
                    "[('acme', 'mail.renamed', {'name': 'Grace 28'}, 1)] 1 0 []",
                ], "\(lines)")
            #expect(try await records("web.read", world) == 16)
        }
    }

    @Test(.enabled(if: Driver.node.isInstalled, "needs node and node-postgres (Debian's node-pg)"))
    func node() async throws {
        try await ServiceWorld.run { world in
            let lines = try await run(
                .node, .node,
                """
                const { Pool } = require('pg');
                const { Missed, Piste, Refused } = require('./piste_node');
                (async () => {
                    const pool = new Pool({ max: 1 });
                    const piste = new Piste(pool);
                    for (let n = 0; n < 30; n += 1) {
                        const company = ['acme', 'globex'][n % 2];
                        const users = await piste.getUsers(company);
                        if (users.length !== 20 || !users.every((u) => u.email.endsWith(`@${company}.example`))) throw n;
                        await piste.inside(company, ['users'], (db) =>
                            db.query('UPDATE users SET name = $1 WHERE id = 7', [`Grace ${n}`]), { action: 'users.rename' });
                    }
                    await piste.inside('acme', ['users'], async (db) => {
                        await db.query("UPDATE users SET name = 'lost' WHERE id = 7");
                        await db.query('SELECT * FROM journeys');
                    }).catch((error) => console.log(error instanceof Missed, error.tables.join()));
                    await piste.inside('acme', ['users'], async (db) => {
                        await db.query("UPDATE users SET name = 'lost' WHERE id = 7");
                        throw new Error('thrown');
                    }).catch((error) => console.log(error.message));
                    await piste.getUsers('nobody').catch((error) => console.log(error instanceof Refused, error.code));
                    await piste.createCompany({ name: 'A', url_id: 'aa', auth_provider: 'b' }).catch((error) => console.log(error.code));
                    await piste.impersonateCompany('acme', { reason: 'why' }).catch((error) => console.log(error.code));
                    console.log((await piste.getUsers('acme')).find((u) => u.id === '7').name, (await piste.getJourneys('acme')).length);
                    const both = await Promise.all(Array.from({ length: 40 }, (_, n) => piste.getUsers(n % 2 ? 'acme' : 'globex')));
                    console.log(both.every((users, n) => users.every((u) => u.email.endsWith(n % 2 ? '@acme.example' : '@globex.example'))));
                    await piste.inside('acme', ['users'], (db) => piste.enqueue(db, 'mail.welcome', { user: 7 }));
                    await piste.inside('acme', ['users'], async (db) => {
                        await piste.enqueue(db, 'mail.lost');
                        throw new Error('thrown');
                    }).catch((error) => console.log(error.message));
                    const jobs = await piste.drain({ limit: 10, seconds: 60 });
                    console.log(JSON.stringify(jobs.map((j) => [j.company, j.kind, j.payload, j.attempt])),
                        await piste.finish(jobs), await piste.finish(jobs), (await piste.drain()).length);
                    await pool.end();
                })();
                """, world)
            #expect(
                lines == [
                    "true journeys", "thrown", "true unknown_company", "not_allowed", "not_allowed",
                    "Grace 28 0", "true", "thrown", #"[["acme","mail.welcome",{"user":7},1]] 1 0 0"#,
                ], "\(lines)")
            #expect(try await records("users.rename", world) == 15)
        }
    }

    /// The words that a team knows from the first page of the promise, each on a real server, by people who may.
    @Test(.enabled(if: Driver.node.isInstalled, "needs node and node-postgres (Debian's node-pg)"))
    func nodeCreatesIssuesAndImpersonates() async throws {
        try await ServiceWorld.run { world in
            let lines = try await run(
                .node, .node,
                """
                const { Pool } = require('pg');
                const { Piste } = require('./piste_node');
                const claims = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
                const refused = (call) => call.then(() => 'nothing', (error) => error.code);
                (async () => {
                    const pool = new Pool({ max: 2 });
                    const piste = new Piste(pool);
                    const company = { name: 'Initech', url_id: 'initech', auth_provider: 'okta' };
                    console.log(/^[0-9a-f-]{36}$/.test(await piste.createCompany(company)), await refused(piste.createCompany(company)));
                    const token = await piste.generateContextToken('initech');
                    const short = await piste.generateContextToken('acme', 5);
                    console.log(claims(token).exp - claims(token).iat, claims(short).exp - claims(short).iat,
                        await refused(piste.generateContextToken('nobody')));
                    const stand = await piste.impersonateCompany('acme', { reason: 'a question about the invoice', ticket: 'OPS-7', minutes: 10 });
                    console.log(claims(stand).exp - claims(stand).iat, await refused(piste.impersonateCompany('acme', { reason: ' ' })));
                    const db = await pool.connect();
                    const { rows: [entered] } = await db.query('SELECT refusal FROM piste.enter($1)', [stand]);
                    const { rows: [me] } = await db.query('SELECT url_id, purpose FROM piste.whoami()');
                    console.log(entered.refusal, me.url_id, me.purpose);
                    db.release(true);
                    console.log(await refused(piste.drain()), await refused(piste.getUsers('acme')));
                    await pool.end();
                })();
                """, world, as: world.bob)
            #expect(
                lines == [
                    "true company_exists", "1800 300 unknown_company", "600 reason_required",
                    "null acme impersonation", "not_allowed not_allowed",
                ], "\(lines)")
            #expect(try await records("impersonation.issue", world) == 1)
            #expect(
                try await world.number("SELECT count(*) FROM piste.company WHERE url_id = 'initech'") == 1)
        }
    }
}
