public import FoundationEssentials
import Signing
import Text

/// A whole proof: what was checked, tried and recomputed, and what came of it.
public struct ProofReport: Sendable {
    /// The url id of the company, or `all`.
    public let scope: String
    /// The company's display name, as its owner gave it; nil for all.
    public let name: String?
    /// The real company beside which the probes ran; nil when there was none.
    public let beside: String?
    /// Where, with what and by whom.
    public let facts: ProofFacts
    /// What the catalogs say.
    public let checks: [IsolationCheck]
    /// What was tried.
    public let probes: [ProbeOutcome]
    /// What was recomputed.
    public let chains: [ChainProof]

    package init(
        scope: String, name: String?, beside: String?, facts: ProofFacts, checks: [IsolationCheck],
        probes: [ProbeOutcome],
        chains: [ChainProof]
    ) {
        self.scope = scope
        self.name = name
        self.beside = beside
        self.facts = facts
        self.checks = checks
        self.probes = probes
        self.chains = chains
    }

    /// What is proved, in words.
    public var subject: String { name.map { "\($0) (\(scope))" } ?? "all \(facts.companies) companies" }

    /// A line of the report: a check, a probe or a chain.
    public struct Line: Hashable, Sendable {
        /// `catalog`, `probe` or `chain`.
        public let part: String
        /// Its stable name.
        public let id: String
        /// What must hold.
        public let what: String
        /// Whether it does.
        public let passed: Bool
        /// What shows it.
        public let evidence: String

        package init(part: String, id: String, what: String, passed: Bool, evidence: String) {
            self.part = part
            self.id = id
            self.what = what
            self.passed = passed
            self.evidence = evidence
        }
    }

    /// All of it, line by line.
    public var lines: [Line] {
        checks.map {
            Line(part: "catalog", id: $0.id, what: $0.what, passed: $0.passed, evidence: $0.evidence)
        }
            + probes.map {
                Line(part: "probe", id: $0.id, what: $0.what, passed: $0.passed, evidence: $0.evidence)
            }
            + chains.map {
                Line(
                    part: "chain", id: $0.id, what: "The audit chain recomputes", passed: $0.verdict.isIntact,
                    evidence: $0.evidence)
            }
    }

    /// The lines that failed.
    public var failures: [Line] { lines.filter { !$0.passed } }

    /// Whether every line passed.
    public var holds: Bool { failures.isEmpty }

    /// What the digest covers: the report as one line of JSON, which every form of it carries as it is.
    ///
    /// It is plain ASCII where it matters: no `<`, `>`, `&` or backtick, so that it can stand in HTML and in Markdown.
    public var body: [UInt8] {
        var bytes: [UInt8] = []
        json.append(to: &bytes)
        return bytes.flatMap { byte -> [UInt8] in
            switch byte {
            case UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"), UInt8(ascii: "`"):
                Array("\\u00\(Hexadecimal.text([byte]))".utf8)
            default: [byte]
            }
        }
    }

    /// The SHA-256 of the body, in hex.
    public var digest: String { Hexadecimal.text(SHA256.hash(body)) }

    private var json: JSONValue {
        [
            "claim": .text(Claim.words),
            "outside_the_claim": .array(Claim.exclusions.map(JSONValue.text)),
            "scope": .text(scope),
            "company_name": JSONValue(name),
            "probes_beside": JSONValue(beside),
            "at": .text(Self.moment(facts.at)),
            "admin": .text(facts.admin),
            "database": .text(facts.database),
            "server": .text(facts.server),
            "server_version": .text(facts.serverVersion),
            "engine_version": .text(facts.engineVersion),
            "manifest": JSONValue(facts.manifest),
            "companies": .number(Int64(facts.companies)),
            "operators": .number(Int64(facts.operators)),
            "superusers": .array(facts.superusers.map(JSONValue.text)),
            "lost_without_a_superuser": .array(
                facts.losses.map {
                    ["what": .text($0.what), "probes_left_out": .array($0.probes.map(JSONValue.text))]
                }),
            "flaws": .array(
                facts.flaws.map {
                    [
                        "cve": .text($0.cve), "what": .text($0.what),
                        "closed_in": .text(ProofFacts.version($0.fixed)),
                        "closed_here": .truth(facts.serverNumber >= $0.fixed),
                    ]
                }),
            "holds": .truth(holds),
            "passed": .number(Int64(lines.count - failures.count)),
            "failed": .number(Int64(failures.count)),
            "checks": .array(
                checks.map {
                    [
                        "id": .text($0.id), "what": .text($0.what), "passed": .truth($0.passed),
                        "evidence": .text($0.evidence),
                    ]
                }),
            "probes": .array(
                probes.map {
                    [
                        "id": .text($0.id), "what": .text($0.what), "passed": .truth($0.passed),
                        "attack": .text($0.attack), "answer": .text($0.answer),
                        "expected": .array($0.expected.map(JSONValue.text)), "control": .text($0.control),
                        "control_answer": .text($0.controlAnswer), "control_holds": .truth($0.controlHolds),
                    ]
                }),
            "chains": .array(
                chains.map {
                    [
                        "trail": .text($0.urlID ?? "control trail"), "passed": .truth($0.verdict.isIntact),
                        "entries": .number($0.verdict.entries), "evidence": .text($0.evidence),
                    ]
                }),
        ]
    }

    /// ISO 8601 in UTC to the second.
    public static func moment(_ date: Date) -> String { date.formatted(.iso8601) }
}
