import Postgres

extension TenantSession {
    /// The most users, and the most journeys, that are all looked at.
    private static let most = (users: 20_000, journeys: 10_000)
    /// How many of more are looked at: every so many-th by its id.
    private static let sample = (users: 4_000, journeys: 3_000)

    /// Figures for the overview, from one declared read.
    ///
    /// Of a large company every so many-th user and journey is looked at, evenly over all ids, and stands for those
    /// beside it: the same ones each time, and a million rows are never scanned for a picture.
    ///
    /// Of an adopted company they are what its map leads to.
    public func overview() async throws(TenancyError) -> Overview {
        if let played = try await playedTables() { return try await playedOverview(played) }
        try await declare("overview.read", "users,journeys,journey_steps,audit")
        let sizes = try await gated(
            """
            SELECT (SELECT count(*) FROM (SELECT FROM users LIMIT \(Self.most.users + 1)) u) AS users,
                (SELECT count(*) FROM (SELECT FROM journeys LIMIT \(Self.most.journeys + 1)) j) AS journeys
            """)
        let (users, journeys) =
            try sizes.first?.read { row throws(PostgresError) in
                (try row.int("users"), try row.int("journeys"))
            } ?? (0, 0)
        var overview = Overview()
        overview.usersAreExact = users <= Self.most.users
        overview.journeysAreExact = journeys <= Self.most.journeys
        try overview.take(users: try await gated(Self.users(isWhole: overview.usersAreExact)))
        try overview.take(journeys: try await gated(Self.journeys(isWhole: overview.journeysAreExact)))
        try overview.take(audit: try await gated("SELECT * FROM piste.audit_figures(\(Overview.days))"))
        return overview
    }

    /// A common table `looked` of the rows that are looked at, and `scale` with how many each of them stands for.
    ///
    /// Each row of a sample is found by its own: the planner would take thousands of ids for a reason to read them all.
    private static func looked(_ table: String, _ columns: String, isWhole: Bool, sample: Int) -> String {
        guard !isWhole else {
            return """
                WITH scale AS (SELECT 1::bigint AS stride),
                looked AS MATERIALIZED (SELECT \(columns) FROM \(table))
                """
        }
        return """
            WITH extent AS MATERIALIZED (
                SELECT (SELECT min(id) FROM \(table)) AS low, (SELECT max(id) FROM \(table)) AS high
            ), scale AS MATERIALIZED (
                SELECT low, high, greatest(1, (high - low) / \(sample)) AS stride FROM extent
            ), looked AS MATERIALIZED (
                SELECT found.* FROM scale, generate_series(low, high, stride) AS g
                CROSS JOIN LATERAL (SELECT \(columns) FROM \(table) WHERE id = g LIMIT 1) AS found
            )
            """
    }

    /// Users by status, and sign-ups by day and by month, as `kind, name, rows, sampled`.
    ///
    /// The days of a large company come from the index of sign-ups, unless too many lie in them.
    private static func users(isWhole: Bool) -> String {
        let recent =
            isWhole
            ? "SELECT created_at FROM looked WHERE created_at >= (current_date - \(Overview.days - 1))::timestamptz"
            : """
            SELECT created_at FROM users WHERE created_at >= (current_date - \(Overview.days - 1))::timestamptz
            ORDER BY created_at DESC LIMIT \(most.users + 1)
            """
        return """
            \(looked("users", "status, created_at", isWhole: isWhole, sample: sample.users)),
            recent AS MATERIALIZED (\(recent)),
            crowd AS MATERIALIZED (SELECT count(*) > \(most.users) AS is_too_large FROM recent)
            SELECT 'status' AS kind, status::text AS name, count(*) * (SELECT stride FROM scale) AS rows,
                \(!isWhole) AS sampled
            FROM looked GROUP BY status
            UNION ALL
            SELECT 'day', (current_date - created_at::date)::text, count(*), false
            FROM recent WHERE NOT (SELECT is_too_large FROM crowd) GROUP BY 2
            UNION ALL
            SELECT 'day', (current_date - created_at::date)::text, count(*) * (SELECT stride FROM scale), true
            FROM looked
            WHERE (SELECT is_too_large FROM crowd) AND created_at >= (current_date - \(Overview.days - 1))::timestamptz GROUP BY 2
            UNION ALL
            SELECT 'month', months.ago::integer::text, count(*) * (SELECT stride FROM scale), \(!isWhole)
            FROM looked, LATERAL (
                SELECT (extract(year FROM current_date) - extract(year FROM created_at)) * 12
                    + extract(month FROM current_date) - extract(month FROM created_at) AS ago
            ) AS months
            WHERE months.ago < \(Overview.months) GROUP BY 2
            """
    }

