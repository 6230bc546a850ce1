import Tenancy
import Terminal

extension ConsoleState {
    /// `y` counts only when the question was on the screen before the key was pressed; Enter never does.
    mutating func takeConfirm(_ key: Key, _ confirm: ConfirmState) -> [Effect] {
        var confirm = confirm
        if shell.frames <= confirm.askedAtFrame {
            shell.overlays.append(.confirm(confirm))
            return []
        }
        if var reason = confirm.reason {
            switch key {
            case .escape:
                shell.drafts.keep(reason, for: confirm.subject)
                if !reason.isEmpty { shell.sayKept() }
                return []
            case .enter:
                guard !reason.isEmpty else {
                    say("A reason is needed: it goes into the audit trail.", .warning)
                    shell.overlays.append(.confirm(confirm))
                    return []
                }
                guard confirm.subject.wantsYes else {
                    shell.drafts.keep(nil, for: confirm.subject)
                    return carryOut(confirm.subject, reason: reason.text)
                }
                confirm.given = reason.text
                confirm.reason = nil
                confirm.detail.append("Because: \(DisplayText(reason.text))")
                confirm.askedAtFrame = shell.frames
                shell.overlays.append(.confirm(confirm))
                return []
            default:
                _ = reason.take(key)
                confirm.reason = reason
                shell.overlays.append(.confirm(confirm))
                return []
            }
        }
        if let typed = confirm.typed { return takeTyped(key, confirm, typed) }
        switch key {
        case .character("y"), .character("Y"): return carryOut(confirm.subject, reason: confirm.given ?? "")
        case .enter:
            say("Enter does not confirm: y does, esc does not.", .warning)
            shell.overlays.append(.confirm(confirm))
            return []
        default:
            say("Nothing was changed.")
            return []
        }
    }

    /// Enter counts once the whole name was typed.
    private mutating func takeTyped(
        _ key: Key, _ confirm: ConfirmState, _ typed: ConfirmState.Typed
    ) -> [Effect] {
        var (confirm, typed) = (confirm, typed)
        switch key {
        case .escape:
            say("Nothing was changed.")
            return []
        case .enter where typed.field.text == typed.expected:
            return carryOut(confirm.subject, reason: "")
        case .enter:
            say("Type \(DisplayText(typed.expected)) to confirm; esc does not.", .warning)
        default:
            _ = typed.field.take(key)
        }
        confirm.typed = typed
        shell.overlays.append(.confirm(confirm))
        return []
    }

    private mutating func carryOut(_ subject: ConfirmState.Subject, reason: String) -> [Effect] {
        switch subject {
        case .quit: return [.terminal(.quit)]
        case .closeCompany: return closeCompany()
        case .endContexts(let jtis): return [.control(.endContexts(jtis, why: reason))]
        case .decide(let id, let approve):
            return [.control(.decide(request: id, approve: approve, reason: reason))]
        case .withdraw(let id): return [.control(.withdraw(request: id))]
        case .administer(let change): return administer(change)
        case .setStatus(let status, let user, let said):
            guard let current = context, mayChange() else { return [] }
            context?.isChanging = true
            return [.inside(current.id, .setUserStatus(status, user: user, said: said))]
        case .changeStep(let step, let change, let said):
            guard let current = context, mayChange() else { return [] }
            context?.isChanging = true
            return [.inside(current.id, .changeStep(step, change, said: said))]
        }
    }
}
