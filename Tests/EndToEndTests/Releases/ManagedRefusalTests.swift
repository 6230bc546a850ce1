import LocalCluster
import Postgres
import TestSupport
import Testing

/// Roles are the cluster's: on a server that somebody else keeps, the engine of one login stands in the way of another's.
struct ManagedRefusalTests {
    @Test("Who meets the engine of another login's in the cluster is told so", arguments: Release.all)
    func isTold(release: Release) async throws {
        try await ReleaseServer.run(release) { server in
            let keeper = try await server.connect(to: "postgres")
            for login in ["first", "second"] {
                try await keeper.query("CREATE ROLE \(login) LOGIN CREATEROLE")
                try await keeper.query("CREATE DATABASE \(login) OWNER \(login)")
                try await keeper.query("GRANT pg_signal_backend, pg_monitor TO \(login) WITH ADMIN OPTION")
            }
            await keeper.close()
            func initialize(_ login: String, in database: String) async throws -> Piste.Outcome {
                try await Piste.run(
                    ["init", "--database", server.url(login, database)], deadline: .seconds(600))
            }
            let first = try await initialize("first", in: "first")
            #expect(first.status == 0, "\(first)")
            let second = try await initialize("second", in: "second")
            guard release.version >= 16 else {
                #expect(second.status == 0, "\(second)")
                return
            }
            #expect(second.status == 3, "\(second)")
            #expect(second.narration.contains("in this cluster already"), "\(second)")
            #expect(second.narration.contains("mend what is named there"), "\(second)")
            let other = try await server.connect(to: "second")
            #expect(try await other.query("SELECT to_regnamespace('piste')::text")[0].isNull(0))
            await other.close()
            let helped = try await initialize(RunningCluster.superuser, in: "second")
            #expect(helped.status == 0, "\(helped)")
        }
    }
}
