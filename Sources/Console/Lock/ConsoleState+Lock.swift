import Terminal

extension ConsoleState {
    /// Blanks the screen when nobody touched a key for too long; what was shown of a token is masked again.
    mutating func lockWhenIdle() {
        guard idleLock.check(at: shell.now) else { return }
        shell.notice = nil
        for index in shell.overlays.indices {
            guard case .token(var card) = shell.overlays[index] else { continue }
            card.token = nil
            shell.overlays[index] = .token(card)
        }
    }

    /// Notes that somebody is there; true when that opened the lock and the key means nothing else.
    mutating func touch() -> Bool {
        guard idleLock.touch(at: shell.now) else { return false }
        // A question counts as asked anew: it was not on screen.
        for index in shell.overlays.indices {
            switch shell.overlays[index] {
            case .confirm(var confirm):
                confirm.askedAtFrame = shell.frames
                shell.overlays[index] = .confirm(confirm)
            case .impersonation(var form):
                form.askedAtFrame = shell.frames
                shell.overlays[index] = .impersonation(form)
            default: break
            }
        }
        return true
    }
}
