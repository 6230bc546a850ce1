import ArgumentParser
import LocalCluster
import Tenancy

/// `piste demo`: a local cluster with lifelike data, then the console.
struct DemoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Fill a private local PostgreSQL with lifelike companies, then open the console.",
        discussion: """
            The data are made up, the same on every machine, and some of them hostile on purpose. Run again, it \
            adds only what is missing. Logins: alice (support), bob (admin), carol (viewer), shop (service).

            Examples:
              piste demo
              piste demo --companies 500 --users 1000 --as bob
              piste demo --tour
            """,
    )

    @Option(help: "How many companies.")
    var companies = 24

    @Option(help: "How many users the first company, Awesome Corp, has.")
    var users: Int?

    @Option(
        name: .customLong("as"),
        help: ArgumentHelp("The login that the console works as.", valueName: "login"))
    var login = DemoLogins.standard

    @Flag(help: "Remove the local PostgreSQL with all its data first.")
    var reset = false

    @Flag(help: "Begin with a walk through the product that plays by itself; any key takes over.")
    var tour = false

    @OptionGroup(title: "Visitors") var kiosk: KioskOptions
    @OptionGroup(title: "Display") var display: DisplayOptions

    func validate() throws {
        if kiosk.kiosk {
            guard login == DemoLogins.standard, !reset else {
                throw ValidationError("--kiosk serves visitors as alice, and removes their copies by itself")
            }
        }
        try ValidationError.check("--companies", companies, in: 1...100_000)
        try ValidationError.check("--users", users, in: 0...100_000_000)
        guard users.map({ $0 >= 12 }) ?? true else {
            throw ValidationError("--users is 12 or more: the company's first dozen always exists")
        }
    }

    /// The minutes without a key after which a demo that nobody attends to shows nothing any more.
    private static let idleLock = 10

    func run() throws {
        let plan = DemoPlan(companies: companies, firstCompanyUsers: users)
        if let socketDirectory = kiosk.kioskVisit {
            return try KioskConsole(options: kiosk, hasTour: tour).run(on: socketDirectory, display: display)
        }
        if kiosk.kiosk { return try Kiosk(options: kiosk, plan: plan, hasTour: tour).run() }
        guard !tour || ConsoleLaunch.hasScreen(display) else {
            throw CommandError(
                .usage, "the tour plays on a screen, and there is none",
                remedy: "run it on a terminal, without --plain")
        }
        let settings = try Settings(isProfiled: false, given: display.given, idleLock: Self.idleLock)
        let cluster = LocalCluster.standard
        if reset { try cluster.destroy(narrate: Narration.say) }
        let running = try cluster.start(narrate: Narration.say)
        let stamp = FinishedDemo.stamp(plan)
        let isFinished = cluster.stamp == stamp && !running.wasRenewed
        if !isFinished {
            try waitFor {
                if running.wasRenewed { try await LocalPreparation.tellRenewal(running) }
                try await LocalPreparation.prepare(running)
                try await DemoBuild(cluster: running, plan: plan).run()
            }
            try cluster.setStamp(stamp)
        }
        let target = Target(settings: running.settings(user: login), local: running)
        var launch = ConsoleLaunch(target: target, display: display, settings: settings)
        launch.hasTour = tour
        if isFinished {
            let demo = FinishedDemo(cluster: running, plan: plan)
            launch.beforeConnecting = { () async throws(TenancyError) in try await demo.makeGood() }
        }
        try launch.run()
    }
}
