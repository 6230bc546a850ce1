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

    /// What its tokens must say.
    public let rules: SignInRules
    /// Its public keys.
    public let keys: Keys
    /// When it was set.
    public let setAt: Date
    /// The admin who set it.
    public let setBy: String

    /// The `iss` of its tokens, compared exactly.
    public var issuer: String { rules.issuer }
    /// The `aud` of tokens for this application: its client id at the provider, the first where it has several.
    public var audience: String { rules.audiences.first ?? "" }

    package init(rules: SignInRules, keys: Keys, setAt: Date, setBy: String) {
        self.rules = rules
        self.keys = keys
        self.setAt = setAt
        self.setBy = setBy
    }
}
