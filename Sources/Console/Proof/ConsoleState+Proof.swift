import Tenancy
import Terminal

extension ConsoleState {
    /// Proves the company on screen, over whatever screen it is asked from; `esc` goes back there.
    mutating func openProof(urlID: String, companyName: String) -> [Effect] {
        let closing = closeScreens()
        proof = ProofState(urlID: urlID, companyName: companyName)
        return closing + prove()
    }

    mutating func performInProof(_ command: Command) -> [Effect] {
        switch command {
        case .refresh, .prove: return proof?.request == nil ? prove() : []
        case .open:
            if let line = proof?.selectedLine { overlays.append(.evidence(line, top: 0)) }
            return []
        case .copy:
            guard let outcome = proof?.outcome else { return [] }
            return [.copy(outcome.digest, what: "the proof's digest")]
        default:
            let height = ProofView.tableRows(Layout(self))
            let count = proof?.lines.count ?? 0
            proof?.move(by: command.rows(page: height, of: count) ?? 0, height: height)
            return []
        }
    }

    private mutating func prove() -> [Effect] {
        guard let urlID = proof?.urlID else { return [] }
        let request = nextRequest()
        proof?.begin(request, at: now)
        return [.prove(request, urlID: urlID)]
    }

    /// Stops a proof that is being made; nil when none is.
    mutating func cancelProof() -> [Effect]? {
        guard proof?.request != nil else { return nil }
        proof?.request = nil
        proof?.failure = "The proof was cancelled; nothing is proved by it."
        return [.cancelProof]
    }

    mutating func takeProof(_ action: Action) {
        switch action {
        case .proofAdvanced(let request, let stage):
            guard proof?.request == request else { return }
            proof?.advance(to: stage)
        case .proofMade(let request, let result):
            guard proof?.request == request else { return }
            proof?.request = nil
            switch result {
            case .success(let outcome): proof?.outcome = outcome
            case .failure(let error): proof?.failure = DisplayText(error.sentence)
            }
        default: break
        }
    }

    /// Gives a key to the whole evidence of one line.
    mutating func takeEvidence(_ key: Key, _ line: ProofReport.Line, top: Int) -> [Effect] {
        switch key {
        case .escape, .enter, .character("q"), .left, .character("h"): return []
        default:
            let last = EvidenceView.last(of: line, in: size)
            let delta = keys.command(for: key, in: .proof)?.rows(page: 10, of: last) ?? 0
            overlays.append(.evidence(line, top: min(max(0, top + delta), last)))
            return []
        }
    }
}
