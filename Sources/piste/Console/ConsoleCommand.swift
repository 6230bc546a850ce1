import ArgumentParser

/// `piste`: the console.
struct ConsoleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "console",
        abstract: "Open the console; the same as piste without a command.",
        discussion: """
            Examples:
              piste console --profile prod
              piste console --database postgresql://db.example/shop --as alice --read-only
              piste console --theme gruvbox --color 256 --mouse
            """,
    )

    @OptionGroup(title: "Database") var database: DatabaseOptions
    @OptionGroup(title: "Display") var display: DisplayOptions

    func run() throws {
        let settings = try Settings(database, display)
        try ConsoleLaunch(target: Target.find(database), display: display, settings: settings).run()
    }
}
