import Foundation
import Glibc
import LocalCluster
import Postgres
import TestSupport
import Testing

/// Many tenants move in, however often the program that brings them is killed.
struct AdoptManyTests {
    /// A site of so many tenants, each in a schema of its own with the same tables, and one more to compare with.
    private struct Site {
        let tenants: Int
        let tables: Int
        let world: ConsoleWorld
        let schemas: [String]

        init(_ tenants: Int, of tables: Int, in world: ConsoleWorld) async throws {
            (self.tenants, self.tables, self.world) = (tenants, tables, world)
            schemas = (1...tenants).map { String(format: "site_%04d", $0) }
            let login = world.database.roleName("many")
            try await world.owner.query("CREATE ROLE \(login) LOGIN")
            for schema in schemas + ["model"] {
                let made = (1...tables).map { number in
                    """
                    CREATE TABLE \(schema).things_\(number) (
                        id serial PRIMARY KEY, name text NOT NULL, secret text,
                        parent int REFERENCES \(schema).things_\(max(1, number - 1)));
                    CREATE INDEX ON \(schema).things_\(number) (name);
                    INSERT INTO \(schema).things_\(number) (name) VALUES ('a'), ('b');
                    """
                }
                try await world.owner.run(
                    script: """
                        BEGIN; CREATE SCHEMA \(schema) AUTHORIZATION \(login); SET LOCAL ROLE \(login);
                        \(made.joined(separator: "\n")) COMMIT;
                        """)
            }
        }

        func adopt(_ pattern: String, guarding degree: String = "people") -> [String] {
            ["adopt", "--schemas", pattern, "--guard", degree, "--format", "json"]
        }
        var url: String { world.url(RunningCluster.superuser) }

        /// What each adopted schema is now, its rows among it, without the names that are drawn anew for each.
        func pictures() async throws -> [String: String] {
            let rows = try await world.owner.query(
                """
                SELECT k.schema_name AS schema, concat_ws(' ', k.adopted,
                    (SELECT md5(string_agg(l.line, E'\\n' ORDER BY l.line COLLATE "C")) FROM (
                        SELECT replace(concat_ws(E'\\t', s.kind, s.object, s.definition), piste.role_stem(k.id), '{role}') AS line
                        FROM piste.company_structure(k.schema_name) AS s) AS l),
                    (SELECT string_agg(g.table_name || g.redacted::text || coalesce(g.told_key::text, ''), ',' ORDER BY g.table_name)
                     FROM piste.gated_table g WHERE g.company = k.id),
                    (SELECT string_agg(e.action, ',' ORDER BY e.id) FROM piste.entry e WHERE e.company = k.id),
                    (SELECT count(*) FROM piste.signing_key s WHERE s.company = k.id)) AS picture
                FROM piste.company k WHERE k.adopted IS NOT NULL
                """)
            var pictures: [String: String] = [:]
            for row in rows { pictures[try row.string("schema")] = try row.string("picture") }
            return pictures
        }

        /// The schemas as pg_dump writes them, with their rows.
        func dump() async throws -> String {
            let run = try await Program.run(
                "/usr/bin/env",
                Release.dump + [
                    "-n", "site_*", "-h", world.database.cluster.socketDirectory, "-U",
                    RunningCluster.superuser, world.database.name,
                ])
            #expect(run.status == 0, "\(run.errors)")
            // From 15.14 on it begins and ends with a word that is drawn each time.
            return run.output.split(separator: "\n").filter { !$0.contains("restrict ") }.joined(
                separator: "\n")
        }

        /// Schemas of windows and roles that belong to no company: what half an adoption would leave.
        func strays() async throws -> String? {
            try await world.value(
                """
                SELECT concat_ws(', ',
                    (SELECT count(*) FROM pg_namespace n WHERE n.nspname ~ '^w_[0-9a-f]{12}$'
                        AND NOT EXISTS (SELECT FROM piste.company k WHERE k.window_name = n.nspname)),
                    (SELECT count(*) FROM pg_shdepend d JOIN pg_roles r ON r.oid = d.refobjid
                     WHERE d.dbid = (SELECT b.oid FROM pg_database b WHERE b.datname = current_database())
                       AND r.rolname ~ '^t_[0-9a-f]{12}_' AND NOT EXISTS (
                           SELECT FROM piste.company k WHERE k.window_name = 'w_' || substr(r.rolname, 3, 12))))
                """)
        }

