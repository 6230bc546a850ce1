import Synchronization
import Terminal

/// How far something that takes time has come, on one line of standard error; any thread may report.
///
/// Where nobody looks, it writes a line at the beginning and one at the end.
final class ProgressBar: Sendable {
    private struct State {
        var done = 0
        var drawn = ContinuousClock.now
        var isShown = false
    }

    private let title: String
    private let total: Int
    private let passes: Int
    private let isQuiet: Bool
    private let begin = ContinuousClock.now
    private let state = Mutex(State())

    /// - Parameters:
    ///   - passes: how often each of the total is reported.
    ///   - isQuiet: writes nothing at all.
    init(_ title: String, total: Int, passes: Int = 1, isQuiet: Bool = false) {
        self.title = title
        self.total = max(1, total)
        self.passes = passes
        self.isQuiet = isQuiet
        if !isQuiet, !Narration.draws { Narration.say("\(title)…") }
    }

    /// Adds to what is done.
    func advance(by count: Int = 1) {
        guard !isQuiet else { return }
        state.withLock { state in
            state.done += count
            let now = ContinuousClock.now
            guard Narration.draws, !state.isShown || now - state.drawn > .milliseconds(50) else {
                return
            }
            state.drawn = now
            state.isShown = true
            Narration.write("\r" + line(state.done / passes))
        }
    }

    /// Leaves one line that says what was done, and how long it took.
    func finish() {
        guard !isQuiet else { return }
        let seconds = ContinuousClock.now - begin
        let tenths = Int(seconds / .milliseconds(100))
        let time = "\(tenths / 10).\(tenths % 10) s"
        let done = state.withLock(\.done) / passes
        let text = DisplayText("\(title): \(done) in \(time)")
        Narration.say(
            Narration.draws ? "\r" + text.padded(to: Narration.columns - 1).string : text.string)
    }

    private func line(_ done: Int) -> String {
        let cells = 24
        let filled = min(cells, done * cells / total)
        let bar = String(repeating: "▰", count: filled) + String(repeating: "▱", count: cells - filled)
        return DisplayText("\(title)  \(bar)  \(done) of \(total)").padded(to: Narration.columns - 1).string
    }
}
