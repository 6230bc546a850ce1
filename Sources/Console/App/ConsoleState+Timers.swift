import Tenancy

extension ConsoleState {
    /// Milliseconds until the screen changes by itself; nil when it never does, and then nothing wakes the program.
    func untilNextChange(at now: Milliseconds) -> Milliseconds? {
        var waits: [Milliseconds] = []
        // One tick a second, by the first clock on screen; the others are drawn with it, and end on time.
        let live = (context.map { [$0] } ?? []).filter { $0.ended == nil } + others.flatMap(\.live)
        if let first = live.first { waits.append(Countdown.untilNextSecond(first.millisecondsLeft(at: now))) }
        waits += live.map { $0.millisecondsLeft(at: now) }
        if let parked, parked.ended == nil { waits.append(parked.millisecondsLeft(at: now)) }
        if let wait = untilVisitChanges(at: now) { waits.append(wait) }
        if let wait = untilTourGoesOn(at: now) { waits.append(wait) }
        guard !idleLock.isLocked else { return waits.min().map { max(1, $0) } }
        if let wait = idleLock.untilLocked(at: now) { waits.append(wait) }
        if context?.export != nil || companies.export != nil { waits.append(Spinner.pace) }
        if top?.screen.ticks == true { waits.append(1000) }
        if isWaitShown, let wait, wait.request.state.isOpen {
            waits.append(Countdown.untilNextSecond(wait.millisecondsLeft(at: now)))
        }
        if let due = typed?.dueAt { waits.append(due - now) }
        if let rest = untilRested(at: now) { waits.append(rest) }
        if let due = top?.screen.wakesAt { waits.append(due - now) }
        if let since = waitingSince {
            let age = max(0, now - since)
            waits.append(age < Spinner.delay ? Spinner.delay - age : Spinner.pace - age % Spinner.pace)
        }
        return waits.min().map { max(1, $0) }
    }

    /// Since when the screen waits for an answer that a spinner shows.
    private var waitingSince: Milliseconds? {
        if let opening { return opening.since }
        if let since = frequency?.waitingSince { return since }
        if let top { return top.screen.waitingSince }
        if let context { return context.waitingSince }
        return link == .up ? companies.waitingSince : nil
    }
}
