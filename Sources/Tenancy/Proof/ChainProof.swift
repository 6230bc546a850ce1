/// What came of recomputing one audit chain for a proof.
public struct ChainProof: Hashable, Sendable {
    /// The company; nil for the control trail.
    public let urlID: String?
    /// What was found.
    public let verdict: AuditVerdict

    package init(urlID: String?, verdict: AuditVerdict) {
        self.urlID = urlID
        self.verdict = verdict
    }

    /// The trail's name in a report.
    public var id: String { urlID.map { "chain.\($0)" } ?? "chain.control-trail" }

    /// The numbers, or what is wrong.
    public var evidence: String {
        let archived = verdict.beginsAfter > 0 ? "; those up to \(verdict.beginsAfter) are archived" : ""
        return verdict.isIntact
            ? "\(verdict.entries) records, recomputed one by one\(archived)"
            : "broken at record \(verdict.firstBad ?? 0) of \(verdict.entries): \(verdict.why ?? "no reason given")"
    }
}
