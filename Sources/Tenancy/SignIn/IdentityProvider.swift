public import FoundationEssentials

/// Where a company's own people sign in: an OpenID Connect provider, and who it takes this application for.
public struct IdentityProvider: Hashable, Sendable {
    /// Where the provider's public keys are.
    public enum Keys: Hashable, Sendable {
        /// At this address, https or on this machine; read when a token is verified.
        case address(String)
        /// In this JSON Web Key Set (RFC 7517).
        case set(String)
    }

    /// The `iss` of its tokens, compared exactly.
    public let issuer: String
    /// The `aud` of tokens for this application: its client id at the provider.
    public let audience: String
    /// Its public keys.
    public let keys: Keys
    /// When it was set.
    public let setAt: Date
    /// The admin who set it.
    public let setBy: String

    package init(issuer: String, audience: String, keys: Keys, setAt: Date, setBy: String) {
        self.issuer = issuer
        self.audience = audience
        self.keys = keys
        self.setAt = setAt
        self.setBy = setBy
    }
}
