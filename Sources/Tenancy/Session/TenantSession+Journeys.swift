import Postgres

extension TenantSession {
    static let allResources = "users,journeys,journey_steps"

    /// Lists journeys, of one user or of all; the filter looks at the user's name and email and the journey's name, and what
    /// it can be stands at `Filter`.
    ///
    /// The columns are `status`, `step`, `user` and `name`; a word that is a status finds the journeys that have it, too.
    /// In an adopted company they are the rows of the table that its map names, as `users` says; they have no steps.
    ///
    /// Without an order they come by when they last moved.
    public func journeys(
        of userID: Int64? = nil, matching filter: String = "", status: Journey.Status? = nil,
        sort: Journey.Sort? = nil, ascending: Bool = false, _ page: PageRequest<Keyset> = PageRequest(),
        for purpose: ReadPurpose = .read
    ) async throws(TenancyError) -> Page<Journey> {
        if try await playedTables() != nil {
            return try await playedJourneys(
                of: userID, matching: filter, status: status, sort: sort?.rawValue, ascending: ascending,
                page,
                for: purpose)
        }
        let sort = sort ?? .updatedAt
        let wanted = try Filter(filter, fields: JourneySearch.fields.keys.sorted())
        var detail: [String: DeclaredValue] = [
            "sort": .text(sort.rawValue), "limit": .number(Int64(page.limit)),
        ]
        if let userID { detail["user"] = .number(userID) }
        if let status { detail["status"] = .text(status.rawValue) }
        if !filter.isEmpty { detail["filter"] = .text(String(filter.prefix(200))) }
        try await declare("journeys.\(purpose.rawValue)", Self.allResources, detail)

        var search = JourneySearch(
            sort: sort, bound: sort.order(ascending: ascending).bound(page.place, firstParameter: 2),
            limit: page.limit + 1)
        if let userID { search.require("j.user_id", .int(userID), "bigint") }
        if let status { search.require("j.status", .text(status.rawValue), "text") }
        do {
            let rows = try await readJourneys(
                page: search.sql(wanted), search.parameters,
                deadline: wanted.isIndexed ? Wire.patience : Filter.patience)
            return Page(rows: rows, limit: page.limit, backward: search.bound.isBackward)
        } catch {
            throw wanted.explained(error)
        }
    }

    /// Reads one journey; nil when there is none.
    public func journey(_ id: Int64) async throws(TenancyError) -> Journey? {
        if try await playedTables() != nil {
            let found = try await playedRows(.journeys, where: [RowCondition("id", .equals(String(id)))]).rows
            return try await playedJourneys(found).first
        }
        try await declare("journeys.read", Self.allResources, ["journey": .number(id)])
        return try await readJourneys("AND j.id = $2", .updatedAt, orderBy: "j.id", [.int(1), .int(id)]).first
    }

    private func playedJourneys(
        of userID: Int64?, matching filter: String, status: Journey.Status?, sort: String?, ascending: Bool,
        _ page: PageRequest<Keyset>, for purpose: ReadPurpose
    ) async throws(TenancyError) -> Page<Journey> {
        let conditions =
            (userID.map { [RowCondition("user", .equals(String($0)))] } ?? [])
            + (status.map { [RowCondition("status", .equals($0.rawValue))] } ?? [])
        let read = try await playedRows(
            .journeys, matching: filter, where: conditions, sort: sort, ascending: ascending,
            try page.played(),
            for: purpose)
        return Page(rows: try await playedJourneys(read.rows), hasMore: read.hasMore)
    }

    private func playedJourneys(_ rows: [PlayedRow]) async throws(TenancyError) -> [Journey] {
        let names = try await playedNames(of: rows)
        var journeys: [Journey] = []
        for row in rows {
            journeys.append(
                Journey(
                    id: try row.number("id", of: .journeys), userID: Int64(row.text("user")),
                    userName: names[row.text("user")] ?? "", name: row.text("name"),
                    status: Journey.Status(rawValue: row.text("status")), currentStep: 0, steps: 0,
                    currentStepName: nil, startedAt: row.moment("started_at"),
                    updatedAt: row.moment("updated_at"), keyset: row.keyset))
        }
        return journeys
    }

