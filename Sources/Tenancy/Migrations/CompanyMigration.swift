public import FoundationEssentials

/// Where one company stands on its way to the newest blueprint.
public struct CompanyMigration: Hashable, Sendable, Identifiable {
    /// How far it has come.
    public enum State: String, Sendable, CaseIterable {
        /// Nobody has tried yet.
        case pending
        /// Somebody is migrating it at this moment.
        case running
        /// It was in use; it will be tried again.
        case waiting
        /// It has the newest blueprint.
        case done
        /// It is what it was before; the error says why.
        case failed
    }

    /// The company.
    public let urlID: String
    /// The company again.
    public var id: String { urlID }
    /// The blueprint that it has.
    public let version: Int
    /// The newest blueprint.
    public let target: Int
    /// How far it has come.
    public let state: State
    /// What went wrong, for `failed` and `waiting`.
    public let failure: Failure?
    /// When it was last tried.
    public let startedAt: Date?
    /// How long that took.
    public let milliseconds: Int?
    /// How often it was tried.
    public let attempts: Int?
    /// The login that tried.
    public let doneBy: String?

    /// Why a migration did not come about.
    public struct Failure: Hashable, Sendable {
        /// The server's SQLSTATE.
        public let sqlState: String
        /// What it said, at most 500 characters.
        public let message: String

        package init(sqlState: String, message: String) {
            self.sqlState = sqlState
            self.message = message
        }
    }

    package init(
        urlID: String, version: Int, target: Int, state: State, failure: Failure?, startedAt: Date?,
        milliseconds: Int?, attempts: Int?, doneBy: String?
    ) {
        self.urlID = urlID
        self.version = version
        self.target = target
        self.state = state
        self.failure = failure
        self.startedAt = startedAt
        self.milliseconds = milliseconds
        self.attempts = attempts
        self.doneBy = doneBy
    }
}

/// What came of migrating one company.
public struct MigrationOutcome: Hashable, Sendable {
    /// The company.
    public let urlID: String
    /// The blueprint that it had.
    public let from: Int
    /// The newest blueprint.
    public let target: Int
    /// `done`, `failed` or `waiting`.
    public let state: CompanyMigration.State
    /// What went wrong.
    public let failure: CompanyMigration.Failure?
    /// How long it took in the server.
    public let milliseconds: Int

    /// Whether there was nothing to do.
    public var wasCurrent: Bool { state == .done && from == target }
}

/// How many companies have one blueprint and are in one state.
public struct FleetShare: Hashable, Sendable {
    /// The blueprint that they have.
    public let version: Int
    /// The newest blueprint.
    public let target: Int
    /// How far they have come.
    public let state: CompanyMigration.State
    /// How many they are.
    public let companies: Int

    package init(version: Int, target: Int, state: CompanyMigration.State, companies: Int) {
        self.version = version
        self.target = target
        self.state = state
        self.companies = companies
    }
}
