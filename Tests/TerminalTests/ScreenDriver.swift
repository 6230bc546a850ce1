import Glibc
import Terminal
import TestSupport
import Testing

@testable import ScreenProbe

/// Starts the probe on a pseudo-terminal and looks at what it shows and logs.
final class ScreenDriver {
    let pty: Pty
    let modesBefore: [UInt32]
    private(set) var emulator: Emulator
    private(set) var output: [UInt8] = []
    private let logPath: String
    private var seen = 0
    private let depth: ColorDepth

    init(
        terminal: String = "xterm-256color", options: [String] = [], shell: String? = nil,
        locale: String = "C.UTF-8", isOpen: Bool = true
    ) throws {
        logPath = "/tmp/piste-screen-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        let probe = [Self.executable, logPath] + options
        var arguments = probe
        if let shell {
            let parts = shell.components(after: "PROBE")
            arguments = ["/bin/sh", "-c", parts.before + probe.joined(separator: " ") + parts.after]
        }
        pty = try Pty(arguments, environment: ["TERM": terminal, "LANG": locale, "PATH": "/usr/bin:/bin"])
        modesBefore = try Self.untouchedModes()
        emulator = Emulator(rows: 30, columns: 100)
        depth = ["xterm", "linux"].contains(terminal) ? .ansi : terminal == "vt100" ? .mono : .indexed
        if isOpen { try expect("ready") }
    }

    deinit { unlink(logPath) }

    var log: String {
        guard let file = fopen(logPath, "r") else { return "" }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 {
            bytes += buffer.prefix(count)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Waits for a line of the log that has not been waited for yet.
    func expect(_ text: String, location: SourceLocation = #_sourceLocation) throws {
        let found = pty.read { log.dropFirst(seen).components(after: text).isFound }
        #expect(found, "no \(text) in \(log.dropFirst(seen))", sourceLocation: location)
        guard found else { throw Missing() }
        seen = log.count - log.dropFirst(seen).components(after: text).after.count
        update()
    }

    /// Types a key and waits until the probe has drawn.
    ///
    /// - Returns: the bytes that it took.
    @discardableResult
    func press(_ key: String) throws -> [UInt8] {
        update()
        let before = output.count
        pty.type(key)
        try expect("drawn")
        return Array(output.dropFirst(before))
    }

    /// Waits for text from the terminal.
    func reads(_ text: String) -> Bool {
        pty.read { String(decoding: pty.output, as: UTF8.self).contains(text) }
    }

    func resize(rows: Int, columns: Int) {
        update()
        let modes = emulator.modes
        emulator = Emulator(rows: rows, columns: columns)
        emulator.feed(Array("\u{1B}[?\(modes.map(String.init).joined(separator: ";"))h".utf8))
        pty.resize(rows: rows, columns: columns)
    }

    /// Lets the emulator see what was written.
    func update() {
        while pty.read(for: 30) {}
        let new = Array(pty.output.dropFirst(output.count))
        emulator.feed(new)
        output = pty.output
    }

    /// Expects the scene on the terminal, cell by cell, in the colours of the theme, as soon as it is drawn.
    func expectShown(
        _ scene: Scene = Scene(), _ theme: Theme = .standard, after step: String = "",
        location: SourceLocation = #_sourceLocation
    ) {
        let end = ContinuousClock.now + .seconds(60)
        while let found = difference(from: scene, theme) {
            guard ContinuousClock.now < end else {
                Issue.record(
                    "\(found) after \(step.debugDescription)\n\(emulator.text)", sourceLocation: location)
                return
            }
            update()
        }
    }

    /// The first cell that is not as the scene has it.
    private func difference(from scene: Scene, _ theme: Theme) -> String? {
        let size = Size(columns: emulator.columns, rows: emulator.rows)
        let canvas = scene.canvas(size, glyphs: .unicode)
        for row in 0..<size.rows {
            for column in 0..<size.columns where !canvas[row, column].text.isEmpty {
                let cell = canvas[row, column]
                let spot = emulator.spots[row][column]
                if cell.text == spot.text, matches(theme.ink(cell.style, depth), spot, cell.text == " ") {
                    continue
                }
                return "(\(row), \(column)) holds \(cell), shows \(spot)"
            }
        }
        return nil
    }

    private func matches(_ ink: Ink, _ spot: Emulator.Spot, _ isBlank: Bool) -> Bool {
        // Where colours are few, which of them stand for which is another test's matter.
        guard depth == .indexed else { return true }
        if isBlank { return spot.pen.background == ink.background }
        return spot.pen
            == Emulator.Pen(foreground: ink.foreground, background: ink.background, modifiers: ink.modifiers)
    }

    private struct Missing: Error {}

    private static var executable: String {
        let runner = Files.executable ?? ""
        return (runner.split(separator: "/").dropLast() + ["ScreenProbe"]).reduce("") { $0 + "/" + $1 }
    }

    private static func untouchedModes() throws -> [UInt32] {
        let pty = try Pty(["/bin/sleep", "60"], environment: [:])
        return pty.modes
    }
}

extension StringProtocol {
    /// What stands before and after the first place of `text`.
    func components(after text: String) -> (before: String, after: String, isFound: Bool) {
        var rest = self[...]
        while !rest.isEmpty {
            if rest.hasPrefix(text) {
                return (String(self[..<rest.startIndex]), String(rest.dropFirst(text.count)), true)
            }
            rest = rest.dropFirst()
        }
        return (String(self), "", false)
    }
}
