import Foundation
import Postgres
import Tenancy
import TestSupport
import Testing

/// What the page for an application's backend prints is what runs: in psql, in Python, in Node and in Swift, again and again on
/// one connection.
struct BackendPageTests {
    /// How often an example runs, on one connection: more often than a driver takes to prepare a statement.
    private static let rounds = 25

    /// A language's examples on the page, in their order.
    private func code(_ language: String, _ number: Int = 0) throws -> String {
        let blocks = Pages.code(language, in: try Pages.page("Backend"))
        try #require(blocks.indices.contains(number), "the page has such an example in \(language)")
        return blocks[number]
    }

    private func records(_ action: String, in world: ServiceWorld) async throws -> Int {
        try await world.number("SELECT count(*) FROM piste.entry WHERE action = '\(action)'")
    }

    /// Runs an example with a program behind it that calls it, and gives the program's lines.
    private func run(_ driver: Driver, _ text: String, _ world: ServiceWorld) async throws -> [Substring] {
        let flag = driver == .node ? "-e" : "-c"
        let run = try await Driver.run(
            driver.interpreter + [flag, text], environment: world.variables(world.till), limit: .seconds(120))
        #expect(run.status == 0, "\(run.errors)")
        return run.output.split(separator: "\n")
    }

    /// Both companies in turn are read, and renamed in; everything is on record under its ticket.
    private func expectRecords(in world: ServiceWorld, read: String = "users.read", renames: Bool = true)
        async throws
    {
        #expect(try await records(read, in: world) == Self.rounds)
        let updates = try await world.number(
            """
            SELECT count(*) FROM piste.entry u JOIN piste.entry t ON t.context = u.context AND t.id < u.id
            WHERE u.action = 'users.update' AND u.actor = '\(world.till)'
            """)
        #expect(updates == (renames ? Self.rounds : 0))
    }

