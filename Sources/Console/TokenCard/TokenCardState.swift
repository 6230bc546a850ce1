/// The token card: what the context's token says, masked until asked for.
struct TokenCardState: Equatable, Sendable {
    var context: ContextID
    /// The token itself, once its showing is in the audit trail.
    var token: String?
    var isAsking = false
}
