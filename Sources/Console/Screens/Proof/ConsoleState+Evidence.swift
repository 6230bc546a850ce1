import Tenancy
import Terminal

extension ConsoleState {
    /// Gives a key to the whole evidence of one line.
    mutating func takeEvidence(_ key: Key, _ line: ProofReport.Line, top: Int) -> [Effect] {
        switch key {
        case .escape, .enter, .character("q"), .left, .character("h"): return []
        default:
            let last = EvidenceView.last(of: line, in: size)
            let delta = shell.keys.command(for: key, in: .proof)?.rows(page: 10, of: last) ?? 0
            shell.overlays.append(.evidence(line, top: min(max(0, top + delta), last)))
            return []
        }
    }
}
