import ArgumentParser

/// `piste demo`: a local cluster with lifelike data, then the console.
struct DemoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Fill a private local PostgreSQL with lifelike companies, then open the console.",
    )

    @Option(help: "How many companies.")
    var companies = 24

    @OptionGroup(title: "Display") var display: DisplayOptions

    func run() throws {}
}
