import ArgumentParser

/// `piste theme`: the themes that there are, whether one can be read, and one of another program's.
struct ThemeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "theme",
        abstract: "List the themes; check one's contrast; import another program's.",
        subcommands: [ThemeListCommand.self, ThemeCheckCommand.self, ThemeImportCommand.self],
    )
}
