import ArgumentParser
import Tenancy
import Terminal
import Text

/// `piste company delete`: schema, roles, rows, keys and trail go; a certificate stays.
struct CompanyDeleteCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete a company with everything it has, its audit trail too (admin).",
        discussion: """
            The certificate of the deletion, a record of the engine's own trail, goes to standard output or into \
            --certificate. piste company certificate gives it again.

            Examples:
              piste company delete acme --export acme.tar --confirm acme
            """,
    )

    @Argument(help: "The company's url id.", completion: .companies)
    var company: String

    @Option(help: ArgumentHelp("The url id once more; on a terminal it is asked for.", valueName: "url-id"))
    var confirm: String?

    @Option(
        help: ArgumentHelp("Export first, and delete only what the archive holds.", valueName: "file.tar"),
        completion: .file(extensions: ["tar"]))
    var export: String?

    @Flag(help: "Delete without an archive.")
    var withoutExport = false

    @Option(help: ArgumentHelp("Write the certificate there.", valueName: "file.json"), completion: .file())
    var certificate: String?

    @OptionGroup var archive: ArchiveOptions
    @OptionGroup(title: "Database") var database: DatabaseOptions

    func validate() throws {
        guard (export != nil) != withoutExport else {
            throw ValidationError(
                "say what becomes of the data: either --export FILE.tar or --without-export")
        }
    }

    func run() throws {
        let typed = confirm ?? Question.typed("Deleting cannot be undone. Type \(company) to go on:")
        guard typed == company else {
            throw CommandError(
                .usage,
                typed == nil ? "the deletion is not confirmed" : "the confirmation names another company",
                at: company, remedy: "--confirm \(company)")
        }
        let target = try Target.findForChange(database)
        let paper = try certificate.map { path in
            do {
                return try PartialFile(for: path, overwriting: archive.force)
            } catch {
                throw CommandError(error, at: path) ?? error
            }
        }
        let deleted: DeletionCertificate
        do {
            deleted = try delete(target)
        } catch {
            paper?.discard()
            throw error
        }
        Narration.say("Deleted; its keys are destroyed.")
        let json = JSONText.harmless(deleted.json) + "\n"
        guard let paper else { return try StandardOutput.shared.write(json) }
        do {
            try paper.write(json)
            try paper.publish()
        } catch {
            throw CommandError(
                .failed, "the company is deleted, but its certificate could not be written: \(error.message)",
                at: certificate, remedy: "piste company certificate \(company)")
        }
    }

    private func delete(_ target: Target) throws -> DeletionCertificate {
        let company = company
        let digest = try export.map { try CompanyExport(company, $0, archive).run(target).digest }
        return try target.withClient { client in
            try await client.deleteCompany(company, confirmation: company, archive: digest)
        }
    }
}
