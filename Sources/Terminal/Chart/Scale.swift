/// Counts as shares of the greatest among them; what is below zero counts as zero.
struct Scale {
    let greatest: Int

    init(_ values: some Sequence<Int>) {
        greatest = max(0, values.max() ?? 0)
    }

    /// From 0 to 1.
    func share(_ value: Int) -> Double {
        guard greatest > 0, value > 0 else { return 0 }
        return min(1, Double(value) / Double(greatest))
    }

    /// How many of `steps` a value is worth; whatever is above zero shows.
    func steps(_ value: Int, of steps: Int) -> Int {
        guard value > 0, greatest > 0, steps > 0 else { return 0 }
        return min(steps, max(1, Int((share(value) * Double(steps)).rounded())))
    }
}

extension [Int] {
    /// The same values in at most `width` groups of neighbours, each made one by `join`.
    func grouped(into width: Int, by join: (Int, Int) -> Int) -> [Int] {
        guard width > 0 else { return [] }
        guard count > width else { return self }
        var groups: [Int?] = Array<Int?>(repeating: nil, count: width)
        for (index, value) in enumerated() {
            let group = index * width / count
            groups[group] = groups[group].map { join($0, value) } ?? value
        }
        return groups.compactMap { $0 }
    }

    /// In at most `width` sums of neighbours; a sum that has no room in a number stays at the greatest one.
    func summed(into width: Int) -> [Int] {
        grouped(into: width) { first, second in
            let (sum, overflow) = Swift.max(0, first).addingReportingOverflow(Swift.max(0, second))
            return overflow ? .max : sum
        }
    }
}
