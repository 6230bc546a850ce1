import ArgumentParser
import Tenancy

/// `piste audit verify`: recomputes the chain of a trail, and proves that it extends what a customer kept.
struct AuditVerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Recompute a company's audit chain; exit status 5 when it is broken.",
        discussion: """
            Without --checkpoint and --export, PostgreSQL recomputes the chain (admin), which trusts its owner.

            With --checkpoint, every record is fetched and hashed here, and the trail must pass through the record \
            that the checkpoint noted: history that was rewritten, cut or forked since is found, whoever did it. \
            --export does the same from a file of piste audit export, without any database.
            """)

    @Argument(help: "The company's url id.")
    var company: String?

    @Option(
        help: ArgumentHelp(
            "Verify this export instead of a database; - is standard input.", valueName: "file"))
    var export: String?

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "A signed checkpoint that the trail must extend; can be given again.", valueName: "file"))
    var checkpoint: [String] = []

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "The verifier key of whoever signed the checkpoint, or a file with it; can be given again.",
            valueName: "key"))
    var verifier: [String] = []

    @OptionGroup var form: FormatOption
    @OptionGroup(title: "Database") var database: DatabaseOptions

    func validate() throws {
        guard (company == nil) != (export == nil) else {
            throw ValidationError("name either a company, whose trail is in the database, or --export FILE")
        }
        guard checkpoint.isEmpty == verifier.isEmpty else {
            throw ValidationError("--checkpoint FILE and --verifier KEY belong together")
        }
    }

    func run() throws {
        let files = try CheckpointFiles(checkpoint, verifiers: verifier)
        if let export { return try verify(export: export, files) }
        let company = company ?? ""
        let target = try Target.find(database)
        guard !checkpoint.isEmpty else {
            let verdict = try target.withClient { client in try await client.verifyAudit(of: company) }
            return try report(verdict, of: company, at: target.displayName)
        }
        // Of whose trail the checkpoints are is known only once the database has said which company this is.
        let outcome = try target.reading(trailOf: company) { source in
            let header = try await source.auditHeader(of: company)
            let points = try files.points(for: header.company)
            var check = ChainCheck(company: header.company, through: points)
            try await source.auditRecords(of: company, header) { records in
                for record in records { check.add(record) }
            }
            return check.verdict(end: header.lastSeq)
        }
        try report(outcome, of: company, at: target.displayName)
    }

    private func verify(export: String, _ files: CheckpointFiles) throws {
        let check: ExportCheck
        do throws(AuditFileError) {
            let company = try? files.company()
            check = try ExportCheck(
                path: export, company: company, through: (try? files.points(for: company)) ?? [])
        } catch {
            throw CommandError(error, in: export)
        }
        _ = try files.points(for: check.header?.company ?? files.company())
        if check.verdict.isIntact, let first = check.first, first > 1 {
            Narration.say("The export begins with record \(first); it says nothing about the records before.")
        }
        try report(check.verdict, of: check.header.map { $0.urlID ?? "the engine" } ?? export, at: export)
    }

    private func report(_ verdict: AuditVerdict, of company: String, at place: String) throws {
        let checkpoints = Int64(verdict.isIntact ? checkpoint.count : 0)
        try Listing.write(
            one: verdict, as: form.format,
            [
                Column("company") { _ in .text(company) },
                Column("intact") { .truth($0.isIntact) },
                Column("entries") { .number($0.entries) },
                Column("first_bad") { $0.firstBad.map(Value.number) ?? .none },
                Column("why") { Value($0.why) },
                Column("checkpoints") { _ in .number(checkpoints) },
            ])
        guard verdict.isIntact else {
            throw CommandError(
                .broken,
                "the audit trail of \(company) is broken at record \(verdict.firstBad ?? 0): "
                    + (verdict.why ?? "no reason given"),
                at: place)
        }
    }
}
