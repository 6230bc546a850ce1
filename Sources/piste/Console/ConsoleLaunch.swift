import Console
import Glibc
import Host
import Logging
import Tenancy
import Terminal

/// Opens the console where there is a screen, and prints the companies as a plain table where there is none.
struct ConsoleLaunch {
    var target: Target
    var display: DisplayOptions
    var settings: Settings
    var start = ConsoleOptions.Start.companies
    /// What the target is called where its address is nobody's business.
    var name: String?
    /// The limits of a visitor.
    var visit: Visit?
    var hasTour = false
    /// Takes every frame of a demo.
    var recording: Recording?
    /// Whoever looks on at a visit.
    var audience: Audience?
    /// What is to be made sure of before the first connection, once the screen is on.
    var beforeConnecting: (@Sendable () async throws(TenancyError) -> Void)?

    /// Whether there is a screen to draw on, and somebody to draw for.
    static func hasScreen(_ display: DisplayOptions) -> Bool {
        !display.plain && StandardOutput.isTerminal && isatty(STDIN_FILENO) == 1
            && Environment.value("TERM").map { $0 != "dumb" } == true
    }

    func run() throws {
        settings.useTimezone()
        guard Self.hasScreen(display) else {
            if let beforeConnecting { try waitFor { try await beforeConnecting() } }
            return try printCompanies()
        }
        do {
            let outcome = try show()
            if let end = outcome.visitEnd, let visit { sayGoodbye(end, visit) }
            if let signal = outcome.signal {
                // Nothing after this is done: whoever plays or watches it has to see its end here.
                recording?.end()
                Log.note(
                    "ended", .warning, ["signal": .count(Int(signal)), "status": .count(Int(128 + signal))])
                Glibc.exit(128 + signal)
            }
        } catch let error as TerminalError {
            Narration.say(String(displaying: error.description))
            guard visit == nil else { return }
            try printCompanies()
        }
    }

    /// The console until it is left; a password that is wanted is asked for before its screen is on.
    private func show() throws -> Console.Outcome {
        while true {
            PasswordPrompt.end()
            let outcome = try Console.run(options)
            guard outcome.lacksPassword, visit == nil else { return outcome }
            PasswordPrompt.begin()
            try target.withClient { _ in }
        }
    }

    private func sayGoodbye(_ end: Visit.End, _ visit: Visit) {
        switch end {
        case .time: Narration.say("The visit is over after \(visit.minutes) min.")
        case .idle: Narration.say("Nobody pressed a key for \(visit.idleMinutes) min, so the visit is over.")
        }
    }

    /// What serves where nothing can be drawn, and whoever listens to a screen reader.
    private func printCompanies() throws {
        try CompanyListCommand.write(target, matching: "", limit: 50, format: display.format())
        try StandardOutput.shared.flush()
        Narration.say(
            """
            Without a screen piste answers command by command: piste users COMPANY, piste rows COMPANY TABLE, \
            piste audit show COMPANY, each as a table, --plain, --format csv or --format json; piste --help lists them all.
            """)
    }

    private var options: ConsoleOptions {
        let environment = Environment.all
        let target = target
        let first = OnceBefore(beforeConnecting)
        var options = ConsoleOptions(
            login: target.login,
            target: name ?? target.displayName,
            themes: settings.themes,
            environment: environment,
            connect: { lost throws(TenancyError) in
                try await first.run()
                return try await target.connect(lost: lost)
            },
            prove: { urlID, told throws(TenancyError) in
                try await Proof(target.settings, of: urlID).make(told: told)
            },
        )
        options.start = start
        options.theme = settings.chosenTheme
        options.screen = Screen.Options(
            color: settings.color, mouse: settings.hasMouse, ascii: settings.isASCII)
        options.keys = settings.keys
        options.isReadOnly = settings.isReadOnly
        options.visit = visit
        options.hasTour = hasTour
        if let recording { options.record = { recording.note($0, $1) } }
        options.audience = audience
        options.idleLockMinutes = settings.idleLock
        guard visit == nil else { return options }
        options.note = { Log.note($0) }
        options.keepTheme = { KeptTheme.keep($0) }
        options.tables = KeptTables.tables
        options.keepTables = { KeptTables.keep($0) }
        return options
    }
}

/// Something that is done before the first connection and never again once it succeeded.
private actor OnceBefore {
    private var body: (@Sendable () async throws(TenancyError) -> Void)?

    init(_ body: (@Sendable () async throws(TenancyError) -> Void)?) {
        self.body = body
    }

    func run() async throws(TenancyError) {
        try await body?()
        body = nil
    }
}
