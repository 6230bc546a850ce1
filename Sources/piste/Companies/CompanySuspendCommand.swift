import ArgumentParser
import Tenancy

/// `piste company suspend`: nobody enters, and who is inside is thrown out.
struct CompanySuspendCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "suspend",
        abstract: "Close a company: nobody enters, and every open context ends at once (admin).",
        discussion: """
            Examples:
              piste company suspend acme
            """,
    )

    @Argument(help: "The company's url id.", completion: .companies)
    var company: String

    @OptionGroup(title: "Database") var database: DatabaseOptions

    func run() throws {
        let company = company
        let ended = try Target.findForChange(database).withClient { client in
            try await client.suspendCompany(company)
        }
        Narration.say("Suspended; \(ended) open contexts ended.")
    }
}
