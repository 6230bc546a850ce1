import ArgumentParser
import Tenancy
import Terminal

/// `piste audit erase`: what a trail holds of one row's values is destroyed.
struct AuditEraseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "erase",
        abstract: "Destroy the old and new values of one row in a company's audit trail (admin; on record).",
        discussion: """
            The records stay, and the chain goes on to verify: it covers a salted hash of the values, and the salt is \
            destroyed with them. Nothing brings them back, but a backup that was made before.

            TABLE and ID are what the trail says of a change: users and 7 of users/7.

            Examples:
              piste audit erase acme users 7 --reason "erasure request 114"
            """)

    @Argument(help: "The company's url id.", completion: .companies)
    var company: String

    @Argument(help: "The table that the row is in, or was in.")
    var table: String

    @Argument(help: "The row's id, as the trail names it.")
    var id: String

    @Option(help: "Why; it is recorded.")
    var reason: String

    @OptionGroup(title: "Database") var database: DatabaseOptions

    func run() throws {
        let (company, table, id, reason) = (company, table, id, reason)
        let target = try Target.findForChange(database)
        let erased = try target.withClient { client in
            try await client.eraseValues(of: company, table: table, id: id, reason: reason)
        }
        let row = String(displaying: "\(table)/\(id)")
        Narration.say(
            erased == 0
                ? "No entry about \(row) held values; that it was asked for is on record."
                : "Entries about \(row) that lost their values: \(erased). It is on record.")
    }
}
