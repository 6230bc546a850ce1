import FoundationEssentials
package import Postgres

/// An application's own migration tool at work on tables that are nobody's, with a login that owns nothing but those.
///
/// Only a superuser begins one; the connection holds a lock, so that one tool works at a time.
package struct ToolTrial: Sendable {
    /// The login that the tool works as.
    package let login: String
    /// Its password, drawn for this run.
    package let password: String
    /// The schema where the tool finds the tables of a company of the newest blueprint.
    package let schema: String
    private let connection: Connection

    /// Builds the tables, and makes the login; what an earlier run left behind goes first.
    nonisolated(nonsending) package static func begin(
        on connection: Connection
    ) async throws(TenancyError) -> ToolTrial {
        let wire = Wire(connection: connection, isInContext: false)
        let rows: Rows
        do {
            rows = try await wire.rows(
                "SELECT * FROM piste.begin_tool_trial()", deadline: Wire.patienceForRoles, isChange: true)
        } catch  where error.sqlState == "42501" {
            throw TenancyError(.notAllowed, "Only a superuser has a migration tool run here.")
        }
        guard let row = rows.first else { throw TenancyError(.failed, "The engine gave no answer.") }
        return try row.read { row throws(PostgresError) in
            ToolTrial(
                login: try row.string("login"), password: try row.string("password"),
                schema: try row.string("home"), connection: connection)
        }
    }

    /// How many companies were adopted: no blueprint is theirs.
    nonisolated(nonsending) package func adoptedCompanies() async throws(TenancyError) -> Int {
        try await Wire(connection: connection, isInContext: false).rows(
            "SELECT count(*) FROM piste.company k WHERE k.adopted IS NOT NULL"
        ).first?.read { row throws(PostgresError) in try row.int(0) } ?? 0
    }

    /// Takes tables and login away, and gives what the tool did and committed as a migration for every company.
    nonisolated(nonsending) package func end() async throws(TenancyError) -> MigrationScript {
        let wire = Wire(connection: connection, isInContext: false)
        let statements = try await wire.rows(
            "SELECT * FROM piste.end_tool_trial($1)", [.text(schema)], deadline: Wire.patienceForRoles,
            isChange: true
        ).read { row throws(PostgresError) in (try row.string("sql"), try row.bool("begins")) }
        return MigrationScript(Self.text(of: statements), isPlain: true)
    }

    /// One statement behind the other.
    ///
    /// Where the tool committed, whatever was put off until then is checked: with checks that wait, PostgreSQL changes no table.
    private static func text(of statements: [(sql: String, begins: Bool)]) -> String {
        statements.enumerated().map { number, statement in
            let pause =
                number > 0 && statement.begins
                ? "SET CONSTRAINTS ALL IMMEDIATE;\nSET CONSTRAINTS ALL DEFERRED;\n" : ""
            // On a line of its own, since a comment may end the statement.
            return pause + statement.sql + "\n;\n"
        }.joined()
    }

    /// What would be right in place of something that a trial did not take; nil where its own words say enough.
    package static func advice(for finding: String) -> String? {
        let known = [
            (
                "CONCURRENTLY",
                "make the index without CONCURRENTLY: each company is migrated in one transaction"
            ),
            ("42P02", "its values came apart from the statement: have the tool send them in it"),
            ("COPY", "have the tool insert the rows: what COPY sends cannot be taken"),
            ("VACUUM", "leave it out: PostgreSQL does so by itself"),
        ]
        return known.first { finding.contains($0.0) }?.1
    }
}
