import ArgumentParser
import Listing
import Tenancy

/// `piste company list`: the companies that the operator may see.
struct CompanyListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List companies by name.",
        discussion: """
            Examples:
              piste company list --limit 200
              piste company list --spreadsheet > companies.csv
            """,
    )

    @Option(
        help: ArgumentHelp(
            "A fragment of the name or of the url id, a status, a sign-in, or status:suspended, provider:okta; !text for those without it, /text/ for a regular expression.",
            valueName: "text"))
    var filter = ""

    @OptionGroup var listing: ListingOptions
    @OptionGroup(title: "Database") var database: DatabaseOptions

    func validate() throws { try ValidationError.check(filter: filter) }

    func run() throws {
        let target = try Target.find(database)
        try Self.write(target, matching: filter, limit: listing.limit, format: listing.format)
    }

    /// Writes companies page by page, however many there are.
    static func write(_ target: Target, matching search: String, limit: Int, format: ListingFormat) throws {
        let isCut = try target.withClient { client in
            var listing = try Listing(format, Company.columns)
            var place = PageRequest<String>.Place.start
            var missing = limit
            while missing > 0 {
                let page = try await client.companies(
                    matching: search, PageRequest(place, limit: min(missing, 1_000)))
                try listing.append(page.rows)
                missing -= page.rows.count
                guard page.hasMore, let last = page.rows.last else {
                    try listing.finish()
                    return false
                }
                place = .after(last.urlID)
            }
            try listing.finish()
            return true
        }
        if isCut, format.isForPeople { Narration.sayMore(limit) }
    }
}
