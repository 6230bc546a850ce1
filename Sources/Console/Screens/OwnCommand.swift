/// The commands that one screen does by itself, by their names.
///
/// A screen hears of no other: what moves through its list comes to it as a `Movement`, and the rest is the console's.
protocol OwnCommand: RawRepresentable, CaseIterable, Sendable where RawValue == String {}

/// For a screen that has none.
enum NoCommand: OwnCommand {
    init?(rawValue: String) { return nil }

    var rawValue: String {
        switch self {}
    }

    static var allCases: [NoCommand] { [] }
}

extension Screen {
    /// Does what is asked for: a way through the list, or what is the screen's own.
    mutating func obey(_ command: Command, _ shell: inout Shell) -> [Effect] {
        if let movement = command.movement { return move(movement, &shell) }
        guard let own = Own(rawValue: command.rawValue) else {
            shell.sayNothingDone(by: command)
            return []
        }
        return perform(own, &shell)
    }
}

extension TenantScreen {
    /// Does what is asked for: a way through the list, or what is the screen's own.
    mutating func obey(_ command: Command, _ shell: inout Shell) -> [TenantRequest] {
        if let movement = command.movement { return move(movement, &shell) }
        guard let own = Own(rawValue: command.rawValue) else {
            shell.sayNothingDone(by: command)
            return []
        }
        return perform(own, &shell)
    }
}

extension TenantScreen where Own == NoCommand {
    mutating func perform(_ own: NoCommand, _ shell: inout Shell) -> [TenantRequest] {
        switch own {}
    }
}

extension Shell {
    /// Says that a command is none of the screen's.
    mutating func sayNothingDone(by command: Command) {
        say("\(keys.label(of: command)) does nothing here.", .warning)
    }
}
