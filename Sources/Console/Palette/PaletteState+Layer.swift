import Tenancy
import Terminal

extension PaletteState: OverlayLayer {
    static var bindings: [(scope: Scope, keys: [KeyBinding])] {
        [
            (
                .palette,
                .of(
                    [
                        KeyBinding(.choose, [.enter], "run", "Run the line", rank: 1),
                        KeyBinding(
                            .complete, [.tab], "complete",
                            "Take the line's words over, or go to the next line",
                            rank: 1),
                    ], .besideText,
                    [KeyBinding(.previousField, [.backTab], "before", "Go to the line before")],
                    .closing("close"))
            )
        ]
    }

    var scope: Scope { .palette }
    var overlay: Overlay { .palette(self) }

    mutating func perform(_ command: Command, in console: inout ConsoleState) -> LayerOutcome {
        let entries = console.paletteEntries(self)
        let chosen = entries.indices.contains(selected) ? entries[selected] : nil
        switch command {
        case .close: return .closes([])
        case .complete where chosen?.completion != nil:
            let completions = entries.dropFirst(selected).compactMap(\.completion)
            if let text = completions.first(where: { $0 != field.text }) { complete(text) }
        case .down, .complete: selected = min(selected + 1, max(0, entries.count - 1))
        case .up, .previousField: selected = max(0, selected - 1)
        case .choose:
            guard let chosen else {
                let help = console.shell.keys.label(of: .help)
                console.say(
                    "There is no command “\(DisplayText(field.text))”; \(help) lists the keys.", .warning)
                return .closes([])
            }
            guard case .complete(let text) = chosen.target else { return .closes(console.run(chosen.target)) }
            complete(text)
        default: break
        }
        return .stays(suggest(&console))
    }

    mutating func take(_ key: Key, in console: inout ConsoleState) -> LayerOutcome {
        if key == .backspace, field.isEmpty { return .closes([]) }
        if field.take(key) { selected = 0 }
        return .stays(suggest(&console))
    }

    mutating func paste(_ text: String, in console: inout ConsoleState) -> [Effect] {
        field.paste(text)
        selected = 0
        return suggest(&console)
    }

    private mutating func complete(_ text: String) {
        field = TextField(text, limit: field.limit)
        selected = 0
    }

    /// Has the server look for companies, by index, where the line asks for one; one question at a time.
    mutating func suggest(_ console: inout ConsoleState) -> [Effect] {
        guard let argument, !argument.text.isEmpty, pending == nil, asked != argument.text,
            console.link == .up
        else { return [] }
        switch argument.kind {
        case .company: break
        case .impersonate where console.context == nil: break
        case .impersonate, .user, .theme, .tab: return []
        }
        let request = console.nextRequest()
        pending = request
        asked = argument.text
        return [.control(.suggestCompanies(request, search: argument.text))]
    }

    func draw(into canvas: inout Canvas, _ console: ConsoleState) -> Position? {
        PaletteView(self, state: console).draw(into: &canvas)
    }
}
