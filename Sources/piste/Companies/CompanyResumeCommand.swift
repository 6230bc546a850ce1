import ArgumentParser
import Tenancy

/// `piste company resume`: a suspended company can be entered again.
struct CompanyResumeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Let a suspended company be entered again; tokens from before stay dead (admin).",
        discussion: """
            Examples:
              piste company resume acme
            """,
    )

    @Argument(help: "The company's url id.", completion: .companies)
    var company: String

    @OptionGroup(title: "Database") var database: DatabaseOptions

    func run() throws {
        let company = company
        try Target.findForChange(database).withClient { client in try await client.resumeCompany(company) }
        Narration.say("Active again.")
    }
}
