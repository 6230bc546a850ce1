import ArgumentParser
import FoundationEssentials
import Listing
import Tenancy
import Terminal

/// `piste sweep`: closes what is over.
struct SweepCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sweep",
        abstract: "Close contexts that expired or lost their backend; says what it had to do.",
        discussion: """
            Examples:
              piste sweep
              piste sweep --watch --metrics 127.0.0.1:9187
            """,
    )

    @Flag(help: "Go on until interrupted: sleep until the next context expires, and end it then.")
    var watch = false

    @Option(help: "Seconds between two patrols with --watch, which find lost backends too, and seal trails.")
    var every = 1

    @Option(
        help: ArgumentHelp(
            "With --watch: serve figures for a scraper at http://HOST:PORT/metrics; for levels admin, service and monitor.",
            valueName: "host:port"))
    var metrics: MetricsAddress?

    @OptionGroup var form: FormatOption
    @OptionGroup(title: "Database") var database: DatabaseOptions

    func validate() throws {
        try ValidationError.check("--every", every, in: 1...86_400)
        guard metrics == nil || watch else {
            throw ValidationError("--metrics serves figures while it sweeps: add --watch")
        }
        guard !watch || ![.json, .spreadsheet].contains(form.format) else {
            throw ValidationError("--watch never ends, and a JSON array does; take table or csv")
        }
    }

    func run() throws {
        let target = try Target.find(database)
        guard watch else { return try sweepOnce(target) }
        let format = form.format
        if format == .csv {
            try StandardOutput.shared.line(
                CSV.line(Self.columns.map { .text($0.key) }, gated: StandardOutput.isTerminal))
        }
        let figures = SweepFigures()
        if let metrics {
            try MetricsServer(metrics) { figures.text }.start()
            Narration.say("Figures are at http://\(metrics.displayName)/metrics.")
        }
        try SweepLoop(target: target, patrol: .seconds(every), figures: figures, looks: metrics != nil) {
            actions in
            for action in actions {
                try StandardOutput.shared.line(
                    format == .csv
                        ? CSV.line(Self.columns.map { $0.value(action) }, gated: StandardOutput.isTerminal)
                        : Self.line(action))
            }
            try StandardOutput.shared.flush()
            Self.tellIncidents(actions)
        }.run()
    }

    private func sweepOnce(_ target: Target) throws {
        let actions = try target.withClient { client in try await client.sweep() }
        try Listing.write(actions, as: form.format, Self.columns)
        try StandardOutput.shared.flush()
        Self.tellIncidents(actions)
    }

    /// The exit status stays 0: the sweep did what it is for, and the records are where they belong.
    private static func tellIncidents(_ actions: [SweepAction]) {
        for incident in actions where incident.isIncident {
            let (login, company) = (incident.operatorName ?? "?", incident.urlID ?? "?")
            let detail = incident.detail ?? "a member"
            // From PostgreSQL 16 on the engine takes back only what it has granted itself.
            let isLeft =
                detail.hasPrefix("in the role ")
                && !actions.contains {
                    $0.kind == "revoked" && $0.operatorName == incident.operatorName
                        && $0.urlID == incident.urlID
                }
            let end = isLeft ? "; whoever granted that, or a superuser's piste init, takes it back" : ""
            Narration.tell(
                String(
                    displaying:
                        "incident: \(login) \(isLeft ? "is" : "was") \(detail) of \(company)\(end); it is recorded in both trails"
                ))
        }
    }

    private static let columns: [Column<SweepAction>] = [
        Column("did") { .text($0.kind) },
        Column("company") { Value($0.urlID) },
        Column("operator") { Value($0.operatorName) },
        Column("jti") { Value($0.jti) },
        Column("detail") { Value($0.detail) },
    ]

    private static func line(_ action: SweepAction) -> String {
        "\(Moment.local(Date()))  "
            + columns.map { Table.text($0.value(action)).string }.joined(separator: "  ")
    }
}
