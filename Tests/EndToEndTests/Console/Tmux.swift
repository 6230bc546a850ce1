import Foundation
import TestSupport
import Testing

/// The built console in a tmux of its own: what a user sees, and the keys they press.
///
/// Every test has its own tmux server, so that they run side by side and none outlives its test.
final class Tmux: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private let socket = "piste-test-\(UUID().uuidString.prefix(8))"
    /// Where the console keeps how it was left: nothing of one test is there for another.
    private var stateFolder: String { NSTemporaryDirectory() + socket }

    /// Starts `piste` with these arguments in a window of the given size.
    convenience init(
        _ arguments: [String], columns: Int = 100, rows: Int = 30, environment: [String: String] = [:]
    ) throws {
        try self.init(
            running: [BuiltBinary.path] + arguments, columns: columns, rows: rows, environment: environment)
    }

    /// Starts a program in a window of the given size.
    init(
        running command: [String], columns: Int = 100, rows: Int = 30, environment: [String: String] = [:]
    ) throws {
        var words = ["env", "-u", "TMUX", "LANG=C.UTF-8", "TZ=UTC"]
        words.append("XDG_STATE_HOME=\(stateFolder)")
        words += environment.map { "\($0.key)=\($0.value)" }
        words += command
        let line = words.map { "'" + $0.replacingOccurrences(of: "'", with: "'\\''") + "'" }.joined(
            separator: " ")
        try run([
            "-f", "/dev/null", "new-session", "-d", "-x", "\(columns)", "-y", "\(rows)", "-s", "main",
            "\(line); echo \"[exit $?]\"; sleep 60",
        ])
        try run(["set-option", "-g", "default-terminal", "tmux-256color"])
        try run(["set-option", "-g", "window-size", "manual"])
    }

    deinit {
        _ = try? run(["kill-server"])
        try? FileManager.default.removeItem(atPath: stateFolder)
    }

    // MARK: The user's hands

    /// Presses keys by tmux's names: `Enter`, `Escape`, `Tab`, `Up`, `C-c`, or a character.
    func press(_ keys: String...) throws {
        for key in keys { try run(["send-keys", "-t", "main", key]) }
    }

    func type(_ text: String) throws {
        try run(["send-keys", "-t", "main", "-l", text])
    }

    /// Pastes as a terminal does, between the marks of a bracketed paste.
    func paste(_ text: String) throws {
        try run(["set-buffer", "-b", "paste", text])
        try run(["paste-buffer", "-p", "-t", "main", "-b", "paste"])
    }

    func resize(columns: Int, rows: Int) throws {
        try run(["resize-window", "-t", "main", "-x", "\(columns)", "-y", "\(rows)"])
    }

    /// Drops the terminal, as a cut link does: whatever runs in it gets SIGHUP.
    func hangUp() throws {
        try run(["kill-server"])
    }

    /// The process that runs in the window.
    func processID() throws -> pid_t {
        let shell = try run(["display-message", "-p", "-t", "main", "#{pane_pid}"]).trimmingCharacters(
            in: .whitespacesAndNewlines)
        let children = try String(contentsOfFile: "/proc/\(shell)/task/\(shell)/children", encoding: .utf8)
        guard let pid = children.split(separator: " ").first.flatMap({ pid_t($0) }) else {
            throw Failure(description: "nothing runs in the window:\n\(screen)")
        }
        return pid
    }

    /// The window's title, which escape sequences in data must not be able to set.
    func title() throws -> String {
        try run(["display-message", "-p", "-t", "main", "#{pane_title}"])
    }

    // MARK: The user's eyes

    var screen: String { (try? run(["capture-pane", "-p", "-t", "main"])) ?? "" }

    /// The screen with its colours.
    var colored: String { (try? run(["capture-pane", "-p", "-e", "-t", "main"])) ?? "" }

    /// Lets programs set the clipboard by OSC 52, as a user's own terminal does.
    func acceptClipboard() throws {
        try run(["set-option", "-s", "set-clipboard", "on"])
    }

    /// What was copied last; empty before anything was.
    var clipboard: String { (try? run(["show-buffer"])) ?? "" }

    /// Waits until the screen shows all of `texts`; fails with the screen as it is.
    @discardableResult
    func wait(
        for texts: String..., seconds: Double = 90, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> String {
        try await wait("show \(texts)", seconds: seconds, sourceLocation) { screen in
            texts.allSatisfy(screen.contains)
        }
    }

    /// Waits until the screen shows `text` and nothing of `other` any more: a look may fall into the middle of a frame.
    @discardableResult
    func wait(
        for text: String, insteadOf other: String, seconds: Double = 90,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> String {
        try await wait("show “\(text)” instead of “\(other)”", seconds: seconds, sourceLocation) {
            $0.contains(text) && !$0.contains(other)
        }
    }

    /// Waits until the screen shows `text` no more.
    @discardableResult
    func waitUntilGone(
        _ text: String, seconds: Double = 90, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> String {
        try await wait("lose “\(text)”", seconds: seconds, sourceLocation) { !$0.contains(text) }
    }

    private func wait(
        _ what: String, seconds: Double, _ sourceLocation: SourceLocation, until holds: (String) -> Bool
    ) async throws -> String {
        var now = ""
        let isThere = try await eventually(within: .seconds(seconds)) {
            now = await look()
            return holds(now)
        }
        guard isThere else {
            Issue.record("the screen does not \(what):\n\(now)", sourceLocation: sourceLocation)
            throw Failure(description: "the screen does not \(what)")
        }
        return now
    }

    /// The screen, without holding up what other tests do.
    private func look() async -> String {
        let outcome = try? await Program.run("/usr/bin/env", words(["capture-pane", "-p", "-t", "main"]))
        return outcome?.status == 0 ? outcome?.output ?? "" : ""
    }

    private func words(_ arguments: [String]) -> [String] { ["tmux", "-L", socket] + arguments }

    @discardableResult
    private func run(_ arguments: [String]) throws -> String {
        let outcome = try Program.run("/usr/bin/env", words(arguments))
        guard outcome.status == 0 || arguments.contains("kill-server") else {
            throw Failure(description: "tmux \(arguments.first ?? "") failed: \(outcome.errors)")
        }
        return outcome.output
    }
}
