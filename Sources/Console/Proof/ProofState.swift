import Tenancy
import Terminal

/// The proof of one company's isolation: on its way, or made.
struct ProofState: Equatable, Sendable {
    /// A part of the proof, and how far it is.
    struct Step: Equatable, Sendable {
        var title: DisplayText
        var done = 0
        /// Nil for a part that is one statement.
        var total: Int?
    }

    let urlID: String
    let companyName: String
    /// The proof that is being made; nil when none is.
    var request: RequestID?
    var since: Milliseconds = 0
    var steps: [Step] = []
    var outcome: ProofOutcome?
    /// Why there is none.
    var failure: DisplayText?
    private(set) var selected = 0
    private(set) var top = 0

    init(urlID: String, companyName: String) {
        self.urlID = urlID
        self.companyName = companyName
    }

    var selectedLine: ProofReport.Line? {
        guard let lines = outcome?.lines, lines.indices.contains(selected) else { return nil }
        return lines[selected]
    }

    /// Begins anew; what was proved before is not shown as if it held now.
    mutating func begin(_ request: RequestID, at now: Milliseconds) {
        self = ProofState(urlID: urlID, companyName: companyName)
        self.request = request
        since = now
    }

    mutating func move(by delta: Int, height: Int) {
        guard let count = outcome?.lines.count, count > 0 else { return }
        selected = min(max(0, selected + delta), count - 1)
        top = Scrolling.top(top, showing: selected, of: count, height: height)
    }

    mutating func advance(to stage: Proof.Stage) {
        switch stage {
        case .catalog: steps.append(Step(title: "Checking the catalogs"))
        case .structures(let count): steps.append(Step(title: "Comparing structures", total: count))
        case .probes(let count): steps.append(Step(title: "Trying to break in", total: count))
        case .chains(let count): steps.append(Step(title: "Recomputing audit chains", total: count))
        case .step(let count): if !steps.isEmpty { steps[steps.count - 1].done += count }
        }
    }
}
