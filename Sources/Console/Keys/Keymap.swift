import Terminal

/// The keys as they hold in this run: the key table with what the user changed in it.
package struct Keymap: Equatable, Sendable {
    private(set) var bindings: [KeyBinding]

    /// The table as it is shipped.
    package static let standard = Keymap(bindings: KeyTable.bindings)

    /// The table for hands that know emacs: what it and vi both claim goes to emacs.
    static let emacs = standard.aliasing(
        [
            (.control("f"), .right), (.control("b"), .left), (.control("a"), .home), (.control("e"), .end),
            (.alt("x"), .character(":")), (.alt("w"), .character("y")),
        ], releasing: [.control("d"), .control("u")])

    init(bindings: [KeyBinding]) { self.bindings = bindings }

    /// The command of a key on a screen; a screen's own binding wins over one that holds anywhere.
    func command(for key: Key, in scope: Scope) -> Command? {
        let holding = bindings.filter { $0.keys.contains(key) }
        return
            (holding.first { $0.scopes.contains(scope) }
            ?? (scope.isOverScreen ? nil : holding.first { $0.scopes.contains(.anywhere) }))?
            .command
    }

    /// What a screen, or what lies over one, declares of itself, in its own order.
    func own(in scope: Scope) -> [KeyBinding] {
        let order = KeyTable.order[scope] ?? [:]
        return bindings.filter { $0.scopes.contains(scope) }
            .sorted { (order[$0.command] ?? .max) < (order[$1.command] ?? .max) }
    }

    /// What holds on a screen, with the bindings that hold anywhere after it; in what lies over one those do not.
    func bindings(in scope: Scope) -> [KeyBinding] {
        let own = own(in: scope)
        guard !scope.isOverScreen else { return own }
        // A place may call a command that holds anywhere by a word of its own.
        return own
            + bindings.filter { binding in
                binding.scopes.contains(.anywhere) && !own.contains { $0.command == binding.command }
            }
    }

    /// The first key of a command in what lies over a screen.
    func label(of command: Command, in scope: Scope) -> DisplayText {
        bindings(in: scope).first { $0.command == command }?.keys.first?.label ?? label(of: command)
    }

    /// The first key of a command, as sentences name it; its name for the palette where it has no key.
    func label(of command: Command) -> DisplayText {
        let key = bindings.first { $0.command == command && !$0.keys.isEmpty }?.keys.first
        return key?.label ?? ":\(DisplayText(command.name))"
    }

    /// Keys that would mean two things on one screen; a test holds this empty.
    var conflicts: [String] {
        Scope.allCases.flatMap { scope in
            let held = bindings.filter { $0.scopes.contains(scope) }.flatMap { binding in
                binding.keys.map { (key: $0, command: binding.command) }
            }
            return Dictionary(grouping: held, by: \.key)
                .filter { $0.value.count > 1 }
                .map { "\(scope.rawValue): \($0.key.label) is bound \($0.value.count) times" }
        }
    }

    /// Gives a command other keys, wherever it has some.
    ///
    /// In a line of text letters are text: there only the other ones count, and where all are letters, it keeps its keys.
    mutating func bind(_ command: Command, to keys: [Key]) {
        for index in bindings.indices where bindings[index].command == command {
            guard bindings[index].scopes.contains(where: \.takesText) else {
                bindings[index].keys = keys
                continue
            }
            let others = keys.filter { if case .character = $0 { false } else { true } }
            if keys.isEmpty || !others.isEmpty { bindings[index].keys = others }
        }
    }

    /// Lets each alias mean what another key means, and nothing else; released keys mean nothing.
    private func aliasing(_ aliases: [(alias: Key, key: Key)], releasing released: [Key]) -> Keymap {
        let taken = Set(aliases.map(\.alias) + released)
        var map = self
        // What makes something true takes no second key by the way.
        for index in map.bindings.indices where map.bindings[index].command != .yes {
            let keys = map.bindings[index].keys.filter { !taken.contains($0) }
            map.bindings[index].keys = keys + aliases.filter { keys.contains($0.key) }.map(\.alias)
        }
        return map
    }
}

extension Command {
    /// The command as the configuration file writes it, for instance `half_page_down`.
    var name: String {
        rawValue.reduce(into: "") { name, letter in
            if letter.isUppercase { name += "_" + letter.lowercased() } else { name.append(letter) }
        }
    }
}
