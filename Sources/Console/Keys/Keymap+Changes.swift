import Terminal
import Text

extension Keymap {
    /// The tables that can be chosen by name, the shipped one first.
    package static let presets = ["vi", "emacs"]

    /// One line of the user's: these keys and no others for a command.
    package struct Change: Equatable, Sendable {
        /// The command as the file writes it.
        package var command: String
        package var keys: [String]
        /// The file and the line.
        package var place: String

        package init(command: String, keys: [String], place: String) {
            self.command = command
            self.keys = keys
            self.place = place
        }
    }

    /// Why the keys cannot be as the user wrote them.
    package struct Fault: Error, Equatable, Sendable {
        package var what: String
        package var place: String?
        /// What would be right.
        package var remedy: String?
    }

    /// The table of that name with the user's changes; of two changes of one command the later one counts.
    package init(preset: String, changes: [Change]) throws(Fault) {
        let shipped: Keymap = preset == "emacs" ? .emacs : .standard
        self = shipped
        var changed: [Command: Change] = [:]
        var order: [Command] = []
        for change in changes {
            guard let command = Command.allCases.first(where: { $0.name == change.command }) else {
                let nearest = Spelling.nearest(to: change.command, in: Command.allCases.map(\.name))
                throw Fault(
                    what: "keys has no command \"\(change.command)\"", place: change.place,
                    remedy: nearest.map { "did you mean \"\($0)\"?" }
                        ?? "piste config keys lists the commands")
            }
            var keys: [Key] = []
            for name in change.keys { keys.append(try Self.key(name, change)) }
            bind(command, to: keys)
            changed[command] = change
            order.removeAll { $0 == command }
            order.append(command)
        }
        for command in order { try requireNoConflict(of: command, changed, shipped) }
    }

    private static func key(_ name: String, _ change: Change) throws(Fault) -> Key {
        guard let key = Key(name: name) else {
            let nearest = Spelling.nearest(to: name, in: Key.names)
            throw Fault(
                what: "\"\(name)\" is no key, for \(change.command)", place: change.place,
                remedy: nearest.map { "did you mean \"\($0)\"?" }
                    ?? "one character, \"^x\", \"M-x\", \"F2\" or a name like \"pageup\"")
        }
        guard key != .control("c") else {
            throw Fault(
                what: "^c always cancels or quits; it cannot be \(change.command)", place: change.place)
        }
        guard key != .enter || change.command != Command.yes.name else {
            throw Fault(
                what: "enter never confirms; it cannot be \(change.command)", place: change.place,
                remedy: "a key that is not pressed by habit")
        }
        return key
    }

    /// Holds a changed command against every other one that can be asked for on the same screen; what a screen's own
    /// command takes from one that holds anywhere in the shipped table, it may go on taking.
    private func requireNoConflict(
        of command: Command, _ changed: [Command: Change], _ shipped: Keymap
    ) throws(Fault) {
        guard let change = changed[command] else { return }
        for scope in Scope.allCases {
            let here = bindings(in: scope)
            for key in here.first(where: { $0.command == command })?.keys ?? [] {
                guard let other = here.first(where: { $0.command != command && $0.keys.contains(key) }) else {
                    continue
                }
                let isShipped = [command, other.command].allSatisfy { one in
                    shipped.bindings(in: scope).contains { $0.command == one && $0.keys.contains(key) }
                }
                guard !isShipped else { continue }
                let otherPlace = changed[other.command].map { " (\($0.place))" } ?? ""
                throw Fault(
                    what: "\(key.label) would be both \(command.name) and \(other.command.name)\(otherPlace)"
                        + " on the screen \(scope.title)",
                    place: change.place,
                    remedy: "take another key, or give \(other.command.name) other keys too")
            }
        }
    }
}
