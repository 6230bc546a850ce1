import Foundation
import LocalCluster
import Postgres
import Tenancy
import TestSupport
import Testing

/// What the page for an application's backend prints is what runs: in psql, with psycopg and in Swift.
struct BackendPageTests {
    private static let hasPsycopg =
        (try? Program.run("/usr/bin/python3", ["-c", "import psycopg"]))?.status == 0

    /// The only block of a language on the page.
    private func code(_ language: String) throws -> String {
        let blocks = Pages.code(language, in: try Pages.page("Backend"))
        try #require(blocks.count == 1, "the page has one example in \(language)")
        return blocks[0]
    }

    private func variables(_ world: ServiceWorld) -> [String: String] {
        [
            "PGHOST": world.database.cluster.socketDirectory, "PGDATABASE": world.database.name,
            "PGUSER": world.shop,
        ]
    }

    private func records(_ action: String, in world: ServiceWorld) async throws -> Int {
        let home = try await world.home("acme")
        return try await world.number(
            "SELECT count(*) FROM piste_test.trail('\(home)') WHERE action = '\(action)'")
    }

    @Test func psql() async throws {
        try await ServiceWorld.run { world in
            let home = try await world.home("acme")
            try await world.owner.query(
                "INSERT INTO \(home).journeys (user_id, name) SELECT id, 'Onboarding' FROM \(home).users WHERE id <= 3"
            )
            let run = try await Piste.run(
                program: "/usr/bin/env", ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"],
                environment: variables(world), input: try code("sql"))
            #expect(run.status == 0, "\(run)")
            try #require(run.lines.count == 6, "\(run)")
            #expect(run.lines[0].hasPrefix("acme|service|read+write|"))
            #expect(Array(run.lines[1...4]) == ["\(ServiceWorld.users)", "0", "t", "3"])
            #expect(run.lines[5] == "left acme")
            #expect(try await records("users.read", in: world) == 1)
            #expect(try await records("journeys.read", in: world) == 1)
            #expect(try await records("context.close", in: world) == 1)
        }
    }

    @Test(.enabled(if: hasPsycopg, "needs psycopg 3 (Debian's python3-psycopg)"))
    func python() async throws {
        try await ServiceWorld.run { world in
            let run = try await Piste.run(
                program: "/usr/bin/python3", ["-B", "-c", try code("python")], environment: variables(world))
            #expect(run.status == 0, "\(run)")
            #expect(
                run.lines == [
                    "\(ServiceWorld.users) users", "1 renamed",
                    "unknown_company: there is no company of this name",
                ], "\(run)")
            // The change is on record with both values, and nothing was left open.
            let home = try await world.home("acme")
            #expect(
                try await world.number(
                    """
                    SELECT count(*)
                    FROM piste_test.trail('\(home)') t JOIN \(RecordedValues.table(of: home)) v ON v.entry = t.id
                    WHERE t.action = 'users.update' AND t.detail = '{"columns": ["name"]}'
                        AND v.content::jsonb -> 'old' ->> 'name' = 'User 7'
                        AND v.content::jsonb -> 'new' ->> 'name' = 'Grace Hopper'
                    """) == 1)
            #expect(try await world.number("SELECT count(*) FROM piste.context WHERE ended_at IS NULL") == 0)
        }
    }

    /// The page shows the file that is compiled here.
    @Test func swift() async throws {
        let file = Pages.package + "/Tests/EndToEndTests/Documentation/BackendExample.swift"
        #expect(try code("swift") == String(contentsOfFile: file, encoding: .utf8))
        try await ServiceWorld.run { world in
            let client = try await TenancyClient.connect(to: world.dsn(world.shop))
            let routes = Routes(piste: client)
            async let ours = routes.users(host: "acme.shop.example")
            async let theirs = routes.users(host: "globex.shop.example")
            let (acme, globex) = try await (ours, theirs)
            #expect(acme.rows.count == ServiceWorld.users && acme.next == nil)
            #expect(acme.rows.allSatisfy { $0.email.hasSuffix("@acme.example") })
            #expect(globex.rows.count == ServiceWorld.users)
            #expect(globex.rows.allSatisfy { $0.email.hasSuffix("@globex.example") })
            let place = acme.rows[4].keyset
            let rest = try await routes.users(host: "acme.shop.example", after: place)
            #expect(rest.rows == Array(acme.rows[5...]))
            #expect(await routes.status(host: "acme.shop.example") == 200)
            #expect(await routes.status(host: "nobody.shop.example") == 404)
            try await world.owner.query("SELECT * FROM piste.suspend_company('globex')")
            #expect(await routes.status(host: "globex.shop.example") == 403)
            await client.close()
            #expect(try await world.number("SELECT count(*) FROM piste.context WHERE ended_at IS NULL") == 0)
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

    @Test func theBodysErrorComesOutAndTheContextEnds() async throws {
        struct Broken: Error {}
        try await ServiceWorld.run { world in
            let client = try await TenancyClient.connect(to: world.dsn(world.shop))
            await #expect(throws: Broken.self) {
                try await client.inside("acme") { session in
                    _ = try await session.users()
                    throw Broken()
                }
            }
            #expect(try await world.number("SELECT count(*) FROM piste.context WHERE ended_at IS NULL") == 0)
            #expect(try await records("users.read", in: world) == 1)
            await client.close()
        }
    }
}
