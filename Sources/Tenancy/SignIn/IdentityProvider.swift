public import FoundationEssentials

/// Where a company's own people sign in (OpenID Connect).
public struct IdentityProvider: Hashable, Sendable {
    /// Where the provider's public keys come from.
    public enum Keys: Hashable, Sendable {
        /// They are fetched from this address (https, or http on this machine) when they are needed.
        case url(String)
        /// This key set (RFC 7517), as JSON.
        case set(String)
    }

    /// The issuer, exactly as ID tokens name it (`iss`).
    public let issuer: String
    /// The client's id at the provider, exactly as ID tokens name it (`aud`); no two companies share it.
    public let audience: String
    /// Where the keys come from.
    public let keys: Keys
    /// When an admin said so; nil before that.
    public let setAt: Date?

    /// Describes a provider; nothing is checked before an admin sets it for a company.
    public init(issuer: String, audience: String, keys: Keys) {
        self.init(issuer: issuer, audience: audience, keys: keys, setAt: nil)
    }

    init(issuer: String, audience: String, keys: Keys, setAt: Date?) {
        self.issuer = issuer
        self.audience = audience
        self.keys = keys
        self.setAt = setAt
    }
}
