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

extension [Double] {
    /// The median of a few rounds.
    var middle: Double { sorted()[count / 2] }
}
