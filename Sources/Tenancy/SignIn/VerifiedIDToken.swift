/// What a verified ID token vouches for.
struct VerifiedIDToken: Hashable, Sendable {
    /// What the company's claim says of the user: an address, or the provider's own number.
    let user: String
    /// Which of the company's audiences it is for.
    let audience: String
    /// The end, in whole seconds since the epoch.
    let expiresAt: Int64
}
