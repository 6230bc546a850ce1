import ArgumentParser
import Terminal
import Text

/// A word in the place of a command that is none: what it may have meant.
struct StrayCommand {
    let word: String
    /// The command that it stands behind.
    private let parent: String
    private let known: [String]

    /// Finds one in the words behind the program's name; nil when each names a command as far as commands go.
    init?(_ arguments: [String]) {
        var path = ["piste"]
        var commands = Self.names(Piste.self)
        for word in arguments {
            guard !commands.isEmpty, !word.hasPrefix("-"), word != "help" else { return nil }
            guard let next = commands.first(where: { $0.name == word }) else {
                self.word = word
                parent = path.joined(separator: " ")
                known = commands.map(\.name)
                return
            }
            path.append(word)
            commands = Self.names(next.command)
        }
        return nil
    }

    private typealias Named = (name: String, command: any ParsableCommand.Type)

    private static func names(_ command: any ParsableCommand.Type) -> [Named] {
        var names: [Named] = []
        for inner in command.configuration.subcommands {
            let configuration = inner.configuration
            if let name = configuration.commandName { names.append((name, inner)) }
        }
        return names
    }

    var error: CommandError {
        let nearest = Spelling.nearest(to: word, in: known)
        return CommandError(
            .usage, "there is no command \(parent) \(word)",
            remedy: nearest.map { "did you mean \(parent) \($0)?" }
                ?? "\(parent) --help tells the commands: \(known.joined(separator: ", "))")
    }
}
