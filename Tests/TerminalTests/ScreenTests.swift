import CTerminal
import Glibc
import Terminal
import TestSupport
import Testing

@testable import ScreenProbe

/// The real screen, in a program of its own on a pseudo-terminal.
@Suite(.serialized) struct ScreenTests {
    @Test(arguments: ["xterm-256color", "tmux-256color", "screen-256color", "xterm", "linux", "vt100"])
    func showsExactlyWhatTheCanvasHolds(terminal: String) throws {
        let probe = try ScreenDriver(terminal: terminal)
        var scene = Scene()
        var theme = Theme.standard
        probe.expectShown(scene, theme)
        for key in ["\u{1B}[B", "\u{1B}OB", "n", "n", "n", "1", "d", "\u{1B}[B", "t", "1", "n", "\u{C}"] {
            try probe.press(key)
            switch key {
            case "n": scene.offset += 1
            case "1": scene.seconds -= 1
            case "d": scene.isDifferent.toggle()
            case "t": theme = try ThemeLibrary(folders: []).theme(named: "high-contrast")
            case "\u{C}": break
            default: scene.selected += 1
            }
            probe.expectShown(scene, theme, after: key)
        }
        #expect(probe.emulator.unknown == [])
    }

    @Test func writesNothingWhenNothingChanged() throws {
        let probe = try ScreenDriver()
        #expect(try probe.press("R") == [])
    }

    /// The screen is cleared once, in the theme's colour, and nothing of it is erased again.
    @Test func theFirstFrameErasesNothingTwice() throws {
        let probe = try ScreenDriver()
        let output = String(decoding: probe.output, as: UTF8.self)
        #expect(output.contains("\u{1B}[48;5;233m\u{1B}[2J"))
        #expect(output.components(after: "[2J").after.components(after: "[2J").isFound == false)
        // The bars have grounds of their own; the lists between them have the theme's.
        let lists = output.components(after: "\u{1B}[3;1H")
        #expect(lists.isFound)
        #expect(!lists.after.contains(/\x1b\[[0-9]+X/))
        probe.expectShown()
        // What somebody else wrote over it is cleared as before.
        #expect(String(decoding: try probe.press("\u{C}"), as: UTF8.self).contains("[2J"))
        probe.expectShown()
    }

    @Test func aMovedSelectionCostsLittle() throws {
        let probe = try ScreenDriver()
        #expect(try probe.press("\u{1B}[B").count <= 180)
        #expect(try probe.press("1").count <= 50)
    }

    @Test(arguments: [(5, 20), (1, 1), (60, 200), (24, 80)])
    func followsTheTerminalsSize(rows: Int, columns: Int) throws {
        let probe = try ScreenDriver()
        probe.resize(rows: rows, columns: columns)
        try probe.expect("resize(Terminal.Size(columns: \(columns), rows: \(rows)))")
        probe.expectShown()
        probe.resize(rows: 30, columns: 100)
        try probe.expect("resize(Terminal.Size(columns: 100, rows: 30))")
        probe.expectShown()
    }

    @Test(arguments: [
        ("q", 0, 0), ("x", 3, 0), ("S", -1, SIGSEGV), ("F", -1, SIGILL), ("TERM", 0, 0), ("HUP", 0, 0),
        ("INT", 0, 0), ("ABRT", -1, SIGABRT), ("QUIT", -1, SIGQUIT),
    ])
    func givesTheTerminalBack(how: String, code: Int, number: Int32) throws {
        let probe = try ScreenDriver(options: ["--mouse"])
        #expect(probe.pty.modes != probe.modesBefore)
        probe.pty.type("E")
        try probe.expect("drawn")
        let signals = ["TERM": SIGTERM, "HUP": SIGHUP, "INT": SIGINT, "ABRT": SIGABRT, "QUIT": SIGQUIT]
        if let signal = signals[how] { probe.pty.signal(signal) } else { probe.pty.type(how) }
        let status = try #require(probe.pty.wait())
        #expect(piste_status_exit(status) == Int32(code))
        let died = piste_status_signal(status)
        #expect(died == number || (how == "F" && died == SIGTRAP))
        #expect(probe.pty.modes == probe.modesBefore)
        probe.update()
        #expect(probe.emulator.modes == [7, 25])
        if let signal = signals[how], number == 0 { try probe.expect("closed \(signal)") }
        // What went to standard error meanwhile was not lost, and was not drawn over the picture.
        let output = String(decoding: probe.output, as: UTF8.self)
        let parts = output.components(after: "\u{1B}[?1049l")
        #expect(!parts.before.contains("noise on standard error"))
        #expect(parts.after.contains("noise on standard error"))
        #expect(parts.after.contains("the last words") == (how == "F"))
    }

