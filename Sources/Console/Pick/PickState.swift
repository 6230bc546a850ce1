import Terminal

/// A list to pick one of: columns, keys that lead here.
struct PickState: Equatable, Sendable {
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
}

extension ConsoleState {
    /// Gives a key to a list to pick from; what is picked goes to the screen that asked.
    mutating func takePick(_ key: Key, _ pick: PickState) -> [Effect] {
        var pick = pick
        switch key {
        case .escape, .character("q"), .left: return []
        case .enter, .character(" "):
            let index = pick.selected
            let effects = company?.onScreen(&shell) { screen, shell in
                screen.pick(pick.purpose, index, &shell)
            }
            return (effects ?? []) + goOn()
        default:
            let rows = shell.keys.command(for: key, in: .audit)?.rows(page: 10, of: pick.items.count) ?? 0
            pick.selected = min(max(0, pick.selected + rows), max(0, pick.items.count - 1))
        }
        shell.overlays.append(.pick(pick))
        return []
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
