public import FoundationEssentials

/// One step of a journey.
public struct JourneyStep: Hashable, Sendable, Identifiable {
    /// Where a step stands.
    public enum State: String, Sendable { case waiting, active, stalled, done, cancelled }

    /// What an impersonating agent can do to a step.
    public enum Change: String, Sendable, CaseIterable { case retry, complete, cancel }

    /// The row's id.
    public let id: Int64
    /// The journey it belongs to.
    public let journeyID: Int64
    /// Its place in the journey, from 1.
    public let position: Int
    /// What it is called.
    public let name: String
    /// Waiting, active, stalled, done or cancelled.
    public let state: State
    /// When it was entered.
    public let enteredAt: Date?
    /// When it was completed.
    public let completedAt: Date?
    /// A remark, for instance why it stalled.
    public let note: String?

    package init(
        id: Int64, journeyID: Int64, position: Int, name: String, state: State, enteredAt: Date?,
        completedAt: Date?, note: String?
    ) {
        self.id = id
        self.journeyID = journeyID
        self.position = position
        self.name = name
        self.state = state
        self.enteredAt = enteredAt
        self.completedAt = completedAt
        self.note = note
    }
}
