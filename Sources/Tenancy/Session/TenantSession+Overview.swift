import Postgres

extension TenantSession {
    /// Figures for the overview, from one declared read.
    ///
    /// A large company's come from its newest 20,000 users and journeys: they are the ones worth a look, and a million
    /// rows are never scanned for a picture.
    public func overview() async throws(TenancyError) -> Overview {
        let isSample = try await statisticsOfUsers() > 50_000
        try await declare("overview.read", "users,journeys,journey_steps")
        let limit = isSample ? "ORDER BY id DESC LIMIT 20000" : ""
        let users = try await gated(
            "SELECT status, count(*) AS rows FROM (SELECT status FROM users \(limit)) u GROUP BY status")
        let journeys = try await gated(
            "SELECT status, count(*) AS rows FROM (SELECT status FROM journeys \(limit)) j GROUP BY status")
        let signUps = try await gated(
            """
            SELECT count(u.created_at) AS rows
            FROM generate_series(current_date - 27, current_date, interval '1 day') AS day
            LEFT JOIN (SELECT created_at FROM users \(limit)) u
                ON u.created_at >= day AND u.created_at < day + interval '1 day'
            GROUP BY day ORDER BY day
            """)
        let funnel = try await gated(
            """
            SELECT s.position, mode() WITHIN GROUP (ORDER BY s.name::text) AS name,
                count(*) FILTER (WHERE s.entered_at IS NOT NULL) AS rows
            FROM (SELECT id FROM journeys \(limit)) j JOIN journey_steps s ON s.journey_id = j.id
            GROUP BY s.position ORDER BY s.position LIMIT 12
            """)
        return Overview(
            usersByStatus: try users.tally { User.Status(rawValue: $0) },
            journeysByStatus: try journeys.tally { Journey.Status(rawValue: $0) },
            signUps: try signUps.read { row throws(PostgresError) in try row.int("rows") },
            funnel: try funnel.read { row throws(PostgresError) in
                Overview.FunnelStep(
                    position: try row.int("position"), name: try row.string("name"),
                    reached: try row.int("rows"))
            }, isSample: isSample)
    }
}

extension Rows {
    /// Rows of `status, rows` as a dictionary.
    fileprivate func tally<Key: Hashable>(_ key: (String) -> Key?) throws(TenancyError) -> [Key: Int] {
        var tally: [Key: Int] = [:]
        for row in self {
            let (status, count) = try row.read { row throws(PostgresError) in
                (try row.string("status"), try row.int("rows"))
            }
            if let key = key(status) { tally[key] = count }
        }
        return tally
    }
}

/// A number of rows, exact or by the server's statistics.
public struct Count: Hashable, Sendable {
    /// The number.
    public let value: Int
    /// Whether it was counted; shown with ≈ when not.
    public let isExact: Bool

    package init(_ value: Int, isExact: Bool) {
        self.value = value
        self.isExact = isExact
    }
}

/// Figures of one company for its overview.
public struct Overview: Hashable, Sendable {
    /// Users by status.
    public let usersByStatus: [User.Status: Int]
    /// Journeys by status.
    public let journeysByStatus: [Journey.Status: Int]
    /// Sign-ups of the last 28 days, oldest first.
    public let signUps: [Int]
    /// How many journeys reached each step, by position.
    public let funnel: [FunnelStep]
    /// Whether the figures come from all rows, or from a sample of the newest.
    public let isSample: Bool

    /// A position of the funnel.
    public struct FunnelStep: Hashable, Sendable {
        /// The step's place, from 1.
        public let position: Int
        /// The name most journeys give it.
        public let name: String
        /// Journeys that reached it.
        public let reached: Int

        package init(position: Int, name: String, reached: Int) {
            self.position = position
            self.name = name
            self.reached = reached
        }
    }

    package init(
        usersByStatus: [User.Status: Int], journeysByStatus: [Journey.Status: Int], signUps: [Int],
        funnel: [FunnelStep], isSample: Bool
    ) {
        self.usersByStatus = usersByStatus
        self.journeysByStatus = journeysByStatus
        self.signUps = signUps
        self.funnel = funnel
        self.isSample = isSample
    }
}
