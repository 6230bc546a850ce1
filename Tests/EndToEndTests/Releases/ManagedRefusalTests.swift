import LocalCluster
import TestSupport
import Testing

/// Whoever cannot install the engine on a server that somebody else keeps reads what is missing, and nothing is left of the try.
struct ManagedRefusalTests {
    @Test("Who lacks a right, or meets an engine of another login's, is told so", arguments: Release.all)
    func isTold(release: Release) async throws {
        try await ReleaseServer.run(release) { server in
            let keeper = try await server.connect(to: "postgres")
            for login in ["first", "second"] {
                try await keeper.query("CREATE ROLE \(login) LOGIN CREATEROLE")
                try await keeper.query("CREATE DATABASE \(login) OWNER \(login)")
            }
            try await keeper.query("CREATE ROLE plain LOGIN")
            func initialize(_ login: String, in database: String) async throws -> Piste.Outcome {
                try await Piste.run(
                    ["init", "--database", server.url(login, database)], deadline: .seconds(600))
            }
            let plain = try await initialize("plain", in: "first")
            #expect(plain.status != 0 && plain.narration.contains("owner of the database"), "\(plain)")
            #expect(plain.narration.contains("--as LOGIN"), "\(plain)")
            if release.version >= 16 {
                let lacking = try await initialize("first", in: "first")
                #expect(lacking.status == 1, "\(lacking)")
                #expect(
                    lacking.narration.contains(
                        "GRANT pg_signal_backend, pg_monitor TO \"first\" WITH ADMIN OPTION"), "\(lacking)")
                // It is the right login already.
                #expect(!lacking.narration.contains("--as LOGIN"), "\(lacking)")
            }
            for login in ["first", "second"] {
                try await keeper.query(
                    "GRANT pg_signal_backend, pg_monitor TO \(login) WITH ADMIN OPTION")
            }
            let first = try await initialize("first", in: "first")
            #expect(first.status == 0, "\(first)")
            let second = try await initialize("second", in: "second")
            if release.version < 16 {
                #expect(second.status == 0, "\(second)")
            } else {
                #expect(second.status == 1, "\(second)")
                #expect(second.narration.contains("in this cluster already"), "\(second)")
                let other = try await server.connect(to: "second")
                #expect(try await other.query("SELECT to_regnamespace('piste')::text")[0].isNull(0))
                await other.close()
                let helped = try await initialize(RunningCluster.superuser, in: "second")
                #expect(helped.status == 0, "\(helped)")
            }
            await keeper.close()
        }
    }
}
