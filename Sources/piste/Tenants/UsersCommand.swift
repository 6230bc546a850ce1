import ArgumentParser
import Listing
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

    static let columns = TenantListing<User>(columns: User.columns, keyset: \.keyset)
}
