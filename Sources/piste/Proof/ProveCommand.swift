import ArgumentParser
import Listing
import Tenancy
import Terminal

/// `piste prove`: shows that the isolation holds, and writes it down for a security team.
struct ProveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prove",
        abstract:
            "Prove the isolation: catalogs, hostile probes, audit chains (admin); exit status 5 when it fails.",
        discussion: """
            Everything in the catalogs is held against what the engine and the blueprints make: whatever is not \
            explained fails by name. Then hostile statements are tried over connections of their own, in throw-away \
            companies beside a real one, each with a control that shows that the same is let through when it is \
            allowed. Last, the audit chains are recomputed.

            The report's digest is recorded in the control trail. Without COMPANY all companies are proved.

            Examples:
              piste prove acme --report acme.html
              piste prove --all --format json
            """,
    )

    @Argument(help: "The company's url id; none proves all.", completion: .companies)
    var company: String?

    @Flag(help: "Prove all companies, as without a name.")
    var all = false

    @Option(
        help: ArgumentHelp(
            "Write the report: .md, .json or .html by its name; can be given again.", valueName: "file"),
        completion: .file())
    var report: [String] = []

    @OptionGroup var form: FormatOption
    @OptionGroup(title: "Database") var database: DatabaseOptions

    func validate() throws {
        guard company == nil || !all else { throw ValidationError("name either a company or --all") }
        for path in report where ProofFile.Form(path: path) == nil {
            throw ValidationError("--report ends in .md, .json or .html, and \(path) does not")
        }
    }

    func run() throws {
        let target = try Target.findForChange(database, localLogin: "bob")
        // A file that cannot be written is known before minutes are spent.
        let files = try report.map { try ProofFile(path: $0) }
        let progress = ProofProgress()
        let outcome: (report: ProofReport, record: ProofRecord)
        do {
            let proof = Proof(target.settings, of: company)
            outcome = try waitFor { try await proof.make { progress.hear($0) } }
        } catch {
            progress.finish()
            var failure = CommandError(error, at: target.displayName)
            if failure?.status == .refused { failure?.remedy = "prove with an admin's login: --as LOGIN" }
            throw failure ?? error
        }
        progress.finish()
        try Listing.write(outcome.report.lines, as: form.format, Self.columns)
        try StandardOutput.shared.flush()
        for file in files { try file.write(outcome.report, outcome.record) }
        try tell(outcome.report, outcome.record, target)
    }

    private func tell(_ report: ProofReport, _ record: ProofRecord, _ target: Target) throws {
        Narration.say(
            "\(report.checks.count) checks of the catalogs, \(report.probes.count) hostile probes, "
                + "\(report.chains.count) audit chains.")
        Narration.say("Digest \(report.digest), recorded in the control trail as #\(record.seq).")
        let failures = report.failures
        guard !failures.isEmpty else {
            Narration.say("The isolation holds.")
            return
        }
        let first = failures.prefix(8).map { "\($0.id): \($0.evidence)" }.joined(separator: "\n")
        let rest = failures.count > 8 ? "\nand \(failures.count - 8) more" : ""
        throw CommandError(
            .broken, "the proof fails in \(failures.count) of \(report.lines.count) lines\n\(first)\(rest)",
            at: target.displayName)
    }

    private static let columns: [Column<ProofReport.Line>] = [
        Column("part", isDetail: true) { .text($0.part) },
        Column("passed", title: "HOLDS") { .truth($0.passed) },
        Column("id", title: "CHECK") { .text($0.id) },
        Column("what", isDetail: true) { .text($0.what) },
        Column("evidence") { .text($0.evidence) },
    ]
}
