import Tenancy

/// What a proof came to, as the screen shows it: what failed comes first.
struct ProofOutcome: Equatable, Sendable {
    var lines: [ProofReport.Line]
    var checks: Int
    var probes: Int
    /// The company's own chain, and the control trail's.
    var chains: [ChainProof]
    var digest: String
    /// The number of the record in the control trail that holds the digest.
    var record: Int64

    init(_ report: ProofReport, _ record: ProofRecord) {
        self.init(
            lines: report.lines, checks: report.checks.count, probes: report.probes.count,
            chains: report.chains,
            digest: report.digest, record: record.seq)
    }

    init(
        lines: [ProofReport.Line], checks: Int, probes: Int, chains: [ChainProof], digest: String,
        record: Int64
    ) {
        self.lines = lines.filter { !$0.passed } + lines.filter(\.passed)
        self.checks = checks
        self.probes = probes
        self.chains = chains
        self.digest = digest
        self.record = record
    }

    var failed: Int { lines.count { !$0.passed } }
}
