import Foundation
import LocalCluster
import Postgres
import TestSupport
import Testing

/// The page that shows how to move in: its lines, in their order, on a database with tenants of its own.
struct MovingInPageTests {
    /// What the page is followed on.
    enum Site: String, CaseIterable, Sendable {
        /// Schemas by hand, one of which has drifted away from the others.
        case handMade
        /// Ten tenants of django-tenants, from PyPI, with tests of its own.
        case djangoTenants
    }

    @Test(arguments: Site.allCases)
    func everyLineOfTheTenMinutesRuns(on site: Site) async throws {
        let python = site == .djangoTenants ? await TenantsSiteTests.environment.value.path : nil
        guard python != nil || site == .handMade else { return }
        try await ConsoleWorld.run { world in
            let folder = try TemporaryFolder()
            let tenants = try await TenantsSite.make(in: folder.path + "/site", python, world)
            if tenants == nil { try await makeByHand(world) }
            let login = world.database.roleName("agent_m")
            var run: [String] = []
            for block in Pages.code("sh", in: try Pages.page("MovingIn")).prefix(3) {
                for line in block.split(separator: "\n") {
                    let outcome = try await follow(String(line), login, folder.path, world)
                    run.append(outcome.word)
                    if run.count == 4, site == .handMade {
                        #expect(
                            outcome.told.narration.contains("o_brien: has column users.vat_id"),
                            "\(outcome.told)")
                    }
                    if outcome.word == "company" {
                        #expect(outcome.told.output.contains("o-brien"), "\(outcome.told)")
                    }
                }
            }
            #expect(
                run == [
                    "init", "operator", "operator", "adopt", "prove", "adopt", "adopt", "adopt", "company",
                    "impersonate",
                    "prove",
                ])
            let report = try String(contentsOfFile: folder.path + "/proof.md", encoding: .utf8)
            #expect(report.contains("companies are guarded from people"), "\(report)")
            let (table, seen, hidden) =
                site == .handMade
                ? ("users", "ada@o_brien.example", "s3cret") : ("auth_user", "root@o_brien.example", "pbkdf2")
            let rows = try await world.piste("rows", "o-brien", table, "--format", "json", as: login)
            #expect(rows.output.contains(seen) && !rows.output.contains(hidden), "\(rows)")
            // The site's own tests are green before and after, and it did not change.
            if let tenants { #expect(try await tenants.use() == "3") }
            let released = try await Piste.run(
                ["release", "tenant2", "--confirm", "tenant2", "--trail", folder.path + "/tenant2.jsonl"],
                environment: ["PISTE_DATABASE_URL": world.url(RunningCluster.superuser)])
            #expect(released.status == 0, "\(released)")
        }
    }

    /// Runs a line of the page as a shell would; the logins are the world's own.
    private func follow(
        _ line: String, _ login: String, _ folder: String, _ world: ConsoleWorld
    ) async throws -> (word: String, told: Piste.Outcome) {
        let split = try await Program.run(
            "/bin/sh", ["-c", "for word in \(line.dropFirst(6)); do printf '%s\\n' \"$word\"; done"])
        let words: [String] = split.output.split(separator: "\n").map { word in
            switch word {
            case "alice": login
            case "bob": world.bob
            default:
                word.hasPrefix("adopt.toml") || word.hasPrefix("proof.md")
                    ? "\(folder)/\(word)" : String(word)
            }
        }
        // Without a terminal there is no console to open; and the server of these tests keeps nothing through a crash.
        let more = words[0] == "impersonate" ? ["--print-token"] : []
        let outcome = try await Piste.run(
            words + more, environment: ["PISTE_DATABASE_URL": world.url(RunningCluster.superuser)])
        #expect(outcome.status == 0 || words[0] == "prove" && outcome.status == 5, "\(line): \(outcome)")
        return (words[0], outcome)
    }

    private func makeByHand(_ world: ConsoleWorld) async throws {
        try await world.owner.run(
            script: """
                CREATE TABLE clients_client (schema_name text PRIMARY KEY, name text NOT NULL);
                INSERT INTO clients_client VALUES ('public', 'Public'), ('tenant2', 'Two'), ('tenant3', 'Three'), ('o_brien', 'O''Brien');
                """)
        for tenant in ["tenant2", "tenant3", "o_brien"] {
            try await world.owner.run(
                script: """
                    CREATE SCHEMA \(tenant);
                    CREATE TABLE \(tenant).users (id serial PRIMARY KEY, email text NOT NULL, password text);
                    CREATE TABLE \(tenant)."OrderLines" (order_id integer, line integer, PRIMARY KEY (order_id, line));
                    INSERT INTO \(tenant).users (email, password) VALUES ('ada@\(tenant).example', 's3cret');
                    """)
        }
        try await world.owner.query("ALTER TABLE o_brien.users ADD COLUMN vat_id text")
    }
}
