import Foundation
import LocalCluster
import Postgres
import TestSupport
import Testing

/// `piste adopt` and `piste release`: a running database moves in, and out again.
struct AdoptCommandTests {
    /// A site of three tenants, one of them drifted, whose login owns the schemas.
    private func makeSite(_ world: ConsoleWorld) async throws -> (site: String, owner: String) {
        let site = world.database.roleName("site_c")
        try await world.owner.query("CREATE ROLE \(site) LOGIN")
        for schema in ["tenant_one", "tenant_two", "tenant_drift"] {
            try await world.owner.run(
                script: """
                    CREATE SCHEMA \(schema) AUTHORIZATION \(site);
                    SET ROLE \(site);
                    CREATE TABLE \(schema).users (id serial PRIMARY KEY, email text NOT NULL, name text, password text);
                    CREATE TABLE \(schema)."Order Lines" (id int, line int, PRIMARY KEY (id, line));
                    CREATE TABLE \(schema).audit (id int PRIMARY KEY);
                    CREATE VIEW \(schema).v AS SELECT id FROM \(schema).users;
                    INSERT INTO \(schema).users (email, password) SELECT 'u' || n || '@\(schema).example', 's3cret'
                    FROM generate_series(1, 7) AS n;
                    INSERT INTO \(schema)."Order Lines" VALUES (1, 1), (1, 2);
                    RESET ROLE;
                    """)
        }
        try await world.owner.query("ALTER TABLE tenant_drift.users ADD COLUMN extra int")
        return (site, RunningCluster.superuser)
    }

    @Test("A site is observed, guarded from people, read, proved and released")
    func movesInAndOut() async throws {
        try await ConsoleWorld.run { world in
            let (site, owner) = try await makeSite(world)
            let observed = try await world.piste(
                "adopt", "--schemas", "tenant_*", "--observe", "--format", "json", as: owner)
            #expect(observed.status == 0, "\(observed)")
            #expect(try observed.objects().allSatisfy { $0["state"] as? String == "observed" })
            #expect(
                observed.narration.contains(site) && observed.narration.contains("has column users.extra"))

            let folder = try TemporaryFolder()
            let map = folder.path + "/adopt.toml"
            let proposed = try await world.piste("adopt", "--schemas", "tenant_*", "--map", map, as: owner)
            #expect(proposed.status == 0 && proposed.output.isEmpty, "\(proposed)")
            let text = try String(contentsOfFile: map, encoding: .utf8)
            #expect(
                text.contains("redact = [\"password\"]") && text.contains("[tables.\"Order Lines\"]"),
                "\(text)")
            #expect(text.contains("# v gets no window"), "\(text)")
            #expect(text.contains("[users]\ntable = \"users\""), "\(text)")

