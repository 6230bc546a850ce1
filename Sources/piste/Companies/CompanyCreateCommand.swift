import ArgumentParser
import Listing
import Tenancy

/// `piste company create`: schema, roles, tables, gate, key and trail of a new company.
struct CompanyCreateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Create a company with a schema of its own (admin).",
        discussion: """
            Examples:
              piste company create "Acme Corp" --url-id acme --auth-provider okta
            """,
    )

    @Argument(help: "The name, as the customer writes it.")
    var name: String

    @Option(help: ArgumentHelp("The short name: a-z, 0-9 and single hyphens.", valueName: "id"))
    var urlId: String

    @Option(help: ArgumentHelp("Where its users sign in, for instance okta.", valueName: "provider"))
    var authProvider: String

    @OptionGroup var form: FormatOption
    @OptionGroup(title: "Database") var database: DatabaseOptions

    func run() throws {
        let target = try Target.findForChange(database)
        let (name, urlID, provider) = (name, urlId, authProvider)
        let company = try target.withClient { client in
            try await client.createCompany(name: name, urlID: urlID, authProvider: provider)
        }
        try Listing.write(one: company, as: form.format, Company.columns)
    }
}
