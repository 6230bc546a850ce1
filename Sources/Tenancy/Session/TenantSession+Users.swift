import Postgres

extension TenantSession {
    static let columns =
        "u.id, u.email, u.name, u.role, u.status, u.locale, u.created_at, u.last_seen_at"

    /// Lists users; the page's rows are in list order.
    ///
    /// What a filter can be stands at `Filter`; the columns are `status`, `role`, `name`, `email` and `locale`. A word that is
    /// a status finds the users that have it, too. Letters with and without accents are the same; in a company of more than
    /// 3,000 users, where an index finds them, those of European languages are.
    ///
    /// In an adopted company they are the rows of the table that its map names, with the columns that it names: what it names
    /// none for is empty, and cannot order them. A text is looked for in all of those columns. Without an order they come by
    /// their names; in an adopted company where too many rows would be sorted for that, by the key.
    ///
    /// - Throws: `failed` with what to do where no table plays an adopted company's users, or where their ids are no whole
    ///   numbers (`rows` reads those).
    public func users(
        matching filter: String = "", sort: User.Sort? = nil, ascending: Bool = true,
        _ page: PageRequest<Keyset> = PageRequest(), for purpose: ReadPurpose = .read
    ) async throws(TenancyError) -> Page<User> {
        if try await playedTables() != nil {
            let read = try await playedRows(
                .users, matching: filter, sort: sort?.rawValue, ascending: ascending, try page.played(),
                for: purpose)
            return Page(rows: try read.rows.map(User.init(played:)), hasMore: read.hasMore)
        }
        let sort = sort ?? .name
        let wanted = try Filter(filter, fields: Self.fieldsOfUsers.keys.sorted())
        var detail: [String: DeclaredValue] = [
            "sort": .text(sort.rawValue), "limit": .number(Int64(page.limit)),
        ]
        if !filter.isEmpty { detail["filter"] = .text(String(filter.prefix(200))) }
        try await declare("users.\(purpose.rawValue)", "users", detail)
        let order = sort.order(ascending: ascending)
        let bound = order.bound(page.place, firstParameter: 2)
        var parameters: [Parameter] = [.int(Int64(page.limit + 1))] + bound.parameters
        let fields = wanted.conditions(on: Self.fieldsOfUsers, &parameters)
        let isState = wanted.isWord(of: User.Status.allCases.map(\.rawValue))
        let rows: Rows
        if wanted.isIndexed, !isState, case .fragment(let text) = wanted.wanted, let fragment = Fragment(text)
        {
            rows = try await gated(
                Self.search(fragment, order, bound, fields, parameter: parameters.count + 1),
                parameters + [fragment.parameter])
        } else {
            let parameter = parameters.count + 1
            let condition = wanted.condition(
                fragment: Fragment.match("u.search_text", parameter: parameter),
                texts: ["u.name", "u.email"], parameter: parameter,
                or: isState ? "u.status = lower($\(parameter)::text)" : nil)
            if let parameter = wanted.parameter { parameters.append(parameter) }
            do {
                rows = try await gated(
                    """
                    SELECT \(Self.columns), \(order.column)::text AS sort_key
                    FROM users u
                    WHERE \(condition) \(fields) \(bound.condition)
                    ORDER BY \(bound.orderBy)
                    LIMIT $1
                    """, parameters, deadline: wanted.isIndexed ? Wire.patience : Filter.patience)
            } catch {
                throw wanted.explained(error)
            }
        }
        return Page(rows: try rows.read(User.init(row:)), limit: page.limit, backward: bound.isBackward)
    }

    /// What a filter can ask for by name.
    private static let fieldsOfUsers: [String: (sql: String, isAnywhere: Bool)] = [
        "status": ("u.status", false), "role": ("u.role", false), "name": ("u.name", true),
        "email": ("u.email", true), "locale": ("u.locale", false),
    ]

    /// How many rows are read through in their order before the index of fragments is asked.
    private static let nearby = 3000
    /// How many more are read through when that many of them matched, so that the page is likely to fill.
    private static let further = 12_000
    private static let promising = 12

