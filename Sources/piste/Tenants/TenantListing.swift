import Listing
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
    ///
    /// - Parameters:
    ///   - part: what the rows are; in an adopted company they are read as its map says, whatever their ids are.
    ///   - filter: what was typed for them.
    ///   - conditions: what they must be besides, by what the map calls the columns.
    func write(
        _ options: ListingOptions, from company: String, _ target: Target, played part: PlayedPart,
        _ filter: String, _ conditions: [RowCondition] = [],
        read: @escaping @Sendable (TenantSession, PageRequest<Keyset>) async throws -> Page<Row>
    ) throws {
        let (limit, format) = (options.limit, options.format)
        let isCut = try target.inside(company) { session in
            guard session.context.isAdopted else {
                return try await pages(
                    limit, try Listing(format, columns),
                    place: { PageRequest<Keyset>.Place.after(keyset($0)) },
                    read: { try await read(session, $0) })
            }
            return try await pages(
                limit, try Listing(format, played(part)),
                place: { PageRequest<RowPlace>.Place.after($0.row.place) },
                read: { (request: PageRequest<RowPlace>) in
                    let page = try await session.playedRows(
                        part, matching: filter, where: conditions, request)
                    let names = part == .journeys ? try await session.playedNames(of: page.rows) : [:]
                    return Page(
                        rows: page.rows.map { PlayedLine(row: $0, userName: names[$0.text("user")]) },
                        hasMore: page.hasMore)
                })
        }
        if isCut, format.isForPeople { Narration.sayMore(limit) }
    }

    /// Writes page after page; whether there are more rows than were asked for.
    private func pages<Line: Hashable & Sendable, Anchor: Hashable & Sendable>(
        _ limit: Int, _ listing: Listing<Line>, place next: (Line) -> PageRequest<Anchor>.Place,
        read: (PageRequest<Anchor>) async throws -> Page<Line>
    ) async throws -> Bool {
        var listing = listing
        var place = PageRequest<Anchor>.Place.start
        var missing = limit
        var hasMore = true
        while missing > 0, hasMore {
            let page = try await read(PageRequest(place, limit: min(missing, Self.pageSize)))
            try listing.append(page.rows)
            missing -= page.rows.count
            hasMore = page.hasMore
            guard let last = page.rows.last else { break }
            place = next(last)
        }
        try listing.finish()
        return hasMore
    }

    /// The same columns, of an adopted company's rows; a column that its map does not name is empty.
    private func played(_ part: PlayedPart) -> [Column<PlayedLine>] {
        columns.map { column in
            let role = column.key == "user_id" ? "user" : column.key
            return Column(
                column.key, title: column.title, isDetail: column.isDetail, isIdentity: column.isIdentity
            ) { line in
                role == "user_name" ? Value(line.userName) : Value(line.row, role)
            }
        }
    }
}

/// A row of an adopted company, with the name of the user whom it names.
private struct PlayedLine: Hashable, Sendable {
    let row: PlayedRow
    let userName: String?
}

extension Value {
    /// What a role's column holds, as a company that Piste made would have it.
    fileprivate init(_ row: PlayedRow, _ role: String) {
        guard let text = row.values[role]?.text else {
            self = .none
            return
        }
        if let moment = row.moment(role) {
            self = .moment(moment)
        } else if row.kinds[role] == .number, let number = Int64(text) {
            self = .number(number)
        } else {
            self = .text(text)
        }
    }
}
