import Tenancy
import Terminal

/// The form before an impersonation: nothing in it is done by Enter alone, and the confirmation can't be pasted.
struct ImpersonationForm: Equatable, Sendable {
    enum Field: Int, CaseIterable, Sendable { case user, reason, ticket, minutes, confirmation }

    let urlID: String
    let companyName: String
    /// What the company allows, as far as it is known.
    private(set) var policy: CompanyPolicy?
    var focus = Field.reason
    var reason = TextField(limit: 500)
    var ticket = TextField(limit: 64)
    var user: TextField
    var minutes = TextField("15", limit: 2)
    /// The proposed minutes go away with the first character typed over them.
    var minutesAreProposed = true
    var confirmation = TextField(limit: 64)
    var complaint: DisplayText?
    var isAsking = false
    /// What was asked for before, when this is to go on with it.
    let before: ImpersonationRequest?
    var askedAtFrame: Int

    init(urlID: String, companyName: String, user: String?, after before: ImpersonationRequest?, frame: Int) {
        self.urlID = urlID
        self.companyName = companyName
        self.before = before
        ticket.paste(before?.ticket ?? "")
        self.user = TextField(user ?? "", limit: 320)
        askedAtFrame = frame
    }

    /// The longest impersonation: what the company allows, and by the engine's contract never more than 30 minutes.
    var longest: Int { policy?.maxMinutes ?? 30 }

    /// Takes in what the company allows; minutes that were only proposed follow it.
    mutating func take(_ policy: CompanyPolicy) {
        self.policy = policy
        if minutesAreProposed { minutes = TextField(String(min(15, policy.maxMinutes)), limit: 2) }
    }

    /// The request, or the first field that is wrong and what would be right.
    var checked: Result<ImpersonationRequest, FormProblem> {
        guard reason.text.contains(where: { !$0.isWhitespace }) else {
            return .failure(FormProblem(.reason, "A reason is needed: what does the ticket ask for?"))
        }
        if let before, reason.text.trimmedWords == before.reason.trimmedWords {
            return .failure(FormProblem(.reason, "A new reason is needed: why does it take longer?"))
        }
        if policy?.ticketRequired == true, ticket.isEmpty {
            return .failure(FormProblem(.ticket, "The policy of this company wants a ticket."))
        }
        guard let length = Int(minutes.text), (1...longest).contains(length) else {
            return .failure(
                FormProblem(.minutes, "Minutes must be a number from 1 to \(String(longest))."))
        }
        guard confirmation.text == urlID else {
            return .failure(FormProblem(.confirmation, "Type \(DisplayText(urlID)) to confirm."))
        }
        return .success(
            ImpersonationRequest(
                urlID: urlID, reason: reason.text, ticket: ticket.isEmpty ? nil : ticket.text,
                user: user.isEmpty ? nil : user.text, minutes: length))
    }

    subscript(field: Field) -> TextField {
        get {
            switch field {
            case .reason: reason
            case .ticket: ticket
            case .user: user
            case .minutes: minutes
            case .confirmation: confirmation
            }
        }
        set {
            switch field {
            case .reason: reason = newValue
            case .ticket: ticket = newValue
            case .user: user = newValue
            case .minutes: minutes = newValue
            case .confirmation: confirmation = newValue
            }
        }
    }
}

/// What is wrong with a form, and where.
struct FormProblem: Error, Equatable, Sendable {
    var field: ImpersonationForm.Field
    var message: DisplayText

    init(_ field: ImpersonationForm.Field, _ message: DisplayText) {
        self.field = field
        self.message = message
    }
}

extension String {
    /// The words alone, so that blanks do not make another text of it.
    fileprivate var trimmedWords: [Substring] { lowercased().split(whereSeparator: \.isWhitespace) }
}
