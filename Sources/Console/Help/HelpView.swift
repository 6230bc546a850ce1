import Terminal

/// The keys of this screen and of every screen, from the one key table.
struct HelpView {
    private let state: ConsoleState
    private let help: HelpState
    private var top: Int { help.top }

    init(_ state: ConsoleState, _ help: HelpState = HelpState()) {
        self.state = state
        self.help = help
    }

    func draw(into canvas: inout Canvas) -> Position? {
        let area = Self.area(state.size)
        if let search = help.search { return draw(search, into: &canvas, area) }
        let (search, close) = (
            state.keys.label(of: .filter, in: .help), state.keys.label(of: .close, in: .help)
        )
        canvas.panelBox(
            area, title: "Keys · \(state.scope.title)", trailing: "\(search) searches · \(close) closes")
        let inner = area.inner
        let lines = Self.rows(for: state)
        let start = min(top, max(0, lines.count - inner.rows))
        for (offset, line) in lines.dropFirst(start).prefix(inner.rows).enumerated() {
            let row = inner.row + offset
            switch line {
            case .heading(let title):
                canvas.write(title, row: row, column: inner.column + 1, style: Style(.header))
            case .binding(let keys, let meaning):
                canvas.write(keys, row: row, column: inner.column + 2, width: 18, style: Style(.key))
                canvas.write(meaning, row: row, column: inner.column + 21, width: inner.columns - 22)
            case .rest(let meaning):
                canvas.write(meaning, row: row, column: inner.column + 21, width: inner.columns - 22)
            }
        }
        canvas.scrollMark(
            column: area.endColumn - 1, rows: inner.row..<inner.endRow, offset: start, visible: inner.rows,
            total: lines.count)
        return nil
    }

    /// The lines that fit what is searched for.
    private func draw(_ search: TextField, into canvas: inout Canvas, _ area: Rect) -> Position {
        canvas.panelBox(area, title: "Keys /" + DisplayText(search.text), trailing: "enter does it")
        let inner = area.inner
        let found = Self.found(search.text, for: state)
        canvas.choices(found, selected: help.selected, in: inner) { canvas, binding, row in
            let keys = binding.keys.first?.label.spelledOut(where: canvas.glyphs) ?? ":"
            canvas.write(keys, row: row, column: inner.column + 3, width: 12, style: Style(.key))
            canvas.write(binding.meaning, row: row, column: inner.column + 16, width: inner.columns - 17)
        }
        if found.isEmpty {
            canvas.write(
                "No key does that here.", row: inner.row + 1, column: inner.column + 3, style: .muted)
        }
        let typed = DisplayText(String(search.text.prefix(search.cursor)))
        return Position(row: area.row, column: min(area.endColumn - 2, area.column + 8 + typed.columns))
    }

    /// What can be done on this screen whose words hold all that was typed.
    static func found(_ typed: String, for state: ConsoleState) -> [KeyBinding] {
        let words = typed.lowercased().split(separator: " ")
        return state.keys.bindings(in: state.scope).filter { binding in
            let text = (binding.label.string + " " + binding.meaning.string).lowercased()
            return state.permits(binding.command) && words.allSatisfy { text.contains($0) }
        }
    }

    enum Line: Equatable {
        case heading(DisplayText)
        case binding(DisplayText, DisplayText)
        /// What of a sentence found no room beside its keys.
        case rest(DisplayText)
    }

    /// The lines as they stand on this screen, long sentences broken.
    static func rows(for state: ConsoleState) -> [Line] {
        let width = area(state.size).inner.columns - 22
        return (lines(for: state) + linesOverScreens(for: state)).flatMap { line -> [Line] in
            guard case .binding(let keys, let meaning) = line else { return [line] }
            let parts = meaning.wrapped(to: width)
            return [.binding(keys, parts.first ?? .empty)] + parts.dropFirst().map { .rest($0) }
        }
    }

    /// How far it can be scrolled: until its last line is the last on screen.
    static func last(for state: ConsoleState) -> Int {
        max(0, rows(for: state).count - area(state.size).inner.rows)
    }

    private static func area(_ size: Size) -> Rect { size.panel(columns: 76, rows: size.rows - 2) }

    /// The keys of what lies over screens: not those by which rows are gone through, which are the screens' own.
    private static func linesOverScreens(for state: ConsoleState) -> [Line] {
        Scope.allCases.filter(\.isOverScreen).flatMap { scope in
            [.heading(scope.title)]
                + state.keys.bindings(in: scope).filter { !$0.command.isMovement && !$0.keys.isEmpty }.map {
                    .binding(words(for: $0.keys, state), $0.meaning)
                }
        }
    }

    private static func words(for keys: [Key], _ state: ConsoleState) -> DisplayText {
        keys.reduce(into: DisplayText.empty) { text, key in
            let label = key.label.spelledOut(where: state.glyphs)
            text = text.isEmpty ? label : text + " " + label
        }
    }

    static func lines(for state: ConsoleState) -> [Line] {
        [state.scope, .anywhere].reduce(into: []) { lines, scope in
            lines.append(.heading(scope.title))
            for binding in state.keys.own(in: scope) where state.permits(binding.command) {
                // A key that means something else on this screen is none of this line's.
                let holding = binding.keys.filter {
                    state.keys.command(for: $0, in: state.scope) == binding.command
                }
                guard !holding.isEmpty else { continue }
                lines.append(.binding(words(for: holding, state), binding.meaning))
            }
        }
    }
}
