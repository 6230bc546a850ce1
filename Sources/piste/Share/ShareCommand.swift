import ArgumentParser
import Listing
import Tenancy
import Terminal

/// `piste share`: reference tables that are the same for every company.
struct ShareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "share",
        abstract: "Let everybody inside a company read a reference table that is the same for all.",
        discussion: """
            Whoever is inside reads it under its own name, without a declaration and without a record, and nobody writes \
            it there. A company's foreign keys may lead to it, without cascades. piste prove names what is shared.

            Examples:
              piste share countries
              piste share --list
              piste share countries --stop
            """,
    )

    @Argument(help: "The table; without a schema it is one of public.")
    var table: String?

    @Flag(help: "List what is shared.")
    var list = false

    @Flag(help: "End it.")
    var stop = false

    @OptionGroup var form: FormatOption
    @OptionGroup(title: "Database") var database: DatabaseOptions

    func validate() throws {
        guard list != (table != nil) else {
            throw ValidationError("name a table, or take --list")
        }
        guard !list || !stop else { throw ValidationError("take one of --list and --stop") }
    }

    func run() throws {
        guard let table else {
            let tables = try Target.find(database).withClient { client in try await client.sharedTables() }
            return try Listing.write(tables, as: form.format, Self.columns)
        }
        let target = try Target.findForChange(database, localLogin: "postgres")
        let stop = stop
        try target.withClient { client in
            if stop {
                try await client.stopSharing(table: table)
            } else {
                try await client.share(table: table)
            }
        }
        Narration.say(
            stop
                ? "\(String(displaying: table)) is not shared any more."
                : "\(String(displaying: table)) is shared: whoever is inside a company reads it.")
    }

    private static let columns: [Column<SharedTable>] = [
        Column("name", isIdentity: true) { .text($0.name) },
        Column("schema") { .text($0.schema) },
        Column("shared_at", title: "SINCE") { .moment($0.sharedAt) },
        Column("shared_by", title: "BY") { .text($0.sharedBy) },
    ]
}
