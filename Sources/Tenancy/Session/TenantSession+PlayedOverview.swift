import Postgres

extension TenantSession {
    /// The most rows of a table that are all looked at; of a larger one, these stand for the others.
    private static let most = 200_000
    /// The most words for where a row stands that are told apart.
    private static let statuses = 12

    /// The figures of an adopted company, as far as its map names the columns, from one declared read.
    func playedOverview(_ played: PlayedTables) async throws(TenancyError) -> Overview {
        let resources = [played.users, played.journeys].compactMap { $0?.table.resource } + ["audit"]
        try await declare(
            "overview.read",
            resources.enumerated().filter { resources.firstIndex(of: $1) == $0 }.map(\.element)
                .joined(separator: ","))
        var overview = Overview()
        overview.hasUsers = played.users != nil
        overview.hasJourneys = played.journeys != nil
        if let users = played.users {
            let found = try await figures(of: users, since: "created_at")
            (overview.usersByStatus, overview.usersAreExact) = (
                found.byStatus.mapKeys(User.Status.init(rawValue:)), found.isExact
            )
            (overview.signUps, overview.signUpsByMonth) = (found.days, found.months)
            overview.hasSignUps = found.isExact && users.column("created_at")?.kind.isDay == true
        } else {
            overview.hasSignUps = false
        }
        if let journeys = played.journeys {
            let found = try await figures(of: journeys, since: nil)
            (overview.journeysByStatus, overview.journeysAreExact) = (
                found.byStatus.mapKeys(Journey.Status.init(rawValue:)), found.isExact
            )
        }
        try overview.take(audit: try await gated("SELECT * FROM piste.audit_figures(\(Overview.days))"))
        return overview
    }

    /// How many rows a table has, by the role `status` and by when they came.
    private struct Figures {
        var byStatus: [String: Int] = [:]
        var days = Array(repeating: 0, count: Overview.days)
        var months = Array(repeating: 0, count: Overview.months)
        var isExact = true
    }

    private func figures(of played: PlayedTable, since role: String?) async throws(TenancyError) -> Figures {
        let status = played.column("status").map {
            "coalesce(pg_catalog.left(\(RowsStatement.named($0))::text, 60), 'none')"
        }
        let moment = role.flatMap { played.column($0) }.flatMap { $0.kind.isDay ? $0 : nil }
        let at = moment.map { "\(RowsStatement.named($0))::timestamptz" } ?? "NULL::timestamptz"
        let rows = try await gated(
            """
            WITH looked AS MATERIALIZED (
                SELECT \(status ?? "''") AS status, \(at) AS at
                FROM \(Quoted.identifier(played.table.name)) t LIMIT \(Self.most + 1)
            ), dated AS (
                SELECT at FROM looked WHERE at IS NOT NULL AND pg_catalog.isfinite(at)
            ), month AS (
                SELECT ((extract(year FROM current_date) - extract(year FROM at)) * 12
                    + extract(month FROM current_date) - extract(month FROM at))::integer AS ago FROM dated
            )
            (SELECT 'status' AS kind, status::text AS name, count(*) AS rows FROM looked
             GROUP BY status ORDER BY count(*) DESC, status LIMIT \(Self.statuses))
            UNION ALL
            SELECT 'all', '', count(*) FROM looked
            UNION ALL
            SELECT 'day', (current_date - at::date)::text, count(*) FROM dated
            WHERE at >= (current_date - \(Overview.days - 1))::timestamptz GROUP BY 2
            UNION ALL
            SELECT 'month', ago::text, count(*) FROM month WHERE ago BETWEEN 0 AND \(Overview.months - 1) GROUP BY 2
            """, deadline: Filter.patience)
        var figures = Figures()
        var all = 0
        for row in rows {
            let (kind, name, count) = try row.read { row throws(PostgresError) in
                (try row.string("kind"), try row.string("name"), try row.int("rows"))
            }
            switch kind {
            case "status": figures.byStatus[name] = count
            case "day": figures.days.note(count, ago: Int(name))
            case "month": figures.months.note(count, ago: Int(name))
            default: all = count
            }
        }
        figures.isExact = all <= Self.most
        if !figures.isExact {
            let share = max(1, Double(played.table.estimatedRows ?? 0) / Double(all))
            figures.byStatus = figures.byStatus.mapValues { Int(Double($0) * share) }
        }
        return figures
    }
}

extension ValueKind {
    /// Whether such a value is a day, or lies in one.
    fileprivate var isDay: Bool { self == .moment || self == .localMoment || self == .date }
}

extension [String: Int] {
    fileprivate func mapKeys<New: Hashable>(_ key: (String) -> New) -> [New: Int] {
        reduce(into: [:]) { $0[key($1.key), default: 0] += $1.value }
    }
}
