/// What a rotation did: which key signs from now on, and what the old one took with it.
public struct KeyRotation: Hashable, Sendable {
    /// The key in use.
    public let kid: String
    /// The key whose secret was destroyed.
    public let retiredKid: String
    /// How many contexts ended, with their backends.
    public let contextsEnded: Int
    /// How many tokens ended that nobody had opened yet.
    public let tokensEnded: Int

    package init(kid: String, retiredKid: String, contextsEnded: Int, tokensEnded: Int) {
        self.kid = kid
        self.retiredKid = retiredKid
        self.contextsEnded = contextsEnded
        self.tokensEnded = tokensEnded
    }
}