    /// Reads the journeys that fit a condition, at most $1 of them.
    func readJourneys(
        _ conditions: String, _ sort: Journey.Sort, orderBy: String, _ parameters: [Parameter]
    ) async throws(TenancyError) -> [Journey] {
        try await readJourneys(
            page: """
                SELECT j.id, \(sort.column)::text AS sort_key, row_number() OVER (ORDER BY \(orderBy)) AS place
                FROM \(sort.source)
                WHERE true \(conditions)
                ORDER BY \(orderBy)
                LIMIT $1
                """, parameters)
    }

    /// Reads the journeys of a page, which is SQL for their ids: it is cut first, so that users and steps are looked up for
    /// its rows only.
    func readJourneys(
        page: String, _ parameters: [Parameter], deadline: Duration = Wire.patience
    ) async throws(TenancyError) -> [Journey] {
        try await gated(
            """
            WITH page AS MATERIALIZED (
            \(page)
            )
            SELECT j.id, j.user_id, j.name, j.status, j.current_step, j.started_at, j.updated_at, page.sort_key,
                owner.name AS user_name, s.name AS step_name,
                (SELECT count(*) FROM journey_steps x WHERE x.journey_id = j.id) AS steps
            FROM page
            CROSS JOIN LATERAL (SELECT * FROM journeys j WHERE j.id = page.id OFFSET 0) j
            CROSS JOIN LATERAL (SELECT u.name FROM users u WHERE u.id = j.user_id OFFSET 0) owner
            LEFT JOIN LATERAL (
                SELECT s.name FROM journey_steps s WHERE s.journey_id = j.id AND s.position = j.current_step OFFSET 0
            ) s ON true
            ORDER BY page.place
            """, parameters, deadline: deadline
        ).read(Journey.init(row:))
    }

    /// Reads the steps of journeys, by position.
    public func steps(of journeyIDs: [Int64]) async throws(TenancyError) -> [JourneyStep] {
        guard !journeyIDs.isEmpty else { return [] }
        try await requireBlueprint()
        try await declare(
            "journey_steps.read", "journey_steps", ["journeys": .numbers(Array(journeyIDs.prefix(100)))])
        return try await readSteps(of: journeyIDs)
    }

    func readSteps(of journeyIDs: [Int64]) async throws(TenancyError) -> [JourneyStep] {
        return try await gated(
            """
            SELECT id, journey_id, position, name, state, entered_at, completed_at, note
            FROM journey_steps
            WHERE journey_id = ANY ($1::bigint[])
            ORDER BY journey_id, position
            """, [Self.list(journeyIDs)]
        ).read(JourneyStep.init(row:))
    }
}

extension Journey.Sort {
    var column: String {
        switch self {
        case .updatedAt: "j.updated_at"
        case .startedAt: "j.started_at"
        case .name: "j.name"
        case .status: "j.status"
        case .user: "u.name"
        case .step: "j.current_step"
        }
    }

    /// The tables that are read in this order.
    var source: String {
        self == .user ? "journeys j JOIN users u ON u.id = j.user_id" : "journeys j"
    }

    func order(ascending: Bool) -> KeysetOrder {
        let type =
            switch self {
            case .updatedAt, .startedAt: "timestamptz"
            case .name, .status, .user: "text"
            case .step: "integer"
            }
        return KeysetOrder(
            column: column, type: type, id: "j.id", ascending: ascending, isOfTwoTables: self == .user)
    }
}

extension Journey {
    init(row: Row) throws(PostgresError) {
        let id = Int64(try row.int("id"))
        self.init(
            id: id, userID: Int64(try row.int("user_id")), userName: try row.string("user_name"),
            name: try row.string("name"), status: Status(rawValue: try row.string("status")),
            currentStep: try row.int("current_step"), steps: try row.int("steps"),
            currentStepName: try row.optionalString("step_name"), startedAt: try row.date("started_at"),
            updatedAt: try row.date("updated_at"), keyset: Keyset(key: try row.string("sort_key"), id: id))
    }
}

extension JourneyStep {
    init(row: Row) throws(PostgresError) {
        self.init(
            id: Int64(try row.int("id")), journeyID: Int64(try row.int("journey_id")),
            position: try row.int("position"), name: try row.string("name"),
            state: State(rawValue: try row.string("state")) ?? .waiting,
            enteredAt: try row.optionalDate("entered_at"),
            completedAt: try row.optionalDate("completed_at"), note: try row.optionalString("note"))
    }
}
