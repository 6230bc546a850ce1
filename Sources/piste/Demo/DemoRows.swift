import Postgres

/// The rows of one company's tables as COPY reads them, a piece at a time, whatever their number.
struct DemoRows {
    enum Table: CaseIterable {
        case users, journeys, steps
    }

    let plan: DemoPlan
    let company: DemoCompany
    let table: Table
    /// When the demo was made; every moment of it lies before.
    let moment: Timestamp
    private var next: Int
    private let end: Int
    private var text = CopyText()

    /// Bytes of a piece; more only when one user has more.
    private static let pieceSize = 1 << 16

    /// The rows that belong to the users at these places.
    init(_ table: Table, of company: DemoCompany, users: Range<Int>, plan: DemoPlan, moment: Timestamp) {
        self.plan = plan
        self.company = company
        self.table = table
        self.moment = moment
        next = users.lowerBound
        end = users.upperBound
    }

    /// The next piece; nil after the last one.
    mutating func piece() -> [UInt8]? {
        text.removeAll()
        while next < end, text.bytes.count < Self.pieceSize {
            let user = plan.user(at: next, of: company)
            next += 1
            switch table {
            case .users: add(user)
            case .journeys: for journey in plan.journeys(of: user, in: company) { add(journey) }
            case .steps:
                for journey in plan.journeys(of: user, in: company) {
                    for step in journey.steps { add(step, of: journey) }
                }
            }
        }
        return text.bytes.isEmpty ? nil : text.bytes
    }

    /// How many users the pieces so far have come from.
    var progress: Int { next }

    private mutating func add(_ user: DemoUser) {
        text.add(user.id)
        text.add(user.email)
        text.add(user.name)
        text.add(user.role)
        text.add(user.status)
        text.add(user.locale)
        text.add(moment, minus: user.createdAgo)
        text.add(moment, minus: user.lastSeenAgo, orElse: "-infinity")
        text.endRow()
    }

    private mutating func add(_ journey: DemoJourney) {
        text.add(journey.id)
        text.add(journey.userID)
        text.add(journey.name)
        text.add(journey.status)
        text.add(journey.currentStep)
        text.add(moment, minus: journey.startedAgo)
        text.add(moment, minus: journey.updatedAgo)
        text.endRow()
    }

    private mutating func add(_ step: DemoJourney.Step, of journey: DemoJourney) {
        text.add(step.id)
        text.add(journey.id)
        text.add(step.position)
        text.add(step.name)
        text.add(step.state)
        text.add(moment, minus: step.enteredAgo)
        text.add(moment, minus: step.completedAgo)
        text.add(step.note)
        text.endRow()
    }
}
