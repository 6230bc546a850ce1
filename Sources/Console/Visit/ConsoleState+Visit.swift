import Terminal

extension ConsoleState {
    /// Begins a visit, and says what it is.
    mutating func begin(_ limits: Visit) {
        visit = VisitState(limits: limits, beganAt: shell.now)
        let minutes: DisplayText = limits.minutes == 1 ? "one minute" : "\(String(limits.minutes)) minutes"
        say("Yours for \(minutes): do what you like, nothing is kept.")
    }

    /// Warns before the end of a visit, and ends it.
    mutating func endVisit() -> [Effect] {
        guard let visit, visitEnd == nil else { return [] }
        if shell.now >= visit.idleEnd(since: idleLock.lastTouch) { visitEnd = .idle }
        if shell.now >= visit.endsAt { visitEnd = .time }
        if visitEnd != nil { return [.terminal(.quit)] }
        if !visit.isWarned, visit.endsAt - shell.now <= VisitState.warning {
            self.visit?.isWarned = true
            say("This visit ends in \(Moment.countdown(visit.endsAt - shell.now)).", .warning)
        }
        return []
    }

    /// Milliseconds until the visit changes something by itself; nil where there is none.
    func untilVisitChanges(at now: Milliseconds) -> Milliseconds? {
        guard let visit, visitEnd == nil else { return nil }
        let warning = visit.isWarned ? nil : visit.endsAt - VisitState.warning - now
        return [visit.endsAt - now, visit.idleEnd(since: idleLock.lastTouch) - now, warning].compactMap { $0 }
            .min().map { max(1, $0) }
    }

    /// What a visitor may not do: write files, and leave the console for a shell.
    func isBeyondVisit(_ command: Command) -> Bool {
        visit != nil && (command == .export || command == .suspend)
    }

    /// The effects that a visit lets out, whatever asked for them.
    func withinVisit(_ effects: [Effect]) -> [Effect] {
        guard visit != nil else { return effects }
        return effects.filter { effect in
            switch effect {
            case .control(.export), .inside(_, .export), .terminal(.suspend), .terminal(.keepTables): false
            case .terminal(.useTheme(let name, _)): shell.looks.themes.contains(name)
            case .control, .inside, .terminal: true
            }
        }
    }
}
