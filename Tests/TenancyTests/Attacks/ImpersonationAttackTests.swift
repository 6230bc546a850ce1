import Postgres
import TestSupport
import Testing

/// Attacks on who is said to have done it, and on the record that has to come first.
struct ImpersonationAttackTests {
    @Test("50: Who acts as a customer stays the one who acts, in the token and in every record")
    func attribution() async throws {
        try await EngineWorld.run { world in
            let alice = try await world.connect(world.alice)
            let row = try await alice.query(
                "SELECT * FROM piste.impersonate_company('acme', 'why', NULL, 'u1@acme.example')")[0]
            let claims = try await world.owner.query(
                """
                SELECT c ->> 'sub' = 'u1@acme.example' AND c #>> '{act,sub}' = $2
                FROM piste.json_of_base64url(split_part($1, '.', 2)) AS c
                """, [.text(try row.string("token")), .text(world.alice)])
            #expect(try claims[0].bool(0))
            try await alice.query("SET application_name = 'u1@acme.example'")
            #expect(try await alice.enter(try row.string("token")) == nil)
            try await alice.declare()
            #expect(try await alice.query("UPDATE users SET status = 'suspended' WHERE id = 3").affected == 1)
            let nameless = try await world.owner.number(
                """
                SELECT count(*) FROM piste_test.trail('\(world.acme)')
                WHERE context = $1::uuid AND (actor, subject) IS DISTINCT FROM ($2, 'u1@acme.example')
                """, [.text(try row.string("jti")), .text(world.alice)])
            #expect(nameless == 0)
            #expect(try await world.records("users.update", in: world.acme) == 1)
            try await world.expectSoundTrails()
            await alice.close()
        }
    }

    @Test("51: An impersonation whose record is taken back was none")
    func recordTakenBack() async throws {
        try await EngineWorld.underAttack { world in
            let alice = try await world.connect(world.alice)
            try await alice.query("BEGIN")
            let token = try await alice.value("SELECT token FROM piste.impersonate_company('acme', 'why')")
            #expect(try await alice.refusal("enter($1, 'users.read', 'users')", [.text(token)]) == nil)
            #expect(try await alice.count("users") == 0)
            #expect(await alice.sqlState("UPDATE users SET status = 'suspended'") == "PT409")
            try await alice.query("ROLLBACK")
            #expect(try await alice.enter(token) == "token_unknown")
            #expect(try await world.memberships(world.alice) == 0)
            #expect(try await world.records("impersonation.issue", in: world.acme) == 0)
            let kept = try await alice.value("SELECT token FROM piste.impersonate_company('acme', 'why')")
            #expect(try await alice.enter(kept) == nil)
            try await world.expectReading(alice)
            await alice.close()
        }
    }

    @Test("52: Nobody nests, climbs, or acts without the level for it")
    func escalation() async throws {
        try await EngineWorld.underAttack { world in
            let (alice, _) = try await world.inImpersonation("acme", as: world.alice)
            #expect(try await alice.refusal("impersonate_company('globex', 'why')") == "nested_impersonation")
            for call in [
                "add_operator('\(world.alice)', 'admin')", "suspend_company('globex')",
                "verify_audit('acme')",
                "audit_trail('globex')", "set_company_policy('globex', 'allowed')",
            ] { #expect(try await alice.refusal(call) == "not_allowed", "\(call)") }
            #expect(await alice.sqlState("SET ROLE \(world.acme)_writer") == "42501")
            for login in [world.carol, world.shop] {
                let other = try await world.connect(login)
                #expect(try await other.refusal("impersonate_company('acme', 'why')") == "not_allowed")
                await other.close()
            }
            try await world.expectReading(alice)
            await alice.close()
        }
    }

    @Test("53, N30: A rollback, or a savepoint, that takes the record back takes the rows too")
    func rolledBackRecord() async throws {
        try await EngineWorld.underAttack { world in
            let (alice, _) = try await world.inImpersonation("acme", as: world.alice)
            for end in ["ROLLBACK", "ROLLBACK TO s"] {
                try await alice.query("BEGIN")
                try await alice.query("SAVEPOINT s")
                try await alice.declare()
                #expect(try await alice.count("users") == 0)
                try await alice.query("RELEASE s")
                #expect(try await alice.count("users") == 0)
                try await alice.query("SAVEPOINT s")
                try await alice.declare()
                try await alice.query(end)
                #expect(try await alice.count("users") == 0)
                try await alice.query("ROLLBACK")
                #expect(try await alice.count("users") == 0)
            }
            #expect(try await world.records("users.read", in: world.acme) == 0)
            // A change is undone with its record, and never without it.
            try await alice.declare()
            try await alice.query("BEGIN")
            #expect(
                try await alice.query("UPDATE users SET status = 'suspended'").affected == EngineWorld.users)
            try await alice.query("ROLLBACK")
            #expect(try await world.records("users.update", in: world.acme) == 0)
            #expect(try await world.records("users.read", in: world.acme) == 1)
            await alice.close()
        }
    }

