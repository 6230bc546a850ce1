import Postgres
import Tenancy
import TestSupport
import Testing

/// Who may be an operator, and what is left of one who no longer is.
struct OperatorEngineTests {
    @Test func refusesLoginsThatCouldGoAroundTheEngine() async throws {
        try await EngineWorld.run { world in
            let bob = try await world.connect(world.bob)
            let group = world.database.roleName("group")
            try await world.owner.query("CREATE ROLE \(group) NOLOGIN IN ROLE pg_monitor")
            let cases: [(String, String)] = [
                ("LOGIN SUPERUSER", "superuser"), ("LOGIN NOINHERIT BYPASSRLS", "row level security"),
                ("LOGIN NOINHERIT CREATEROLE", "create roles"),
                ("LOGIN NOINHERIT CREATEDB", "create databases"),
                ("LOGIN NOINHERIT REPLICATION", "replicate"), ("LOGIN INHERIT", "inherits"),
                ("NOLOGIN NOINHERIT", "log in"), ("LOGIN NOINHERIT IN ROLE pg_read_all_data", "predefined"),
                ("LOGIN NOINHERIT IN ROLE \(group)", "predefined"),
                ("LOGIN NOINHERIT IN ROLE piste_owner", "engine's own"),
            ]
            for (number, (options, reason)) in cases.enumerated() {
                let login = world.database.roleName("odd\(number)")
                try await world.owner.query("CREATE ROLE \(login) \(options)")
                let refusal = try await bob.value(
                    "SELECT refusal FROM piste.add_operator('\(login)', 'viewer')")
                #expect(
                    refusal.hasPrefix("login_unsafe") && refusal.contains(reason), "\(options): \(refusal)")
            }
            let temporary = world.database.roleName("temporary")
            try await world.owner.query("CREATE ROLE \(temporary) LOGIN NOINHERIT")
            try await world.owner.query("GRANT TEMPORARY ON DATABASE \(world.database.name) TO \(temporary)")
            #expect(try await bob.refusal("add_operator('\(temporary)', 'viewer')") == "login_unsafe")
            try await world.owner.query(
                "REVOKE TEMPORARY ON DATABASE \(world.database.name) FROM \(temporary)")
            #expect(try await bob.refusal("add_operator('\(temporary)', 'viewer')") == nil)
            await bob.close()
        }
    }

    @Test func letsAStrangerCallNothing() async throws {
        try await EngineWorld.run { world in
            let stranger = world.database.roleName("stranger")
            try await world.owner.query("CREATE ROLE \(stranger) LOGIN")
            let connection = try await world.connect(stranger)
            for call in ["whoami()", "companies()", "enter('x')", "leave()", "sweep()"] {
                #expect(await connection.sqlState("SELECT * FROM piste.\(call)") == "42501")
            }
            await connection.close()
        }
    }

    @Test func endsWithAllThatTheyHeld() async throws {
        try await EngineWorld.run { world in
            let (alice, _) = try await world.inside("acme", as: world.alice)
            let bob = try await world.connect(world.bob)
            #expect(
                try await bob.number("SELECT contexts_ended FROM piste.remove_operator('\(world.alice)')")
                    == 1)
            #expect(try await world.backendEnds(alice.backendPID))
            #expect(try await world.memberships(world.alice) == 0)
            let again = try await world.connect(world.alice)
            #expect(await again.sqlState("SELECT * FROM piste.whoami()") == "42501")
            #expect(try await bob.refusal("remove_operator('\(world.bob)')") == "last_admin")
            #expect(try await bob.refusal("add_operator('\(world.bob)', 'viewer')") == "last_admin")
            #expect(try await bob.refusal("remove_operator('nobody')") == "unknown_operator")
            await again.close()
            await bob.close()
        }
    }

    @Test func losesOpenContextsWithTheLevel() async throws {
        try await EngineWorld.run { world in
            let (alice, _) = try await world.inImpersonation("acme", as: world.alice)
            let bob = try await world.connect(world.bob)
            #expect(try await bob.refusal("add_operator('\(world.alice)', 'viewer')") == nil)
            #expect(try await world.backendEnds(alice.backendPID))
            await bob.close()
        }
    }

    @Test func onlyAdminsAdminister() async throws {
        try await EngineWorld.run { world in
            for login in [world.alice, world.carol, world.shop] {
                let connection = try await world.connect(login)
                for call in [
                    "create_company('X', 'xx', 'okta')", "rename_company('acme', 'X')",
                    "suspend_company('acme')",
                    "resume_company('acme')", "set_company_policy('acme', 'denied')",
                    "delete_company('acme', 'acme')",
                    "verify_audit('acme')", "audit_trail('acme')", "operators()",
                    "remove_operator('\(world.bob)')",
                    "add_operator('\(login)', 'admin')",
                ] {
                    #expect(try await connection.refusal(call) == "not_allowed", "\(call)")
                }
                await connection.close()
            }
            #expect(
                try await world.owner.number("SELECT count(*) FROM piste.company WHERE status = 'active'")
                    == 2)
        }
    }

    @Test func isNobodyInAnotherDatabase() async throws {
        try await EngineWorld.run { world in
            try await EngineWorld.run { other in
                let visitor = try await other.connect(world.alice)
                #expect(await visitor.sqlState("SELECT * FROM piste.whoami()") == "42501")
                await visitor.close()
                // One login, two databases: leaving one of them changes nothing in the other.
                try await other.owner.query("SELECT * FROM piste.add_operator('\(world.alice)', 'viewer')")
                let (alice, _) = try await world.inside("acme", as: world.alice)
                let (there, _) = try await other.inside("acme", as: world.alice)
                let bob = try await other.connect(other.bob)
                #expect(try await bob.query("SELECT * FROM piste.sweep()").count == 0)
                #expect(try await bob.refusal("remove_operator('\(world.alice)')") == nil)
                #expect(try await other.backendEnds(there.backendPID))
                try await alice.declare()
                #expect(try await alice.count("users") == EngineWorld.users)
                #expect(try await world.memberships(world.alice) == 1)
                await bob.close()
                await alice.close()
            }
        }
    }
}
