import FoundationEssentials
package import Postgres
import Synchronization

/// Makes a new company from an archive, over the connection of whoever installed the engine, all or nothing.
///
/// Nobody else can: COPY is refused on tables behind the gate. The new company has keys and a trail of its own, which begins
/// with its creation and with where it came from; the archive stays the evidence of what was before.
package struct CompanyRestore: Sendable {
    /// What a restore made.
    package struct Outcome: Hashable, Sendable {
        package let urlID: String
        package let rows: Int
        /// The SHA-256 of the archive, as the new trail records it.
        package let digest: String
    }

    private let connection: Connection

    /// - Parameter connection: a superuser's or the installer's, in the database that holds the engine.
    package init(connection: Connection) {
        self.connection = connection
    }

    /// Verifies the archive as a whole, and then loads it in one transaction.
    ///
    /// Throws `TenancyError` and `ArchiveError`.
    ///
    /// - Parameter authProvider: nil for the one that the archive names.
    /// - Parameter digest: the SHA-256 that the archive must have; nil takes any.
    /// - Parameter progress: is called with the number of bytes that were loaded since the last call.
    package func restore(
        _ archive: ArchiveReader, name: String, urlID: String, authProvider: String? = nil,
        digest expected: String? = nil, progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws -> Outcome {
        let digest = try archive.verify(through: [], digest: expected).digest
        do {
            try await checkConnection()
            let (schema, rows) = try await connection.transaction { connection in
                let schema = try await create(archive, name: name, urlID: urlID, authProvider: authProvider)
                let store = try await OpenStore(schema, on: connection)
                for table in archive.manifest.tables {
                    try await load(table, of: archive, into: schema, progress)
                }
                try await store.shut()
                let rows = archive.manifest.tables.reduce(0) { $0 + $1.rows }
                try await finish(archive, digest, schema, urlID, rows)
                return (schema, rows)
            }
            for table in archive.manifest.tables {
                try await connection.run(
                    script: "ANALYZE \(Quoted.identifier(schema)).\(Quoted.identifier(table.name))")
            }
            return Outcome(urlID: urlID, rows: rows, digest: digest)
        } catch let error as PostgresError {
            if let cause = error.cause as? ArchiveError { throw cause }
            throw Self.failure(error)
        }
    }

    private func checkConnection() async throws {
        let rows = try await connection.query(
            """
            SELECT r.rolsuper OR pg_has_role('piste_owner', 'USAGE')
            FROM pg_catalog.pg_roles r WHERE r.rolname = current_user
            """)
        guard try rows.first?.bool(0) == true else {
            throw TenancyError(
                .notAllowed,
                "Restoring takes a superuser of the database, or whoever installed the engine: rows are loaded past the gate."
            )
        }
    }

    /// Makes the company, and gives its schema; a newer blueprint than this engine's is refused before.
    private func create(
        _ archive: ArchiveReader, name: String, urlID: String, authProvider: String?
    ) async throws -> String {
        let manifest = archive.manifest
        let newest = try await connection.query("SELECT max(version) FROM piste.blueprint").first?.int(0) ?? 0
        guard manifest.blueprintVersion <= newest else {
            throw ArchiveError(
                .unsupported,
                "the archive is of blueprint \(manifest.blueprintVersion); this engine knows them up to \(newest)"
            )
        }
        let facts = try archive.facts()
        let row = try await connection.query(
            """
            SELECT c.schema_name, c.refusal
            FROM piste.create_company($1, $2, coalesce($3, ($4::json) ->> 'auth_provider')) c
            """, [.text(name), .text(urlID), Parameter(authProvider), .text(facts)]
        ).first
        if let refusal = try row?.optionalString("refusal") { throw TenancyError(.refused, refusal) }
        guard let schema = try row?.optionalString("schema_name") else {
            throw TenancyError(.failed, "The engine gave no answer.")
        }
        try await checkTables(manifest, schema)
        return schema
    }

    /// Every column of the archive needs its place; columns that came later keep their defaults.
    private func checkTables(_ manifest: ArchiveManifest, _ schema: String) async throws {
        let rows = try await connection.query(
            "SELECT table_name, c.name FROM piste.archive_tables($1), unnest(columns) AS c (name)",
            [.text(schema)])
        var known: [String: Set<String>] = [:]
        for row in rows { known[try row.string(0), default: []].insert(try row.string(1)) }
        for table in manifest.tables {
            guard let columns = known[table.name] else {
                throw ArchiveError(.unsupported, "the blueprint of this engine has no table \(table.name)")
            }
            if let stray = table.columns.first(where: { !columns.contains($0) }) {
                throw ArchiveError(
                    .unsupported, "the blueprint of this engine has no column \(stray) in \(table.name)")
            }
        }
    }

    private func load(
        _ table: ArchiveManifest.Table, of archive: ArchiveReader, into schema: String,
        _ progress: @escaping @Sendable (Int) -> Void
    ) async throws {
        let format = archive.manifest.format
        let target = "\(Quoted.identifier(schema)).\(Quoted.identifier(table.name))"
        let columns = table.columns.map(Quoted.identifier).joined(separator: ", ")
        let stream = try archive.stream(ArchiveManifest.dataName(table.name, format))
        let next: @Sendable () throws -> [UInt8]? = {
            let piece = try stream.next()
            progress(piece?.count ?? 0)
            return piece
        }
        var loaded: Int
        switch format {
        case .csv:
            loaded = try await connection.copyIn(
                "COPY \(target) (\(columns)) FROM STDIN (FORMAT csv, HEADER match)", chunks: next)
        case .jsonl:
            try await connection.run(
                script: """
                    CREATE TEMPORARY TABLE IF NOT EXISTS piste_archive_line (line text) ON COMMIT DROP;
                    TRUNCATE pg_temp.piste_archive_line
                    """)
            // JSON holds no raw control character: with these two for quote and comma, a line is one value as it is.
            _ = try await connection.copyIn(
                "COPY pg_temp.piste_archive_line FROM STDIN (FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02')",
                chunks: next)
            loaded = try await connection.query(
                """
                INSERT INTO \(target) (\(columns))
                SELECT \(table.columns.map { "r." + Quoted.identifier($0) }.joined(separator: ", "))
                FROM pg_temp.piste_archive_line l, json_populate_record(NULL::\(target), l.line::json) r
                """
            ).affected
        }
        guard loaded == table.rows else {
            throw ArchiveError(
                .damaged, "\(table.name) has \(loaded) rows, and the manifest names \(table.rows)")
        }
    }

    private func finish(
        _ archive: ArchiveReader, _ digest: String, _ schema: String, _ urlID: String, _ rows: Int
    ) async throws {
        let manifest = archive.manifest
        let ids = String(decoding: try JSONEncoder().encode(manifest.lastIDs), as: UTF8.self)
        try await connection.query(
            "SELECT piste.check_restored($1, $2::jsonb)", [.text(schema), .text(ids)])
        try await connection.query(
            """
            SELECT piste.record_restore($1, jsonb_build_object(
                'archive', $2::text, 'from', jsonb_build_object(
                    'company', $3::text, 'url_id', $4::text, 'audit_entries', $5::bigint, 'audit_hash', $6::text)),
                $7::bigint, $8::jsonb)
            """,
            [
                .text(urlID), .text(digest), .text(manifest.company.id), .text(manifest.company.urlID),
                .int(manifest.trail.seq), .text(manifest.trail.hash), .int(Int64(rows)),
                .text(try archive.facts()),
            ])
    }

    /// Rows that the server does not take are the archive's fault, not its own.
    private static func failure(_ error: PostgresError) -> any Error {
        switch error.sqlState {
        case .some(let state) where ["22", "23"].contains(state.prefix(2)) || state == "PT422":
            ArchiveError(.damaged, "the server does not take the rows of the archive: \(error.description)")
        default: TenancyError(error, inContext: false)
        }
    }
}
