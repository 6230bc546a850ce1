import ArgumentParser
import Listing
import Terminal

/// The form in which a list is written.
enum ListingFormat: String, ExpressibleByArgument, CaseIterable {
    case table, json, csv
    /// A value a line with its name before it, all of every row: for screen readers and narrow terminals.
    case plain
    /// `csv` that a spreadsheet opens without running anything: `--spreadsheet`.
    case spreadsheet

    static let allCases: [ListingFormat] = [.table, .json, .csv, .plain]

    /// Whether people read it, and not programs.
    var isForPeople: Bool { self == .table || self == .plain }

    /// For whom comma-separated values are written; nil for the other forms.
    var commaSeparated: CSV.Reader? {
        switch self {
        case .csv: .program
        case .spreadsheet: .spreadsheet
        case .table, .json, .plain: nil
        }
    }
}

/// Writes rows to standard output in one of the forms; rows can come page by page.
struct Listing<Row> {
    let format: ListingFormat
    let columns: [Column<Row>]
    private var table: Table
    private var count = 0

    init(_ format: ListingFormat, _ columns: [Column<Row>]) throws {
        self.format = format
        self.columns = format == .table ? columns.filter { !$0.isDetail } : columns
        table = Table(titles: self.columns.map(\.title), kept: self.columns.map(\.isIdentity))
        guard let reader = format.commaSeparated else { return }
        if reader == .spreadsheet { try StandardOutput.shared.write(CSV.byteOrderMark) }
        try StandardOutput.shared.line(
            CSV.line(columns.map { .text($0.key) }, for: reader, gated: StandardOutput.isTerminal))
    }

    /// Writes the list as a whole.
    static func write(_ rows: [Row], as format: ListingFormat, _ columns: [Column<Row>]) throws {
        var listing = try Listing(format, columns)
        try listing.append(rows)
        try listing.finish()
    }

    mutating func append(_ rows: [Row]) throws {
        for row in rows {
            let values = columns.map { $0.value(row) }
            switch format {
            case .table: try table.append(values)
            case .plain: try PlainText.write(columns.map(\.key), values, isFirst: count == 0)
            case .csv, .spreadsheet:
                try StandardOutput.shared.line(
                    CSV.line(
                        values, for: format.commaSeparated ?? .program, gated: StandardOutput.isTerminal))
            case .json:
                try StandardOutput.shared.write(count == 0 ? "[\n  " : ",\n  ")
                try StandardOutput.shared.write(JSON.object(columns.map(\.key), values))
            }
            count += 1
        }
    }

    mutating func finish() throws {
        switch format {
        case .table: try table.finish()
        case .csv, .spreadsheet, .plain: break
        case .json: try StandardOutput.shared.line(count == 0 ? "[]" : "\n]")
        }
    }
}

extension Listing {
    /// Writes one row by itself: a name and a value a line, or one JSON object.
    static func write(one row: Row, as format: ListingFormat, _ columns: [Column<Row>]) throws {
        let values = columns.map { $0.value(row) }
        switch format {
        case .csv, .spreadsheet: try write([row], as: format, columns)
        case .json: try StandardOutput.shared.line(JSON.object(columns.map(\.key), values))
        case .plain: try PlainText.write(columns.map(\.key), values, isFirst: true)
        case .table:
            let width = columns.map(\.key.count).max() ?? 0
            for (column, value) in zip(columns, values) {
                let name = column.title.lowercased()
                let gap = String(repeating: " ", count: width - name.count + 2)
                try StandardOutput.shared.line(name + gap + Table.text(value).string)
            }
        }
    }
}
