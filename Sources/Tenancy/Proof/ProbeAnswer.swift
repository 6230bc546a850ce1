/// How the server answered something hostile, or a control.
public enum ProbeAnswer: Hashable, Sendable, CustomStringConvertible {
    /// An error, with its SQLSTATE.
    case error(String)
    /// A refusal, with its code word.
    case refusal(String)
    /// It was done, and gave or changed so many rows.
    case rows(Int)
    /// The server ended the session.
    case ended
    /// Somebody else had to wait too long, or was refused what is theirs; what it was, in words.
    case heldUp(String)
    /// What was seen, in words.
    case told(String)
    /// What the attack needs could not be had, and why.
    case notTried(String)

    /// The answer as reports write it: `42501`, `token_tampered`, `0 rows`, `session ended`.
    public var description: String {
        switch self {
        case .error(let state): state
        case .refusal(let code): code
        case .rows(let count): count == 1 ? "1 row" : "\(count) rows"
        case .ended: "session ended"
        case .told(let words), .heldUp(let words): words
        case .notTried(let why): "not tried: \(why)"
        }
    }

    /// Nobody had to wait.
    static let inTime = ProbeAnswer.told("in time")

    /// Whether somebody else was held up.
    var holdsUp: Bool {
        if case .heldUp = self { true } else { false }
    }

    /// Whether the server was asked at all.
    var wasTried: Bool {
        if case .notTried = self { false } else { true }
    }
}
