/// A number of rows, exact or by the server's statistics.
public struct Count: Hashable, Sendable {
    /// The number.
    public let value: Int
    /// Whether it was counted; shown with ≈ when not.
    public let isExact: Bool

    package init(_ value: Int, isExact: Bool) {
        self.value = value
        self.isExact = isExact
    }
}
