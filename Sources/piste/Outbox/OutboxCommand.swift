import ArgumentParser
import Listing
import Tenancy

/// `piste outbox`: what waits in the outboxes of companies.
struct OutboxCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "outbox",
        abstract: "List how many jobs wait in each company's outbox (admin).",
        discussion: """
            An application enqueues jobs inside a company with piste.enqueue, in the transaction of the change that asks \
            for them; a service that may drain (piste operator add LOGIN --level service --drains) takes them.

            Examples:
              piste outbox
              piste outbox --format json
            """,
    )

    @OptionGroup var form: FormatOption
    @OptionGroup(title: "Database") var database: DatabaseOptions

    func run() throws {
        let figures = try Target.find(database).withClient { client in try await client.outbox() }
        try Listing.write(
            figures, as: form.format,
            [
                Column("company", isIdentity: true) { .text($0.urlID) },
                Column("waiting") { .number(Int64($0.waiting)) },
                Column("leased") { .number(Int64($0.leased)) },
                Column("oldest", title: "SINCE") { .moment($0.oldest) },
            ])
    }
}