    @Test func aCrashWithoutAScreenAsksNothing() throws {
        let probe = try ScreenDriver(shell: "PROBE --color=crash; echo ENDED", isOpen: false)
        #expect(probe.reads("ENDED"))
        #expect(!String(decoding: probe.pty.output, as: UTF8.self).contains("Press space"))
    }

    @Test func endsWhenTheConnectionIsLost() throws {
        let probe = try ScreenDriver()
        probe.pty.hangUp()
        let status = try #require(probe.pty.wait())
        #expect(piste_status_exit(status) == 0)
        try probe.expect("hangup")
    }

    @Test func pastesAreOneEvent() throws {
        let probe = try ScreenDriver(options: ["--escape-delay=1000"])
        #expect(probe.emulator.modes.contains(2004))
        probe.pty.type("\u{1B}[200~one\ntwo\r\u{1B}[A\u{1B}OB\u{3}q\u{1B}[20")
        usleep(50_000)
        probe.pty.type("1~a")
        try probe.expect(#"paste("one\ntwo\r\u{1B}[A\u{1B}OB\u{03}q")"#)
        try probe.expect(#"key(Terminal.Key.character("a"))"#)
        #expect(!probe.log.contains("enter"))
        #expect(!probe.log.contains("up"))
    }

    @Test func sequencesMayComeInPieces() throws {
        let probe = try ScreenDriver(options: ["--escape-delay=1000"])
        for part in ["\u{1B}", "[", "A"] {
            probe.pty.type(part)
            usleep(50_000)
        }
        try probe.expect("key(Terminal.Key.up)")
        #expect(!probe.log.contains("character"))
        #expect(!probe.log.contains("escape"))
    }

    @Test(arguments: [
        ("\u{1B}[A", "up"), ("\u{1B}OA", "up"), ("\u{1B}[1;5D", "left"), ("\u{1B}OH", "home"),
        ("\u{1B}[F", "end"),
        ("\u{1B}[5~", "pageUp"), ("\u{1B}[6~", "pageDown"), ("\u{1B}[3~", "delete"), ("\u{1B}[Z", "backTab"),
        ("\r", "enter"), ("\u{7F}", "backspace"), ("\u{1B}", "escape"), ("\u{1B}OP", "function(1)"),
        ("\u{1B}[24~", "function(12)"), ("\u{4}", #"control("d")"#), ("\u{1C}", #"control("\\")"#),
        ("滑", #"character("滑")"#),
    ])
    func keysAreNamed(bytes: String, name: String) throws {
        let probe = try ScreenDriver()
        probe.pty.type(bytes)
        try probe.expect("key(Terminal.Key.\(name))")
    }

    @Test func theMouseIsReportedWhenWanted() throws {
        let probe = try ScreenDriver(options: ["--mouse"])
        #expect(probe.emulator.modes.contains(1000))
        probe.pty.type("\u{1B}[<0;11;6M\u{1B}[<0;11;6m\u{1B}[<0;11;6M\u{1B}[<0;11;6m\u{1B}[<65;11;6M")
        try probe.expect("press, position: Terminal.Position(row: 5, column: 10)")
        try probe.expect("doublePress, position: Terminal.Position(row: 5, column: 10)")
        try probe.expect("wheelDown")
        #expect(try !ScreenDriver().emulator.modes.contains(1000))
    }

    @Test func theClipboardsSequencePassesUntouched() throws {
        let probe = try ScreenDriver()
        #expect(try probe.press("w") == Array("\u{1B}]52;c;QWRh\u{7}".utf8))
        probe.expectShown()
    }

    @Test func theCursorStandsWhereItIsWanted() throws {
        let probe = try ScreenDriver()
        #expect(!probe.emulator.modes.contains(25))
        try probe.press("c")
        #expect(probe.emulator.modes.contains(25))
        #expect(probe.emulator.cursor == Position(row: 2, column: 3))
        try probe.press("c")
        #expect(!probe.emulator.modes.contains(25))
    }

    @Test func stopsAndContinuesUnderAShell() throws {
        let probe = try ScreenDriver(shell: "set -m; PROBE; echo STOPPED; read answer; fg; echo DONE")
        probe.pty.type("\u{1A}")
        #expect(probe.reads("STOPPED"))
        probe.update()
        #expect(!probe.emulator.modes.contains(1049))
        #expect(!probe.emulator.modes.contains(2004))
        probe.resize(rows: 20, columns: 90)
        probe.pty.type("\n")
        try probe.expect("resize(Terminal.Size(columns: 90, rows: 20))")
        probe.expectShown()
        #expect(probe.emulator.modes.isSuperset(of: [1049, 2004]))
        probe.pty.type("q")
        #expect(probe.reads("DONE"))
    }

    @Test func repaintsAfterBeingContinued() throws {
        let probe = try ScreenDriver()
        probe.pty.signal(SIGSTOP)
        #expect(probe.pty.wait(stopped: true).map { piste_status_is_stopped($0) != 0 } == true)
        probe.pty.signal(SIGCONT)
        try probe.expect("resize(Terminal.Size(columns: 100, rows: 30))")
        #expect(probe.pty.modes != probe.modesBefore)
        probe.expectShown()
    }

    @Test func withoutAScreenTheCallerIsTold() throws {
        for (terminal, shell, reason) in [
            ("dumb", "PROBE", "dumb"), ("", "PROBE", "dumb"), ("xterm", "PROBE </dev/null", "notATerminal"),
            ("xterm", "PROBE | cat", "notATerminal"),
        ] {
            let probe = try ScreenDriver(terminal: terminal, shell: shell, isOpen: false)
            #expect(probe.reads("no screen: \(reason)"))
            #expect(probe.pty.wait() != nil)
            #expect(!String(decoding: probe.pty.output, as: UTF8.self).contains("\u{1B}"))
        }
        let unknown = try ScreenDriver(terminal: "xterm-from-the-future")
        #expect(unknown.log.contains("is unknown here; taken for xterm-256color"))
    }

    /// With every colour where this machine describes how to ask the terminal for it, and said so where it does not.
    @Test func directColoursAreTakenWhereTheyAreDescribed() throws {
        let probe = try ScreenDriver(options: ["--color=direct"])
        guard piste_terminal_probe("xterm-direct") == 1 else {
            #expect(probe.log.contains("has no truecolour description"))
            return
        }
        #expect(probe.log.contains(" direct "))
        // Red, green and blue of the theme's ground, in either of the two ways to write them.
        let output = String(decoding: probe.pty.output, as: UTF8.self)
        #expect(output.contains("48:2::18:24:31m") || output.contains("48;2;18;24;31m"))
    }

    @Test func monochromeAndAsciiAreKept() throws {
        let mono = try ScreenDriver(options: ["--color=mono", "--ascii"])
        #expect(mono.emulator.text.unicodeScalars.filter { !$0.isASCII }.map(String.init) == ["滑", "雪", "é"])
        #expect(
            mono.emulator.spots.joined().allSatisfy { $0.pen.foreground == -1 && $0.pen.background == -1 })
        let few = try ScreenDriver(options: ["--color=16"])
        #expect(few.emulator.spots.joined().allSatisfy { (0...15).contains($0.pen.background) })
        let unset = try ScreenDriver(locale: "C")
        unset.expectShown()
        // A locale that names another character set means a terminal that speaks it, installed here or not.
        let latin = try ScreenDriver(locale: "de_DE.ISO-8859-1")
        #expect(latin.emulator.text.unicodeScalars.allSatisfy { $0.isASCII })
        #expect(
            latin.emulator.text.contains("|| Onboarding  ???? ?                             |"),
            "\(latin.emulator.text)")
        let german = try ScreenDriver(locale: "de_DE.utf8")
        german.expectShown()
    }
}
