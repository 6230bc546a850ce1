import Tenancy

/// The screen of one user.
struct UserState: Equatable, Sendable {
    let id: Int64
    var detail: UserDetail?
    /// The selected journey.
    var selected: Int64?
    var pending: RequestID?
    var since: Milliseconds = 0
    var failure: String?
    var isMissing = false
    var top = 0

    init(id: Int64, selected: Int64? = nil) {
        self.id = id
        self.selected = selected
    }

    var journeys: [Journey] { detail?.journeys ?? [] }
    var selectedIndex: Int? { journeys.firstIndex { $0.id == selected } }
    var selectedJourney: Journey? { selectedIndex.map { journeys[$0] } }

    func steps(of journey: Int64) -> [JourneyStep] {
        detail?.steps.filter { $0.journeyID == journey } ?? []
    }

    /// Selects the journey that needs attention first: a stalled one, else the newest.
    mutating func take(_ detail: UserDetail) {
        self.detail = detail
        if selectedIndex == nil {
            selected = (journeys.first { $0.status == .stalled } ?? journeys.first)?.id
        }
    }
}
