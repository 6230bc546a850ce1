/// What a verified ID token vouches for.
struct VerifiedIDToken: Hashable, Sendable {
    let email: String
    /// The `exp`, in whole seconds since the epoch.
    let expiresAt: Int64
}
