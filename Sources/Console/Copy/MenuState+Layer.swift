import Terminal

extension MenuState: ChoosingLayer {
    static let isOfContext = true
    static var bindings: [(scope: Scope, keys: [KeyBinding])] {
        [
            (
                .menu,
                .of(
                    [KeyBinding(.choose, [.enter], "choose", "Do what the line says", rank: 1)],
                    .choosing("move"), .closing("close", by: [.character("q"), .left]))
            )
        ]
    }

    var scope: Scope { .menu }
    var overlay: Overlay { .menu(self) }

    func count(_ console: ConsoleState) -> Int { items.count }

    /// The letters of its choices are its own, whatever they mean elsewhere.
    func claims(_ key: Key) -> Bool { item(of: key) != nil }

    private func item(of key: Key) -> Item? {
        guard case .character(let character) = key else { return nil }
        return items.first { $0.key == character }
    }

    mutating func perform(_ command: Command, in console: inout ConsoleState) -> LayerOutcome {
        switch command {
        case .close: return .closes([])
        case .choose:
            guard items.indices.contains(selected) else { return .closes([]) }
            return .closes(console.choose(items[selected]))
        default:
            move(command, console)
            return .stays([])
        }
    }

    mutating func take(_ key: Key, in console: inout ConsoleState) -> LayerOutcome {
        item(of: key).map { .closes(console.choose($0)) } ?? .stays([])
    }

    func draw(into canvas: inout Canvas, _ console: ConsoleState) -> Position? {
        MenuView(self).draw(into: &canvas)
        return nil
    }
}

extension ConsoleState {
    /// Does what a line of a menu stands for.
    fileprivate mutating func choose(_ item: MenuState.Item) -> [Effect] {
        switch item.choice {
        case .copy(let text, let what): return [.terminal(.copy(text, what: what))]
        case .confirm(let subject, let question, let detail):
            shell.overlays.append(
                .confirm(
                    ConfirmState(
                        subject: subject, question: question, detail: detail, reason: nil,
                        askedAtFrame: shell.frames)))
            return []
        case .confirmTyped(let subject, let question, let detail, let typed):
            shell.overlays.append(
                .confirm(
                    ConfirmState(
                        subject: subject, question: question, detail: detail, reason: nil,
                        askedAtFrame: shell.frames, typed: .init(expected: typed))))
            return []
        case .form(let form):
            shell.open(form)
            return []
        case .endImpersonation(let number): return endImpersonation(number: number)
        case .command(let command): return perform(command)
        }
    }
}
