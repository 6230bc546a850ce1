import Postgres
import TestSupport
import Testing

/// Attacks by name: too long, too similar, reserved, or made of SQL.
struct NameAttackTests {
    @Test(
        "60: A url_id is what it says and nothing else",
        arguments: [
            "", "a", "Acme", "aCME", "acme\n", " acme", "acme ", "acmé", "\u{430}cme", "acme_1", "1acme",
            "-acme", "a.b",
            "a'b", "a\"b", "a;b", "a--\u{0B}b", "pg_catalog", "information_schema", "{company}", "../acme",
            String(repeating: "a", count: 64), String(repeating: "a", count: 71), "acme\u{200B}",
            "acme\u{202E}",
        ])
    func urlID(text: String) async throws {
        try await EngineWorld.underAttack { world in
            let bob = try await world.connect(world.bob)
            #expect(
                await bob.sqlState("SELECT piste.create_company('X', $1, 'okta')", [.text(text)]) == "PT400",
                "\(text)")
            #expect(try await world.owner.number("SELECT count(*) FROM piste.company") == 2)
            #expect(try await bob.refusal("generate_context_token($1)", [.text(text)]) == "unknown_company")
            #expect(try await bob.refusal("create_company('X', 'sound-name', 'okta')") == nil)
            await bob.close()
        }
    }

    @Test(
        "60, N34: Names of 63 bytes, reserved words, and names that differ at the end are companies of their own"
    )
    func longestNames() async throws {
        try await EngineWorld.underAttack { world in
            let bob = try await world.connect(world.bob)
            let stem = String(repeating: "a", count: 62)
            var homes = Set<String>()
            for name in [stem + "a", stem + "b", "public", "none", "user", "select", "piste", "postgres"] {
                let row = try await bob.query(
                    "SELECT * FROM piste.create_company($1, $1, 'okta')", [.text(name)])[0]
                #expect(try row.isNull("refusal"), "\(name)")
                homes.insert(try row.string("schema_name"))
                #expect(
                    try await bob.refusal("create_company('X', $1, 'okta')", [.text(name)])
                        == "company_exists")
            }
            #expect(homes.count == 8)
            let token = try await bob.token(stem + "b")
            #expect(try await bob.enter(token.text) == nil)
            #expect(try await bob.value("SELECT url_id FROM piste.whoami()") == stem + "b")
            try await bob.query("SELECT piste.leave()")
            await bob.close()
        }
    }

    @Test(
        "N35: A name made of SQL, of placeholders or of terminal codes is a label and nothing more",
        arguments: [
            "'); DROP SCHEMA piste CASCADE; --", "{schema}{company}{reader}", "$$; SELECT 1; $$", "%I %s %L",
            "a\u{1B}[2Jb",
            "\\", "\u{202E}emca",
        ])
    func displayNames(name: String) async throws {
        try await EngineWorld.underAttack { world in
            let bob = try await world.connect(world.bob)
            let row = try await bob.query(
                "SELECT * FROM piste.create_company($1, 'odd-name', 'okta')", [.text(name)])[0]
            #expect(try row.isNull("refusal"))
            #expect(try row.string("schema_name").count == 14)
            #expect(try await bob.value("SELECT name FROM piste.company('odd-name')") == name)
            #expect(try await bob.refusal("rename_company('odd-name', $1)", [.text(name + "x")]) == nil)
            #expect(try await bob.query("SELECT FROM piste.companies($1)", [.text(name)]).count == 1)
            #expect(try await bob.value("SELECT ok FROM piste.verify_audit('odd-name')") == "t")
            await bob.close()
        }
    }

    @Test("N36: A login that is named like the engine's own roles is not made, and not mistaken for one")
    func loginNames() async throws {
        try await EngineWorld.underAttack { world in
            let bob = try await world.connect(world.bob)
            for login in [
                "t_0123456789ab_reader", "T_x", "pg_x", "piste_owner2", "PISTE_x", "public", "NONE",
                "current_user",
                "x'; DROP ROLE \(world.bob); --", "a\"b", "", String(repeating: "x", count: 64), "bób", "a b",
                "a\nb",
            ] {
                #expect(
                    await bob.sqlState("SELECT piste.add_operator($1, 'viewer')", [.text(login)]) == "PT400",
                    "\(login)")
            }
            for login in ["\(world.acme)_reader", "piste_owner", "piste_roles", "postgres", "pg_monitor"] {
                #expect(
                    try await bob.refusal("add_operator($1, 'viewer')", [.text(login)]) == "login_unsafe",
                    "\(login)")
            }
            // One that the cluster's owner made by that name is an operator like any other.
            let odd = "t_\(String(world.acme.dropFirst(2).reversed()))_reader"
            try await world.owner.query("CREATE ROLE \(odd) LOGIN NOINHERIT")
            world.database.dropAtEnd(role: odd)
            #expect(try await bob.refusal("add_operator($1, 'viewer')", [.text(odd)]) == nil)
            let (connection, _) = try await world.inside("acme", as: odd)
            try await world.expectReading(connection)
            #expect(await connection.sqlState("SELECT * FROM \(world.globex.windows).users") == "42501")
            #expect(try await world.owner.query("SELECT * FROM piste.sweep()").count == 0)
            #expect(try await bob.refusal("remove_operator($1)", [.text(odd)]) == nil)
            #expect(try await !world.backendLives(connection.backendPID))
            await connection.close()
            await bob.close()
        }
    }
}
