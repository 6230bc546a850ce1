import Postgres
import TestSupport
import Testing

/// Whoever may plan a query learns nothing of the values by how many rows the planner expects.
struct EstimateTests {
    @Test("Every value of every column is expected alike", arguments: TestServers.all)
    func everyColumn(server: TestServer) async throws {
        try await WindowWorld.run(on: server) { window in
            let columns = try await window.world.owner.query(
                """
                SELECT c.relname AS table, a.attname AS column, format_type(a.atttypid, NULL) AS type
                FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
                WHERE c.relnamespace = $1::regnamespace
                """, [.text(window.world.acme.windows)])
            #expect(columns.count > 20)
            for row in columns {
                let (table, column) = (try row.string("table"), try row.string("column"))
                let values =
                    switch try row.string("type") {
                    case "bigint", "integer": ["-1", "8", "777", "1999", "100000"]
                    case "timestamp with time zone": ["1970-01-01", "2026-01-01", "2040-01-01"]
                    default: ["active", "member", "n77@acme.example", "Name 8", "zz"]
                    }
                for comparison in ["=", "<", ">="] {
                    let found = try await estimates(window.alice, table, column, comparison, values)
                    #expect(found.count == 1, "\(table).\(column) \(comparison): \(found)")
                }
            }
            let patterns = try await estimates(
                window.alice, "users", "search_text", "LIKE", ["%name 8%", "%nqqe 8%", "%zzzzzz%"])
            #expect(patterns.count == 1)
            // The control: with samples, the same question is answered.
            try await window.world.owner.run(
                script: """
                    ALTER TABLE \(window.world.acme).users ALTER role SET STATISTICS 100;
                    ANALYZE \(window.world.acme).users
                    """)
            let told = try await estimates(
                window.alice, "users", "role", "=", ["member", "role 1", "nobody"])
            #expect(told.count > 1)
        }
    }

    @Test("Nor by how many an index's expression is expected to have", arguments: TestServers.all)
    func expressions(server: TestServer) async throws {
        try await WindowWorld.run(on: server) { window in
            let home = window.world.acme
            func estimate() async throws -> Set<String> {
                try await estimates(window.alice, "users", "upper(role)", "<", ["A", "ROLE 3", "Z"])
            }
            let index = "CREATE INDEX users_by_shout ON \(home).users (upper(role))"
            try await window.world.owner.run(script: "\(index); SELECT piste.hide_statistics('\(home)')")
            try await window.world.owner.query("ANALYZE \(home).users")
            #expect(try await estimate().count == 1)
            #expect(try await window.world.owner.value("SELECT piste.structure_problem('\(home)')").isEmpty)
            // The control: left as PostgreSQL makes it, the expression tells, and is named.
            try await window.world.owner.run(script: "DROP INDEX \(home).users_by_shout; \(index)")
            try await window.world.owner.query("ANALYZE \(home).users")
            #expect(try await estimate().count > 1)
            let problem = try await window.world.owner.value("SELECT piste.structure_problem('\(home)')")
            #expect(problem.contains("the planner keeps samples of {schema}.users_by_shout.upper"))
        }
    }

    private func estimates(
        _ connection: Connection, _ table: String, _ column: String, _ comparison: String, _ values: [String]
    ) async throws -> Set<String> {
        var found = Set<String>()
        for value in values {
            let plan = try await connection.query(
                "EXPLAIN SELECT FROM \(table) WHERE \(column) \(comparison) '\(value)'")
            found.insert(
                try plan.map { try $0.string(0).replacing("'\(value)'", with: "…") }.filter {
                    $0.contains("rows=")
                }
                .joined(separator: "\n"))
        }
        return found
    }
}