            let rehearsed = try await world.piste(
                "adopt", "--schemas", "tenant_*", "--map", map, "--dry-run", as: owner)
            #expect(rehearsed.status == 0, "\(rehearsed)")
            #expect(rehearsed.output.contains("GRANT SELECT ON TABLE tenant_one.users TO piste_owner;"))
            #expect(rehearsed.output.contains("CREATE VIEW w_"), "\(rehearsed.output)")
            #expect(
                try await world.value("SELECT count(*) FROM piste.company WHERE adopted IS NOT NULL") == "0")

            let adopted = try await world.piste(
                "adopt", "--schemas", "tenant_*", "--map", map, "--canary", "tenant-two", "--format", "json",
                as: owner)
            #expect(adopted.status == 0, "\(adopted)")
            #expect(try adopted.objects().first?["url_id"] as? String == "tenant-two")
            #expect(try adopted.objects().allSatisfy { $0["state"] as? String == "adopted" })
            let again = try await world.piste(
                "adopt", "--schemas", "tenant_*", "--map", map, "--format", "json", as: owner)
            #expect(try again.objects().allSatisfy { $0["state"] as? String == "unchanged" }, "\(again)")

            let tables = try await world.piste("tables", "tenant-one", "--format", "json", as: world.alice)
            #expect(
                try tables.objects().compactMap { $0["name"] as? String } == [
                    "Order Lines", "audit", "users",
                ], "\(tables)")
            for (table, lines) in [("users", 7), ("Order Lines", 2), ("audit", 0)] {
                let rows = try await world.piste(
                    "rows", "tenant-one", table, "--format", "json", as: world.alice)
                #expect(rows.status == 0, "\(rows)")
                #expect(try rows.objects().count == lines, "\(rows)")
                #expect(!rows.output.contains("s3cret"))
            }
            let users = try await world.piste(
                "users", "tenant-one", "--filter", "u3@", "--format", "json", as: world.alice)
            #expect(users.status == 0, "\(users)")
            #expect(
                try users.objects().map { $0["email"] as? String } == ["u3@tenant_one.example"], "\(users)")
            #expect(
                try users.objects().first?["id"] as? Int == 3 && users.output.contains("\"role\": null"),
                "\(users)")
            let journeys = try await world.piste("journeys", "tenant-one", as: world.alice)
            #expect(
                journeys.status == 1 && journeys.output.isEmpty
                    && journeys.narration.contains("[journeys] table = ")
                    && journeys.narration.contains("piste tables tenant-one"), "\(journeys)")
            let overview = try await world.piste(
                "overview", "tenant-one", "--format", "json", as: world.alice)
            #expect(
                try overview.objects().contains {
                    $0["topic"] as? String == "users" && $0["value"] as? Int == 7
                },
                "\(overview)")
            let proof = try await world.piste("prove", "tenant-one", "--format", "json")
            // The server of these tests keeps nothing through a crash, and the proof says so; nothing else is wrong.
            #expect(!proof.narration.contains("probe.") && !proof.narration.contains("chain."), "\(proof)")
            let failing =
                "SELECT string_agg(id || ': ' || evidence, '; ') FROM piste.isolation_report() WHERE NOT passed AND id !~ '^server'"
            #expect(try await world.value(failing) == nil)
            #expect(proof.output.contains(site), "the application's login is named")

            let trail = folder.path + "/one.jsonl"
            let wrong = try await world.piste("release", "tenant-one", "--confirm", "tenant-two", as: owner)
            #expect(wrong.status == 2, "\(wrong)")
            for arguments in [[], ["--trail", trail, "--without-trail"]] as [[String]] {
                let unsaid = try await Piste.run(
                    ["release", "tenant-one", "--confirm", "tenant-one"] + arguments,
                    environment: ["PISTE_DATABASE_URL": world.url(owner)])
                #expect(unsaid.status == 2 && unsaid.narration.contains("--without-trail"), "\(unsaid)")
            }
            let denied = try await world.piste(
                "release", "tenant-one", "--without-trail", "--confirm", "tenant-one")
            #expect(denied.status == 1 && denied.narration.contains("not yours to take back"), "\(denied)")
            let released = try await world.piste(
                "release", "tenant-one", "--confirm", "tenant-one", "--trail", trail, as: owner)
            #expect(released.status == 0, "\(released)")
            #expect(try String(contentsOfFile: trail, encoding: .utf8).contains("company.adopt"))
            let gone = try await world.piste("rows", "tenant-one", "users", as: world.alice)
            #expect(gone.status == 1, "\(gone)")
        }
    }

    @Test("What is wrong is told all at once, and nothing is changed")
    func refuses() async throws {
        try await ConsoleWorld.run { world in
            let (_, owner) = try await makeSite(world)
            let folder = try TemporaryFolder()
            for (arguments, status, words) in [
                ([], 2, "--schemas PATTERN or --tenants QUERY"),
                (["--schemas", "nothing_*"], 1, "there is no such schema"),
                (["--schemas", "tenant_*", "--guard", "half"], 2, "half"),
                (["--schemas", "tenant_*", "--canary", "nobody"], 1, "the canary"),
                (
                    [
                        "--tenants",
                        "SELECT nspname AS schema, 'Same_Id' AS url_id FROM pg_namespace WHERE nspname LIKE 'tenant%'",
                    ],
                    1, "would all be same-id"
                ),
                (["--tenants", "SELECT 1 AS x"], 1, "no text column \"schema\""),
                (["--tenants", "SELECT nonsense"], 1, "nonsense"),
                (["--tenants", "SELECT 'tenant_one' AS schema, 'awesome' AS url_id"], 1, "taken"),
                (
                    ["--tenants", "SELECT 'no_where' AS schema, 'no-where' AS url_id"], 1,
                    "no schema no_where"
                ),
            ] as [([String], Int32, String)] {
                let outcome = try await Piste.run(
                    ["adopt"] + arguments, environment: ["PISTE_DATABASE_URL": world.url(owner)])
                #expect(
                    outcome.status == status && outcome.narration.contains(words), "\(arguments): \(outcome)")
            }
            for (text, words) in [
                ("nonsense = 1", "nonsense means nothing here"),
                ("[tables.users]\nredact = [\"nothing\"]", "users.nothing"),
                ("[tables.nobody]\nhide = true", "the table nobody"),
                ("[tables.users]\nredact = \"email\"", "list of columns"),
                ("[users]\ntable = \"people\"", "people"),
                ("record = ", "adopt.toml:1"),
            ] {
                let map = folder.path + "/adopt.toml"
                try text.write(toFile: map, atomically: true, encoding: .utf8)
                let outcome = try await world.piste("adopt", "--schemas", "tenant_*", "--map", map, as: owner)
                #expect(outcome.status == 1 && outcome.narration.contains(words), "\(text): \(outcome)")
            }
            let lacking = try await world.piste("adopt", "--schemas", "tenant_one")
            #expect(lacking.status == 1 && lacking.output.contains("not yours to open"), "\(lacking)")
            #expect(lacking.output.contains("GRANT USAGE ON SCHEMA tenant_one TO piste_owner"), "\(lacking)")
            let agent = try await world.piste("adopt", "--schemas", "tenant_one", as: world.alice)
            #expect(agent.status == 3, "\(agent)")
            #expect(
                try await world.value("SELECT count(*) FROM piste.company WHERE adopted IS NOT NULL") == "0")
            #expect(try await world.value("SELECT count(*) FROM pg_namespace WHERE nspname ~ '^w_'") == "3")
        }
    }

    @Test("A site is guarded whole and goes back, a degree at a time: its dump is the same")
    func isGuardedWhole() async throws {
        try await ConsoleWorld.run { world in
            let (_, owner) = try await makeSite(world)
            func dump() async throws -> String {
                let run = try await Program.run(
                    "/usr/bin/env",
                    Release.dump + [
                        "--schema-only", "-n", "tenant_*", "-h",
                        world.database.cluster.socketDirectory, "-U", owner, world.database.name,
                    ])
                #expect(run.status == 0, "\(run.errors)")
                // From 15.14 on it begins and ends with a word that is drawn each time.
                return run.output.split(separator: "\n").filter { !$0.contains("restrict ") }.joined(
                    separator: "\n")
            }
            let before = try await dump()
            let folder = try TemporaryFolder()
            let map = folder.path + "/adopt.toml"
            try "[tables.users]\nstatistics = [\"name\"]\nchange = [\"name\"]\n".write(
                toFile: map, atomically: true, encoding: .utf8)
            let adopt = ["adopt", "--schemas", "tenant_*", "--map", map, "--format", "json"]
            let environment = ["PISTE_DATABASE_URL": world.url(owner)]
            let rehearsed = try await Piste.run(
                adopt + ["--guard", "all", "--dry-run"], environment: environment)
            #expect(rehearsed.status == 0, "\(rehearsed)")
            #expect(
                rehearsed.narration.contains("statistics of values go, but for users.name")
                    && rehearsed.narration.contains("pg_stat_statements is not installed here"),
                "\(rehearsed)")
            for statement in [
                "ALTER TABLE tenant_one.users OWNER TO piste_owner;",
                "ALTER TABLE tenant_one.users ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;",
                "CREATE TRIGGER shut BEFORE INSERT OR DELETE OR UPDATE ON tenant_one.users",
                "ALTER COLUMN email SET STATISTICS 0, ALTER COLUMN name SET STATISTICS -1",
            ] {
                #expect(rehearsed.output.contains(statement), "\(statement)")
            }
            #expect(try await dump() == before)
            for (degree, state) in [
                (["--guard", "all", "--canary", "tenant-two"], "adopted"), ([], "unchanged"),
                (["--guard", "people"], "renewed"), (["--guard", "all"], "renewed"),
            ] {
                let outcome = try await Piste.run(adopt + degree, environment: environment)
                #expect(outcome.status == 0, "\(degree): \(outcome)")
                #expect(
                    try outcome.objects().allSatisfy { $0["state"] as? String == state },
                    "\(degree): \(outcome)")
            }
            let proof = try await world.piste("prove", "tenant-one", "--format", "json")
            #expect(
                proof.output.contains("guarded whole") && proof.output.contains("samples of users.name"),
                "\(proof)")
            let rows = try await world.piste(
                "rows", "tenant-one", "users", "--format", "json", as: world.alice)
            #expect(try rows.objects().count == 7 && !rows.output.contains("s3cret"), "\(rows)")
            // A change of degree is told whole: what is undone first, then what is done.
            let guarded = try await dump()
            let lowered = try await Piste.run(
                adopt + ["--guard", "people", "--dry-run"], environment: environment)
            #expect(lowered.status == 0, "\(lowered)")
            let ours = lowered.output.components(separatedBy: "-- tenant_one as ")[1]
                .components(separatedBy: "-- tenant_two as ")[0]
            let undone = try #require(ours.range(of: "ALTER SCHEMA tenant_one OWNER TO "))
            let window = try #require(ours.range(of: "DROP VIEW w_"))
            let trigger = try #require(
                ours.range(of: "DROP TRIGGER IF EXISTS shut ON tenant_one.users"))
            let then = try #require(
                ours.range(of: "GRANT UPDATE (name) ON TABLE tenant_one.users TO piste_owner;"))
            #expect(trigger.lowerBound < undone.lowerBound && undone.lowerBound < window.lowerBound)
            #expect(window.lowerBound < then.lowerBound && ours.contains("-- and then"))
            #expect(try await dump() == guarded)
            for company in ["tenant-one", "tenant-two", "tenant-drift"] {
                let released = try await world.piste(
                    "release", company, "--without-trail", "--confirm", company, as: owner)
                #expect(released.status == 0, "\(released)")
            }
            #expect(try await dump() == before)
        }
    }

    @Test(
        "A migration of the application's runs between windows that are down and up again",
        arguments: ["people", "all"])
    func runsAroundAMigration(guarding degree: String) async throws {
        try await ConsoleWorld.run { world in
            let (site, owner) = try await makeSite(world)
            let adopt = [
                "adopt", "--tenants", "SELECT 'tenant_one' AS schema, 'one' AS url_id, 'One & Co' AS name",
            ]
            let environment = ["PISTE_DATABASE_URL": world.url(owner)]
            #expect(try await Piste.run(adopt + ["--guard", degree], environment: environment).status == 0)
            let migrate =
                "psql '\(world.url(site))' -qc 'ALTER TABLE tenant_one.users DROP COLUMN name, ADD COLUMN phone text'"
            let outcome = try await Piste.run(adopt + ["--around", migrate], environment: environment)
            #expect(outcome.status == 0, "\(outcome)")
            let columns = try await world.piste("tables", "one", "users", "--format", "json", as: world.alice)
            #expect(
                try columns.objects().compactMap { $0["name"] as? String } == [
                    "id", "email", "password", "phone",
                ],
                "\(columns)")
            #expect(try await world.value("SELECT adopted FROM piste.company WHERE url_id = 'one'") == degree)
        }
    }

    @Test("A map that names what the migration dropped keeps nothing down but what it redacted")
    func survivesAMapThatIsBehind() async throws {
        try await ConsoleWorld.run { world in
            let (site, owner) = try await makeSite(world)
            let folder = try TemporaryFolder()
            let map = folder.path + "/adopt.toml"
            func write(_ text: String) throws {
                try ("[tables.users]\n" + text).write(toFile: map, atomically: true, encoding: .utf8)
            }
            let environment = ["PISTE_DATABASE_URL": world.url(owner)]
            let adopt = [
                "adopt", "--tenants", "SELECT 'tenant_one' AS schema, 'one' AS url_id, 'One & Co' AS name",
                "--map",
                map,
            ]
            func around(_ statement: String) async throws -> Piste.Outcome {
                let migrate = "psql '\(world.url(site))' -qc 'ALTER TABLE tenant_one.users \(statement)'"
                return try await Piste.run(adopt + ["--around", migrate], environment: environment)
            }
            func columns(_ table: String) async throws -> [String] {
                let told = try await world.piste("tables", "one", table, "--format", "json", as: world.alice)
                guard told.status == 0 else { return [] }
                return try told.objects().compactMap { $0["name"] as? String }
            }
            try write(
                "redact = [\"password\"]\nchange = [\"name\"]\n[users]\ntable = \"users\"\nid = \"id\"\nname = \"name\"\n"
            )
            #expect(try await Piste.run(adopt, environment: environment).status == 0)
            let renamed = try await around("DROP COLUMN name, ADD COLUMN phone text")
            #expect(renamed.status == 1 && renamed.narration.contains("users.name"), "\(renamed)")
            #expect(try await columns("users") == ["id", "email", "password", "phone"])
            #expect(try await columns("Order Lines") == ["id", "line"])
            let users = try await world.piste("users", "one", "--format", "json", as: world.alice)
            #expect(try users.objects().count == 7 && !users.output.contains("s3cret"), "\(users)")

            try write("redact = [\"password\"]\n")
            let moved = try await around("RENAME COLUMN password TO passphrase")
            #expect(
                moved.status == 1 && moved.narration.contains("users.password")
                    && moved.narration.contains("users has no window"), "\(moved)")
            #expect(try await columns("users").isEmpty)
            #expect(try await columns("Order Lines") == ["id", "line"])
            let rows = try await world.piste("rows", "one", "users", as: world.alice)
            #expect(rows.status != 0 && !rows.output.contains("s3cret"), "\(rows)")

            try write("redact = [\"passphrase\"]\n")
            #expect(try await Piste.run(adopt, environment: environment).status == 0)
            #expect(try await columns("users") == ["id", "email", "passphrase", "phone"])
            let mended = try await world.piste("rows", "one", "users", "--format", "json", as: world.alice)
            #expect(try mended.objects().count == 7 && !mended.output.contains("s3cret"), "\(mended)")
        }
    }
}
