import Tenancy

/// The screen of one journey: its steps on a time line.
struct JourneyState: Equatable, Sendable {
    let id: Int64
    var detail: JourneyDetail?
    /// The selected step.
    var selected: Int64?
    var pending: RequestID?
    var since: Milliseconds = 0
    var failure: String?
    var isMissing = false

    init(id: Int64, selected: Int64? = nil) {
        self.id = id
        self.selected = selected
    }

    var steps: [JourneyStep] { detail?.steps ?? [] }
    var selectedIndex: Int? { steps.firstIndex { $0.id == selected } }
    var selectedStep: JourneyStep? { selectedIndex.map { steps[$0] } }

    /// Selects the step that needs attention: where it stalled, else where it is.
    mutating func take(_ detail: JourneyDetail) {
        self.detail = detail
        if selectedIndex == nil {
            selected = (detail.steps.needingAttention ?? steps.first)?.id
        }
    }
}

extension [JourneyStep] {
    /// The step where a journey stands: the stalled one, else the active one.
    var needingAttention: JourneyStep? {
        first { $0.state == .stalled } ?? first { $0.state == .active }
    }
}
