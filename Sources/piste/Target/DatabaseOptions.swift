import ArgumentParser

/// Which database a command talks to, and as whom.
struct DatabaseOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("The database, as postgresql://host/name or host=… dbname=….", valueName: "url")
    )
    var database: String?

    @Option(help: ArgumentHelp("A profile of the configuration file.", valueName: "name"))
    var profile: String?

    @Option(name: .customLong("as"), help: ArgumentHelp("The PostgreSQL login.", valueName: "login"))
    var login: String?

    // Taken out of the words before they are parsed, so that it works everywhere; it stands here for --help and completions.
    @Flag(help: "Say nothing beside the data, but what goes wrong.")
    var quiet = false

    func validate() throws {
        guard database == nil || profile == nil else {
            throw ValidationError("--database and --profile both name a database; give one of them")
        }
    }
}
