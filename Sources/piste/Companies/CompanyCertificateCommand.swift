import ArgumentParser
import Tenancy
import Text

/// `piste company certificate`: the certificate of a deletion once more.
struct CompanyCertificateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "certificate",
        abstract: "Show the certificates of deleted companies, the last one first, as JSON lines (admin).",
        discussion: """
            Examples:
              piste company certificate acme > acme-certificate.jsonl
            """,
    )

    @Argument(help: "The url id that the company had.")
    var company: String

    @OptionGroup(title: "Database") var database: DatabaseOptions

    func run() throws {
        let company = company
        let target = try Target.find(database)
        let certificates = try target.withClient { client in try await client.deletionCertificates(company) }
        guard !certificates.isEmpty else {
            throw CommandError(.failed, "no company \(company) was deleted here", at: target.displayName)
        }
        for certificate in certificates {
            try StandardOutput.shared.line(JSONText.harmless(certificate.json))
        }
    }
}
