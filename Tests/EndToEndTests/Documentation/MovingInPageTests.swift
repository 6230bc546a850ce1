import Foundation
import LocalCluster
import Postgres
import TestSupport
import Testing

/// The page that shows how to move in: its lines, in their order, on a database with a tenant of its own.
struct MovingInPageTests {
    @Test func everyLineOfTheTenMinutesRuns() async throws {
        try await ConsoleWorld.run { world in
            try await world.owner.run(
                script: """
                    CREATE SCHEMA tenant_acme;
                    CREATE TABLE tenant_acme.users (id serial PRIMARY KEY, email text NOT NULL, password text);
                    INSERT INTO tenant_acme.users (email, password) VALUES ('ada@acme.example', 's3cret');
                    """)
            let folder = try TemporaryFolder()
            let login = world.database.roleName("agent_m")
            var run: [String] = []
            for block in Pages.code("sh", in: try Pages.page("MovingIn")).prefix(3) {
                for line in block.split(separator: "\n") {
                    let words = line.replacing("alice", with: login).replacing("bob", with: world.bob)
                        .replacing("adopt.toml", with: folder.path + "/adopt.toml")
                        .replacing("proof.md", with: folder.path + "/proof.md")
                        .split(separator: " ").map { $0.trimmingCharacters(in: ["'", "\""]) }
                    // Without a terminal there is no console to open; and the server of these tests keeps nothing through a crash.
                    let more = words[1] == "impersonate" ? ["--print-token"] : []
                    let outcome = try await Piste.run(
                        Array(words.dropFirst()) + more,
                        environment: ["PISTE_DATABASE_URL": world.url(RunningCluster.superuser)])
                    #expect(
                        outcome.status == 0 || words[1] == "prove" && outcome.status == 5,
                        "\(line): \(outcome)")
                    run.append(words[1])
                }
            }
            #expect(
                run == [
                    "init", "operator", "adopt", "prove", "adopt", "adopt", "adopt", "impersonate", "prove",
                ])
            let report = try String(contentsOfFile: folder.path + "/proof.md", encoding: .utf8)
            #expect(report.contains("company.adopted") || report.contains("guarded from people"), "\(report)")
            let rows = try await world.piste("rows", "tenant-acme", "users", "--format", "json", as: login)
            #expect(rows.output.contains("ada@acme.example") && !rows.output.contains("s3cret"), "\(rows)")
        }
    }
}
