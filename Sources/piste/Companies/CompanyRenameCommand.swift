import ArgumentParser
import Tenancy

/// `piste company rename`: another display name; nothing else changes.
struct CompanyRenameCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rename",
        abstract: "Give a company another display name (admin).",
        discussion: """
            Examples:
              piste company rename acme "Acme International"
            """,
    )

    @Argument(help: "The company's url id.", completion: .companies)
    var company: String

    @Argument(help: "The new name.")
    var name: String

    @OptionGroup(title: "Database") var database: DatabaseOptions

    func run() throws {
        let (company, name) = (company, name)
        try Target.findForChange(database).withClient { client in
            try await client.renameCompany(company, to: name)
        }
        Narration.say("Renamed.")
    }
}
