/// What came of asking for an impersonation; what was refused is thrown.
public enum Impersonation: Sendable {
    /// The token, to enter with.
    case granted(ContextToken)
    /// A second operator must approve it first.
    case pending(ApprovalRequest)

    /// The token, when there is one already.
    public var token: ContextToken? {
        if case .granted(let token) = self { token } else { nil }
    }
}
