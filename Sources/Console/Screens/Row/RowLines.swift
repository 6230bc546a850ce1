import Tenancy
import Terminal

/// A row as lines: each column's name with its value, which goes on over as many lines as it needs.
///
/// The lines are made once for a width; a text of a megabyte costs nothing while it is scrolled.
struct RowLines: UnfilteredList {
    /// One line of a value.
    struct Line: Equatable, Sendable {
        /// The column's name, in the first line of its value.
        var name: DisplayText
        var text: DisplayText
        var style: Style
        /// The column, among those that can be read; nil for a redacted one.
        var field: Int?
    }

    /// The most lines of one value; what is longer says so at its end.
    private static let most = 20_000

    private(set) var lines: [Line] = []
    /// The columns of the terminal that the lines were made for.
    private(set) var columns = 0
    private(set) var nameWidth = 0
    private(set) var top = 0
    private var selected = 0

    var count: Int { lines.count }
    var selectedIndex: Int? { lines.isEmpty ? nil : selected }
    /// The column under the cursor, among those that can be read.
    var selectedField: Int? { lines.indices.contains(selected) ? lines[selected].field : nil }

    mutating func fit(height: Int) { move(by: 0, height: height) }

    mutating func move(by delta: Int, height: Int) {
        guard !lines.isEmpty else { return }
        selected = min(max(0, selected + delta), lines.count - 1)
        top = Scrolling.top(top, showing: selected, of: lines.count, height: height)
    }

    /// Shows a row, in the columns of its table; the cursor stays in the value where it was.
    mutating func show(_ row: TableRow, of table: TenantTable, columns: Int) {
        let place = selectedField.map { field in
            (field, selected - (lines.firstIndex { $0.field == field } ?? 0))
        }
        self.columns = columns
        nameWidth = min(24, table.columns.map { DisplayText($0.name).columns }.max() ?? 0)
        // Border and margin on both sides, and the gaps around the names.
        let width = max(10, columns - nameWidth - 8)
        lines = []
        var field = 0
        for column in table.columns {
            let name = DisplayText(column.name)
            guard !column.isRedacted else {
                lines.append(Line(name: name, text: "redacted here", style: Style(.warn), field: nil))
                continue
            }
            let value = row.values.indices.contains(field) ? row.values[field] : .null
            append(name, value, column, table.references(from: column.name).first, field, width)
            field += 1
        }
        if let (field, offset) = place, let first = lines.firstIndex(where: { $0.field == field }) {
            let last = lines.lastIndex { $0.field == field } ?? first
            selected = min(first + offset, last)
        }
        selected = min(selected, max(0, lines.count - 1))
    }

    private mutating func append(
        _ name: DisplayText, _ value: TableValue, _ column: TableColumn, _ key: ForeignKey?, _ field: Int,
        _ width: Int
    ) {
        guard let text = value.text else {
            lines.append(Line(name: name, text: "NULL", style: .muted, field: field))
            return
        }
        let unfolded = column.kind == .json ? UnfoldedJSON.text(text) : text
        var parts: [DisplayText] = []
        for line in DisplayText.lines(of: unfolded, limit: Self.most) where parts.count < Self.most {
            parts += line.cut(to: width, limit: Self.most - parts.count)
        }
        if parts.isEmpty { parts = [""] }
        if let key { parts[0] += " → \(DisplayText(key.referencedTable))" }
        for (index, part) in parts.prefix(Self.most).enumerated() {
            lines.append(Line(name: index == 0 ? name : "", text: part, style: .text, field: field))
        }
        if parts.count >= Self.most {
            lines.append(
                Line(
                    name: "", text: "… \(Figure.bytes(Int64(value.bytes))) in all; y copies the whole of it",
                    style: Style(.warn), field: field))
        }
    }
}

/// JSON with a member a line, its text otherwise untouched: numbers and strings stay as PostgreSQL wrote them.
enum UnfoldedJSON {
    static func text(_ json: String) -> String {
        var result = ""
        var depth = 0
        var isText = false
        var isEscaped = false
        var hasJustOpened = false
        func breakLine() { result += "\n" + String(repeating: "  ", count: min(depth, 40)) }
        for character in json {
            if isText {
                result.append(character)
                if isEscaped {
                    isEscaped = false
                } else if character == "\\" {
                    isEscaped = true
                } else if character == "\"" {
                    isText = false
                }
                continue
            }
            switch character {
            case " ", "\n", "\t", "\r": continue
            case "}", "]":
                depth -= 1
                if !hasJustOpened { breakLine() }
                result.append(character)
                hasJustOpened = false
                continue
            default:
                if hasJustOpened { breakLine() }
                hasJustOpened = false
            }
            switch character {
            case "{", "[":
                result.append(character)
                depth += 1
                hasJustOpened = true
            case ",":
                result.append(character)
                breakLine()
            case ":": result += ": "
            default:
                if character == "\"" { isText = true }
                result.append(character)
            }
        }
        return result
    }
}
