import ArgumentParser

/// `piste config`: what is set, and where.
struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Show the settings that hold, and where each comes from.",
        subcommands: [ConfigShowCommand.self],
    )
}
