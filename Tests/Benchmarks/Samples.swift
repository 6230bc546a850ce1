/// Times of one thing, in milliseconds.
struct Samples {
    private(set) var values: [Double] = []

    mutating func add(_ duration: Duration) {
        let parts = duration.components
        values.append(Double(parts.seconds) * 1000 + Double(parts.attoseconds) / 1e15)
    }

    func quantile(_ share: Double) -> Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return .nan }
        return sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))]
    }

    var median: Double { quantile(0.5) }
    var p95: Double { quantile(0.95) }
}

/// The table that the benchmark prints: a figure, its baseline of the same run, and their ratio.
struct Report {
    func heading(_ text: String) {
        print("\n\(text)")
        print(row("", "p50 ms", "p95 ms", "baseline", "ratio"))
    }

    func line(_ name: String, _ samples: Samples, baseline: Samples? = nil) {
        let base = baseline.map { fixed($0.median) } ?? "–"
        let ratio = baseline.map { fixed(samples.median / $0.median) + " ×" } ?? "–"
        print(row(name, fixed(samples.median), fixed(samples.p95), base, ratio))
    }

    private func row(_ name: String, _ figures: String...) -> String {
        let padded = figures.map { String(repeating: " ", count: max(0, 10 - $0.count)) + $0 }
        return "  " + name + String(repeating: " ", count: max(1, 52 - name.count)) + padded.joined()
    }

    private func fixed(_ value: Double) -> String {
        guard value.isFinite else { return "–" }
        let hundredths = Int((value * 100).rounded())
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }
}
