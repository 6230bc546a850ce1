/// Rows as tab-separated values, for a spreadsheet or a ticket: what is pasted is what was shown, and none of it is run.
package enum TabSeparated {
    /// One line a row, without a line feed behind the last one.
    package static func text<Row>(_ rows: [Row], _ columns: [Column<Row>]) -> String {
        rows.map { row in
            // NULL leaves its cell out; an empty text is `""`.
            columns.map { SpreadsheetText.cell($0.value(row)).map(quoted) ?? "" }.joined(separator: "\t")
        }.joined(separator: "\n")
    }

    /// A quotation mark at the beginning would be taken for one around the cell, and for whatever follows up to the next one.
    private static func quoted(_ text: String) -> String {
        guard text.isEmpty || text.hasPrefix("\"") else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}
