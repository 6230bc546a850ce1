import ArgumentParser
import Listing
import Tenancy

/// `piste operator list`: every operator and its level.
struct OperatorListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the operators and their levels.",
        discussion: """
            Examples:
              piste operator list --format json
            """,
    )

    @OptionGroup var form: FormatOption
    @OptionGroup(title: "Database") var database: DatabaseOptions

    func run() throws {
        let operators = try Target.find(database).withClient { client in try await client.operators() }
        try Listing.write(
            operators, as: form.format,
            [
                Column("login", isIdentity: true) { .text($0.login) },
                Column("level") { .text($0.level.rawValue) },
                Column("sessions") { .text($0.hasSessions ? "yes" : "") },
                Column("drains") { .text($0.drains ? "yes" : "") },
                Column("added_at", title: "ADDED") { Value($0.addedAt) },
                Column("problem") { Value($0.problem) },
            ])
    }
}
