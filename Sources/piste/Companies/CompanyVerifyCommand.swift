import ArgumentParser
import Listing
import Postgres
import Tenancy
import Terminal

/// `piste company verify`: an archive by itself, without a database.
struct CompanyVerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Verify a company's archive without a database; exit status 5 when it does not hold.",
        discussion: """
            Every byte is held against the archive's own digests, the rows against their number, and the audit trail \
            record by record. That shows damage. Who made the archive shows a checkpoint that was kept outside \
            (--checkpoint, for the trail) or the SHA-256 that the export printed (--sha256, for all of it); what neither \
            covers is named under as_the_file_says.

            Examples:
              piste company verify acme.tar
              piste company verify acme.tar --sha256 SHA256 --checkpoint acme.note --verifier KEY
            """)

    @Argument(
        help: ArgumentHelp("The archive; - is standard input.", valueName: "file.tar"),
        completion: .file(extensions: ["tar"]))
    var archive: String

    @OptionGroup var digest: ArchiveDigestOption
    @OptionGroup var checkpoints: CheckpointOptions
    @OptionGroup var form: FormatOption

    func run() throws {
        let files = try checkpoints.files()
        let reader: ArchiveReader
        let verdict: ArchiveVerdict
        do throws(ArchiveError) {
            reader = try ArchiveReader(archive)
        } catch {
            throw Self.failure(error, archive)
        }
        let points = try files.points(for: reader.manifest.company.id)
        do throws(ArchiveError) {
            verdict = try reader.verify(through: points, digest: digest.sha256)
        } catch {
            throw Self.failure(error, archive)
        }
        let manifest = reader.manifest
        let passed = Int64(files.checkpoints.count)
        let exportedAt = Timestamp(microseconds: manifest.exported.atMicroseconds).isoText
        try Listing.write(
            one: verdict, as: form.format,
            [
                Column("company") { _ in .text(manifest.company.urlID) },
                Column("company_id") { _ in .text(manifest.company.id) },
                Column("intact") { _ in .truth(true) },
                Column("sha256") { .text($0.digest) },
                Column("rows") { _ in .number(Int64(manifest.tables.reduce(0) { $0 &+ $1.rows })) },
                Column("entries") { .number($0.trail.entries) },
                Column("begins_after") { .number($0.trail.beginsAfter) },
                Column("checkpoints") { _ in .number(passed) },
                Column("exported_by") { _ in .text(manifest.exported.by) },
                Column("exported_at") { _ in .text(exportedAt) },
                Column("engine_version") { _ in .text(manifest.engineVersion) },
                Column("as_the_file_says") {
                    $0.unproved.isEmpty ? .none : .text($0.unproved.joined(separator: ", "))
                },
            ])
        if files.checkpoints.isEmpty, digest.sha256 == nil { AuditVerifyCommand.sayWithoutCheckpoint() }
    }

    /// What is not verified is not verified, whatever hinders it; a file that cannot be read was named wrongly.
    private static func failure(_ error: ArchiveError, _ path: String) -> CommandError {
        CommandError(error.code == .file ? .usage : .broken, error.message, at: path)
    }
}

/// The digest that an archive must have.
struct ArchiveDigestOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The SHA-256 that the archive must have, as piste company export printed it.", valueName: "hex"))
    var sha256: String?

    func validate() throws {
        guard let sha256 else { return }
        guard sha256.utf8.count == 64, sha256.allSatisfy({ $0.isHexDigit && $0.isASCII }) else {
            throw ValidationError("--sha256 is 64 hexadecimal digits")
        }
    }
}
