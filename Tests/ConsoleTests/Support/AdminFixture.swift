import FoundationEssentials
import Tenancy
import Terminal
import Testing

@testable import Console

extension Fixture {
    static let operators = [
        Operator(login: "alice", level: .support, addedAt: now.addingTimeInterval(-86400)),
        Operator(login: "bob", level: .admin, addedAt: now.addingTimeInterval(-172_800)),
        Operator(
            login: "eve\u{1B}[2J", level: .viewer, addedAt: nil, problem: "this login is a superuser now"),
    ]

    static func controlRecord(_ seq: Int64) -> AuditRecord {
        AuditRecord(
            id: entry(Int(seq)), seq: seq, at: now.addingTimeInterval(Double(seq) - 1000), actor: "bob",
            subject: nil, context: nil,
            action: seq % 3 == 0 ? "company.refused" : "operator.add", resource: "operator",
            detail: #"{"login": "o\#(seq)"}"#, previousHash: "h\(seq - 1)", hash: "h\(seq)")
    }

    static func controlTrail(_ seqs: ClosedRange<Int64>, hasMore: Bool) -> Page<AuditRecord> {
        Page(rows: seqs.reversed().map(controlRecord), hasMore: hasMore)
    }

    static func line(_ part: String, _ id: String, _ passed: Bool, _ evidence: String) -> ProofReport.Line {
        ProofReport.Line(part: part, id: id, what: "Must hold: \(id)", passed: passed, evidence: evidence)
    }

    /// A proof of forty lines, of which as many fail as asked for, in the middle.
    static func proof(failing: Int = 0) -> ProofOutcome {
        let lines = (1...40).map { number in
            let fails = number > 20 && number <= 20 + failing
            return line(
                "catalog", "gate.check-\(number)", !fails,
                fails
                    ? "t_1234.users lets PUBLIC read \u{1B}[2J" : "\(number) tables, each enabled and forced")
        }
        let chains = [
            ChainProof(
                urlID: "awesome",
                verdict: AuditVerdict(
                    isIntact: failing == 0, entries: 1204, firstBad: failing == 0 ? nil : 7,
                    why: failing == 0 ? nil : "the hash differs")),
            ChainProof(
                urlID: nil, verdict: AuditVerdict(isIntact: true, entries: 80, firstBad: nil, why: nil)),
        ]
        return ProofOutcome(
            lines: lines, checks: 30, probes: 8, chains: chains, digest: String(repeating: "ab", count: 32),
            record: 81)
    }
}

extension Driver {
    /// An admin's console on the companies.
    static func admin(columns: Int = 80, rows: Int = 24) -> Driver {
        let driver = Driver(columns: columns, rows: rows, level: .admin, login: "bob")
        driver.answerCompanies()
        driver.send(.control(.requestsChanged))
        driver.answerRequests([])
        _ = driver.takeEffects()
        return driver
    }

    /// The change that was asked for last, and what tells its answer.
    func takeChange(sourceLocation: SourceLocation = #_sourceLocation) throws -> (RequestID, AdminChange) {
        for case .control(.administer(let request, let change)) in takeEffects().reversed() {
            return (request, change)
        }
        Issue.record("no change was asked for", sourceLocation: sourceLocation)
        throw CancellationError()
    }

    func answerOperators(_ operators: [Operator] = Fixture.operators) {
        guard let pending = state.operators?.pending else {
            Issue.record("no operators were asked for")
            return
        }
        send(.control(.operatorsLoaded(pending, .success(operators))))
    }

    func answerControlTrail(_ page: Page<AuditRecord>) {
        guard let pending = state.controlTrail?.list.pending else {
            Issue.record("no records were asked for")
            return
        }
        send(.control(.controlTrailLoaded(pending.request, pending.place, .success(page))))
    }

    func answerProof(_ outcome: ProofOutcome = Fixture.proof()) {
        guard let request = state.proof?.request else {
            Issue.record("no proof is being made")
            return
        }
        send(.control(.proofMade(request, .success(outcome))))
    }
}
