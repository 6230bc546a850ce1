import ArgumentParser
import Listing
import Tenancy

/// `piste audit verify`: recomputes the chain of a trail, and proves that it extends what a customer kept.
struct AuditVerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Recompute a company's audit chain; exit status 5 when it is broken.",
        discussion: """
            Without --checkpoint and --export, PostgreSQL recomputes the chain (admin), which trusts its owner.

            With --checkpoint, every record is fetched and hashed here, and the trail must pass through the record \
            that the checkpoint noted: history that was rewritten, cut or forked since is found, whoever did it. When an \
            admin asks, what is lost is recorded too, with its numbers (incident.head in the engine's own trail).

            --export does the same from files of piste audit export, piste audit archive or piste company export, without \
            any database; given again, the next file goes on where the one before ends. Without a checkpoint this says \
            that the file is one unbroken chain, and nothing about who wrote it.

            Examples:
              piste audit verify acme --checkpoint acme.note --verifier KEY
              piste audit verify --export acme.jsonl --checkpoint acme.note --verifier KEY
            """)

    @Argument(help: "The company's url id.", completion: .companies)
    var company: String?

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "Verify this export or archive instead of a database; - is standard input; can be given again.",
            valueName: "file"), completion: .file())
    var export: [String] = []

    @OptionGroup var checkpoints: CheckpointOptions
    @OptionGroup var form: FormatOption
    @OptionGroup(title: "Database") var database: DatabaseOptions

    func validate() throws {
        guard (company == nil) != export.isEmpty else {
            throw ValidationError("name either a company, whose trail is in the database, or --export FILE")
        }
    }

    func run() throws {
        let files = try checkpoints.files()
        guard export.isEmpty else { return try verify(files) }
        let company = company ?? ""
        let target = try Target.find(database)
        guard !checkpoints.checkpoint.isEmpty else {
            let verdict = try target.withClient { client in try await client.verifyAudit(of: company) }
            return try report(verdict, of: company, at: target.displayName)
        }
        let (verdict, lost) = try target.reading(trailOf: company) { source in
            // Before anything is sealed: what takes the numbers of lost records hides how many they are.
            let lost = try await Self.losses(of: company, files, by: source)
            // Of whose trail the checkpoints are is known only once the database has said which company this is.
            let extent = try await source.auditExtent(of: company)
            let header = extent.header
            let points = try files.points(for: header.company)
            try files.require(behind: extent.beginsAfter)
            var check = ChainCheck(company: header.company, first: header.firstSeq, through: points)
            try await source.auditRecords(of: company, header) { records in
                for record in records { check.add(record) }
            }
            check.require(end: header.lastSeq)
            return (check.verdict(unsealed: extent.unsealed), lost)
        }
        try report(verdict, of: company, at: target.displayName, lost: lost)
    }

    /// The numbers of the records that checkpoints noted and that are not there any more, on record once an admin has asked.
    private static func losses(
        of company: String, _ files: CheckpointFiles, by source: any AuditSource
    ) async throws -> ClosedRange<Int64>? {
        guard let admin = source as? TenancyClient else { return nil }
        var lost: ClosedRange<Int64>?
        for (path, checkpoint) in files.checkpoints {
            switch try await admin.compareHead(of: company, with: checkpoint) {
            case .passes, .archived: break
            case .foreign: throw files.foreign(path, checkpoint)
            case .lost(let from, let upTo):
                guard from <= upTo else { continue }
                lost = min(from, lost?.lowerBound ?? from)...max(upTo, lost?.upperBound ?? upTo)
            }
        }
        return lost
    }

    private func verify(_ files: CheckpointFiles) throws {
        let company = try? files.company()
        var check = ExportCheck(company: company, through: (try? files.points(for: company)) ?? [])
        for path in export {
            do throws(AuditFileError) {
                try check.read(path)
            } catch {
                throw CommandError(error, in: path)
            }
        }
        let place = export.joined(separator: ", ")
        _ = try files.points(for: check.header?.company ?? files.company())
        try report(
            check.verdict, of: check.header.map { $0.urlID ?? "the engine" } ?? place, at: place,
            company: check.header?.company ?? company, unproved: check.unproved)
        if checkpoints.checkpoint.isEmpty { Self.sayWithoutCheckpoint() }
    }

    /// What a verification of a file can say, and what it cannot.
    static func sayWithoutCheckpoint() {
        Narration.say(
            "Without a checkpoint this says that nothing in it was changed by halves, and not who wrote it: "
                + "--checkpoint NOTE --verifier KEY")
    }

    private func report(
        _ verdict: AuditVerdict, of company: String, at place: String, lost: ClosedRange<Int64>? = nil,
        company id: String? = nil, unproved: [String] = []
    ) throws {
        let isIntact = verdict.isIntact && lost == nil
        let passed = Int64(isIntact ? checkpoints.checkpoint.count : 0)
        try Listing.write(
            one: verdict, as: form.format,
            [
                Column("company") { _ in .text(company) },
                Column("intact") { _ in .truth(isIntact) },
                Column("entries") { .number($0.entries) },
                Column("first_bad") { $0.firstBad.map(Value.number) ?? .none },
                Column("why") { Value($0.why) },
                Column("checkpoints") { _ in .number(passed) },
                Column("unsealed") { .number($0.unsealed) },
                Column("begins_after") { .number($0.beginsAfter) },
                Column("lost_from") { _ in lost.map { .number($0.lowerBound) } ?? .none },
                Column("lost_to") { _ in lost.map { .number($0.upperBound) } ?? .none },
                Column("company_id") { _ in Value(id) },
                Column("as_the_file_says") { _ in
                    unproved.isEmpty ? .none : .text(unproved.joined(separator: ", "))
                },
            ])
        let begins = verdict.beginsAfter
        if isIntact, begins > 0 {
            Narration.say(
                export.isEmpty
                    ? "The records up to \(begins) are archived; the trail goes on from the checkpoint behind them."
                    : "The export begins with record \(begins + 1); it says nothing about the records before."
            )
        }
        if isIntact, verdict.unsealed > 0 {
            Narration.say("Committed and not sealed yet: \(verdict.unsealed).")
        }
        guard !isIntact else { return }
        let lostWords = lost.map {
            "; on record as incident.head: records \($0.lowerBound) to \($0.upperBound) are lost"
        }
        throw CommandError(
            .broken,
            "the audit trail of \(company) is broken at record \(verdict.firstBad ?? lost?.lowerBound ?? 0): "
                + (verdict.why ?? "it does not pass through the checkpoint") + (lostWords ?? ""),
            at: place)
    }
}
