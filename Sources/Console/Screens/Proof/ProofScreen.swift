import Tenancy
import Terminal

/// The proof of one company's isolation: on its way, or made.
struct ProofScreen: Screen, FilterableList {
    enum Own: String, OwnCommand { case refresh, prove, open, copy }

    enum Answer: ScreenAnswer {
        typealias Taker = ProofScreen
        case advanced(RequestID, Proof.Stage)
        case made(RequestID, Result<ProofOutcome, TenancyError>)
    }

    /// A part of the proof, and how far it is.
    struct Step: Equatable, Sendable {
        var title: DisplayText
        var done = 0
        /// Nil for a part that is one statement.
        var total: Int?
    }

    static let scope = Scope.proof
    static let bindings: [KeyBinding] =
        .of(
            [.open("evidence", "Show the whole evidence"), .filter, .copy, .prove], .administration, .outside,
            .switching, .reading())
    static let arrangement = Arrangement.listOverEvidence
    static let opensByMouse = true
    static let stopsAtOnce = true
    static let headRows = ProofView.summaryRows
    static let isShort = true

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
        self = ProofScreen(urlID: urlID, companyName: companyName)
        self.request = request
        since = now
    }

    // MARK: The list

    var list: ProofScreen {
        get { self }
        set { self = newValue }
    }

    var order: Table.Order? {
        get { nil }
        set {}
    }

    var count: Int { lines.count }
    var selectedIndex: Int? { lines.isEmpty ? nil : selected }

    /// Keeps the selected line on screen.
    mutating func fit(height: Int) { move(by: 0, height: height) }

    mutating func move(by delta: Int, height: Int) {
        guard !lines.isEmpty else { return }
        selected = min(max(0, selected + delta), lines.count - 1)
        top = Scrolling.top(top, showing: selected, of: lines.count, height: height)
    }

    mutating func edit(_ edit: (inout TextField) -> Void) -> Bool {
        edit(&filter)
        return false
    }

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

    // MARK: The screen

    var title: DisplayText { DisplayText(companyName).truncated(to: 32) + " ▸ Proof" }
    var heading: DisplayText { DisplayText(companyName).truncated(to: 32) }
    var waitingSince: Milliseconds? { request == nil ? nil : since }

    mutating func load(_ shell: inout Shell) -> [Effect] {
        let id = shell.nextRequest()
        begin(id, at: shell.now)
        return [.control(.prove(id, urlID: urlID))]
    }

    /// A proof is made over connections of its own.
    mutating func loseLink() {}

    /// Stops a proof that is being made; nil when none is.
    mutating func cancel() -> [Effect]? {
        guard request != nil else { return nil }
        request = nil
        failure = "The proof was cancelled; nothing is proved by it."
        return [.control(.cancelProof)]
    }

    mutating func move(_ movement: Movement, _ shell: inout Shell) -> [Effect] {
        let height = self.height(shell)
        move(by: movement.rows(page: height, of: lines.count), height: height)
        return []
    }

    mutating func perform(_ own: Own, _ shell: inout Shell) -> [Effect] {
        switch own {
        case .refresh, .prove: return request == nil ? load(&shell) : []
        case .open:
            if let line = selectedLine { shell.overlays.append(.evidence(EvidenceState(line))) }
            return []
        case .copy:
            guard let outcome else { return [] }
            return [.terminal(.copy(outcome.digest, what: "the proof's digest"))]
        }
    }

    mutating func take(_ answer: Answer, _ shell: inout Shell) -> [Effect] {
        switch answer {
        case .advanced(let id, let stage): if id == request { advance(to: stage) }
        case .made(let id, let result):
            guard id == request else { return [] }
            request = nil
            switch result {
            case .success(let made): outcome = made
            case .failure(let error): failure = DisplayText(error.sentence)
            }
        }
        return []
    }

    func offers(_ command: Command, _ shell: Shell) -> Bool? {
        switch command {
        case .copy, .open, .filter: outcome != nil
        case .prove: false
        default: nil
        }
    }

    func draw(into canvas: inout Canvas, _ layout: Layout, _ console: ConsoleState) -> Position? {
        ProofView(self, state: console).draw(into: &canvas, layout)
    }
}
