public import FoundationEssentials

/// A user's way through a process of the company, for instance its onboarding.
public struct Journey: Hashable, Sendable, Identifiable {
    /// Where a journey stands: one of the four, or in an adopted company its application's own word, empty where its map names
    /// no column.
    public struct Status: RawRepresentable, Hashable, Sendable, CaseIterable {
        /// On its way.
        public static let running = Status(rawValue: "running")
        /// Stuck at a step.
        public static let stalled = Status(rawValue: "stalled")
        /// At its end.
        public static let done = Status(rawValue: "done")
        /// Given up.
        public static let cancelled = Status(rawValue: "cancelled")
        /// Those that a company which Piste made has.
        public static let allCases: [Status] = [.running, .stalled, .done, .cancelled]

        /// The word as the table has it.
        public let rawValue: String

        /// Takes any word.
        public init(rawValue: String) { self.rawValue = rawValue }
    }

    /// The column a list of journeys is ordered by.
    public enum Sort: String, Sendable, CaseIterable {
        case updatedAt = "updated_at"
        case startedAt = "started_at"
        case name, status
        case user
        case step = "current_step"
    }

    /// The row's id.
    public let id: Int64
    /// The user who is on it; nil where an adopted company's map does not tell.
    public let userID: Int64?
    /// That user's name; empty where it is not known.
    public let userName: String
    /// What the journey is called.
    public let name: String
    /// Running, stalled, done or cancelled.
    public let status: Status
    /// The position of the step it is at, from 1; 0 in an adopted company, which has no steps.
    public let currentStep: Int
    /// How many steps it has; 0 in an adopted company.
    public let steps: Int
    /// The name of the step it is at.
    public let currentStepName: String?
    /// When it began; nil where an adopted company's map does not tell.
    public let startedAt: Date?
    /// When it last moved; nil where an adopted company's map does not tell.
    public let updatedAt: Date?
    /// Where this row stands in the order it was read in.
    public let keyset: Keyset

    package init(
        id: Int64, userID: Int64?, userName: String, name: String, status: Status, currentStep: Int,
        steps: Int,
        currentStepName: String?, startedAt: Date?, updatedAt: Date?, keyset: Keyset
    ) {
        self.id = id
        self.userID = userID
        self.userName = userName
        self.name = name
        self.status = status
        self.currentStep = currentStep
        self.steps = steps
        self.currentStepName = currentStepName
        self.startedAt = startedAt
        self.updatedAt = updatedAt
        self.keyset = keyset
    }
}
