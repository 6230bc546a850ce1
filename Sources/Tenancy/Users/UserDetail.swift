/// A user with its journeys, the one that moved last first, and their steps.
public struct UserDetail: Hashable, Sendable {
    /// The user.
    public var user: User
    /// At most a hundred journeys.
    public var journeys: [Journey]
    /// The steps of those journeys, by journey and position.
    public var steps: [JourneyStep]

    /// Puts the parts together.
    public init(user: User, journeys: [Journey], steps: [JourneyStep]) {
        self.user = user
        self.journeys = journeys
        self.steps = steps
    }
}
