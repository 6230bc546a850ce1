import Tenancy
import Terminal

/// A change of one value of a row, as it is asked for.
struct ValueChange: Equatable, Sendable {
    let table: TenantTable
    let key: [String]
    let column: String
    /// What it shall be; nil for NULL.
    let value: String?
    /// What it was when it was read.
    let was: String?

    var said: String { "\(column) of \(table.name) \(key.joined(separator: " ")) is changed." }
}

/// Asks for another value of one column of a row, on a line; a question follows it.
struct ValueForm: Equatable, Sendable {
    /// The longest value that is changed on a line.
    static let limit = 500

    let table: TenantTable
    let key: [String]
    let column: TableColumn
    let was: TableValue
    var value: TextField
    var complaint: DisplayText?

    /// Nil for what has no place on a line.
    init?(_ table: TenantTable, key: [String], _ column: TableColumn, _ was: TableValue) {
        let text = was.text ?? ""
        guard was.isWhole, text.count <= Self.limit,
            !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
        else { return nil }
        self.table = table
        self.key = key
        self.column = column
        self.was = was
        value = TextField(text, limit: Self.limit)
    }

    /// Whether an empty line is NULL: text can be empty, and nothing else can.
    var takesNull: Bool { column.isNullable && column.kind != .text }

    /// What is asked for; nil where it would change nothing.
    var change: ValueChange? {
        let new = value.isEmpty && takesNull ? nil : value.text
        guard new != was.text else { return nil }
        return ValueChange(table: table, key: key, column: column.name, value: new, was: was.text)
    }
}

extension ValueForm: OverlayLayer {
    static let isOfContext = true
    static var bindings: [(scope: Scope, keys: [KeyBinding])] {
        [
            (
                .value,
                .of(
                    [KeyBinding(.choose, [.enter], "ask", "Ask before it is changed", rank: 1)],
                    .closing("leave"))
            )
        ]
    }

    var scope: Scope { .value }
    var overlay: Overlay { .value(self) }

    mutating func perform(_ command: Command, in console: inout ConsoleState) -> LayerOutcome {
        complaint = nil
        switch command {
        case .close: return .closes([])
        case .choose:
            guard let change else {
                complaint = "This is its value already."
                return .stays([])
            }
            let row: DisplayText =
                "\(DisplayText(table.name)) \(DisplayText(key.joined(separator: " ")))"
            func told(_ text: String?) -> DisplayText { text.map { DisplayText($0) } ?? "NULL" }
            console.shell.overlays.append(
                .confirm(
                    ConfirmState(
                        subject: .setValue(change),
                        question: "Change \(DisplayText(column.name).truncated(to: 40))?",
                        detail: [
                            row.truncated(to: 60),
                            "\(told(was.text).truncated(to: 26)) → \(told(change.value).truncated(to: 26))",
                        ], reason: nil, askedAtFrame: console.shell.frames)))
            return .closes([])
        default: return .stays([])
        }
    }

    mutating func take(_ key: Key, in console: inout ConsoleState) -> LayerOutcome {
        complaint = nil
        _ = value.take(key)
        return .stays([])
    }

    mutating func paste(_ text: String, in console: inout ConsoleState) -> [Effect] {
        value.paste(text)
        return []
    }

    func draw(into canvas: inout Canvas, _ console: ConsoleState) -> Position? {
        ValueFormView(self).draw(into: &canvas)
    }
}
