/// One check of the isolation report: what should be so, whether it is, and what shows it.
public struct IsolationCheck: Hashable, Sendable {
    /// Its stable name, for instance `gate.enabled-and-forced`.
    public let id: String
    /// What should be so, in a sentence.
    public let what: String
    /// Whether it is.
    public let passed: Bool
    /// The numbers that show it, or the things that are wrong, by name.
    public let evidence: String

    package init(id: String, what: String, passed: Bool, evidence: String) {
        self.id = id
        self.what = what
        self.passed = passed
        self.evidence = evidence
    }
}
