import ArgumentParser
import Listing
import Tenancy

/// `piste audit show`: the newest records of a trail.
struct AuditShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a company's audit trail, newest first (admin; the reading itself is recorded).",
        discussion: """
            Examples:
              piste audit show acme --limit 20
              piste audit show acme --format json
            """,
    )

    @Argument(help: "The company's url id; without one, the engine's own trail.", completion: .companies)
    var company: String?

    @OptionGroup var listing: ListingOptions
    @OptionGroup(title: "Database") var database: DatabaseOptions

    func run() throws {
        let (company, limit, format) = (company, listing.limit, listing.format)
        try Target.find(database).withClient { client in
            var listing = try Listing(format, AuditRecord.columns)
            var missing = limit
            var before: Int64?
            var least = Int64.max
            var isWhole = false
            while missing > 0 {
                let records = try await client.auditTrail(
                    of: company, before: before, limit: min(missing, 1_000))
                try listing.append(records)
                missing -= records.count
                least = min(least, records.compactMap(\.seq).min() ?? least)
                guard let last = records.last, records.count == min(missing + records.count, 1_000) else {
                    isWhole = true
                    break
                }
                before = last.id
            }
            try listing.finish()
            if isWhole, (2..<Int64.max).contains(least) {
                Narration.say("The records up to \(least - 1) are archived.")
            }
        }
    }
}
