import Tenancy
import Terminal

/// A question before something that others notice: `y` does it, everything else does not.
struct ConfirmState: Equatable, Sendable {
    /// What `y` sets off.
    enum Subject: Equatable, Sendable {
        case setStatus(User.Status, user: Int64, said: String)
        case changeStep(JourneyStep, JourneyStep.Change, said: String)
        case setValue(ValueChange)
        case endContexts([String])
        case decide(request: String, approve: Bool)
        case withdraw(request: String)
        case administer(AdminChange)
        case closeCompany
        case quit

        /// Whether a typed reason is not enough.
        var wantsYes: Bool {
            if case .decide = self { true } else { false }
        }
    }

    var subject: Subject
    var question: DisplayText
    var detail: [DisplayText]
    /// A reason to be typed first; nil when none is needed.
    var reason: TextField?
    /// The reason that was typed, where `y` has to follow it.
    var given: String?
    /// The number of frames shown when the question was asked: only keys pressed after the next one count.
    var askedAtFrame: Int
    /// What has to be typed, where `y` would be too easy; nil where it is not.
    var typed: Typed?

    /// A name to be typed letter by letter; it can't be pasted.
    struct Typed: Equatable, Sendable {
        let expected: String
        var field = TextField(limit: 100)
    }
}
