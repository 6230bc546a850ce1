import Postgres
import TestSupport
import Testing

/// What PUBLIC can do with PostgreSQL's own functions, and operators cannot.
struct WithheldTests {
    static let calls = [
        "pg_advisory_lock(1)", "pg_advisory_lock(1, 2)", "pg_advisory_lock_shared(1)",
        "pg_advisory_xact_lock(1)",
        "pg_advisory_xact_lock_shared(1, 2)", "pg_try_advisory_lock(1)", "pg_try_advisory_lock_shared(1)",
        "pg_try_advisory_xact_lock(1)", "pg_try_advisory_xact_lock_shared(1)", "pg_advisory_unlock(1)",
        "pg_logical_emit_message(false, 'x', 'y')",
        "pg_logical_emit_message(true, 'x', '\\x00'::bytea)", "xpath('/a', '<a/>')",
        "xpath('/a', '<a/>', '{}')",
        "xpath_exists('/a', '<a/>')", "xmlexists('/a' PASSING '<a/>')", "pg_export_snapshot()",
        "lo_create(0)",
        "lo_creat(1)", "lo_from_bytea(0, 'x')", "lo_import('/etc/passwd')",
    ]

    @Test("Refuses each of them to every operator, in a company and out of it", arguments: TestServers.all)
    func refused(server: TestServer) async throws {
        try await EngineWorld.run(on: server) { world in
            for login in [world.carol, world.alice, world.shop, world.bob] {
                let outside = try await world.connect(login)
                let (inside, _) = try await world.inside("acme", as: login)
                for call in Self.calls {
                    #expect(await outside.sqlState("SELECT \(call)") == "42501", "\(login): \(call)")
                    #expect(await inside.sqlState("SELECT \(call)") == "42501", "\(login), inside: \(call)")
                }
                // What a pool calls when a connection comes back to it.
                #expect(await inside.sqlState("SELECT pg_advisory_unlock_all()") == nil)
                await outside.close()
                await inside.close()
            }
            // The control: the same calls work where they may.
            for call in Self.calls.dropLast() where !call.contains("snapshot") {
                #expect(await world.owner.sqlState("SELECT \(call)") == nil, "\(call)")
            }
        }
    }

    @Test("What is withheld is named when somebody gives it back", arguments: TestServers.all)
    func named(server: TestServer) async throws {
        try await EngineWorld.run(on: server) { world in
            func findings() async throws -> String {
                try await world.owner.isolationReport().filter { !$0.passed && $0.id.hasPrefix("database.") }
                    .map(\.description).joined(separator: "\n")
            }
            #expect(try await findings() == "")
            for name in [
                "pg_advisory_xact_lock_shared(integer,integer)",
                "pg_logical_emit_message(boolean,text,text,boolean)",
                "xpath(text,xml)", "xpath_exists(text,xml,text[])", "xmlexists(text,xml)",
                "pg_export_snapshot()",
                "lo_create(oid)",
            ] {
                // As PostgreSQL writes it; empty where it has no such function.
                let function = try await world.owner.value("SELECT to_regprocedure($1)::text", [.text(name)])
                guard !function.isEmpty else { continue }
                try await world.owner.query("BEGIN")
                try await world.owner.query("GRANT EXECUTE ON FUNCTION \(function) TO PUBLIC")
                #expect(try await findings().contains("PUBLIC may execute \(function)"))
                try await world.owner.query("ROLLBACK")
            }
        }
    }
}
