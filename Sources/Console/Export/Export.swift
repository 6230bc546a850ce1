import Listing
import Tenancy
import Terminal

/// The form of an exported file.
enum ExportFormat: Hashable, Sendable {
    case csv, json

    /// The form that a file's name stands for.
    init(of name: String) { self = name.lowercased().hasSuffix(".json") ? .json : .csv }

    /// CSV is for people, whose spreadsheets run what looks like a formula.
    fileprivate func lines<Row>(_ rows: [Row], _ columns: [Listing.Column<Row>], withHead: Bool) -> [String] {
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

/// Rows on their way into a file.
enum ExportRows: Sendable {
    case users([User])
    case journeys([Journey])
    case companies([Company])
    /// Rows of any table, with the columns that can be read.
    case table(TenantTable, [TableRow])

    var count: Int {
        switch self {
        case .users(let users): users.count
        case .journeys(let journeys): journeys.count
        case .companies(let companies): companies.count
        case .table(_, let rows): rows.count
        }
    }

    /// The rows as lines of a file, without their line feeds, as the command of the same name writes them.
    func lines(as format: ExportFormat, withHead: Bool) -> [String] {
        switch self {
        case .users(let users): format.lines(users, User.columns, withHead: withHead)
        case .journeys(let journeys): format.lines(journeys, Journey.columns, withHead: withHead)
        case .companies(let companies): format.lines(companies, Company.columns, withHead: withHead)
        case .table(let table, let rows):
            format.lines(rows, table.columns(table.visibleColumns), withHead: withHead)
        }
    }
}

/// What to write, and where.
struct Export: Hashable, Sendable {
    enum Source: Hashable, Sendable {
        case users(UsersQuery)
        case journeys(JourneysQuery)
        /// Rows by their ids, in this order of pages.
        case markedUsers([Int64])
        case markedJourneys([Int64])
        /// Rows of a table, and rows of it by their keys.
        case rows(RowsQuery)
        case markedRows(TenantTable, [[String]])
        case companies(CompaniesQuery)
        case markedCompanies([String])

        /// Whether it is read over the control connection, and recorded in the engine's own trail.
        var isOfCompanies: Bool {
            switch self {
            case .companies, .markedCompanies: true
            case .users, .journeys, .markedUsers, .markedJourneys, .rows, .markedRows: false
            }
        }
    }

    var source: Source
    var file: String

    var format: ExportFormat { ExportFormat(of: file) }
}

/// An export that runs.
struct ExportRun: Equatable, Sendable {
    var request: RequestID
    var file: String
    var rows = 0
    var since: Milliseconds

    mutating func note(_ rows: Int, of request: RequestID) {
        if self.request == request { self.rows = rows }
    }
}

/// How an export ended.
enum ExportEnd: Equatable, Sendable {
    case written(rows: Int, file: String)
    case cancelled(file: String)
    case failed(String, file: String)
}

extension ExportEnd {
    /// How it ended, in a sentence.
    var notice: Shell.Notice {
        switch self {
        case .written(let rows, let file):
            Shell.Notice(
                kind: .done, text: "Wrote \(Figure.exact(rows)) rows into \(DisplayText(file)), on record.")
        case .cancelled(let file):
            Shell.Notice(
                kind: .warning, text: "The export is cancelled; no file \(DisplayText(file)) was left.")
        case .failed(let why, _):
            Shell.Notice(kind: .failure, text: "Nothing was exported: \(DisplayText(why))")
        }
    }
}
