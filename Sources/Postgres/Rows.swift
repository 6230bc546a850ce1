/// What a statement answered: its rows in order, its columns' names, and how many rows it touched.
///
/// Values stay in libpq's memory as text and become Swift values only when they are read.
package struct Rows: Sendable, RandomAccessCollection {
    private let result: QueryResult

    init(_ result: QueryResult) {
        self.result = result
    }

    package var columns: [String] { result.columns }
    /// Rows inserted, updated, deleted, selected or copied, as the server counts them.
    package var affected: Int { result.affected }
    /// What the server says it did, for instance `UPDATE 3`.
    package var commandTag: String { result.commandTag }

    package var startIndex: Int { 0 }
    package var endIndex: Int { result.rowCount }
    package subscript(position: Int) -> Row {
        precondition(indices.contains(position), "row \(position) of \(count)")
        return Row(result: result, index: position)
    }
}
