import Tenancy
import Terminal

/// The keys of the form; it is sent only once the company's url id was typed into it.
extension ImpersonationForm: OverlayLayer {
    static let isOfContext = true
    static var bindings: [(scope: Scope, keys: [KeyBinding])] {
        [
            (
                .impersonation,
                .of(
                    .fields,
                    [
                        KeyBinding(
                            .choose, [.enter], "next, at the end: start",
                            "Go to the next field; in the last one, begin", rank: 2)
                    ], .closing("cancel", "Close it; what is typed is kept"))
            )
        ]
    }

    var scope: Scope { .impersonation }
    var overlay: Overlay { .impersonation(self) }

    mutating func perform(_ command: Command, in console: inout ConsoleState) -> LayerOutcome {
        switch command {
        case .close:
            guard let opening = console.opening, isAsking else {
                keepDraft(&console)
                return .closes([])
            }
            console.opening = nil
            return .closes([.inside(opening.id, .leave), .control(.cancel)])
        case .nextField: moveFocus(by: 1)
        case .previousField: moveFocus(by: -1)
        case .choose:
            guard focus == .confirmation else {
                moveFocus(by: 1)
                break
            }
            guard console.shell.frames > askedAtFrame, !isAsking else { break }
            return .stays(send(&console))
        default: break
        }
        return .stays([])
    }

    /// Asks for the context, or says what is wrong.
    private mutating func send(_ console: inout ConsoleState) -> [Effect] {
        switch checked {
        case .failure(let problem):
            focus = problem.field
            complaint = problem.message
            return []
        case .success(let request):
            complaint = console.opening == nil ? nil : "Another context is being opened; wait for it."
            guard console.opening == nil else { return [] }
            let effects = console.open(.impersonation(request))
            isAsking = console.opening != nil
            return effects
        }
    }

    mutating func take(_ key: Key, in console: inout ConsoleState) -> LayerOutcome {
        if focus == .minutes, minutesAreProposed {
            minutesAreProposed = false
            if case .character = key {
                minutes.clear()
                _ = minutes.take(key)
                return .stays([])
            }
        }
        if self[focus].take(key) { complaint = nil }
        return .stays([])
    }

    mutating func paste(_ text: String, in console: inout ConsoleState) -> [Effect] {
        if focus == .confirmation {
            complaint = "The confirmation has to be typed; it can't be pasted."
        } else {
            self[focus].paste(text)
        }
        return []
    }

    /// Keeps what was typed into a form that is left: nothing typed is lost by `esc`.
    private func keepDraft(_ console: inout ConsoleState) {
        guard before == nil, !reason.isEmpty || !ticket.isEmpty else { return }
        console.shell.drafts.impersonations[urlID] = self
        console.say("What you typed is kept; \(console.shell.keys.label(of: .impersonate)) brings it back.")
    }

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

    private mutating func moveFocus(by delta: Int) {
        let count = Field.allCases.count
        focus = Field(rawValue: (focus.rawValue + delta + count) % count) ?? .reason
    }

    func draw(into canvas: inout Canvas, _ console: ConsoleState) -> Position? {
        ImpersonationFormView(self).draw(into: &canvas)
    }
}
