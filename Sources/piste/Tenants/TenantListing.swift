import Tenancy

/// A list of a company's rows, read page by page inside a context that lives as long as the command.
struct TenantListing<Row: Hashable & Sendable>: Sendable {
    let columns: [Column<Row>]
    let keyset: @Sendable (Row) -> Keyset

    /// The most rows that one page asks for.
    private static var pageSize: Int { 1_000 }

    init(columns: [Column<Row>], keyset: @escaping @Sendable (Row) -> Keyset) {
        self.columns = columns
        self.keyset = keyset
    }

    /// Enters, writes as many rows as were asked for, and leaves, whatever happens.
    func write(
        _ options: ListingOptions, from company: String, _ target: Target,
        read: @escaping @Sendable (TenantSession, PageRequest<Keyset>) async throws -> Page<Row>
    ) throws {
        let (limit, format) = (options.limit, options.format)
        let isCut = try target.inside(company) { session in
            var listing = try Listing(format, columns)
            var place = PageRequest<Keyset>.Place.start
            var missing = limit
            var hasMore = true
            while missing > 0, hasMore {
                let page = try await read(session, PageRequest(place, limit: min(missing, Self.pageSize)))
                try listing.append(page.rows)
                missing -= page.rows.count
                hasMore = page.hasMore
                guard let last = page.rows.last else { break }
                place = .after(keyset(last))
            }
            try listing.finish()
            return hasMore
        }
        if isCut, format.isForPeople { Narration.sayMore(limit) }
    }
}
