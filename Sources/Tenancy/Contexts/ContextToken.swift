public import FoundationEssentials

/// A JWT that opens a context; its text is a secret for the login it was issued to.
public struct ContextToken: Hashable, Sendable, CustomStringConvertible {
    /// The compact JWT.
    public let token: String
    /// The token's id, which is also the context's.
    public let jti: String
    /// The end of the token and of every context opened with it, by the server's clock.
    public let expiresAt: Date

    /// The id without the secret.
    public var description: String { "context token \(jti)" }

    package init(token: String, jti: String, expiresAt: Date) {
        self.token = token
        self.jti = jti
        self.expiresAt = expiresAt
    }
}
