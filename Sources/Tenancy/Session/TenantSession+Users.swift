import Postgres

extension TenantSession {
    private static let columns =
        "u.id, u.email, u.name, u.role, u.status, u.locale, u.created_at, u.last_seen_at"

    /// Lists users; the page's rows are in list order.
    public func users(
        matching filter: String = "", sort: User.Sort = .name, ascending: Bool = true,
        _ page: PageRequest<Keyset> = PageRequest()
    ) async throws(TenancyError) -> Page<User> {
        var detail: [String: DeclaredValue] = [
            "sort": .text(sort.rawValue), "limit": .number(Int64(page.limit)),
        ]
        if !filter.isEmpty { detail["filter"] = .text(String(filter.prefix(200))) }
        try await declare("users.read", "users", detail)
        let order = sort.order(ascending: ascending)
        let bound = order.bound(page.place, firstParameter: 2)
        var parameters: [Parameter] = [.int(Int64(page.limit + 1))] + bound.parameters
        var match = ""
        if let pattern = Fragment.pattern(filter) {
            parameters.append(.text(pattern))
            match =
                "AND u.search_text OPERATOR(piste.@~) lower($\(parameters.count)::text COLLATE piste.human)"
        }
        let rows = try await gated(
            """
            SELECT \(Self.columns), \(order.column)::text AS sort_key
            FROM users u
            WHERE true \(match) \(bound.condition)
            ORDER BY \(bound.orderBy)
            LIMIT $1
            """, parameters)
        return Page(rows: try rows.read(User.init(row:)), limit: page.limit, backward: bound.isBackward)
    }

    /// Reads one user; nil when there is none.
    public func user(_ id: Int64) async throws(TenancyError) -> User? {
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
            status: Status(rawValue: try row.string("status")) ?? .suspended,
            locale: try row.string("locale"),
            createdAt: try row.date("created_at"), lastSeenAt: try row.optionalDate("last_seen_at"),
            keyset: Keyset(key: try row.string("sort_key"), id: id))
    }
}
