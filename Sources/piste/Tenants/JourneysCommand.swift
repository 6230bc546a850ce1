import ArgumentParser
import Listing
import Tenancy

/// `piste journeys`: the journeys of a company's users, the last moved first.
struct JourneysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "journeys",
        abstract: "List the journeys of a company's users; the reading is recorded in its audit trail.",
        discussion: """
            Of an adopted company they are the rows of the table that its map names ([journeys] table = …).

            Examples:
              piste journeys acme --filter stalled
              piste journeys acme --limit 100000 --spreadsheet > journeys.csv
            """,
    )

    /// Where a journey stands, as an option names it.
    enum Status: String, ExpressibleByArgument, CaseIterable {
        case running, stalled, done, cancelled
    }

    @Argument(help: "The company's url id.", completion: .companies)
    var company: String

    @Option(
        help: ArgumentHelp(
            "A fragment of the user's or of the journey's name, a status, or status:stalled, step:invite, user:ada; !text for those without it, /text/ for a regular expression.",
            valueName: "text"))
    var filter = ""

    @Option(help: "Only those that are running, stalled, done or cancelled.")
    var status: Status?

    @OptionGroup var listing: ListingOptions
    @OptionGroup(title: "Database") var database: DatabaseOptions

    func validate() throws { try ValidationError.check(filter: filter) }

    func run() throws {
        let filter = filter
        let status = status.flatMap { Journey.Status(rawValue: $0.rawValue) }
        let only = status.map { [RowCondition("status", .equals($0.rawValue))] } ?? []
        try Self.columns.write(listing, from: company, Target.find(database), played: .journeys, filter, only)
        {
            session, request in try await session.journeys(matching: filter, status: status, request)
        }
    }

    static let columns = TenantListing<Journey>(columns: Journey.columns, keyset: \.keyset)
}
