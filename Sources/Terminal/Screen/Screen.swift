private import CTerminal
private import Glibc

/// The terminal as a screen: takes it over, shows canvases, tells what the user did, and gives it back.
///
/// The one place that knows ncurses. It belongs to the process's first thread, and only one can be open.
package final class Screen {
    package struct Options: Sendable {
        /// The colours to use; nil leaves it to the terminal.
        package var color: ColorDepth?
        package var mouse = false
        /// Draw borders and marks in ASCII.
        package var ascii = false
        /// How long, in milliseconds, the rest of an escape sequence may take; nil chooses by the kind of connection.
        package var escapeDelay: Int?

        package init(
            color: ColorDepth? = nil, mouse: Bool = false, ascii: Bool = false, escapeDelay: Int? = nil
        ) {
            self.color = color
            self.mouse = mouse
            self.ascii = ascii
            self.escapeDelay = escapeDelay
        }
    }

    package let depth: ColorDepth
    package let glyphs: Glyphs
    /// What the user should know about how the screen was opened.
    package let notice: String?
    /// What to poll for input: the terminal, and the pipe that signals come through.
    package let descriptors: [Int32]
    /// The signal that asked the program to end, once `events()` has given `.hangup` for it.
    package private(set) var endingSignal: Int32?
    package private(set) var size: Size

    private var decoder = InputDecoder()
    private var inks: InkTable
    private var shown: Canvas?
    private var shownTheme: Theme?
    private var shownCursor: Position?
    private var isOpen = true
    /// False when the locale shows nothing but ASCII.
    private let showsUnicode: Bool

    /// Takes the terminal over.
    package init(_ options: Options = Options(), environment: [String: String]) throws(TerminalError) {
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else {
            throw TerminalError(.notATerminal, "standard input and output are not a terminal")
        }
        let (terminal, notice) = try Self.terminal(
            environment["TERM"] ?? "", isDirect: options.color == .direct)
        let isRemote = environment["SSH_TTY"] != nil || environment["SSH_CONNECTION"] != nil
        let delay = options.escapeDelay ?? (isRemote ? 100 : 50)
        showsUnicode = piste_locale_open() != 0
        guard
            piste_screen_open(
                terminal, Int32(clamping: delay), options.mouse ? 1 : 0, options.color == .mono ? 0 : 1) != 0
        else { throw TerminalError(.refused, "the terminal \"\(terminal)\" cannot be opened") }
        let signals = piste_signals_open()
        descriptors = [STDIN_FILENO, signals].filter { $0 >= 0 }
        let ability = ColorDepth.ability(
            colors: Int(piste_screen_colors()), isDirect: piste_screen_is_direct() != 0)
        depth = min(options.color ?? ability, ability)
        glyphs = options.ascii || !showsUnicode ? .ascii : .unicode
        inks = InkTable(depth: depth)
        let isPoorer = options.color == .direct && depth < .direct
        self.notice =
            notice
            ?? (isPoorer ? "this machine has no truecolour description of \"\(terminal)\"" : nil)
        size = Self.currentSize
    }

    deinit { close() }

    /// Shows a canvas: what differs from the last one goes out in one write, and nothing at all when nothing does.
    package func present(_ canvas: Canvas, theme: Theme, cursor: Position? = nil) {
        guard isOpen else { return }
        let cursor = cursor.flatMap { canvas.bounds.contains($0) ? $0 : nil }
        if shownTheme != theme {
            inks.begin(theme)
            shown = nil
        }
        var writer = RunWriter(inks: inks, showsUnicode: showsUnicode)
        var changed = cursor != shownCursor
        if let shown, shown.size == canvas.size {
            changed = writer.write(canvas, over: shown) || changed
        } else {
            let blank = writer.inks[.text]
            piste_screen_erase(blank.modifiers, blank.pair)
            writer.write(canvas)
            changed = true
        }
        inks = writer.inks
        if changed { piste_screen_flush(Int32(cursor?.row ?? -1), Int32(cursor?.column ?? -1)) }
        shown = canvas
        shownTheme = theme
        shownCursor = cursor
    }

    /// Makes the next canvas repaint the whole screen, whatever else was written on it.
    package func redraw() {
        guard isOpen else { return }
        shown = nil
        piste_screen_forget()
    }

    /// Everything that has happened since the last call; never waits longer than an escape sequence may take.
    package func events() -> [InputEvent] {
        guard isOpen else { return [] }
        var events: [InputEvent] = []
        readSignals(into: &events)
        decoder.begin(at: Self.milliseconds)
        while true {
            let code = piste_screen_read()
            guard code >= 0 else { break }
            decode(code, into: &events)
        }
        decoder.finish(into: &events)
        if piste_screen_is_gone() != 0, !events.contains(.hangup) { events.append(.hangup) }
        return events
    }

    /// Stops the program as the shell's Ctrl-Z would, and takes the terminal again when it is continued.
    package func suspend() {
        guard isOpen else { return }
        piste_screen_suspend()
        redraw()
    }

    /// Writes bytes that are no part of the picture, such as the clipboard's escape sequence, between two frames.
    package func write(raw bytes: [UInt8]) {
        guard isOpen else { return }
        _ = piste_screen_write(bytes, bytes.count)
    }

    /// Gives the terminal back as it was found; harmless the second time.
    package func close() {
        guard isOpen else { return }
        isOpen = false
        piste_signals_close()
        piste_screen_close()
    }

    private func decode(_ code: Int32, into events: inout [InputEvent]) {
        switch code {
        case 0...255:
            decoder.feed(byte: UInt8(code), into: &events)
        case KeyCodes.resize:
            size = Self.currentSize
            redraw()
            events.append(.resize(size))
        default:
            guard decoder.isPasting, code != PISTE_KEY_PASTE_END else {
                decoder.feed(code: piste_key_meaning(code), into: &events)
                return
            }
            // What the library took for a key is a part of the pasted text.
            var bytes = [UInt8](repeating: 0, count: 32)
            let count = piste_key_bytes(code, &bytes, Int32(bytes.count))
            for byte in bytes.prefix(Int(count)) { decoder.feed(byte: byte, into: &events) }
        }
    }

    private func readSignals(into events: inout [InputEvent]) {
        while true {
            switch piste_signals_next() {
            case 0: return
            case SIGTSTP:
                suspend()
                events.append(.resize(size))
            case SIGCONT:
                piste_screen_resume()
                redraw()
                // The program draws only when something happened.
                events.append(.resize(size))
            case SIGWINCH: break
            case let number:
                endingSignal = number
                events.append(.hangup)
            }
        }
    }

    /// What the user should know about drawing on a terminal of this kind; nil when it is known here.
    package static func check(terminal name: String) throws(TerminalError) -> String? {
        try terminal(name, isDirect: false).notice
    }

    /// Whether this machine has a locale that shows more than ASCII.
    package static var hasUnicode: Bool { piste_locale_open() != 0 }

    /// Finds a description for the terminal that the environment names, where wished for one with direct colours.
    private static func terminal(
        _ name: String, isDirect: Bool
    ) throws(TerminalError) -> (String, notice: String?) {
        guard !["", "dumb", "unknown"].contains(name) else {
            throw TerminalError(.dumb, "a terminal of the kind \"\(name)\" has no screen to draw on")
        }
        if isDirect {
            let kind = name.hasSuffix("-256color") ? String(name.dropLast("-256color".count)) : name
            if piste_terminal_probe(kind + "-direct") == 1 { return (kind + "-direct", nil) }
        }
        switch piste_terminal_probe(name) {
        case 1: return (name, nil)
        case 0: throw TerminalError(.dumb, "the terminal \"\(name)\" cannot move its cursor")
        default: break
        }
        for substitute in ["xterm-256color", "xterm", "vt100"] where piste_terminal_probe(substitute) == 1 {
            return (substitute, "the terminal \"\(name)\" is unknown here; taken for \(substitute)")
        }
        guard piste_terminal_probe(name) != -2 else {
            throw TerminalError(.noDescriptions, "this machine has no descriptions of terminals (terminfo)")
        }
        throw TerminalError(.unknown, "the terminal \"\(name)\" is unknown here")
    }

    private static var currentSize: Size {
        var rows: Int32 = 0
        var columns: Int32 = 0
        piste_screen_size(&rows, &columns)
        return Size(columns: Int(columns), rows: Int(rows))
    }

    private static var milliseconds: UInt64 {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return UInt64(now.tv_sec) * 1000 + UInt64(now.tv_nsec) / 1_000_000
    }
}
