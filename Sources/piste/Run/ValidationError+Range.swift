import ArgumentParser

extension ValidationError {
    /// Throws, in words, when a number that was given lies outside what is meant.
    static func check(_ option: String, _ number: Int?, in range: ClosedRange<Int>) throws {
        guard let number, !range.contains(number) else { return }
        throw ValidationError(
            "\(option) is from \(range.lowerBound) to \(range.upperBound), and not \(number)")
    }
}