    /// One page of what matches.
    ///
    /// The planner knows nothing of the words in the rows, so the question is asked in two ways. What is frequent is found
    /// among the next rows in their order; otherwise the index of fragments finds all that match, which are then few enough
    /// to be sorted. The second is not begun when the first has filled the page or has come to the end.
    private static func search(
        _ fragment: Fragment, _ order: KeysetOrder, _ bound: KeysetOrder.Bound, _ fields: String,
        parameter: Int
    ) -> String {
        let nearbyMatch = fragment.nearbyMatch("u.search_text", parameter: parameter)
        let direction = bound.comparison == ">" ? "ASC" : "DESC"
        return """
            WITH \(Fragment.large), walk AS MATERIALIZED (
                SELECT u.id, u.search_text, \(order.column) AS key FROM users u
                WHERE true \(fields) \(bound.condition)
                ORDER BY \(bound.orderBy) LIMIT \(nearby)
            ), near AS MATERIALIZED (
                SELECT u.id, row_number() OVER () AS place FROM walk u WHERE \(nearbyMatch) LIMIT $1
            ), last AS MATERIALIZED (
                SELECT u.key, u.id FROM walk u OFFSET \(nearby - 1)
            ), further AS MATERIALIZED (
                SELECT u.id, u.search_text FROM users u
                WHERE (SELECT count(*) FROM near) >= \(promising) \(fields)
                    AND (\(order.column), u.id) \(bound.comparison) ((SELECT key FROM last), (SELECT id FROM last))
                ORDER BY \(bound.orderBy) LIMIT \(further)
            ), near_too AS MATERIALIZED (
                SELECT u.id, (SELECT count(*) FROM near) + row_number() OVER () AS place
                FROM further u WHERE \(nearbyMatch) LIMIT $1
            ), far AS (
                SELECT u.id, row_number() OVER () AS place
                FROM (
                    SELECT u.id FROM (
                        SELECT u.id, \(order.column) AS key FROM users u
                        WHERE \(fragment.indexedMatch("u.search_text", parameter: parameter))
                            \(fields) \(bound.condition)
                        OFFSET 0
                    ) u
                    ORDER BY u.key \(direction), u.id \(direction) LIMIT $1
                ) u
            ), way AS MATERIALIZED (
                SELECT CASE
                    WHEN (SELECT count(*) FROM near) >= $1 OR (SELECT count(*) FROM walk) < \(nearby) THEN 'near'
                    WHEN (SELECT count(*) FROM near) + (SELECT count(*) FROM near_too) >= $1 THEN 'near too'
                    ELSE 'far' END AS name
            ), page AS (
                SELECT * FROM near WHERE (SELECT name FROM way) <> 'far'
                UNION ALL
                SELECT * FROM near_too WHERE (SELECT name FROM way) = 'near too'
                UNION ALL
                SELECT * FROM far WHERE (SELECT name FROM way) = 'far'
                ORDER BY place LIMIT $1
            )
            SELECT \(columns), \(order.column)::text AS sort_key
            FROM page JOIN users u ON u.id = page.id
            ORDER BY page.place
            """
    }

    /// Reads one user; nil when there is none.
    public func user(_ id: Int64) async throws(TenancyError) -> User? {
        if try await playedTables() != nil {
            return try await playedRows(.users, where: [RowCondition("id", .equals(String(id)))])
                .rows.first.map(User.init(played:))
        }
        try await declare("users.read", "users", ["user": .number(id)])
        return try await readUser(id)
    }

    func readUser(_ id: Int64) async throws(TenancyError) -> User? {
        try await gated(
            "SELECT \(Self.columns), u.name::text AS sort_key FROM users u WHERE u.id = $1", [.int(id)]
        ).read(User.init(row:)).first
    }

    /// The number of users by the server's statistics; exact while they are few.
    public func estimatedUsers() async throws(TenancyError) -> Count {
        let estimate = try await statisticsOfUsers()
        if let played = try await playedTables() {
            let table = try played.table(.users, in: context.urlID).table
            guard estimate < 5_000 else { return Count(estimate, isExact: false) }
            return Count(Int(try await countRows(of: table)), isExact: true)
        }
        guard estimate < 5_000 else { return Count(estimate, isExact: false) }
        try await declare("users.count", "users")
        let rows = try await gated("SELECT count(*) AS users FROM users")
        return Count(
            try rows.first?.read { row throws(PostgresError) in try row.int("users") } ?? 0, isExact: true)
    }

    func statisticsOfUsers() async throws(TenancyError) -> Int {
        let rows = try await wire.rows("SELECT users_estimate FROM piste.company($1)", [.text(context.urlID)])
        return try rows.first?.read { row throws(PostgresError) in try row.optionalInt(0) } ?? 0
    }
}

extension User.Sort {
    /// The blueprint's column for this order.
    ///
    /// Those never seen come before all others.
    fileprivate func order(ascending: Bool) -> KeysetOrder {
        let (column, type) =
            switch self {
            case .name: ("u.name", "text")
            case .email: ("u.email", "text")
            case .status: ("u.status", "text")
            case .role: ("u.role", "text")
            case .createdAt: ("u.created_at", "timestamptz")
            case .lastSeenAt: ("u.last_seen_key", "timestamptz")
            }
        return KeysetOrder(column: column, type: type, id: "u.id", ascending: ascending)
    }
}

extension User {
    init(row: Row) throws(PostgresError) {
        let id = Int64(try row.int("id"))
        self.init(
            id: id, email: try row.string("email"), name: try row.string("name"),
            role: try row.string("role"),
            status: Status(rawValue: try row.string("status")),
            locale: try row.string("locale"),
            createdAt: try row.date("created_at"), lastSeenAt: try row.optionalDate("last_seen_at"),
            keyset: Keyset(key: try row.string("sort_key"), id: id))
    }
}

extension User {
    /// A user of an adopted company, with what its map names.
    init(played row: PlayedRow) throws(TenancyError) {
        self.init(
            id: try row.number("id", of: .users), email: row.text("email"), name: row.text("name"),
            role: row.text("role"), status: Status(rawValue: row.text("status")), locale: row.text("locale"),
            createdAt: row.moment("created_at"), lastSeenAt: row.moment("last_seen_at"), keyset: row.keyset)
    }
}
