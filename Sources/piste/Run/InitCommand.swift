import ArgumentParser

/// `piste init`: installs the engine.
struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract:
            "Install or upgrade the engine in a database, as its superuser, and register the first admin.",
    )

    @Option(
        help: ArgumentHelp(
            "Registers this login as an admin; it is made when there is none.", valueName: "login"))
    var admin: String?

    @OptionGroup(title: "Database") var database: DatabaseOptions

    func run() throws {}
}