        /// Kills a run while PostgreSQL is in the midst of adopting the tenant with this number.
        func killed(at number: Int, guarding degree: String = "people") async throws {
            let holder = try await world.database.superuser()
            try await holder.query("BEGIN")
            // Whoever grants something on this table waits for this transaction; whoever only looks does not.
            try await holder.query(
                "GRANT SELECT ON TABLE \(schemas[number - 1]).things_1 TO pg_monitor")
            let running = RunningPiste(adopt("site_*", guarding: degree), on: url, limit: .seconds(1800))
            // It may wait for others before, for an autovacuum.
            let waiting =
                "SELECT count(*) FROM pg_stat_activity WHERE \(holder.backendPID) = ANY (pg_blocking_pids(pid))"
            #expect(
                try await eventually(within: .seconds(1700)) { try await world.value(waiting) != "0" },
                "\(number)")
            let ended = try await running.stop(SIGKILL)
            #expect(ended.status == 128 + SIGKILL, "\(number): \(ended)")
            #expect(ended.errors.contains("Adopting…"), "\(number): \(ended)")
            try await holder.query("ROLLBACK")
            await holder.close()
            // What the server was doing when its client went is finished or rolled back.
            let working =
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND pid <> pg_backend_pid()"
            #expect(try await eventually { try await world.value(working) == "0" })
        }
    }

    private func adopt(_ tenants: Int, of tables: Int, killedAt numbers: [Int]) async throws {
        try await ConsoleWorld.run { world in
            let site = try await Site(tenants, of: tables, in: world)
            let model = try await Piste.run(
                site.adopt("model"), environment: ["PISTE_DATABASE_URL": site.url])
            #expect(model.status == 0, "\(model)")
            let wanted = try #require(try await site.pictures()["model"])
            for number in numbers {
                try await site.killed(at: number)
                let pictures = try await site.pictures()
                // Those before it are in, it is in or not, and whoever is in is so whole.
                #expect([number - 1, number].contains(pictures.count - 1), "\(number): \(pictures.count)")
                for (schema, picture) in pictures { #expect(picture == wanted, "\(schema)") }
                #expect(try await site.strays() == "0, 0")
            }
            let begun = ContinuousClock.now
            let terminal = try Pty(
                [BuiltBinary.path] + site.adopt("site_*"),
                environment: [
                    "PATH": "/usr/bin:/bin", "HOME": NSTemporaryDirectory(), "LANG": "C.UTF-8",
                    "TERM": "xterm-256color",
                    "PISTE_DATABASE_URL": site.url,
                ], columns: 200)
            // How far it has come is told on the way, and how long it took at the end.
            let told = "Adopting: \(tenants) in "
            #expect(
                try await eventually(within: .seconds(1800)) {
                    while terminal.read() {}
                    return String(decoding: terminal.output, as: UTF8.self).contains(told)
                })
            #expect(terminal.wait() == 0)
            let output = String(decoding: terminal.output, as: UTF8.self)
            #expect(output.contains("▰") && output.contains(" of \(tenants)"))
            if tenants > 100 {
                print("adopted \(tenants) × \(tables), the rest in \(ContinuousClock.now - begun)")
            }
            let pictures = try await site.pictures()
            #expect(Set(pictures.keys) == Set(site.schemas + ["model"]))
            for (schema, picture) in pictures { #expect(picture == wanted, "\(schema)") }
            #expect(try await site.strays() == "0, 0")
            #expect(
                try await world.value(
                    "SELECT string_agg(id || ': ' || evidence, '; ') FROM piste.isolation_report() WHERE NOT passed AND id !~ '^server'"
                )
                    == nil)
            let last = site.schemas[tenants - 1].replacing("_", with: "-")
            let rows = try await world.piste(
                "rows", last, "things_\(tables)", "--format", "json", as: world.alice)
            #expect(try rows.objects().count == 2, "\(rows)")
        }
    }

    /// Guards all of a site whole, killed at these tenants, and gives it back: nothing is left, whatever was killed.
    private func guardAll(_ tenants: Int, of tables: Int, killedAt numbers: [Int]) async throws {
        try await ConsoleWorld.run { world in
            let site = try await Site(tenants, of: tables, in: world)
            let environment = ["PISTE_DATABASE_URL": site.url]
            let before = try await site.dump()
            let guarded =
                "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'site%' AND nspowner = 'piste_owner'::regrole"
            for number in numbers {
                try await site.killed(at: number, guarding: "all")
                let companies = try await world.value(
                    "SELECT count(*) FROM piste.company WHERE adopted = 'all'")
                // Every tenant is guarded whole or as it was.
                #expect(try await world.value(guarded) == companies, "\(number)")
                #expect([number - 1, number].contains(Int(companies ?? "")), "\(number)")
                #expect(try await site.strays() == "0, 0")
            }
            let begun = ContinuousClock.now
            let whole = try await Piste.run(
                site.adopt("site_*", guarding: "all"), environment: environment, deadline: .seconds(1800))
            #expect(whole.status == 0, "\(whole)")
            let adopted = ContinuousClock.now
            #expect(try await world.value(guarded) == String(tenants))
            #expect(
                try await world.value(
                    "SELECT string_agg(id || ': ' || evidence, '; ') FROM piste.isolation_report() WHERE NOT passed AND id !~ '^server'"
                ) == nil)
            // Half of them by way of people, killed in between.
            try await site.killed(at: numbers[0], guarding: "people")
            #expect(try await site.strays() == "0, 0")
            for schema in site.schemas {
                let company = schema.replacing("_", with: "-")
                let released = try await Piste.run(
                    ["release", company, "--without-trail", "--confirm", company], environment: environment)
                #expect(released.status == 0, "\(released)")
            }
            #expect(try await site.dump() == before)
            #expect(try await world.value("SELECT count(*) FROM piste.adoption_step") == "0")
            if tenants > 100 {
                print(
                    "guarded \(tenants) × \(tables) whole, the rest in \(adopted - begun), released in \(ContinuousClock.now - adopted)"
                )
            }
        }
    }

    @Test("Guarded whole, killed in several places, resumed and released: the dump is the same")
    func guardedWholeAndKilled() async throws {
        try await guardAll(6, of: 3, killedAt: [1, 4])
    }

    @Test(
        "A thousand tenants guarded whole, killed twice, and released",
        .enabled(if: Release.every, "takes long: PISTE_TEST_EVERY"))
    func aThousandGuardedWhole() async throws {
        try await guardAll(1000, of: 15, killedAt: [3, 500])
    }

    @Test(
        "Killed in the midst of the first, of one in between and of the last, it ends as one that ran through"
    )
    func killedAndResumed() async throws {
        try await adopt(12, of: 3, killedAt: [1, 6, 12])
    }

    @Test(
        "A thousand tenants of fifteen tables, killed twice",
        .enabled(if: Release.every, "takes minutes: PISTE_TEST_EVERY"))
    func aThousand() async throws {
        try await adopt(1000, of: 15, killedAt: [3, 500])
    }
}
