/// How far users come on the journeys of one name.
public struct JourneyFunnel: Hashable, Sendable {
    /// What these journeys are called.
    public let name: String
    /// How many users are or were on one.
    public let users: Int
    /// Their steps, by position.
    public let steps: [Step]

    /// One step of them.
    public struct Step: Hashable, Sendable {
        /// The step's place, from 1.
        public let position: Int
        /// The name most journeys give it.
        public let name: String
        /// Users who reached it.
        public let reached: Int
        /// Users whose journey is stalled here.
        public let stuck: Int

        package init(position: Int, name: String, reached: Int, stuck: Int) {
            self.position = position
            self.name = name
            self.reached = reached
            self.stuck = stuck
        }
    }

    package init(name: String, users: Int, steps: [Step]) {
        self.name = name
        self.users = users
        self.steps = steps
    }
}
