/// One open context on a connection of its own; every read is declared in the company's audit trail before it runs.
public actor TenantSession {
    /// The context, as the server reported it.
    public nonisolated let context: OpenContext

    private init(context: OpenContext) { self.context = context }

    /// Lists users; the page's rows are in list order.
    public func users(
        matching filter: String = "", sort: User.Sort = .name, ascending: Bool = true,
        _ page: PageRequest<Keyset> = PageRequest()
    ) async throws(TenancyError) -> Page<User> { throw TenancyError(.failed, "") }

    /// Reads one user; nil when there is none.
    public func user(_ id: Int64) async throws(TenancyError) -> User? { nil }

    /// The number of users by the server's statistics; exact while they are few.
    public func estimatedUsers() async throws(TenancyError) -> Count { Count(0, isExact: true) }

    /// Lists journeys, of one user or of all; the filter looks at the user's name and email and the journey's name.
    public func journeys(
        of userID: Int64? = nil, matching filter: String = "", status: Journey.Status? = nil,
        sort: Journey.Sort = .updatedAt, ascending: Bool = false, _ page: PageRequest<Keyset> = PageRequest()
    ) async throws(TenancyError) -> Page<Journey> { throw TenancyError(.failed, "") }

    /// Reads one journey; nil when there is none.
    public func journey(_ id: Int64) async throws(TenancyError) -> Journey? { nil }

    /// Reads the steps of journeys, by position.
    public func steps(of journeyIDs: [Int64]) async throws(TenancyError) -> [JourneyStep] { [] }

    /// Figures for the overview, from one declared read.
    public func overview() async throws(TenancyError) -> Overview { throw TenancyError(.failed, "") }

    /// Reads this company's audit trail, newest first.
    public func auditTrail(before: Int64? = nil, limit: Int = 50) async throws(TenancyError) -> [AuditRecord]
    { [] }

    /// Calls `onRecord` with the number of each audit record as the server commits it, until the session ends.
    ///
    /// Listens on a connection of its own and keeps the company watched; `onRecord` runs on that connection's thread.
    public func watchAudit(_ onRecord: @escaping @Sendable (Int64) -> Void) async throws(TenancyError) {}

    /// Records that the context's token was shown on a screen.
    public func recordTokenShown() async throws(TenancyError) {}

    /// Suspends a user, or makes a suspended one active again; impersonation only.
    public func setStatus(_ status: User.Status, ofUser id: Int64) async throws(TenancyError) {}

    /// Retries, completes or cancels a step and moves its journey accordingly; impersonation only.
    public func change(_ step: JourneyStep, _ change: JourneyStep.Change) async throws(TenancyError) {}

    /// Interrupts what the session is doing, in PostgreSQL too; returns at once.
    public nonisolated func cancel() {}

    /// Leaves the context and closes the connection.
    public func leave() async {}

    /// Drops the connection without a word, for when the server does not answer.
    public nonisolated func abandon() {}
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
    /// How many unfinished journeys stand at each step, by position.
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
