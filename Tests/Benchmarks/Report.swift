import Glibc

/// The table that the benchmark prints: a figure, its baseline of the same run, and their ratio.
struct Report: Sendable {
    func heading(_ text: String) {
        say("\n\(text)")
        say(row("", "p50 ms", "p95 ms", "baseline", "ratio"))
    }

    func line(_ name: String, _ samples: Samples, baseline: Samples? = nil) {
        let base = baseline.map { fixed($0.median) } ?? "–"
        let ratio = baseline.map { fixed(samples.median / $0.median) + " ×" } ?? "–"
        say(row(name, fixed(samples.median), fixed(samples.p95), base, ratio))
    }

    /// One figure of another unit, with its baseline.
    func figure(_ name: String, _ value: Double, baseline: Double? = nil) {
        let base = baseline.map { fixed($0) } ?? "–"
        let ratio = baseline.map { fixed(value / $0) + " ×" } ?? "–"
        say(row(name, fixed(value), "", base, ratio))
    }

    func note(_ text: String) { say("    \(text)") }

    /// Prints at once, also into a file or a pipe: a run takes minutes.
    private func say(_ text: String) {
        print(text)
        fflush(nil)
    }

    private func row(_ name: String, _ figures: String...) -> String {
        let padded = figures.map { String(repeating: " ", count: max(0, 10 - $0.count)) + $0 }
        return "  " + name + String(repeating: " ", count: max(1, 52 - name.count)) + padded.joined()
    }

    func fixed(_ value: Double) -> String {
        guard value.isFinite else { return "–" }
        let hundredths = Int((value * 100).rounded())
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }
}
