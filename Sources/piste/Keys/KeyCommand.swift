import ArgumentParser

/// `piste key`: the keys that sign tokens.
struct KeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "List and rotate the keys that sign a company's tokens.",
        subcommands: [KeyListCommand.self, KeyRotateCommand.self],
    )
}
