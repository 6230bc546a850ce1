import ArgumentParser
import Tenancy

/// `piste users`: the users of a company, read inside a context of their own that ends with the command.
struct UsersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "users",
        abstract: "List the users of a company; the reading is recorded in its audit trail.",
        discussion: """
            Of an adopted company they are the rows of the table that its map names ([users] table = …).

            Examples:
              piste users acme --filter ada
              piste users acme --limit 100000 --spreadsheet > users.csv
            """,
    )

    @Argument(help: "The company's url id.", completion: .companies)
    var company: String

    @Option(
        help: ArgumentHelp(
            "A fragment of the name or of the email address, a status, or status:invited, role:admin; !text for those without it, /text/ for a regular expression.",
            valueName: "text"))
    var filter = ""

    @OptionGroup var listing: ListingOptions
    @OptionGroup(title: "Database") var database: DatabaseOptions

    func validate() throws { try ValidationError.check(filter: filter) }

    func run() throws {
        let filter = filter
        try Self.columns.write(listing, from: company, Target.find(database), played: .users, filter) {
            session, request in try await session.users(matching: filter, request)
        }
    }

    static let columns = TenantListing<User>(
        columns: [
            Column("id", isIdentity: true) { .number($0.id) },
            Column("name") { .text($0.name) },
            Column("email", isIdentity: true) { .text($0.email) },
            Column("role") { .text($0.role) },
            Column("status") { .text($0.status.rawValue) },
            Column("locale", isDetail: true) { .text($0.locale) },
            Column("created_at", isDetail: true) { Value($0.createdAt) },
            Column("last_seen_at", title: "LAST SEEN") { Value($0.lastSeenAt) },
        ], keyset: \.keyset)
}
