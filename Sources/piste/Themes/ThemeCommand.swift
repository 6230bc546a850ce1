import ArgumentParser

/// `piste theme`: the themes that there are, and whether one can be read.
struct ThemeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "theme",
        abstract: "List the themes; check one's contrast.",
        subcommands: [ThemeListCommand.self, ThemeCheckCommand.self],
    )
}
