import Postgres
import Tenancy
import TestSupport
import Testing

/// Companies come and go whole.
struct CompanyEngineTests {
    @Test func refusesNamesThatAreNoSlugs() async throws {
        try await EngineWorld.run { world in
            let bob = try await world.connect(world.bob)
            let create = "SELECT * FROM piste.create_company('N', $1, 'okta')"
            for name in [
                "", "a", "A1", "1a", "a b", "a_b", "ä-b", "acme;drop", "acme\n", "-a", "a-", "a--b", "ab-",
                String(repeating: "a", count: 64),
            ] {
                #expect(await bob.sqlState(create, [.text(name)]) == "PT400", "\(name)")
                #expect(!Company.isURLID(name), "\(name)")
            }
            #expect(await bob.sqlState(create, [.null]) == "PT400")
            // Whoever writes into the table itself meets the same rule.
            #expect(
                await world.owner.sqlState("UPDATE piste.company SET url_id = 'acme-' WHERE url_id = 'acme'")
                    == "23514")
            #expect(await bob.sqlState("SELECT * FROM piste.create_company(' ', 'nn', 'okta')") == "PT400")
            #expect(await bob.sqlState("SELECT * FROM piste.create_company('N', 'nn', E'a\\nb')") == "PT400")
            for name in [String(repeating: "a", count: 63), "a1", "a-b", "a-1-b", "x-0"] {
                #expect(await bob.sqlState(create, [.text(name)]) == nil, "\(name)")
                #expect(Company.isURLID(name), "\(name)")
            }
            #expect(try await bob.refusal("create_company('Again', 'acme', 'okta')") == "company_exists")
            await bob.close()
        }
    }

    @Test func storesANameAsGiven() async throws {
        try await EngineWorld.run { world in
            let bob = try await world.connect(world.bob)
            let name = "Ünïcode 漢字 \u{1B}[31m\n'; DROP SCHEMA piste; --"
            #expect(try await bob.refusal("rename_company('acme', $1)", [.text(name)]) == nil)
            #expect(try await bob.value("SELECT name FROM piste.company('acme')") == name)
            #expect(try await bob.value("SELECT url_id FROM piste.companies('漢')") == "acme")
            await bob.close()
        }
    }

    @Test func pagesBothWaysInHumanOrder() async throws {
        try await EngineWorld.run { world in
            let bob = try await world.connect(world.bob)
            for (name, url) in [("Zebra", "z1"), ("älg", "z2"), ("Alpha 10", "z3"), ("Alpha 2", "z4")] {
                #expect(
                    try await bob.refusal("create_company($1, $2, 'okta')", [.text(name), .text(url)]) == nil)
            }
            func page(_ call: String) async throws -> [String] {
                try await bob.query("SELECT url_id FROM piste.companies(\(call))").map { try $0.string(0) }
            }
            let all = ["acme", "z2", "z4", "z3", "globex", "z1"]
            #expect(try await page("") == all)
            #expect(try await page("NULL, 'z2', 2") == ["z4", "z3"])
            #expect(try await page("NULL, 'z3', 2, true") == ["z4", "z2"])
            #expect(try await page("'ALPHA'") == ["z4", "z3"])
            #expect(try await page("'%'").isEmpty)
            #expect(try await bob.number("SELECT piste.companies_count('alpha')") == 2)
            #expect(await bob.sqlState("SELECT * FROM piste.companies(NULL, 'nobody')") == "PT404")
            await bob.close()
        }
    }

    @Test func isDeletedWholeAndLeavesACertificate() async throws {
        try await EngineWorld.run { world in
            let (alice, _) = try await world.inside("acme", as: world.alice)
            let bob = try await world.connect(world.bob)
            #expect(try await bob.refusal("delete_company('acme', 'globex')") == "not_confirmed")
            let row = try await bob.query("SELECT * FROM piste.delete_company('acme', 'acme')")[0]
            #expect(try row.isNull("refusal"))
            #expect(try await world.backendEnds(alice.backendPID))
            #expect(
                try await world.owner.number(
                    "SELECT count(*) FROM pg_roles WHERE rolname LIKE '\(world.acme)%'") == 0)
            #expect(try await world.owner.value("SELECT to_regnamespace('\(world.acme)')").isEmpty)
            #expect(try await world.owner.number("SELECT count(*) FROM piste.signing_key") == 1)
            let certificate = try await world.owner.value(
                "SELECT detail ->> 'audit_hash' FROM piste_test.trail('piste') WHERE action = 'company.delete'"
            )
            #expect(certificate == (try row.string("audit_hash")))
            #expect(try await bob.value("SELECT ok FROM piste.verify_audit(NULL)") == "t")
            await bob.close()
        }
    }

    @Test func isInstalledTwiceAtTheSameTimeAndAgain() async throws {
        try await withTestDatabase { first in
            try await withTestDatabase { second in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for database in [first, second] {
                        group.addTask {
                            for _ in 0..<2 {
                                let owner = try await database.superuser()
                                _ = try await EngineInstaller().install(on: owner)
                                await owner.close()
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                let owner = try await second.superuser()
                #expect(try await owner.refusal("create_company('Acme', 'acme', 'okta')") == nil)
                await owner.close()
            }
        }
    }

    @Test func growsWithItsRowsAndFindsThemByFragment() async throws {
        try await EngineWorld.run { world in
            try await world.owner.query("SET session_replication_role = replica")
            try await world.owner.query(
                """
                INSERT INTO \(world.acme).users (email, name)
                SELECT 'p' || n || '@acme.example', 'Person Nr ' || n FROM generate_series(1, 6000) AS n
                """)
            try await world.owner.query("RESET session_replication_role")
            try await world.owner.query("SELECT piste.record_load('acme', 'users', 6000)")
            let (alice, _) = try await world.inside("acme", as: world.alice)
            try await alice.declare()
            let find = "FROM users WHERE search_text LIKE '%nr 4711%'"
            #expect(try await alice.value("SELECT email \(find)") == "p4711@acme.example")
            let plan = try await alice.query("EXPLAIN SELECT email \(find)").map { try $0.string(0) }
            #expect(plan.contains { $0.contains("users_by_fragment") })
            // A pattern of "% " is for the beginning of a word, a row's first one too.
            for (pattern, count) in [
                ("% p4711%", "1"), ("% person%", "6000"), ("% ers%", "0"), ("%ers%", "6000"),
                (" person nr 4711 %", "1"), ("nr%", "0"), ("% p4711", "0"),
            ] {
                let found = try await alice.value(
                    "SELECT count(*)::text FROM users WHERE search_text LIKE $1", [.text(pattern)])
                #expect(found == count, "\(pattern)")
            }
            await alice.close()
        }
    }
}
