import Console

extension TenantListing {
    /// The rows as lines of a file, as the command of the same name writes them, for a spreadsheet where they are CSV.
    func lines(_ rows: [Row], as format: ExportFormat, withHead: Bool) -> [String] {
        format.lines(rows, columns, withHead: withHead)
    }
}

extension ExportFormat {
    /// Rows as lines of a file, without their line feeds; CSV is for people, whose spreadsheets run what looks like a formula.
    func lines<Row>(_ rows: [Row], _ columns: [Column<Row>], withHead: Bool) -> [String] {
        switch self {
        case .csv:
            let head =
                withHead
                ? [CSV.byteOrderMark + CSV.line(columns.map { .text($0.key) }, for: .spreadsheet)] : []
            return head + rows.map { row in CSV.line(columns.map { $0.value(row) }, for: .spreadsheet) }
        case .json:
            let keys = columns.map(\.key)
            return rows.map { row in JSON.object(keys, columns.map { $0.value(row) }) }
        }
    }
}