    @Test("54, N31: No setting of a session silences its records, or makes them say something else")
    func settings() async throws {
        try await EngineWorld.run { world in
            let (shop, _) = try await world.inside("acme", as: world.shop)
            for setting in [
                "standard_conforming_strings = off", "escape_string_warning = off",
                "transform_null_equals = on",
                "array_nulls = off", "DateStyle = 'SQL, DMY'", "IntervalStyle = 'sql_standard'",
                "TimeZone = 'Asia/Kathmandu'", "bytea_output = 'escape'", "extra_float_digits = -15",
                "quote_all_identifiers = on", "synchronous_commit = off", "client_encoding = 'LATIN1'",
                "client_min_messages = error", "jit = off", "enable_indexscan = off", "work_mem = '64kB'",
                "search_path = ''", "check_function_bodies = off", "xmloption = document",
            ] { #expect(await shop.sqlState("SET \(setting)") == nil, "\(setting)") }
            for action in [
                "users\ncontext.close", "users\u{1B}[2J.read", "users read", "context.close", "USERS.READ",
            ] {
                #expect(await shop.sqlState("SELECT piste.declare($1, 'users')", [.text(action)]) == "PT400")
            }
            #expect(try await shop.count("\(world.acme.windows).users") == 0)
            try await shop.query("SELECT piste.declare('users.read', 'users , journeys')")
            #expect(try await shop.count("\(world.acme.windows).users") == EngineWorld.users)
            #expect(await shop.sqlState("SET session_replication_role = replica") == "42501")
            #expect(await shop.sqlState("ALTER TABLE \(world.acme).users DISABLE TRIGGER ALL") == "42501")
            let change =
                "UPDATE \(world.acme.windows).users SET name = E'\\u00e9\\n', last_seen_at = clock_timestamp() WHERE id = 2"
            #expect(try await shop.query(change).affected == 1)
            try await shop.query("SET row_security = off")
            let silent = "UPDATE \(world.acme.windows).users SET name = 'z' WHERE id = 2"
            #expect(await shop.sqlState(silent) == "42501")
            #expect(try await world.records("users.update", in: world.acme) == 1)
            try await world.expectSoundTrails()
            await shop.close()
        }
    }

    @Test("59, N32: Hostile text is kept as it was given, cut where it is too long, and breaks no chain")
    func hostileText() async throws {
        try await EngineWorld.underAttack { world in
            let alice = try await world.connect(world.alice)
            let reason = "a\u{1B}[2J\u{1B}]0;x\u{7}\r\nactor=bob\u{202E}\u{200B}',\"; DROP TABLE users;--"
            let token = try await alice.query(
                "SELECT token, refusal FROM piste.impersonate_company('acme', $1, $1)", [.text(reason)])[0]
            #expect(try token.isNull("refusal"))
            let kept = try await world.owner.value(
                "SELECT detail ->> 'reason' FROM piste_test.trail('\(world.acme)') WHERE action = 'impersonation.issue'"
            )
            #expect(kept == reason)
            #expect(
                await alice.sqlState("SELECT piste.impersonate_company('acme', repeat('x', 1001))") == "PT413"
            )
            #expect(
                await alice.sqlState("SELECT piste.impersonate_company('acme', 'x', repeat('x', 201))")
                    == "PT413")
            #expect(try await alice.enter(try token.string("token")) == nil)
            for (call, state) in [
                ("declare('users.read', repeat('users,', 200000) || 'users')", "PT413"),
                ("declare('users.read', 'users,users,users,users,users,users')", "PT413"),
                ("declare('users.read', 'users', jsonb_build_object('x', repeat('x', 9000)))", "PT413"),
                ("declare(repeat('x', 65), 'users')", "PT400"),
                ("end_context(gen_random_uuid(), repeat('x', 1001))", "PT400"),
            ] { #expect(await alice.sqlState("SELECT piste.\(call)") == state, "\(call)") }
            // What is refused is recorded, and briefly.
            for call in [
                "audit_trail(repeat('x', 1000000))", "verify_audit(repeat('x', 1000000))",
                "suspend_company(repeat('x', 1000000))", "generate_context_token(repeat('x', 1000000))",
                "remove_operator(repeat('x', 1000000))",
            ] { #expect(try await alice.refusal(call) != nil) }
            #expect(
                try await world.owner.number(
                    "SELECT max(octet_length(detail::text)) FROM piste_test.trail('piste')") < 500)
            try await world.expectReading(alice)
            await alice.close()
        }
    }
}
