import ArgumentParser

/// `piste config`: what is set, and where.
struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Show the settings and keys that hold, and where each setting comes from.",
        subcommands: [ConfigShowCommand.self, ConfigKeysCommand.self],
    )
}
