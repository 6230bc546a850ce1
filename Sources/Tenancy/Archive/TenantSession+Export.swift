import FoundationEssentials
import Postgres

/// What an export wrote.
public struct ArchiveReceipt: Hashable, Sendable {
    /// The SHA-256 of the archive, as the company's trail records it.
    public let digest: String
    /// What the archive says about itself.
    public let manifest: ArchiveManifest
    /// Whether an interrupted export had left a file behind, which is removed now.
    public let removedLeftover: Bool
}

extension TenantSession {
    /// About how many rows an export will write, by the server's statistics.
    package func rowsToExport() async throws(TenancyError) -> Int {
        let rows = try await wire.rows(
            """
            SELECT coalesce(sum(greatest(c.reltuples, 0)), 0)::bigint
            FROM piste.company($1) k
            JOIN pg_catalog.pg_class c ON c.relnamespace = pg_catalog.to_regnamespace(k.schema_name) AND c.relkind = 'r'
            """, [.text(context.urlID)])
        return try rows.first?.read { row throws(PostgresError) in try row.int(0) } ?? 0
    }

    /// Writes everything that the company has into one archive, through this context (admin).
    ///
    /// The rows come from one snapshot, a piece at a time, whatever their number. The archive is read back and verified before it
    /// gets its name; a context that ends on the way leaves nothing behind. Throws `TenancyError` and `ArchiveError`.
    ///
    /// `progress` is called with the number of rows that were written since the last call.
    public func export(
        to path: String, as format: ArchiveFormat = .jsonl, overwriting: Bool = false,
        progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws -> ArchiveReceipt {
        let partial = try PartialFile(for: path, overwriting: overwriting)
        do {
            _ = try await wire.answer("SELECT * FROM piste.export_company($1)", [.text(format.rawValue)])
            try await sealFirst()
            let manifest = try await write(partial.file, format, progress)
            let reader = try ArchiveReader(partial.file)
            let digest = try reader.verify()
            let rows = Dictionary(manifest.tables.map { ($0.name, $0.rows) }) { first, _ in first }
            try await wire.rows(
                "SELECT piste.finish_export($1, $2, $3::jsonb)",
                [
                    .text(digest), .int(manifest.trail.seq),
                    .text(String(decoding: JSONEncoder().encode(rows), as: UTF8.self)),
                ])
            try partial.publish()
            return ArchiveReceipt(
                digest: digest, manifest: reader.manifest, removedLeftover: partial.foundLeftover)
        } catch {
            partial.discard()
            throw Self.exportFailure(error)
        }
    }

    /// Writes the members inside the one transaction that holds the cursors, and with them the snapshot.
    private func write(
        _ file: OpenFile, _ format: ArchiveFormat, _ progress: @Sendable (Int) -> Void
    ) async throws -> ArchiveManifest {
        try await wire.connection.transaction { connection in
            try await connection.run(
                script: """
                    SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO'; SET LOCAL intervalstyle = 'postgres';
                    SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1
                    """)
            let opened = try await connection.query(
                "SELECT *, to_json(columns) AS column_list, clock_timestamp() AS server_time FROM piste.open_export($1)",
                [.text(format.rawValue)])
            guard let first = opened.first else { throw TenancyError(.failed, "The engine gave no answer.") }
            var writer = ArchiveWriter(file)
            var manifest = try ArchiveManifest(first, format, context)
            try writer.write(member: ArchiveManifest.factsName, try first.string("facts") + "\n")
            for row in opened {
                var table = try ArchiveManifest.Table(row)
                writer.begin(ArchiveManifest.dataName(table.name, format))
                if format == .csv { try writer.write(table.columns.joined(separator: ",") + "\n") }
                if let line = try row.optionalString("first_line") {
                    try writer.write(line)
                    progress(1)
                    let others = try await copy(
                        try row.string("cursor_name"), connection, &writer, progress)
                    table.rows = 1 + others
                }
                try writer.endMember()
                manifest.tables.append(table)
                try await checkContext(connection, until: try first.timestamp("expires_at"))
            }
            writer.begin(ArchiveManifest.trailName)
            let beginsAfter = try await copyTrail(of: manifest, connection, &writer)
            if beginsAfter > 0 { manifest.trail.beginsAfter = beginsAfter }
            try writer.endMember()
            try writer.finish(manifest)
            return manifest
        }
    }

    private func copy(
        _ cursor: String, _ connection: Connection, _ writer: inout ArchiveWriter,
        _ progress: @Sendable (Int) -> Void
    ) async throws -> Int {
        var count = 0
        while true {
            let rows = try await connection.query("FETCH FORWARD 1000 FROM \(Quoted.identifier(cursor))")
            for row in rows { try writer.write(try row.string(0)) }
            count += rows.count
            progress(rows.count)
            if rows.count < 1000 { return count }
        }
    }

    /// A cursor whose context runs out gives no more rows, as if there were none: only the clock tells the two apart.
    private func checkContext(_ connection: Connection, until end: Timestamp) async throws {
        let rows = try await connection.query(
            "SELECT w.jti::text = $1 AND w.server_time < $2::timestamptz AS holds FROM piste.whoami() w",
            [.text(context.jti), Parameter(end)])
        guard try rows.first?.optionalBool("holds") == true else {
            throw TenancyError(.contextEnded, "the context is over")
        }
    }

    /// Writes the trail's lines as `piste audit export` does, and gives the number of the record that it goes on from.
    private func copyTrail(
        of manifest: ArchiveManifest, _ connection: Connection, _ writer: inout ArchiveWriter
    ) async throws -> Int64 {
        let head = manifest.trail.seq
        var last: Int64 = 0
        var beginsAfter: Int64?
        while last < head {
            let records = try await connection.query(
                "SELECT * FROM piste.export_records($1::bigint, $2::bigint)", [.int(last), .int(head)]
            ).map { try ChainedRecord(auditRow: $0) }
            guard let first = records.first, let end = records.last else {
                throw TenancyError(
                    .failed, "The trail of the company ends at record \(last), before its head.")
            }
            var lines: [UInt8] = []
            if beginsAfter == nil {
                beginsAfter = first.seq - 1
                AuditLine.append(manifest.trailHeader(from: first.seq), to: &lines)
            }
            for record in records { AuditLine.append(record, to: &lines) }
            try writer.write(lines)
            last = end.seq
        }
        return beginsAfter ?? 0
    }

    private static func exportFailure(_ error: any Error) -> any Error {
        var failure = error as? TenancyError
        if let error = error as? PostgresError { failure = TenancyError(error, inContext: true) }
        // What is stopped without having been asked to stop was stopped by the context's end.
        let isOver =
            failure?.code == .contextEnded || (failure?.sqlState == "57014" && !Task.isCancelled)
        guard let failure else { return error }
        guard isOver else { return failure }
        return TenancyError(
            .contextEnded,
            "The context ended in the middle of the export, and nothing of it was kept: \(failure.message)",
            sqlState: failure.sqlState)
    }
}

extension ArchiveManifest {
    fileprivate init(_ row: Row, _ format: ArchiveFormat, _ context: OpenContext) throws {
        struct Facts: Decodable {
            var blueprint_version: Int
            var id: String
            var url_id: String
            var name: String
        }
        let facts = try JSONDecoder().decode(Facts.self, from: Data(try row.string("facts").utf8))
        self.init(
            format: format, engineVersion: try row.string("engine_version"),
            blueprintVersion: facts.blueprint_version,
            company: Origin(id: facts.id, urlID: facts.url_id, name: facts.name),
            exported: Export(
                by: context.operatorName, context: context.jti,
                atMicroseconds: try row.timestamp("server_time").microseconds),
            trail: Trail(seq: Int64(try row.int("head_seq")), hash: try row.string("head_hash")), tables: [],
            lastIDs: try JSONDecoder().decode(
                [String: Int64].self, from: Data(try row.string("last_ids").utf8)),
            members: [])
    }
}

extension ArchiveManifest.Table {
    fileprivate init(_ row: Row) throws {
        self.init(
            name: try row.string("table_name"),
            columns: try JSONDecoder().decode(
                [String].self, from: Data(try row.string("column_list").utf8)),
            rows: 0)
    }
}
