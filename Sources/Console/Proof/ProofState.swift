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
    var outcome: ProofOutcome? {
        didSet { find() }
    }
    /// The lines that the filter admits, those that fail first.
    private(set) var lines: [ProofReport.Line] = []
    var filter = TextField() {
        didSet {
            meaning.read(filter.text)
            find()
        }
    }
    private(set) var meaning = FilterMeaning()
    var isFiltering = false
    var lastFilter = ""
    /// Why there is none.
    var failure: DisplayText?
    private(set) var selected = 0
    private(set) var top = 0

    init(urlID: String, companyName: String) {
        self.urlID = urlID
        self.companyName = companyName
    }

    var selectedLine: ProofReport.Line? {
        lines.indices.contains(selected) ? lines[selected] : nil
    }

    /// Begins anew; what was proved before is not shown as if it held now.
    mutating func begin(_ request: RequestID, at now: Milliseconds) {
        self = ProofState(urlID: urlID, companyName: companyName)
        self.request = request
        since = now
    }

    /// Keeps the selected line on screen.
    mutating func fit(height: Int) { move(by: 0, height: height) }

    mutating func move(by delta: Int, height: Int) {
        guard !lines.isEmpty else { return }
        selected = min(max(0, selected + delta), lines.count - 1)
        top = Scrolling.top(top, showing: selected, of: lines.count, height: height)
    }

    mutating func edit(_ edit: (inout TextField) -> Void) { edit(&filter) }

    private mutating func find() {
        let before = selectedLine
        lines = meaning.admitted(of: outcome?.lines ?? []) {
            [$0.id, $0.what, $0.evidence, $0.passed ? "passed" : "failed"]
        }
        selected = before.flatMap { lines.firstIndex(of: $0) } ?? 0
        top = 0
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
