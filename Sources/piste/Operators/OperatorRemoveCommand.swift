import ArgumentParser
import Tenancy
import Terminal

/// `piste operator remove`: takes every right in this database from a login.
struct OperatorRemoveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Take every right here from a login; its contexts end, the login itself stays.",
        discussion: """
            Examples:
              piste operator remove alice
            """,
    )

    @Argument(help: "The PostgreSQL login.")
    var name: String

    @OptionGroup(title: "Database") var database: DatabaseOptions

    func run() throws {
        let name = name
        let ended = try Target.findForChange(database).withClient { client in
            try await client.removeOperator(name)
        }
        Narration.say("\(String(displaying: name)) is no operator any more; \(ended) open contexts ended.")
    }
}