    /// Journeys by status; and for each name of a journey that many users are on, how many of them reached each step, and
    /// how many are stuck there.
    private static func journeys(isWhole: Bool) -> String {
        """
        \(looked("journeys", "id, user_id, name, status", isWhole: isWhole, sample: sample.journeys)),
        named AS MATERIALIZED (
            SELECT name, count(DISTINCT user_id) AS users FROM looked
            GROUP BY name ORDER BY users DESC, name LIMIT \(Overview.funnelsShown)
        )
        SELECT 'status' AS kind, status::text COLLATE "C" AS name, NULL::integer AS position, NULL AS step,
            count(*) * (SELECT stride FROM scale) AS reached, 0::bigint AS stuck
        FROM looked GROUP BY status
        UNION ALL
        SELECT 'name', name::text COLLATE "C", NULL, NULL, users * (SELECT stride FROM scale), 0 FROM named
        UNION ALL
        SELECT 'step', j.name::text COLLATE "C", s.position, mode() WITHIN GROUP (ORDER BY s.name::text),
            count(DISTINCT j.user_id) FILTER (WHERE s.entered_at IS NOT NULL) * (SELECT stride FROM scale),
            count(DISTINCT j.user_id) FILTER (WHERE s.state = 'stalled') * (SELECT stride FROM scale)
        FROM named n JOIN looked j ON j.name = n.name JOIN journey_steps s ON s.journey_id = j.id
        WHERE s.position <= \(Overview.stepsShown)
        GROUP BY j.name, s.position
        ORDER BY kind, reached DESC, name, position
        """
    }
}

extension Overview {
    fileprivate mutating func take(users rows: Rows) throws(TenancyError) {
        for row in rows {
            let (kind, name, count, isSampled) = try row.read { row throws(PostgresError) in
                (
                    try row.string("kind"), try row.string("name"), try row.int("rows"),
                    try row.bool("sampled")
                )
            }
            switch kind {
            case "status": usersByStatus[User.Status(rawValue: name)] = count
            case "day":
                signUps.note(count, ago: Int(name))
                signUpsAreExact = !isSampled
            default: signUpsByMonth.note(count, ago: Int(name))
            }
        }
    }

    fileprivate mutating func take(journeys rows: Rows) throws(TenancyError) {
        var steps: [String: [JourneyFunnel.Step]] = [:]
        var users: [(name: String, users: Int)] = []
        for row in rows {
            let (kind, name, count) = try row.read { row throws(PostgresError) in
                (try row.string("kind"), try row.string("name"), try row.int("reached"))
            }
            switch kind {
            case "status":
                journeysByStatus[Journey.Status(rawValue: name)] = count
            case "name": users.append((name, count))
            default:
                steps[name, default: []].append(
                    try row.read { row throws(PostgresError) in
                        JourneyFunnel.Step(
                            position: try row.int("position"), name: try row.string("step"), reached: count,
                            stuck: try row.int("stuck"))
                    })
            }
        }
        funnels = users.map { each in
            JourneyFunnel(
                name: each.name, users: each.users,
                steps: (steps[each.name] ?? []).sorted { $0.position < $1.position })
        }
    }

    mutating func take(audit rows: Rows) throws(TenancyError) {
        for row in rows {
            let (kind, name, count, isSampled) = try row.read { row throws(PostgresError) in
                (
                    try row.string("kind"), try row.string("name"), try row.int("records"),
                    try row.bool("sampled")
                )
            }
            switch kind {
            case "day": audit.days.note(count, ago: Int(name))
            case "action": audit.kinds.append(AuditFigures.Share(name: name, records: count))
            default: audit.actors.append(AuditFigures.Share(name: name, records: count))
            }
            if isSampled { audit.isExact = false }
        }
    }
}

extension [Int] {
    /// Puts a count where it belongs in a list that ends today, or with this month.
    mutating func note(_ count: Int, ago: Int?) {
        guard let ago, indices.contains(self.count - 1 - Swift.max(0, ago)) else { return }
        self[self.count - 1 - Swift.max(0, ago)] += count
    }
}
