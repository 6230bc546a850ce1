import Terminal

/// Where the tour is.
struct TourState: Equatable, Sendable {
    private(set) var steps: [TourStep]
    private(set) var step = 0
    /// How many of the step's keys were pressed.
    private(set) var pressed = 0
    /// When the next thing happens; nil until the screen was quiet once.
    private(set) var dueAt: Milliseconds?
    /// The step whose words stand on screen: this one, or the last that had any.
    private(set) var told: TourStep?
    /// Frames shown when the last key was pressed: the next waits until its effect was seen.
    private(set) var frames = -1

    /// Between two keys, in milliseconds: slow enough to follow, fast enough to wait for.
    static let typing: Milliseconds = 180

    init(_ steps: [TourStep] = TourStep.all) {
        self.steps = steps
        told = steps.first
    }

    /// How many things are told, and which of them this is, from 1.
    var chapters: (number: Int, count: Int) {
        (steps.prefix(step + 1).count { !$0.words.isEmpty }, steps.count { !$0.words.isEmpty })
    }

    var current: TourStep? { step < steps.count ? steps[step] : nil }

    /// Leaves out what only an admin can do.
    mutating func leaveOutForAdmins() {
        steps = steps.prefix(step + 1) + steps.dropFirst(step + 1).filter { !$0.isForAdmins }
    }

    /// Whether it is in the middle of a step's keys: a person who types does not wait for each answer.
    var isTyping: Bool { pressed > 0 && pressed < (current?.keys.count ?? 0) }

    /// Sets out the next moment, when none is set.
    mutating func wait(at now: Milliseconds) {
        guard dueAt == nil, let current else { return }
        dueAt = now + (pressed == 0 ? current.pause : Self.typing)
    }

    /// Something is on its way: the pause begins anew once it has come.
    mutating func hold() { dueAt = nil }

    /// The next key, when its time has come; a step without one, or after its last, gives way to the next.
    mutating func next(at now: Milliseconds, frames shown: Int) -> Key? {
        guard let current, let dueAt, now >= dueAt, shown > frames else { return nil }
        self.dueAt = nil
        guard pressed < current.keys.count else {
            step += 1
            pressed = 0
            if let current = self.current, !current.words.isEmpty { told = current }
            return nil
        }
        frames = shown
        pressed += 1
        return current.keys[pressed - 1]
    }
}
