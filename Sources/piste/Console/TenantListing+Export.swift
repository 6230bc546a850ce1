import Console

extension TenantListing {
    /// The rows as lines of a file, exactly as the command of the same name writes them into one.
    func lines(_ rows: [Row], as format: ExportFormat, withHead: Bool) -> [String] {
        format.lines(rows, columns, withHead: withHead)
    }
}

extension ExportFormat {
    /// Rows as lines of a file, exactly as the command that lists them writes them into one.
    func lines<Row>(_ rows: [Row], _ columns: [Column<Row>], withHead: Bool) -> [String] {
        switch self {
        case .csv:
            let head = withHead ? [CSV.line(columns.map { .text($0.key) }, gated: false)] : []
            return head + rows.map { row in CSV.line(columns.map { $0.value(row) }, gated: false) }
        case .json:
            let keys = columns.map(\.key)
            return rows.map { row in JSON.object(keys, columns.map { $0.value(row) }) }
        }
    }
}
