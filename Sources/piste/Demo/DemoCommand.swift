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
        help: ArgumentHelp(
            "The login that the console works as: alice, or bob for the tour, which shows the proof as well.",
            valueName: "login"))
    var login: String?

    @Flag(help: "Remove the local PostgreSQL with all its data first.")
    var reset = false

    @Flag(help: "Begin with a walk through the product that plays by itself; any key takes over.")
    var tour = false

    @Option(
        help: ArgumentHelp(
            "Write what is shown into an asciinema file; with --kiosk into a folder, a file a visit, and the visitor is told.",
            valueName: "file"), completion: .file())
    var record: String?

    @Option(
        help: ArgumentHelp(
            "Look, read only, at a recording while it is written, or at a visitor of --kiosk: visit-1.",
            valueName: "file"),
        completion: .file())
    var watch: String?

    @OptionGroup(title: "Visitors") var kiosk: KioskOptions
    @OptionGroup(title: "Display") var display: DisplayOptions

    func validate() throws {
        if kiosk.kiosk {
            guard login == nil, !reset else {
                throw ValidationError("--kiosk serves visitors as alice, and removes their copies by itself")
            }
        }
        guard watch == nil || record == nil && !kiosk.kiosk && !tour else {
            throw ValidationError("--watch looks at what another demo records; it goes with nothing else")
        }
        guard !kiosk.kiosk || record?.hasPrefix("/") != false else {
            throw ValidationError("with --kiosk, --record is the absolute path of a folder")
        }
        try ValidationError.check("--companies", companies, in: 1...100_000)
        try ValidationError.check("--users", users, in: 0...100_000_000)
        guard users.map({ $0 >= 12 }) ?? true else {
            throw ValidationError("--users is 12 or more: the company's first dozen always exists")
        }
    }

    private var worker: String { login ?? (tour ? DemoLogins.admin : DemoLogins.standard) }

    /// The minutes without a key after which a demo that nobody attends to shows nothing any more.
    private static let idleLock = 10

    func run() throws {
        if let watch { return try RecordingWatch(what: watch, folder: kiosk.folder).run() }
        let plan = DemoPlan(companies: companies, firstCompanyUsers: users)
        if let socketDirectory = kiosk.kioskVisit {
            return try KioskConsole(options: kiosk, hasTour: tour).run(on: socketDirectory, display: display)
        }
        if kiosk.kiosk {
            return try Kiosk(options: kiosk, plan: plan, hasTour: tour, recordings: record).run()
        }
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
        if record != nil {
            try waitFor { try await DemoBuild(cluster: running, plan: plan).requireNothingElse() }
        }
        let target = Target(settings: running.settings(user: worker), local: running)
        var launch = ConsoleLaunch(target: target, display: display, settings: settings)
        launch.hasTour = tour
        launch.recording = try record.map { try Recording(file: $0) }
        defer { launch.recording?.end() }
        if isFinished {
            let demo = FinishedDemo(cluster: running, plan: plan)
            launch.beforeConnecting = { () async throws(TenancyError) in try await demo.makeGood() }
        }
        try launch.run()
    }
}
