import ArgumentParser
import Listing
import Tenancy

/// `piste company show`: one company.
struct CompanyShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show one company.",
        discussion: """
            Examples:
              piste company show acme --format json
            """,
    )

    @Argument(help: "The company's url id.", completion: .companies)
    var company: String

    @OptionGroup var form: FormatOption
    @OptionGroup(title: "Database") var database: DatabaseOptions

    func run() throws {
        let urlID = company
        let company = try Target.find(database).withClient { client in try await client.company(urlID) }
        try Listing.write(one: company, as: form.format, Company.columns)
    }
}
