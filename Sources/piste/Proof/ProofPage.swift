import Tenancy
import Terminal

/// The report as one HTML page that needs nothing else: no script, no font, no picture, no network.
struct ProofPage {
    private let report: ProofReport
    private let record: ProofRecord

    init(_ report: ProofReport, _ record: ProofRecord) {
        self.report = report
        self.record = record
    }

    var text: String {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Proof of isolation: \(escaped(report.subject))</title>
        <style>
        \(Self.style)
        </style>
        </head>
        <body>
        <h1>Proof of isolation</h1>
        \(verdict)
        <blockquote>\(escaped(Claim.words))</blockquote>
        <p>Outside of the claim:</p>
        <ul>\(Claim.exclusions.map { "<li>\(escaped($0))</li>" }.joined())</ul>
        \(facts)
        <h2>Server</h2>
        \(flaws)
        <h2>Catalogs</h2>
        <p>Everything is enumerated and held against what the engine and the blueprints make. Whatever is not explained
        fails by name.</p>
        \(table(["", "check", "what must hold", "evidence"], report.checks.map {
            [mark($0.passed), code($0.id), escaped($0.what), escaped($0.evidence)]
        }))
        <h2>Hostile probes</h2>
        <p>Tried over connections of their own with the prover's login, in throw-away companies that are gone by now. Each
        has a control: the same without what is hostile in it, which must be let through.</p>
        \(table(["", "probe", "what must hold", "statement", "answer", "control"], report.probes.map {
            [
                mark($0.passed), code($0.id), escaped($0.what), code($0.attack), code($0.answer),
                escaped($0.control) + ": " + code($0.controlAnswer),
            ]
        }))
        <h2>Audit chains</h2>
        \(table(["", "trail", "evidence"], report.chains.map {
            [mark($0.verdict.isIntact), escaped($0.urlID ?? "control trail"), escaped($0.evidence)]
        }))
        <h2>Digest</h2>
        <p>SHA-256 of the text in the box: \(code(report.digest)). It is recorded in the control trail under number
        \(record.seq), with the hash \(code(record.hash)).</p>
        <details><summary>The report as data</summary>
        <pre id="body">\(String(decoding: report.body, as: UTF8.self))</pre></details>
        </body>
        </html>

        """
    }

    private var verdict: String {
        let failures = report.failures
        guard !failures.isEmpty else {
            return
                "<p class=\"verdict yes\">The isolation holds: \(report.lines.count) of \(report.lines.count) lines passed.</p>"
        }
        let list = failures.map { "<li>\(code($0.id)) \(escaped($0.evidence))</li>" }.joined(separator: "\n")
        return """
            <p class="verdict no">The isolation does NOT hold: \(failures.count) of \(report.lines.count) lines failed.</p>
            <ul>\(list)</ul>
            """
    }

    private var facts: String {
        let facts = report.facts
        let rows = [
            ("scope", report.subject),
            ("database", facts.database), ("server", facts.server),
            ("engine", "\(facts.engineVersion), manifest \(facts.manifest ?? "none")"),
            ("operators", "\(facts.operators)"),
            ("superusers and installers, outside of the claim", facts.superusers.joined(separator: ", ")),
            ("lost without a superuser", facts.lossesInWords),
            ("proved by", "\(facts.admin), at \(ProofReport.moment(facts.at)) by the server's clock"),
            ("probes ran beside", report.beside ?? "a second throw-away company"),
        ]
        return "<table class=\"facts\">"
            + rows.map { "<tr><th>\(escaped($0.0))</th><td>\(escaped($0.1))</td></tr>" }.joined(
                separator: "\n") + "</table>"
    }

    private var flaws: String {
        "<p>PostgreSQL \(escaped(report.facts.serverVersion)). At least 15.14 is needed.</p>"
            + table(
                ["", "flaw", "closed in", "what holds once it is closed"],
                report.facts.flaws.map {
                    [
                        mark(report.facts.serverNumber >= $0.fixed), escaped($0.cve),
                        ProofFacts.version($0.fixed),
                        escaped($0.what),
                    ]
                })
    }

    /// Cells that are HTML already.
    private func table(_ titles: [String], _ rows: [[String]]) -> String {
        "<table><thead><tr>" + titles.map { "<th>\($0)</th>" }.joined() + "</tr></thead><tbody>\n"
            + rows.map { "<tr>" + $0.map { "<td>\($0)</td>" }.joined() + "</tr>" }.joined(separator: "\n")
            + "\n</tbody></table>"
    }

    private func mark(_ passed: Bool) -> String {
        passed ? "<span class=\"yes\">yes</span>" : "<span class=\"no\">NO</span>"
    }

    private func code(_ text: String) -> String { "<code>\(escaped(text))</code>" }

    private func escaped(_ text: String) -> String { Self.escaped(text) }

    /// Text that a browser takes for nothing but text, and that hides nothing from who reads it.
    static func escaped(_ text: String) -> String {
        DisplayText.lines(of: text).map(\.string).joined(separator: " ").reduce(into: "") {
            result, character in
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.append(character)
            }
        }
    }

    private static let style = """
        body { font: 15px/1.5 system-ui, sans-serif; max-width: 76rem; margin: 2rem auto; padding: 0 1rem; color: #1c2430; }
        h1, h2 { line-height: 1.2; } h2 { margin-top: 2.2rem; }
        blockquote { margin: 1.2rem 0; padding: .8rem 1.2rem; border-left: 4px solid #3567a8; background: #f2f5f9; }
        table { border-collapse: collapse; width: 100%; } th { text-align: left; }
        th, td { padding: .35rem .6rem; border-bottom: 1px solid #dde3ea; vertical-align: top; overflow-wrap: anywhere; }
        td:first-child { white-space: nowrap; } .facts th { width: 16rem; font-weight: 600; }
        code { font: 13px/1.4 ui-monospace, monospace; } pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: 12px; }
        .yes { color: #17692f; } .no { color: #b3161b; font-weight: 700; } .verdict { font-size: 1.2rem; font-weight: 600; }
        @media (prefers-color-scheme: dark) {
          body { background: #12161c; color: #dde3ea; } blockquote { background: #1b222b; }
          th, td { border-color: #2c3540; } .yes { color: #6fcf8c; } .no { color: #ff8080; }
        }
        @media print { details { display: none; } }
        """
}
