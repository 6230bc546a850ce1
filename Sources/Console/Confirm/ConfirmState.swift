import Tenancy
import Terminal

/// A question before something that others notice: `y` does it, everything else does not.
struct ConfirmState: Equatable, Sendable {
    /// What `y` sets off.
    enum Subject: Equatable, Sendable {
        case setStatus(User.Status, user: Int64, said: String)
        case changeStep(JourneyStep, JourneyStep.Change, said: String)
        case endContext(jti: String)
        case quit
    }

    var subject: Subject
    var question: DisplayText
    var detail: [DisplayText]
    /// A reason to be typed first; nil when none is needed.
    var reason: TextField?
    /// The number of frames shown when the question was asked: only keys pressed after the next one count.
    var askedAtFrame: Int
}
