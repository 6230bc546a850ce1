import ArgumentParser
import Tenancy

/// `piste company delete`: schema, roles, rows, keys and trail go.
struct CompanyDeleteCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete a company with everything it has, its audit trail too (admin).",
    )

    @Argument(help: "The company's url id.")
    var company: String

    @Option(help: ArgumentHelp("The url id once more.", valueName: "url-id"))
    var confirm: String

    @OptionGroup(title: "Database") var database: DatabaseOptions

    func run() throws {
        guard confirm == company else {
            throw CommandError(
                .usage, "--confirm names another company", at: company, remedy: "--confirm \(company)")
        }
        let company = company
        try Target.find(database).withClient { client in
            try await client.deleteCompany(company, confirmation: company)
        }
        Narration.say("Deleted.")
    }
}
