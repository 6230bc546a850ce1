import Foundation
import LocalCluster
import Postgres
import TestSupport
import Testing

/// What guarding all costs the application's slowest queries is told before it is done, where the server knows them.
struct AdoptionCostTests {
    @Test(
        "The slowest queries are told with what they cost with and without statistics, and nothing is changed"
    )
    func tells() async throws {
        let release = try #require(Release.all.first)
        try await ReleaseServer.run(release, settings: ["shared_preload_libraries = 'pg_stat_statements'"]) {
            server in
            let owner = try await server.connect()
            try await owner.run(
                script: """
                    CREATE EXTENSION pg_stat_statements;
                    CREATE ROLE site LOGIN;
                    CREATE SCHEMA tenant_one AUTHORIZATION site;
                    SET ROLE site;
                    CREATE TABLE tenant_one.users (id int PRIMARY KEY, name text, status text);
                    INSERT INTO tenant_one.users
                    SELECT n, 'n' || n, CASE WHEN n % 100 = 0 THEN 'odd' ELSE 'active' END FROM generate_series(1, 20000) AS n;
                    CREATE INDEX ON tenant_one.users (status);
                    ANALYZE tenant_one.users;
                    RESET ROLE;
                    """)
            let installed = try await Piste.run(
                ["init", "--admin", "bob", "--database", server.url()], deadline: .seconds(600))
            #expect(installed.status == 0, "\(installed)")
            let site = try await server.connect(as: "site")
            try await site.query("SET search_path = tenant_one")
            try await site.query("SELECT count(*) FROM users WHERE status = 'odd'")
            await site.close()
            let samples = "SELECT count(*) FROM pg_stats WHERE schemaname = 'tenant_one'"
            let before = try await owner.integer(samples)
            for (map, words) in [
                ("", "The slowest queries on tenant_one"),
                ("statistics = [\"status\", \"name\", \"id\"]\n", "The slowest queries on tenant_one"),
            ] {
                let folder = try TemporaryFolder()
                let file = folder.path + "/map.toml"
                try ("[tables.users]\n" + map).write(toFile: file, atomically: true, encoding: .utf8)
                let told = try await Piste.run([
                    "adopt", "--schemas", "tenant_one", "--guard", "all", "--dry-run", "--map", file,
                    "--database", server.url(),
                ])
                #expect(told.status == 0 && told.narration.contains(words), "\(told)")
                let line = try #require(
                    told.narration.split(separator: "\n").first { $0.hasSuffix("users WHERE status = $1") },
                    "\(told)")
                #expect(line.contains(" ms × 1: ") && line.contains(" → "), "\(line)")
                #expect(line.contains(", another plan: ") == map.isEmpty, "\(line)")
            }
            #expect(before == 3)
            #expect(try await owner.integer(samples) == before)
            #expect(try await owner.integer("SELECT count(*) FROM tenant_one.users") == 20_000)
            #expect(try await owner.integer("SELECT count(*) FROM piste.company") == 0)
            await owner.close()
        }
    }
}

extension Connection {
    /// The one number that a question has for an answer.
    func integer(_ sql: String) async throws -> Int { try await query(sql)[0].int(0) }

    /// The one text that a question has for an answer.
    func text(_ sql: String) async throws -> String { try await query(sql)[0].string(0) }
}
