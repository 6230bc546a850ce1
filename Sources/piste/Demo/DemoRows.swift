import Postgres
import Tenancy

/// The rows of one company, made one by one while they are loaded: their number takes no memory.
struct DemoRows: Sendable {
    let plan: DemoPlan
    let company: DemoCompany
    /// The places of the users whose rows these are, from 0.
    let places: Range<Int>
    /// When the demo is made; every moment of it lies before.
    let moment: Timestamp
    /// Told how many users went by, once for each table.
    let progress: @Sendable (Int) -> Void

    /// How often the users go by.
    static let passes = 3

    var users: RowSequence<ImportedUser> {
        RowSequence(self) { rows, user in [ImportedUser(user, at: rows.moment)] }
    }

    var journeys: RowSequence<ImportedJourney> {
        RowSequence(self) { rows, user in
            rows.plan.journeys(of: user, in: rows.company).map { ImportedJourney($0, at: rows.moment) }
        }
    }

    var steps: RowSequence<ImportedStep> {
        RowSequence(self) { rows, user in
            rows.plan.journeys(of: user, in: rows.company).flatMap { journey in
                journey.steps.map { ImportedStep($0, of: journey, at: rows.moment) }
            }
        }
    }
}

/// The rows of one table, user by user.
struct RowSequence<Row: Sendable>: Sequence, Sendable {
    private let rows: DemoRows
    private let rowsOfUser: @Sendable (DemoRows, DemoUser) -> [Row]

    init(_ rows: DemoRows, _ rowsOfUser: @escaping @Sendable (DemoRows, DemoUser) -> [Row]) {
        self.rows = rows
        self.rowsOfUser = rowsOfUser
    }

    func makeIterator() -> Iterator { Iterator(self) }

    struct Iterator: IteratorProtocol {
        private let sequence: RowSequence
        private var place: Int
        private var unreported = 0
        private var ready: [Row] = []

        fileprivate init(_ sequence: RowSequence) {
            self.sequence = sequence
            place = sequence.rows.places.lowerBound
        }

        mutating func next() -> Row? {
            let rows = sequence.rows
            while ready.isEmpty, place < rows.places.upperBound {
                let user = rows.plan.user(at: place, of: rows.company)
                // Backwards, so that the next one can be taken off the end.
                ready = sequence.rowsOfUser(rows, user).reversed()
                place += 1
                unreported += 1
                if unreported == 256 || place == rows.places.upperBound {
                    rows.progress(unreported)
                    unreported = 0
                }
            }
            return ready.popLast()
        }
    }
}

extension Timestamp {
    fileprivate func ago(_ seconds: Int?) -> Timestamp? { seconds.map { ago($0) } }

    fileprivate func ago(_ seconds: Int) -> Timestamp { advanced(by: .seconds(-seconds)) }
}

extension ImportedUser {
    fileprivate init(_ user: DemoUser, at moment: Timestamp) {
        self.init(
            id: Int64(user.id), email: user.email, name: user.name, role: user.role, status: user.status,
            locale: user.locale, createdAt: moment.ago(user.createdAgo),
            lastSeenAt: moment.ago(user.lastSeenAgo))
    }
}

extension ImportedJourney {
    fileprivate init(_ journey: DemoJourney, at moment: Timestamp) {
        self.init(
            id: Int64(journey.id), userID: Int64(journey.userID), name: journey.name, status: journey.status,
            currentStep: journey.currentStep, startedAt: moment.ago(journey.startedAgo),
            updatedAt: moment.ago(journey.updatedAgo))
    }
}

extension ImportedStep {
    fileprivate init(_ step: DemoJourney.Step, of journey: DemoJourney, at moment: Timestamp) {
        self.init(
            id: Int64(step.id), journeyID: Int64(journey.id), position: step.position, name: step.name,
            state: step.state, enteredAt: moment.ago(step.enteredAgo),
            completedAt: moment.ago(step.completedAgo),
            note: step.note)
    }
}
