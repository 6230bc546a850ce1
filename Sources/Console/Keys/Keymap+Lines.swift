import Terminal

extension Keymap {
    /// One command with its keys on some screens, in words for a list.
    package struct Line: Equatable, Sendable {
        /// The command as the configuration file writes it.
        package var command: String
        /// Its keys as the file writes them; none for what is in the palette only.
        package var keys: [String]
        /// The screens where they hold.
        package var screens: [String]
        package var meaning: String
    }

    /// Every binding, in the order of the table.
    package var lines: [Line] {
        bindings.map { binding in
            Line(
                command: binding.command.name, keys: binding.keys.map(\.name),
                screens: binding.scopes.map { $0.title.string.lowercased() },
                meaning: binding.meaning.string)
        }
    }
}
