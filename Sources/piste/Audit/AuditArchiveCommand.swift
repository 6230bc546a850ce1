import ArgumentParser
import Tenancy
import Terminal

/// `piste audit archive`: old records go into a file, and out of the database.
struct AuditArchiveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "archive",
        abstract: "Move a company's audit records up to a signed checkpoint into a file (admin; on record).",
        discussion: """
            The checkpoint's signature is verified, the records are exported up to the one that it noted, and the file \
            is read back and verified against it. Only then are the records removed from the database, with their \
            values; their chain goes on from the checkpoint. Standard output gets the file's SHA-256 and its name.

            Keep the file and the note: piste audit verify --export FILE --export LATER verifies them together with \
            what is exported later.

            Examples:
              piste audit archive acme --before acme.note --verifier KEY --output acme-2026.jsonl
            """)

    @Argument(help: "The company's url id.", completion: .companies)
    var company: String

    @Option(
        help: ArgumentHelp("The signed note that piste audit checkpoint wrote.", valueName: "checkpoint"),
        completion: .file())
    var before: String

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "The verifier key of whoever signed the checkpoint, or a file with it; can be given again.",
            valueName: "key"), completion: .file())
    var verifier: [String]

    @Option(
        help: ArgumentHelp("The file to make; never over one that is there.", valueName: "file"),
        completion: .file())
    var output: String

    @Option(help: ArgumentHelp("The url id once more; on a terminal it is asked for.", valueName: "url-id"))
    var confirm: String?

    @OptionGroup(title: "Database") var database: DatabaseOptions

    func run() throws {
        let (company, output) = (company, output)
        let notes = try CheckpointFiles([before], verifiers: verifier)
        guard let note = notes.notes.first else { return }
        let typed =
            confirm
            ?? Question.typed("Archiving takes the records out of the database. Type \(company) to go on:")
        guard typed == company else {
            throw CommandError(
                .usage,
                typed == nil ? "the archiving is not confirmed" : "the confirmation names another company",
                at: company, remedy: "--confirm \(company)")
        }
        let target = try Target.findForChange(database)
        let archive = try target.withClient { client in
            do throws(TrailArchive.Failure) {
                return try await client.archiveTrail(of: company, behind: note, to: output)
            } catch {
                throw CommandError(error, writing: output, at: target.displayName)
            }
        }
        Narration.say(
            "Records \(archive.first) to \(archive.last) are in \(String(displaying: output)), verified against the checkpoint, "
                + "and no longer in the database.")
        try StandardOutput.shared.line("\(archive.digest)  \(String(displaying: output))")
    }
}

extension CommandError {
    /// Why an archiving failed, at which step, and what became of the records.
    fileprivate init(_ failure: TrailArchive.Failure, writing path: String, at place: String) {
        var error: CommandError
        switch failure.cause {
        case let cause as AuditFileError: error = CommandError(cause, in: path)
        case let cause as ArchiveError:
            error = CommandError(cause, at: path) ?? CommandError(.failed, "it failed", at: path)
            // There is no --force here.
            if cause.code == .exists { error.remedy = "choose another name: an archive is never overwritten" }
        default:
            error = CommandError(failure.cause, at: place) ?? CommandError(.failed, "it failed", at: place)
        }
        let outcome =
            failure.isUncertain
            ? "whether they are removed is not known"
            : "no record was removed"
        while error.what.hasSuffix(".") { error.what.removeLast() }
        error.what += " (while \(failure.step.rawValue): \(outcome))"
        if failure.step == .removing, error.remedy == nil {
            error.remedy =
                failure.isUncertain
                ? "piste audit verify tells; keep \(path), it is whole"
                : "keep or remove \(path), it is a whole export"
        }
        self = error
    }
}
