import Postgres
import TestSupport
import Testing

/// Attacks that stand in the way: of an admin, of other companies, of the end of the attacker's own right.
struct DenialAttackTests {
    @Test("N37: Nobody puts off a suspension by keeping busy with a record of the company")
    func busyHolder() async throws {
        try await EngineWorld.underAttack { world in
            let (victim, _) = try await world.inside("acme", as: world.carol)
            let holder = try await world.connect(world.carol)
            try await holder.query("BEGIN")
            _ = try await holder.token("acme")
            async let ended = holder.sqlState("SELECT pg_sleep(300)")
            let bob = try await world.connect(world.bob)
            try await world.limitPatience(bob)
            #expect(try await bob.refusal("suspend_company('acme')") == nil, "it is in nobody's way")
            #expect(try await world.backendEnds(victim.backendPID))
            try await world.owner.query("SELECT pg_terminate_backend(\(holder.backendPID))")
            #expect(await ended == "57P01")
            #expect(try await bob.refusal("resume_company('acme')") == nil)
            let (carol, _) = try await world.inside("acme", as: world.carol)
            try await world.expectReading(carol)
            await carol.close()
            await victim.close()
            await bob.close()
        }
    }

    @Test("N38: Nobody puts off their own removal by holding the engine's trail")
    func holderOfTheControlTrail() async throws {
        try await EngineWorld.underAttack { world in
            let holder = try await world.connect(world.carol)
            try await holder.query("BEGIN")
            #expect(try await holder.refusal("generate_context_token('nowhere')") == "unknown_company")
            async let ended = holder.sqlState("SELECT pg_sleep(300)")
            let bob = try await world.connect(world.bob)
            #expect(try await bob.refusal("remove_operator('\(world.carol)')") == nil)
            #expect(await ended == "57P01")
            #expect(
                try await world.owner.number(
                    "SELECT count(*) FROM piste.operator WHERE login = '\(world.carol)'") == 0)
            await bob.close()
        }
    }

    @Test("N39: A lock that is taken outside a savepoint and used inside it hides nobody")
    func holderBehindASavepoint() async throws {
        try await EngineWorld.underAttack { world in
            let (carol, jti) = try await world.inside("acme", as: world.carol)
            try await world.expire(jti)
            try await carol.query("SELECT piste.close_own_context()")
            try await carol.query("BEGIN")
            try await carol.query("SELECT piste.close_own_context()")
            try await carol.query("SAVEPOINT s")
            #expect(try await carol.refusal("audit_trail('acme')") == "not_allowed")
            let bob = try await world.connect(world.bob)
            #expect(try await bob.refusal("suspend_company('acme')") == nil)
            #expect(try await !world.backendLives(carol.backendPID))
            #expect(try await bob.refusal("resume_company('acme')") == nil)
            await carol.close()
            await bob.close()
        }
    }

    @Test(
        "N40: A role that was tied to something does not keep its company from being deleted",
        arguments: [
            "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC"
        ])
    func undeletable(sql: String) async throws {
        try await EngineWorld.run { world in
            let (alice, _) = try await world.inside("globex", as: world.alice)
            try await alice.query(sql)
            let bob = try await world.connect(world.bob)
            #expect(try await bob.refusal("delete_company('globex', 'globex')") == nil)
            #expect(try await !world.backendLives(alice.backendPID))
            #expect(try await world.owner.value("SELECT to_regnamespace('\(world.globex)')::text").isEmpty)
            // The tied role is left over, in nobody's hands and without a right; the others are gone. From 16 on whoever made
            // it can give it or drop it, without being in it.
            let left = try await world.owner.value(
                """
                SELECT string_agg(r.rolname, ' ') FROM pg_roles r WHERE left(r.rolname, 14) = '\(world.globex)'
                  AND NOT EXISTS (
                      SELECT FROM pg_auth_members m WHERE r.oid IN (m.roleid, m.member)
                        AND (to_jsonb(m) ->> 'set_option' IS DISTINCT FROM 'false'
                            OR to_jsonb(m) ->> 'inherit_option' IS DISTINCT FROM 'false'
                            OR m.member::regrole::text !~ '^piste_roles(_[0-9a-f]{2})?$'))
                """)
            #expect(left == "\(world.globex)_reader")
            try await world.owner.query("DROP OWNED BY \(world.globex)_reader")
            try await world.owner.query("DROP ROLE \(world.globex)_reader")
            let (acme, _) = try await world.inside("acme", as: world.alice)
            try await world.expectReading(acme)
            await acme.close()
            await alice.close()
            await bob.close()
        }
    }

    @Test("N41: Locks on tables reach no other company, no trail, and no stronger mode than reading")
    func tableLocks() async throws {
        try await EngineWorld.underAttack { world in
            let (carol, _) = try await world.inside("acme", as: world.carol)
            for table in [
                "\(world.globex.windows).users", "\(world.acme).users", "piste.entry", "piste.trail",
                "piste.operator", "piste.context", "pg_catalog.pg_authid",
            ] {
                try await carol.query("BEGIN")
                #expect(
                    await carol.sqlState("LOCK TABLE \(table) IN ACCESS SHARE MODE") == "42501", "\(table)")
                try await carol.query("ROLLBACK")
            }
            for mode in ["ROW EXCLUSIVE", "SHARE", "EXCLUSIVE", "ACCESS EXCLUSIVE"] {
                try await carol.query("BEGIN")
                #expect(await carol.sqlState("LOCK TABLE users IN \(mode) MODE") == "42501", "\(mode)")
                try await carol.query("ROLLBACK")
            }
            try await carol.query("BEGIN")
            #expect(await carol.sqlState("LOCK TABLE users IN ACCESS SHARE MODE") == nil)
            // Others read and write meanwhile.
            let (alice, _) = try await world.inImpersonation("acme", as: world.alice)
            try await alice.declare()
            #expect(try await alice.query("UPDATE users SET status = status").affected == EngineWorld.users)
            try await carol.query("ROLLBACK")
            try await world.expectReading(carol)
            await carol.close()
            await alice.close()
        }
    }

    @Test("N42: Whoever has made a record and not committed it holds up nobody, in no company")
    func openRecord() async throws {
        try await EngineWorld.underAttack { world in
            let holder = try await world.connect(world.carol)
            try await holder.query("BEGIN")
            _ = try await holder.token("acme")
            let (globex, _) = try await world.inside("globex", as: world.shop)
            try await globex.query("SET lock_timeout = '2s'")
            try await world.expectReading(globex)
            #expect(
                try await world.owner.query("SELECT * FROM piste.sweep() WHERE did <> 'postponed'").count == 0
            )
            // Nor anybody in the company concerned.
            let alice = try await world.connect(world.alice)
            try await alice.query("SET lock_timeout = '50ms'")
            #expect(try await alice.refusal("generate_context_token('acme')") == nil)
            let (inside, _) = try await world.inside("acme", as: world.alice)
            try await world.expectReading(inside)
            await inside.close()
            try await holder.query("ROLLBACK")
            #expect(try await alice.refusal("generate_context_token('acme')") == nil)
            await holder.close()
            await globex.close()
            await alice.close()
        }
    }
}
