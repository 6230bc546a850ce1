/// Which claim of an ID token names the user.
public enum UserClaim: String, Hashable, Sendable, CaseIterable {
    /// An address, believed when the provider verified it.
    case email
    /// Addresses that a provider does not verify by themselves.
    case preferredUsername = "preferred_username"
    case upn
    case uniqueName = "unique_name"
    /// The provider's own number of a user, which an admin links with a user of the company.
    case subject = "sub"
    case objectID = "oid"

    /// Whether the claim holds an address of the company's users.
    public var isAddress: Bool { self != .subject && self != .objectID }
}

/// What a company demands of the ID tokens of its provider.
public struct SignInRules: Hashable, Sendable {
    /// The `iss` of its tokens, compared exactly.
    public var issuer: String
    /// The client ids that this application has there; a token is for one of them.
    public var audiences: [String]
    /// Which claim names the user.
    public var userClaim: UserClaim
    /// Whether the addresses of this issuer count as verified, whatever its tokens say of them.
    public var trustsAddresses: Bool
    /// Claims that a token must have, with this text, or with this text in their list: what tells companies apart that share
    /// issuer and audience.
    public var requiredClaims: [String: String]
    /// Whether a token must carry the nonce that the sign-in was begun with.
    public var requiresNonce: Bool

    /// Rules of a provider; without more, its verified addresses name the users.
    public init(
        issuer: String, audiences: [String], userClaim: UserClaim = .email, trustsAddresses: Bool = false,
        requiredClaims: [String: String] = [:], requiresNonce: Bool = false
    ) {
        self.issuer = issuer
        self.audiences = audiences
        self.userClaim = userClaim
        self.trustsAddresses = trustsAddresses
        self.requiredClaims = requiredClaims
        self.requiresNonce = requiresNonce
    }
}
