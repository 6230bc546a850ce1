import ArgumentParser

/// `piste`: the console.
struct ConsoleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "console",
        abstract: "Open the console; the same as piste without a command.",
    )

    @OptionGroup(title: "Database") var database: DatabaseOptions
    @OptionGroup(title: "Display") var display: DisplayOptions

    func run() throws {
        let settings = try Settings(database, display)
        try ConsoleLaunch(target: Target.find(database), display: display, settings: settings).run()
    }
}
