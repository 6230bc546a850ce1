/// One hostile act and its control, as they went.
public struct ProbeOutcome: Hashable, Sendable {
    /// What kind of attack it is.
    public enum Family: String, CaseIterable, Sendable {
        case session, expiry, privileges, tokens, impersonation, audit, names, outbox, bystanders
    }

    /// Its stable name, for instance `probe.tokens.algorithm-none`.
    public let id: String
    /// What kind of attack it is.
    public let family: Family
    /// What must hold.
    public let what: String
    /// The statements, as they were sent.
    public let attack: String
    /// The answers with which it counts as refused.
    public let expected: [String]
    /// How the server answered.
    public let answer: String
    /// What shows that the attack was refused for its own sake: the same without what is hostile in it.
    public let control: String
    /// How the server answered that.
    public let controlAnswer: String
    /// Whether the control was let through.
    public let controlHolds: Bool
    /// Whether somebody else was held up by it.
    let holdsUp: Bool
    /// Whether the server was asked at all.
    let wasTried: Bool

    /// Whether the attack was refused, in a way that was expected.
    public var isRefused: Bool { expected.contains(answer) }
    /// Whether it was, while the control was let through.
    public var passed: Bool { isRefused && controlHolds }

    /// What a report tells in one line.
    public var evidence: String {
        met + "; control: \(control): \(controlAnswer)" + (controlHolds ? "" : ", which is wrong")
    }

    private var met: String {
        if holdsUp { return "somebody was held up: \(answer)" }
        if answer == ProbeAnswer.inTime.description { return "everybody else went on: \(answer)" }
        if isRefused { return "refused: \(answer)" }
        return "NOT refused: \(answer), expected \(expected.joined(separator: " or "))"
    }
}
