import Tenancy
import Terminal

extension ConsoleState {
    /// Gives a key to the impersonation form; it is sent only once the company's url id was typed into it.
    mutating func takeForm(_ key: Key, _ form: ImpersonationForm) -> [Effect] {
        var form = form
        var effects: [Effect] = []
        switch key {
        case .escape:
            guard let opening, form.isAsking else {
                keepDraft(of: form)
                return []
            }
            self.opening = nil
            return [.inside(opening.id, .leave), .control(.cancel)]
        case .tab, .down: form.moveFocus(by: 1)
        case .backTab, .up: form.moveFocus(by: -1)
        case .enter:
            guard form.focus == .confirmation else {
                form.moveFocus(by: 1)
                break
            }
            guard shell.frames > form.askedAtFrame, !form.isAsking else { break }
            switch form.checked {
            case .failure(let problem):
                form.focus = problem.field
                form.complaint = problem.message
            case .success(let request):
                form.complaint = opening == nil ? nil : "Another context is being opened; wait for it."
                guard opening == nil else { break }
                effects = open(.impersonation(request))
                form.isAsking = opening != nil
            }
        case .character where form.focus == .minutes && form.minutesAreProposed:
            form.minutesAreProposed = false
            form.minutes.clear()
            _ = form.minutes.take(key)
        default:
            if form.focus == .minutes { form.minutesAreProposed = false }
            if form[form.focus].take(key) { form.complaint = nil }
        }
        shell.overlays.append(.impersonation(form))
        return effects
    }
}

extension ConsoleState {
    /// Keeps what was typed into a form that is left: nothing typed is lost by `esc`.
    private mutating func keepDraft(of form: ImpersonationForm) {
        guard form.before == nil, !form.reason.isEmpty || !form.ticket.isEmpty else { return }
        shell.drafts.impersonations[form.urlID] = form
        say("What you typed is kept; \(shell.keys.label(of: .impersonate)) brings it back.")
    }
}

extension ImpersonationForm {
    /// Takes up what was typed before, but for the confirmation: that is typed each time.
    mutating func takeUp(_ draft: ImpersonationForm) {
        reason = draft.reason
        ticket = draft.ticket
        if user.isEmpty { user = draft.user }
        if !draft.minutesAreProposed {
            minutes = draft.minutes
            minutesAreProposed = false
        }
    }

    mutating func moveFocus(by delta: Int) {
        let count = Field.allCases.count
        focus = Field(rawValue: (focus.rawValue + delta + count) % count) ?? .reason
    }
}