    @Test func psql() async throws {
        try await ServiceWorld.run { world in
            let run = try await Piste.run(
                program: "/usr/bin/env", ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"],
                environment: world.variables(world.till), input: try code("sql"))
            #expect(run.status == 0, "\(run)")
            #expect(
                run.lines == ["acme|read+write", "\(ServiceWorld.users)", "0", "journey_steps"], "\(run)")
            #expect(try await records("users.read", in: world) == 1)
            let jobs = try await Piste.run(
                program: "/usr/bin/env", ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"],
                environment: world.variables(world.till), input: try code("sql", 1))
            #expect(
                jobs.lines == ["acme|read+write", "t", "acme|mail.welcome|grace@acme.example|1", "1"],
                "\(jobs)")
            #expect(try await records("outbox.drain", in: world) == 2)
        }
    }

    @Test(
        .enabled(
            if: Driver.psycopg.isInstalled, "needs psycopg 3 with its pool (Debian's python3-psycopg-pool)"))
    func psycopg() async throws {
        try await ServiceWorld.run { world in
            let lines = try await run(
                .psycopg,
                try code("python").replacing("max_size=8", with: "max_size=1") + """

                    for n in range(\(Self.rounds)):
                        company = ("acme", "globex")[n % 2]
                        rows = get_users(company + ".shop.example")
                        assert len(rows) == \(ServiceWorld.users) and all(r[2].endswith("@%s.example" % company) for r in rows)
                        assert rename_user(company + ".shop.example", 7, "Grace Hopper %d" % n) == 1
                    try:
                        get_users("nobody.shop.example")
                    except Refused as refusal:
                        print(refusal)
                    pool.close()

                    """, world)
            #expect(lines == ["unknown_company: there is no company of this name: \"nobody\""])
            try await expectRecords(in: world)
        }
    }

    @Test(
        .enabled(
            if: Driver.sqlalchemy.isInstalled, "needs SQLAlchemy and psycopg 2 (Debian's python3-sqlalchemy)")
    )
    func sqlalchemy() async throws {
        try await ServiceWorld.run { world in
            let lines = try await run(
                .sqlalchemy,
                try code("python", 1).replacing("pool_size=8", with: "pool_size=1, max_overflow=0") + """

                    for n in range(\(Self.rounds)):
                        company = ("acme", "globex")[n % 2]
                        emails = get_users(company + ".shop.example")
                        assert len(emails) == \(ServiceWorld.users) and all(e.endswith("@%s.example" % company) for e in emails)
                        rename_user(company + ".shop.example", 7, "Grace Hopper %d" % n)
                    try:
                        get_users("nobody.shop.example")
                    except PermissionError as refusal:
                        print(refusal)

                    """, world)
            #expect(lines == ["unknown_company: there is no company of this name: \"nobody\""])
            try await expectRecords(in: world)
        }
    }

    @Test(.enabled(if: Driver.django.isInstalled, "needs Django and psycopg 2 (Debian's python3-django)"))
    func django() async throws {
        try await ServiceWorld.run { world in
            let settings = """
                import os, django
                from django.conf import settings
                settings.configure(
                    DATABASES={"default": {
                        "ENGINE": "django.db.backends.postgresql", "NAME": os.environ["PGDATABASE"],
                        "USER": os.environ["PGUSER"], "HOST": os.environ["PGHOST"], "CONN_MAX_AGE": None}},
                    ALLOWED_HOSTS=["*"], DEFAULT_AUTO_FIELD="django.db.models.BigAutoField", USE_TZ=True)
                django.setup()

                """
            let use = """

                from django.db import models
                from django.http import HttpResponse
                from django.test import RequestFactory

                class User(models.Model):
                    email = models.CharField(max_length=254)
                    name = models.CharField(max_length=300)

                    class Meta:
                        app_label, db_table, managed = "shop", "users", False

                def view(request):
                    if request.method == "GET":
                        return HttpResponse("\\n".join(User.objects.values_list("email", flat=True)))
                    user = User.objects.get(id=7)
                    user.name = request.POST["name"]
                    user.save(update_fields=["name"])
                    return HttpResponse(status=500 if "crash" in request.POST else 204)

                handle, make = InsideCompany(view), RequestFactory()
                for n in range(\(Self.rounds)):
                    company = ("acme", "globex")[n % 2]
                    host = company + ".shop.example"
                    emails = handle(make.get("/users", HTTP_HOST=host)).content.decode().splitlines()
                    assert len(emails) == \(ServiceWorld.users) and all(e.endswith("@%s.example" % company) for e in emails)
                    assert handle(make.post("/users/7", {"name": "Grace %d" % n}, HTTP_HOST=host)).status_code == 204
                    handle(make.post("/users/7", {"name": "Nobody", "crash": 1}, HTTP_HOST=host))
                print(handle(make.get("/users", HTTP_HOST="nobody.shop.example")).content.decode())

                """
            let lines = try await run(.django, settings + code("python", 2) + use, world)
            #expect(lines == ["unknown_company: there is no company of this name: \"nobody\""])
            try await expectRecords(in: world, read: "web.read")
            #expect(
                try await world.number(
                    "SELECT count(*) FROM \(try await world.home("acme")).users WHERE name = 'Nobody'") == 0)
        }
    }

    /// The table of adapters names what they have, and nothing else.
    @Test func theTableOfAdapters() throws {
        let adapters: [ClientAdapter] = [.python, .python, .sqlalchemy, .django, .node]
        let rows = try Pages.page("Backend").split(separator: "\n").drop {
            !$0.hasPrefix("| what has the calls")
        }
        .prefix { $0.hasPrefix("|") }
        #expect(rows.count == 6)
        for row in rows {
            let cells = row.split(separator: "|").dropFirst()
            #expect(cells.count == adapters.count, "\(row)")
            for (adapter, cell) in zip(adapters, cells) {
                let words = cell.matches(of: /`([A-Za-z_]+)`/).map { String($0.output.1) }
                #expect(!words.isEmpty || cell.contains("models") || cell.contains("–"), "\(row)")
                for word in words {
                    let defined = [
                        "def \(word)(", "class \(word)", "    \(word)(", "async \(word)(",
                    ].contains { adapter.source.contains($0) }
                    #expect(defined, "\(adapter): \(word)")
                }
            }
        }
    }

    @Test(.enabled(if: Driver.node.isInstalled, "needs node and node-postgres (Debian's node-pg)"))
    func node() async throws {
        try await ServiceWorld.run { world in
            let lines = try await run(
                .node,
                try code("js").replacing("max: 8", with: "max: 1") + """

                    (async () => {
                      for (let n = 0; n < \(Self.rounds); n += 1) {
                        const company = ['acme', 'globex'][n % 2];
                        const rows = await getUsers(`${company}.shop.example`);
                        if (rows.length !== \(ServiceWorld.users) || !rows.every((r) => r.email.endsWith(`@${company}.example`))) throw n;
                      }
                      await getUsers('nobody.shop.example').catch((refusal) => console.log(refusal.code));
                      await pool.end();
                    })();

                    """, world)
            #expect(lines == ["unknown_company"])
            try await expectRecords(in: world, renames: false)
        }
    }

    /// The page shows the file that is compiled here.
    @Test func swift() async throws {
        let file = Pages.package + "/Tests/EndToEndTests/Documentation/BackendExample.swift"
        #expect(try code("swift") == String(contentsOfFile: file, encoding: .utf8))
        try await ServiceWorld.run { world in
            let client = try await TenancyClient.connect(to: world.dsn(world.till), connections: 1)
            let routes = Routes(piste: client)
            for n in 0..<Self.rounds {
                let company = ["acme", "globex"][n % 2]
                let page = try await routes.users(host: "\(company).shop.example")
                #expect(page.rows.count == ServiceWorld.users && page.next == nil)
                #expect(page.rows.allSatisfy { $0.email.hasSuffix("@\(company).example") })
                #expect(
                    try await routes.rename(host: "\(company).shop.example", user: 7, to: "Grace Hopper \(n)")
                )
            }
            try await expectRecords(in: world)
            let acme = try await routes.users(host: "acme.shop.example")
            let place = acme.rows[4].keyset
            let rest = try await routes.users(host: "acme.shop.example", after: place)
            #expect(rest.rows == Array(acme.rows[5...]))
            #expect(await routes.status(host: "acme.shop.example") == 200)
            #expect(await routes.status(host: "nobody.shop.example") == 404)
            try await world.owner.query("SELECT * FROM piste.suspend_company('globex')")
            #expect(await routes.status(host: "globex.shop.example") == 403)
            await client.close()
        }
    }

    /// Whoever imports the library from elsewhere can write what the page shows: nothing in it is the package's own.
    @Test(.enabled(if: Toolchain.compiler != nil, "needs swiftc beside the running Swift"))
    func swiftFromOutside() async throws {
        let compiler = try #require(Toolchain.compiler)
        let folder = try TemporaryFolder()
        let main = folder.path + "/main.swift"
        let use = """

            let routes = Routes(piste: try await TenancyClient.connect(to: "postgresql://shop@db.example/app"))
            print(await routes.status(host: "acme.shop.example"))
            """
        try (code("swift") + use).write(toFile: main, atomically: true, encoding: .utf8)
        let arguments =
            ["-typecheck", "-swift-version", "6", "-package-name", "elsewhere"]
            + Toolchain.moduleFolders.flatMap { ["-I", $0] }
        let run = try await Piste.run(program: compiler, arguments + [main])
        #expect(run.status == 0, "\(run)")
        for block in Pages.code("swift", in: try Pages.page("Tenancy")) {
            try ("import Tenancy\n" + block).write(toFile: main, atomically: true, encoding: .utf8)
            let short = try await Piste.run(program: compiler, arguments + [main])
            #expect(short.status == 0, "\(short)")
        }
        // The control: what is the package's own is not there.
        let inner = "_ = try await TenancyClient.connect(ConnectionSettings(\"\"))\n"
        try (code("swift") + use + "\n" + inner).write(toFile: main, atomically: true, encoding: .utf8)
        #expect(try await Piste.run(program: compiler, arguments + [main]).status != 0)
    }

    @Test func anAddressThatCannotBeReadIsNamed() async throws {
        let failure = await #expect(throws: TenancyError.self) {
            _ = try await TenancyClient.connect(to: "postgresql://shop@[db/app")
        }
        #expect(failure?.code == .invalid)
        #expect(failure?.message.contains("postgresql://host/database") == true)
    }
}
