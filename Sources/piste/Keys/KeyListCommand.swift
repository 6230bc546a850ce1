import ArgumentParser
import Listing
import Tenancy

/// `piste key list`: the keys of a company, without their secrets.
struct KeyListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List a company's signing keys, the one in use first (admin).",
        discussion: """
            Secrets never leave the database; that of a retired key is destroyed.

            Examples:
              piste key list acme
            """,
    )

    @Argument(help: "The company's url id.", completion: .companies)
    var company: String

    @OptionGroup var form: FormatOption
    @OptionGroup(title: "Database") var database: DatabaseOptions

    func run() throws {
        let company = company
        let keys = try Target.find(database).withClient { client in try await client.signingKeys(of: company)
        }
        try Listing.write(
            keys, as: form.format,
            [
                Column("kid", isIdentity: true) { .text($0.kid) },
                Column("algorithm", isDetail: true) { .text($0.algorithm) },
                Column("created_at", title: "CREATED") { .moment($0.createdAt) },
                Column("created_by", title: "BY", isDetail: true) { Value($0.createdBy) },
                Column("retired_at", title: "RETIRED") { Value($0.retiredAt) },
                Column("retired_by", title: "BY") { Value($0.retiredBy) },
            ])
    }
}
