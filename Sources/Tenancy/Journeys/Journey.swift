public import FoundationEssentials

/// A user's way through a process of the company, for instance its onboarding.
public struct Journey: Hashable, Sendable, Identifiable {
    /// Where a journey stands.
    public enum Status: String, Sendable, CaseIterable { case running, stalled, done, cancelled }

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
    /// The user who is on it.
    public let userID: Int64
    /// That user's name.
    public let userName: String
    /// What the journey is called.
    public let name: String
    /// Running, stalled, done or cancelled.
    public let status: Status
    /// The position of the step it is at, from 1.
    public let currentStep: Int
    /// How many steps it has.
    public let steps: Int
    /// The name of the step it is at.
    public let currentStepName: String?
    /// When it began.
    public let startedAt: Date
    /// When it last moved.
    public let updatedAt: Date
    /// Where this row stands in the order it was read in.
    public let keyset: Keyset

    package init(
        id: Int64, userID: Int64, userName: String, name: String, status: Status, currentStep: Int,
        steps: Int,
        currentStepName: String?, startedAt: Date, updatedAt: Date, keyset: Keyset
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
