/// One thing that the doctor looked at.
struct Finding: Hashable, Sendable {
    enum State: String, Sendable {
        case good
        /// Works, and could be better.
        case warning
        /// Something does not work, or is not safe.
        case problem
    }

    var state: State
    /// What was looked at, in a word or two.
    var subject: String
    /// How it is.
    var what: String
    /// What would mend it.
    var mend: String?

    static func good(_ subject: String, _ what: String) -> Finding {
        Finding(state: .good, subject: subject, what: what)
    }

    static func warning(_ subject: String, _ what: String, mend: String) -> Finding {
        Finding(state: .warning, subject: subject, what: what, mend: mend)
    }

    static func problem(_ subject: String, _ what: String, mend: String) -> Finding {
        Finding(state: .problem, subject: subject, what: what, mend: mend)
    }
}
