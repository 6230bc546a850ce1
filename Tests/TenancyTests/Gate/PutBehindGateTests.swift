import Postgres
import TestSupport
import Testing

/// Putting a table behind the gate: once or again, with columns that some may not see or change.
struct PutBehindGateTests {
    private func put(_ world: EngineWorld, _ arguments: String) async throws {
        try await world.owner.run(
            script:
                "SET ROLE piste_owner; SELECT piste.put_behind_gate('\(world.acme)', \(arguments)); RESET ROLE"
        )
    }

    @Test("Put there again, it stays as it was", arguments: TestServers.all)
    func again(server: TestServer) async throws {
        try await EngineWorld.run(on: server) { world in
            let digest = "SELECT piste.company_structure_digest('\(world.acme)')"
            let before = try await world.owner.value(digest)
            try await put(world, "'users', agent_columns => '{status}'")
            #expect(try await world.owner.value(digest) == before)
            // Whatever was taken away comes back.
            try await world.owner.run(
                script: """
                    ALTER TABLE \(world.acme).users DISABLE ROW LEVEL SECURITY;
                    DROP POLICY gate_select ON \(world.acme).users;
                    ALTER POLICY owner_reads ON \(world.acme).users TO PUBLIC;
                    DROP TRIGGER shut ON \(world.acme).users;
                    DROP TRIGGER recorded_insert ON \(world.acme).users;
                    DROP VIEW \(world.acme.windows).users;
                    GRANT SELECT ON \(world.acme).users TO \(world.acme)_reader
                    """)
            #expect(try await world.owner.value(digest) != before)
            try await put(world, "'users', agent_columns => '{status}'")
            #expect(try await world.owner.value(digest) == before)
            #expect(try await world.owner.value("SELECT piste.structure_problem('\(world.acme)')").isEmpty)
            // A superuser who does it leaves nothing of their own behind.
            try await world.owner.query("DROP VIEW \(world.acme.windows).users")
            try await world.owner.query(
                "SELECT piste.put_behind_gate('\(world.acme)', 'users', agent_columns => '{status}')")
            #expect(try await world.owner.value(digest) == before)
        }
    }

    @Test("A column that was added shows once the table is there again", arguments: TestServers.all)
    func addedColumn(server: TestServer) async throws {
        try await EngineWorld.run(on: server) { world in
            try await world.owner.query("ALTER TABLE \(world.acme).users ADD COLUMN nick text DEFAULT 'n'")
            let (alice, _) = try await world.inImpersonation("acme", as: world.alice)
            try await alice.declare()
            #expect(await alice.sqlState("SELECT nick FROM users") == "42703")
            try await put(world, "'users', agent_columns => '{status,nick}'")
            #expect(try await alice.value("SELECT nick FROM users LIMIT 1") == "n")
            #expect(try await alice.query("UPDATE users SET nick = 'm' WHERE id = 1").affected == 1)
            #expect(await alice.sqlState("UPDATE users SET locale = 'm' WHERE id = 1") == "42501")
            await alice.close()
        }
    }

    @Test("A redacted column is the writer's alone", arguments: TestServers.all)
    func redacted(server: TestServer) async throws {
        try await EngineWorld.run(on: server) { world in
            try await put(world, "'users', agent_columns => '{status}', redacted => '{email,search_text}'")
            #expect(try await world.owner.value("SELECT piste.structure_problem('\(world.acme)')").isEmpty)
            let (carol, _) = try await world.inside("acme", as: world.carol)
            let (alice, _) = try await world.inImpersonation("acme", as: world.alice)
            let (shop, _) = try await world.inside("acme", as: world.shop)
            for connection in [carol, alice] {
                try await connection.declare()
                for sql in [
                    "SELECT email FROM users", "SELECT * FROM users", "SELECT u FROM users u",
                    "SELECT count(*) FROM users WHERE email LIKE 'u1%'",
                    "SELECT id FROM users ORDER BY email",
                    "SELECT max(search_text) FROM users", "SELECT to_jsonb(u) FROM users u",
                ] {
                    #expect(await connection.sqlState(sql) == "42501", "\(sql)")
                }
                #expect(try await connection.count("users") == EngineWorld.users)
                #expect(try await connection.value("SELECT name FROM users WHERE id = 1") == "User 1")
            }
            #expect(try await alice.query("UPDATE users SET status = 'suspended' WHERE id = 1").affected == 1)
            #expect(await alice.sqlState("UPDATE users SET status = 'active' RETURNING email") == "42501")
            try await shop.declare()
            #expect(try await shop.value("SELECT email FROM users WHERE id = 1") == "u1@acme.example")
            // It is not another column by the same word, nor the same by another.
            try await world.owner.query("ALTER TABLE \(world.acme).users RENAME COLUMN search_text TO texts")
            let company = "(SELECT id FROM piste.company WHERE url_id = 'acme')"
            #expect(
                await world.owner.sqlState(
                    "SELECT piste.make_window(\(company), '\(world.acme).users'::regclass)") == "PT422")
            for connection in [carol, alice, shop] { await connection.close() }
        }
    }

    @Test("An export holds what the exporter may see")
    func exported() async throws {
        try await EngineWorld.run { world in
            try await put(world, "'users', agent_columns => '{status}', redacted => '{email,search_text}'")
            let (bob, _) = try await world.inside("acme", as: world.bob)
            #expect(try await bob.refusal("export_company()") == nil)
            let row = try await bob.query(
                "SELECT columns::text, first_line FROM piste.open_export() WHERE table_name = 'users'")[0]
            #expect(try row.string("columns").contains("name") && !row.string("columns").contains("email"))
            #expect(try !row.string("first_line").contains("@acme.example"))
            await bob.close()
        }
    }

    @Test("It takes a table of a company's store and nothing else")
    func refusals() async throws {
        try await EngineWorld.run { world in
            for (arguments, state) in [
                ("'piste', 'company'", "PT404"), ("'\(world.acme)', 'nothing'", "PT404"),
                ("'\(world.acme.windows)', 'users'", "PT404"),
                ("'\(world.acme)', 'users', redacted => '{secret}'", "PT422"),
                ("'\(world.acme)', 'users', agent_columns => '{secret}'", "PT422"),
            ] {
                #expect(
                    await world.owner.sqlState("SELECT piste.put_behind_gate(\(arguments))") == state,
                    "\(arguments)")
            }
            let bob = try await world.connect(world.bob)
            for call in [
                "put_behind_gate('\(world.acme)', 'users')", "make_windows(gen_random_uuid())",
                "hide_statistics('\(world.acme)')", "why_shut(gen_random_uuid(), 'users', 'read')",
                "note_missed(gen_random_uuid(), 'users', 'read')",
                "structure_problem('\(world.acme)')",
            ] {
                #expect(await bob.sqlState("SELECT piste.\(call)") == "42501", "\(call)")
            }
            await bob.close()
        }
    }
}
