import Tenancy
import Terminal

/// The report as Markdown.
///
/// Whatever comes from the database is shown through the gate and escaped: no name makes a heading, a link or a cell.
struct ProofMarkdown {
    private let report: ProofReport
    private let record: ProofRecord

    init(_ report: ProofReport, _ record: ProofRecord) {
        self.report = report
        self.record = record
    }

    var text: String {
        (head + flaws + catalog + probes + chains + seal).joined(separator: "\n") + "\n"
    }

    private var head: [String] {
        let facts = report.facts
        let failures = report.failures
        return [
            "# Proof of isolation", "",
            failures.isEmpty
                ? "**The isolation holds**: \(report.lines.count) of \(report.lines.count) lines passed."
                : "**The isolation does NOT hold**: \(failures.count) of \(report.lines.count) lines failed.",
            "",
        ]
            + failures.map { "- FAILED \(Self.code($0.id)): \(Self.escaped($0.evidence))" }
            + (failures.isEmpty ? [] : [""])
            + [
                "> \(Claim.words)", "",
                "Outside of the claim: \(Claim.exclusions.joined(separator: "; ")).", "",
                "| | |", "|---|---|",
                row("scope", report.subject),
                row("database", facts.database),
                row("server", facts.server),
                row("engine", "\(facts.engineVersion), manifest \(facts.manifest ?? "none")"),
                row("operators", "\(facts.operators)"),
                row(
                    "superusers and installers, outside of the claim",
                    facts.superusers.joined(separator: ", ")),
                row("lost without a superuser", facts.lossesInWords),
                row("proved by", "\(facts.admin), at \(ProofReport.moment(facts.at)) by the server's clock"),
                row("probes ran beside", report.beside ?? "a second throw-away company"), "",
            ]
    }

    private var flaws: [String] {
        [
            "## Server", "",
            "PostgreSQL \(Self.escaped(report.facts.serverVersion)). At least 15.14 is needed.", "",
        ]
            + ["| flaw | closed in | here | what holds once it is closed |", "|---|---|---|---|"]
            + report.facts.flaws.map {
                "| \(Self.escaped($0.cve)) | \(ProofFacts.version($0.fixed)) | "
                    + "\(report.facts.serverNumber >= $0.fixed ? "closed" : "**OPEN**") | \(Self.escaped($0.what)) |"
            } + [""]
    }

    private var catalog: [String] {
        ["## Catalogs", "", "Whatever is not explained fails by name.", ""]
            + ["| holds | check | what | evidence |", "|---|---|---|---|"]
            + report.checks.map {
                "| \(Self.mark($0.passed)) | \(Self.code($0.id)) | \(Self.escaped($0.what)) | \(Self.escaped($0.evidence)) |"
            } + [""]
    }

    private var probes: [String] {
        [
            "## Hostile probes", "",
            "Tried over connections of their own with the prover's login, in throw-away companies that are gone by now.",
            "",
        ]
            + ["| refused | probe | what | statement | answer | control |", "|---|---|---|---|---|---|"]
            + report.probes.map {
                "| \(Self.mark($0.passed)) | \(Self.code($0.id)) | \(Self.escaped($0.what)) | \(Self.escaped($0.attack)) | "
                    + "\(Self.escaped($0.answer)) | \(Self.escaped($0.control)): \(Self.escaped($0.controlAnswer)) |"
            } + [""]
    }

    private var chains: [String] {
        ["## Audit chains", "", "| intact | trail | evidence |", "|---|---|---|"]
            + report.chains.map {
                "| \(Self.mark($0.verdict.isIntact)) | \(Self.escaped($0.urlID ?? "control trail")) | \(Self.escaped($0.evidence)) |"
            } + [""]
    }

    private var seal: [String] {
        [
            "## Digest", "",
            "SHA-256 of the line below: \(Self.code(report.digest)).",
            "It is recorded in the control trail under number \(record.seq), with the hash \(Self.code(record.hash)).",
            "",
            "```json", String(decoding: report.body, as: UTF8.self), "```",
        ]
    }

    private func row(_ name: String, _ value: String) -> String { "| \(name) | \(Self.escaped(value)) |" }

    private static func mark(_ passed: Bool) -> String { passed ? "yes" : "**NO**" }

    private static func code(_ text: String) -> String {
        "`" + String(displaying: text).filter { $0 != "`" && $0 != "|" && $0 != "\n" } + "`"
    }

    /// Text that Markdown takes for nothing but text.
    static func escaped(_ text: String) -> String {
        let special: Set<Character> = [
            "\\", "`", "*", "_", "[", "]", "(", ")", "#", "|", "~", "!", "<", ">", "&",
        ]
        return DisplayText.lines(of: text).map(\.string).joined(separator: " ").reduce(into: "") {
            result, character in
            switch character {
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "&": result += "&amp;"
            default:
                if special.contains(character) { result += "\\" }
                result.append(character)
            }
        }
    }
}
