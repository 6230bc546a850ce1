/// Why a request did not succeed; its text is made for people, and never holds parameter values.
public struct TenancyError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is.
    public enum Code: Hashable, Sendable {
        /// The engine refused and recorded it; the text begins with the refusal's code word.
        case refused
        /// The context is over: expired, revoked, ended by an admin, or its backend is gone.
        case contextEnded
        /// The login is no operator, or the server denied the right (SQLSTATE 42501).
        case notAllowed
        /// The server can't be reached, or the connection was lost.
        case unreachable
        /// The server wants a password, and none was found in any of libpq's ways.
        case passwordNeeded
        /// The request was cancelled.
        case cancelled
        /// The request took longer than its deadline.
        case deadlineExceeded
        /// Nothing by that name.
        case notFound
        /// The arguments make no sense.
        case invalid
        /// The engine is missing or too old in this database.
        case engineMissing
        /// Anything else that the server reported.
        case failed
    }

    /// What kind of failure it is.
    public let code: Code
    /// What happened, in a sentence.
    public let message: String
    /// The server's SQLSTATE, where there is one.
    public let sqlState: String?
    /// Whether the connection was lost while the answer to a change was awaited, so that nobody here knows whether it was
    /// made.
    public let isOutcomeUnknown: Bool

    /// The code word of a refusal, for instance `token_expired`; nil for other failures.
    public var refusalCode: String? {
        guard code == .refused, let end = message.firstIndex(of: ":") else { return nil }
        return String(message[..<end])
    }

    /// The message as a sentence for a person: a refusal's without its code word.
    public var sentence: String {
        guard let refusalCode else { return description }
        let words = message.dropFirst(refusalCode.count + 1).drop { $0 == " " }
        return words.prefix(1).uppercased() + words.dropFirst() + "."
    }

    /// The message, with the SQLSTATE where there is one.
    public var description: String { sqlState.map { "\(message) (SQLSTATE \($0))" } ?? message }

    /// What became of a change that ended in this error, where the error itself does not tell: a lost connection, a
    /// deadline.
    package var fateOfChange: String? {
        if isOutcomeUnknown { return "It is not known whether it was done; look again" }
        switch code {
        case .unreachable, .contextEnded, .cancelled, .deadlineExceeded: return "Nothing was changed"
        default: return nil
        }
    }

    package init(
        _ code: Code, _ message: String, sqlState: String? = nil, isOutcomeUnknown: Bool = false
    ) {
        self.code = code
        self.message = message
        self.sqlState = sqlState
        self.isOutcomeUnknown = isOutcomeUnknown
    }
}
