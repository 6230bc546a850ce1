/// Why libcrypto did not do what it was asked.
package struct SigningError: Error, Hashable, Sendable {
    /// What failed, in a sentence without its full stop.
    package let message: String

    init(_ message: String) {
        self.message = message
    }
}
