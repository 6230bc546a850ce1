import FoundationEssentials
import Tenancy
import Terminal

/// Rows as tab-separated values, for a spreadsheet or a ticket: what is pasted is what was shown, and none of it is run.
enum TabSeparated {
    /// A value on its way into a cell.
    enum Cell: Equatable, Sendable {
        /// NULL, which leaves its cell out; an empty text is `""`.
        case none
        case text(String)
        case number(String)
        case moment(Date)

        /// The text, or nothing.
        init(_ text: String?) { self = text.map(Cell.text) ?? .none }
    }

    /// One line a row, without a line feed behind the last one.
    static func text(_ rows: [[Cell]]) -> String {
        rows.map { $0.map(field).joined(separator: "\t") }.joined(separator: "\n")
    }

    private static func field(_ cell: Cell) -> String {
        switch cell {
        case .none: ""
        case .text(let text): quoted(SpreadsheetText.safe(text))
        case .number(let number): SpreadsheetText.number(number)
        case .moment(let date): SpreadsheetText.safe(date.exactText)
        }
    }

    /// A quotation mark at the beginning would be taken for one around the cell, and for whatever follows up to the next one.
    private static func quoted(_ text: String) -> String {
        guard text.isEmpty || text.hasPrefix("\"") else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}

extension User {
    /// Its values in the order of `piste users`.
    var cells: [TabSeparated.Cell] {
        [
            .number(String(id)), .text(name), .text(email), .text(role), .text(status.rawValue),
            .text(locale),
            createdAt.map(TabSeparated.Cell.moment) ?? .none,
            lastSeenAt.map(TabSeparated.Cell.moment) ?? .none,
        ]
    }
}

extension Journey {
    /// Its values in the order of `piste journeys`.
    var cells: [TabSeparated.Cell] {
        [
            .number(String(id)), userID.map { .number(String($0)) } ?? .none, .text(userName), .text(name),
            .text(status.rawValue),
            .number(String(currentStep)), .number(String(steps)), TabSeparated.Cell(currentStepName),
            startedAt.map(TabSeparated.Cell.moment) ?? .none,
            updatedAt.map(TabSeparated.Cell.moment) ?? .none,
        ]
    }
}

extension Company {
    /// Its values in the order of `piste company list`.
    var cells: [TabSeparated.Cell] {
        [
            .text(urlID), .text(name), .text(authProvider), .text(status.rawValue),
            estimatedUsers.map { .number(String($0)) } ?? .none, .moment(createdAt),
        ]
    }
}

extension AuditRecord {
    /// Its values in the order of `piste audit show`, and its hash.
    var cells: [TabSeparated.Cell] {
        [
            seq.map { .number(String($0)) } ?? .none, .moment(at), .text(actor), TabSeparated.Cell(subject),
            .text(action), TabSeparated.Cell(resource), TabSeparated.Cell(detail), TabSeparated.Cell(hash),
        ]
    }
}

extension TableRow {
    /// Its values in the order of the table's columns.
    func cells(of table: TenantTable) -> [TabSeparated.Cell] {
        zip(table.visibleColumns, values).map { column, value in
            guard let text = value.text else { return .none }
            guard value.isWhole else { return .text(text + "…") }
            return switch column.kind {
            case .number: .number(text)
            case .moment: .text(value.exactMoment ?? text)
            default: .text(text)
            }
        }
    }
}
