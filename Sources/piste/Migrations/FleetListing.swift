import Listing
import Tenancy

/// The fleet at a glance: how many companies have which blueprint, those in trouble by name.
enum FleetListing {
    /// A line of it: companies of one version and state, or one company that failed or waits.
    struct Line: Sendable {
        var version: Int
        var target: Int
        var state: CompanyMigration.State
        var companies: Int
        var company: CompanyMigration?
    }

    static func write(of target: Target, as format: ListingFormat) throws {
        let lines = try target.withClient { client in
            let shares = try await client.fleet()
            var lines = shares.filter { $0.state != .failed && $0.state != .waiting }.map {
                Line(version: $0.version, target: $0.target, state: $0.state, companies: $0.companies)
            }
            guard lines.count < shares.count else { return lines }
            var last: String?
            repeat {
                let page = try await client.migrations(behind: true, after: last)
                for company in page where company.state == .failed || company.state == .waiting {
                    lines.append(
                        Line(
                            version: company.version, target: company.target, state: company.state,
                            companies: 1, company: company))
                }
                last = page.count < 10_000 ? nil : page.last?.urlID
            } while last != nil
            return lines
        }
        try Listing.write(lines, as: format, columns)
    }

    private static let columns: [Column<Line>] = [
        Column("version") { .number(Int64($0.version)) },
        Column("target", title: "NEWEST") { .number(Int64($0.target)) },
        Column("state") { .text($0.state.rawValue) },
        Column("companies") { .number(Int64($0.companies)) },
        Column("url_id", title: "COMPANY") { Value($0.company?.urlID) },
        Column("attempts", isDetail: true) { Value($0.company?.attempts) },
        Column("started_at", isDetail: true) { Value($0.company?.startedAt) },
        Column("milliseconds", isDetail: true) { Value($0.company?.milliseconds) },
        Column("done_by", isDetail: true) { Value($0.company?.doneBy) },
        Column("sqlstate") { Value($0.company?.failure?.sqlState) },
        Column("error") { Value($0.company?.failure?.message) },
    ]

    /// What came of companies that a run could not migrate.
    static let outcomes: [Column<MigrationOutcome>] = [
        Column("url_id", title: "COMPANY") { .text($0.urlID) },
        Column("version") { .number(Int64($0.from)) },
        Column("target", title: "NEWEST") { .number(Int64($0.target)) },
        Column("state") { .text($0.state.rawValue) },
        Column("milliseconds", isDetail: true) { .number(Int64($0.milliseconds)) },
        Column("sqlstate") { Value($0.failure?.sqlState) },
        Column("error") { Value($0.failure?.message) },
    ]
}
