import Tenancy
import Terminal

extension ConsoleState {
    /// Begins the tour, with the keys that it knows.
    mutating func beginTour() {
        tour = TourState()
        shell.keys = .standard
    }

    /// Presses the tour's next key, when its time has come and nothing is on its way.
    mutating func playTour() -> [Effect] {
        guard var tour else { return [] }
        defer { if self.tour != nil { self.tour = tour } }
        if let identity, identity.level != .admin { tour.leaveOutForAdmins() }
        guard isQuiet || tour.isTyping else {
            tour.hold()
            return []
        }
        tour.wait(at: shell.now)
        guard let key = tour.next(at: shell.now, frames: shell.frames) else {
            if tour.current == nil { self.tour = nil } else { tour.wait(at: shell.now) }
            return []
        }
        return press(key)
    }

    /// Ends the tour for somebody who pressed a key; true when there was one, and then the key means nothing else.
    mutating func takesOverTour() -> Bool {
        guard tour != nil else { return false }
        tour = nil
        say("The keys are yours; \(shell.keys.label(of: .help)) tells them.")
        return true
    }

    /// Milliseconds until the tour goes on; nil where there is none, or where it waits for an answer.
    func untilTourGoesOn(at now: Milliseconds) -> Milliseconds? {
        guard let tour, isQuiet || tour.isTyping else { return nil }
        return tour.dueAt.map { max(1, $0 - now) } ?? 1
    }

    /// Whether nothing is on its way that the screen will show.
    private var isQuiet: Bool {
        guard link == .up, opening == nil else { return false }
        if let screen = controlScreen?.screen { return screen.waitingSince == nil }
        guard let context else { return true }
        return context.waitingSince == nil && !context.isChanging
    }
}
