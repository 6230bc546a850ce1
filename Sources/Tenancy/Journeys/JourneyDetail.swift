/// A journey with its steps.
public struct JourneyDetail: Hashable, Sendable {
    /// The journey.
    public var journey: Journey
    /// Its steps, by position.
    public var steps: [JourneyStep]

    /// Puts the parts together.
    public init(journey: Journey, steps: [JourneyStep]) {
        self.journey = journey
        self.steps = steps
    }
}
