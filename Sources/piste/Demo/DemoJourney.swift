import Tenancy

/// A journey with its steps, made from numbers alone, like the user whom it belongs to.
struct DemoJourney: Hashable, Sendable {
    struct Step: Hashable, Sendable {
        var id: Int
        var position: Int
        var name: String
        var state: JourneyStep.State
        var enteredAgo: Int?
        var completedAgo: Int?
        var note: String?
    }

    var id: Int
    var userID: Int
    var name: String
    var status: Journey.Status
    /// The position of the step it is at, from 1.
    var currentStep: Int
    var startedAgo: Int
    var updatedAgo: Int
    var steps: [Step]
}

/// A kind of journey.
struct JourneyKind: Sendable {
    let name: String
    let steps: [String]

    static let onboarding = JourneyKind(
        name: "Onboarding",
        steps: ["create account", "verify email", "invite team", "connect data", "first report"])
    static let firstOrder = JourneyKind(
        name: "First order", steps: ["browse", "fill basket", "enter address", "pay", "confirm"])

    static let all = [
        onboarding, firstOrder,
        JourneyKind(name: "Upgrade plan", steps: ["compare plans", "choose plan", "approve budget", "pay"]),
        JourneyKind(name: "Data import", steps: ["upload file", "map columns", "check preview", "import"]),
        JourneyKind(
            name: "Single sign-on",
            steps: [
                "enter domain", "prove domain", "exchange metadata", "test login", "enforce",
                "tell everybody",
            ]),
        JourneyKind(
            name: "Security review", steps: ["ask for documents", "answer questions", "sign agreement"]),
        JourneyKind(name: "Renewal", steps: ["remind", "negotiate", "sign"]),
    ]

    static let complaints = [
        "invitation bounced: mailbox full", "card declined twice", "waiting for the customer's DNS record",
        "no answer since the reminder", "file has 14 columns, 12 expected", "the approver is on leave",
        "signature of the metadata does not match", "address not found", "quota of the trial is used up",
    ]
}

extension DemoPlan {
    /// More journeys than a user has, more steps than a journey has: they make ids that need no counter.
    static let journeysPerUser = 4
    static let stepsPerJourney = 8
    /// Users of a very large company beyond these have fewer journeys.
    static let wellKnownUsers = 3_000

    /// The journeys of a user.
    func journeys(of user: DemoUser, in company: DemoCompany) -> [DemoJourney] {
        var random = DemoRandom(seed, UInt64(company.index), 4, UInt64(user.id))
        if company.index == 0, user.id == 1 { return adasJourneys(user) }
        guard user.status != .invited || random.below(4) == 0 else { return [] }
        let count =
            user.id > Self.wellKnownUsers
            ? (random.below(5) == 0 ? 1 : 0) : random.weighted((22, 0), (48, 1), (22, 2), otherwise: 3)
        let first = random.below(JourneyKind.all.count)
        return (0..<count).map { number in
            let kind =
                number == 0 && random.below(2) == 0
                ? JourneyKind.onboarding : JourneyKind.all[(first + number) % JourneyKind.all.count]
            let status = random.weighted(
                (44, Journey.Status.done), (29, .running), (17, .stalled), otherwise: .cancelled)
            let started = Int(Double(user.createdAgo) * (number == 0 ? 1 : random.unit()))
            let reached = status == .done ? kind.steps.count : 1 + random.below(kind.steps.count)
            return journey(
                kind, number, of: user, status: status, reached: reached, startedAgo: started, &random)
        }
    }

    /// Onboarding that stalled at step 3, and a first order that is done: the story that demonstrations tell.
    private func adasJourneys(_ user: DemoUser) -> [DemoJourney] {
        var random = DemoRandom(seed, 0, 5)
        var onboarding = journey(
            .onboarding, 0, of: user, status: .stalled, reached: 3, startedAgo: 9 * Self.day, &random)
        for (place, ago) in [9 * Self.day, 9 * Self.day - 2 * Self.hour, 2 * Self.day + 5 * Self.hour]
            .enumerated()
        {
            onboarding.steps[place].enteredAgo = ago
            if place > 0 { onboarding.steps[place - 1].completedAgo = ago }
        }
        onboarding.steps[2].note = "invitation bounced: mailbox full"
        onboarding.updatedAgo = 2 * Self.day + 5 * Self.hour
        let order = journey(
            .firstOrder, 1, of: user, status: .done, reached: 5, startedAgo: 40 * Self.day, &random)
        return [onboarding, order]
    }

    private func journey(
        _ kind: JourneyKind, _ number: Int, of user: DemoUser, status: Journey.Status, reached: Int,
        startedAgo: Int,
        _ random: inout DemoRandom
    ) -> DemoJourney {
        let id = (user.id - 1) * Self.journeysPerUser + number + 1
        var ago = max(startedAgo, reached * 2)
        var steps: [DemoJourney.Step] = []
        for (place, name) in kind.steps.enumerated() {
            var step = DemoJourney.Step(
                id: (id - 1) * Self.stepsPerJourney + place + 1, position: place + 1, name: name,
                state: .waiting)
            if place < reached {
                let isCurrent = place == reached - 1 && status != .done
                step.enteredAgo = ago
                step.state = isCurrent ? status.currentState : .done
                // A step takes from minutes to days, and never longer than there is time.
                let left = max(1, ago / (reached - place + 1))
                ago -= 1 + random.below(min(left, random.below(3) == 0 ? 5 * Self.day : 6 * Self.hour))
                if !isCurrent { step.completedAgo = max(0, ago) }
                if isCurrent, status == .stalled { step.note = random.element(of: JourneyKind.complaints) }
            }
            steps.append(step)
        }
        let current = steps[min(reached, steps.count) - 1]
        return DemoJourney(
            id: id, userID: user.id, name: kind.name, status: status, currentStep: current.position,
            startedAgo: steps[0].enteredAgo ?? startedAgo,
            updatedAgo: current.completedAgo ?? current.enteredAgo ?? 0, steps: steps)
    }
}

extension Journey.Status {
    /// The state of the step that a journey of this status is at.
    fileprivate var currentState: JourneyStep.State {
        switch self {
        case .running: .active
        case .stalled: .stalled
        case .done: .done
        default: .cancelled
        }
    }
}
