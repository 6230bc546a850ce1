package import Postgres
import Synchronization

/// Loads rows into a company over the connection of whoever installed the engine, all or none, with one audit record.
///
/// Nobody else can: COPY is refused on tables behind the gate, and it goes past the triggers that record every
/// change and check every reference. The company's trail tells that rows were loaded, by whom and how many.
package struct BulkImport: Sendable {
    private let connection: Connection

    /// - Parameter connection: a superuser's or the installer's, in the database that holds the engine.
    package init(connection: Connection) {
        self.connection = connection
    }

    /// Loads users, journeys and steps in one transaction and lets the planner know how many there are; gives that number.
    ///
    /// The sequences are read once each, in this order, a piece at a time on the connection's thread: any number
    /// of rows takes little memory. Ids are the caller's business; later rows get higher ones. `progress` is
    /// called on that thread with the number of rows of all three that were sent so far.
    @discardableResult
    nonisolated(nonsending) package func importRows(
        into urlID: String,
        users: some Sequence<ImportedUser> & Sendable,
        journeys: some Sequence<ImportedJourney> & Sendable = [],
        steps: some Sequence<ImportedStep> & Sendable = [],
        progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws(TenancyError) -> Int {
        do {
            let found = try await connection.query(
                "SELECT schema_name FROM piste.company($1)", [.text(urlID)], deadline: .seconds(30))
            guard let schema = try found.first?.string(0) else {
                throw TenancyError(.notFound, "There is no company of this name.")
            }
            let count = try await connection.transaction { connection in
                let store = try await OpenStore(schema, on: connection)
                let sent = SentRows(progress)
                try await copy(users, into: schema, sent)
                try await copy(journeys, into: schema, sent)
                try await copy(steps, into: schema, sent)
                try await store.shut()
                try await connection.query(
                    "SELECT piste.record_load($1, 'users, journeys, journey_steps', $2::bigint)",
                    [.text(urlID), .int(Int64(sent.count))])
                return sent.count
            }
            for table in Self.tables {
                try await connection.run(script: "ANALYZE \(Quoted.identifier(schema)).\(table)")
            }
            return count
        } catch let error as TenancyError {
            throw error
        } catch let error as PostgresError {
            throw TenancyError(error, inContext: false)
        } catch {
            throw TenancyError(.failed, "The rows could not be loaded.")
        }
    }

    private static let tables = [ImportedUser.table, ImportedJourney.table, ImportedStep.table]
    /// Bytes of a piece, about.
    private static let pieceSize = 1 << 16

    private func copy<Rows: Sequence & Sendable>(
        _ rows: Rows, into schema: String, _ sent: SentRows
    ) async throws where Rows.Element: ImportedRow {
        let home = Quoted.identifier(schema)
        let table = Rows.Element.table
        let columns = Rows.Element.columns.joined(separator: ", ")
        var iterator: Rows.Iterator?
        try await connection.copyIn("COPY \(home).\(table) (\(columns)) FROM STDIN") {
            var rest = iterator ?? rows.makeIterator()
            defer { iterator = rest }
            var text = CopyText()
            var count = 0
            while text.bytes.count < Self.pieceSize, let row = rest.next() {
                row.write(to: &text)
                text.endRow()
                count += 1
            }
            guard count > 0 else { return nil }
            sent.add(count)
            return text.take()
        }
        // Identity columns go on after the highest id that was loaded.
        try await connection.query(
            "SELECT setval(pg_get_serial_sequence($1, 'id'), max(id)) FROM \(home).\(table) HAVING max(id) > 0",
            [.text("\(home).\(table)")])
    }
}

/// Counts the rows that were sent, and tells whoever wants to know.
private final class SentRows: Sendable {
    private let total = Mutex(0)
    private let progress: @Sendable (Int) -> Void

    init(_ progress: @escaping @Sendable (Int) -> Void) {
        self.progress = progress
    }

    var count: Int { total.withLock { $0 } }

    func add(_ rows: Int) {
        progress(
            total.withLock { total in
                total += rows
                return total
            })
    }
}
