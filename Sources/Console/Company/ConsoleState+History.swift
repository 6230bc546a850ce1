import Terminal

extension ConsoleState {
    /// Notes the screen of the live context, after whatever happened.
    mutating func noteVisit() {
        guard let current = context, current.ended == nil else { return }
        context?.history.visit(current.stop)
    }

    /// `[` and `]`: back and forward through the screens of this context, each read anew.
    mutating func goThroughHistory(_ command: Command) -> [Effect] {
        let isBack = command == .historyBack
        guard let stop = isBack ? context?.history.goBack() : context?.history.goForward() else {
            say(
                isBack
                    ? "There is no screen before this one in this context."
                    : "There is no screen after this one.", .warning)
            return []
        }
        context?.tab = stop.tab
        context?.audit.isFullScreen = stop.isAuditFullScreen
        context?.path = stop.path
        return loadIfMissing()
    }
}
