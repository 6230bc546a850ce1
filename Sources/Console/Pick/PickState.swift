import Terminal

/// A list to pick one of, for the screen that asked: columns, keys that lead here.
struct PickState: ChoosingLayer {
    static let isOfContext = true
    static var bindings: [(scope: Scope, keys: [KeyBinding])] {
        [
            (
                .pick,
                .of(
                    [KeyBinding(.choose, [.enter, .character(" ")], "choose", "Choose the line", rank: 1)],
                    .choosing("move"), .closing("close", by: [.character("q"), .left], "Close it"))
            )
        ]
    }

    /// What is done with the one that is picked.
    enum Purpose: Equatable, Sendable { case columns, frequency, pointers }

    struct Item: Equatable, Sendable {
        var label: DisplayText
        var note: DisplayText

        init(_ label: DisplayText, _ note: DisplayText) {
            self.label = label
            self.note = note
        }
    }

    var title: DisplayText
    var purpose: Purpose
    var items: [Item]
    var selected = 0

    var scope: Scope { .pick }
    var overlay: Overlay { .pick(self) }

    func count(_ console: ConsoleState) -> Int { items.count }

    func words(for command: Command, _ console: ConsoleState) -> DisplayText? {
        command == .choose && purpose == .columns ? "show or hide" : nil
    }

    mutating func perform(_ command: Command, in console: inout ConsoleState) -> LayerOutcome {
        switch command {
        case .close: return .closes([])
        case .choose:
            let (purpose, index) = (purpose, selected)
            let effects = console.company?.onScreen(&console.shell) { screen, shell in
                screen.pick(purpose, index, &shell)
            }
            return .closes((effects ?? []) + console.goOn())
        default:
            move(command, console)
            return .stays([])
        }
    }

    func draw(into canvas: inout Canvas, _ console: ConsoleState) -> Position? {
        PickView(self).draw(into: &canvas)
        return nil
    }
}

/// A list to pick from.
struct PickView {
    private let pick: PickState

    init(_ pick: PickState) { self.pick = pick }

    func draw(into canvas: inout Canvas) {
        let area = canvas.panel(columns: 64, rows: pick.items.count + 2)
        canvas.panelBox(area, title: pick.title)
        let inner = area.inner
        canvas.choices(pick.items, selected: pick.selected, in: inner) { canvas, item, row in
            canvas.write(item.label, row: row, column: inner.column + 3, width: 28)
            canvas.write(
                item.note, row: row, column: inner.column + 32, width: inner.columns - 33, style: .muted)
        }
    }
}
