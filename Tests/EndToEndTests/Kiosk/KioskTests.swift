import Foundation
import Glibc
import TestSupport
import Testing

/// The demo as a forced command of a real SSH server, for visitors whom nobody knows.
@Suite(.serialized, .enabled(if: SSHServer.program != nil, "needs sshd (Debian's openssh-server)"))
struct KioskTests {
    private func quit(_ tmux: Tmux) async throws {
        try tmux.press("C-c")
        let goodbye = "Your copy of the demo is removed. Goodbye."
        // With a company open it asks first.
        #expect(try await eventually { tmux.screen.contains("Quit Piste?") || tmux.screen.contains(goodbye) })
        if tmux.screen.contains("Quit Piste?") { try tmux.press("y") }
        try await tmux.wait(for: goodbye)
    }

    private func expectNothingLeft(_ world: KioskWorld) async throws {
        #expect(try await eventually { world.copies.isEmpty && world.processes("visit-").isEmpty })
    }

    @Test func eightVisitorsAtOnceEachWithACopyOfTheirOwn() async throws {
        try await KioskWorld.run { world in
            let visitors = try (0..<8).map { _ in try world.visit() }
            // Eight servers at once: a busy machine takes its time.
            for (tmux, _) in visitors {
                try await tmux.wait(for: "Awesome Corp", "alice · support", seconds: 400)
            }
            #expect(world.copies.count == 8)
            #expect(world.processes("postgres").count == 8, "a server each")

            let ninth = try world.visit()
            try await ninth.tmux.wait(for: "8 visitors are inside already", "[exit 3]")
            #expect(world.copies.count == 8)

            // From ssh to inside a company with the countdown running.
            for (tmux, _) in visitors { try tmux.press("Enter") }
            for (tmux, _) in visitors { try await tmux.wait(for: "ACCESS  read-only", "Ada Lovelace") }
            // One changes something; nobody else sees it, or who is where.
            let (first, _) = visitors[0]
            try first.press("Enter")
            try await first.wait(for: "! 3 invite team")
            try first.press("i")
            try await first.wait(for: "Impersonate · Awesome Corp")
            try first.type("a visitor's reason")
            for text in ["", "5", "awesome"] {
                try first.press("Tab")
                try first.type(text)
            }
            try first.press("Enter")
            try await first.wait(for: "IMPERSONATING ada@awesome.example", "invite team")
            try first.press("e")
            try await first.wait(for: "retry step 3")
            try first.press("r")
            try await first.wait(for: "Retry step 3")
            try first.press("y")
            try await first.wait(for: "◆ 3 invite team")
            for (tmux, _) in visitors[1...] { try tmux.press("Enter") }
            for (tmux, _) in visitors[1...] {
                let screen = try await tmux.wait(for: "! 3 invite team")
                #expect(!screen.contains("◆ 3 invite team"))
                try tmux.press("C")
                let contexts = try await tmux.wait(for: "Contexts · yours", "Awesome Corp")
                #expect(!contexts.contains("reason,") && !contexts.contains("impersonation"))
            }

            try await quit(first)
            for (index, (tmux, link)) in visitors.enumerated() where index > 0 {
                if index % 2 == 0 { try await quit(tmux) } else { link.cut() }
            }
            try await expectNothingLeft(world)
        }
    }

    @Test func hostileKeysLeadNowhere() async throws {
        try await KioskWorld.run { world in
            let (tmux, link) = try world.visit("sh -c 'cat /etc/passwd; exec sh'")
            try await tmux.wait(for: "Awesome Corp", "alice · support")
            #expect(!tmux.screen.contains("root:"))
            try tmux.press("C-z")
            try await tmux.wait(for: "This demo writes no files and starts no programs.")
            try tmux.press("C-\\", "C-s", "C-q", "C-d", "F12", "C-v", "C-]", "C-_")
            for text in ["!sh", ":!sh", "\u{1B}[?1049l\u{1B}]0;x\u{07}", "~.x"] { try tmux.type(text) }
            try tmux.press("Enter", "Escape", "Escape", "Escape")
            try tmux.paste(String(repeating: "$(sh)`sh`;|&\u{1B}[31m", count: 500))
            try tmux.press("Escape", "Escape", "Escape")
            for line in [":theme /etc/passwd", ":theme ../../etc/passwd", ":export /tmp/x", ":suspend"] {
                try tmux.type(line)
                try tmux.press("Enter", "Escape", "Escape", "Escape")
            }
            try tmux.resize(columns: 20, rows: 5)
            try await tmux.wait(for: "Piste needs 60×16")
            try tmux.resize(columns: 100, rows: 30)
            let screen = try await tmux.wait(for: "alice · support")
            #expect(!screen.contains("root:"))

            // The console's process: none of the visitor's variables, no file to write, bounded memory, no core.
            let pid = try #require(consoles(world).first)
            let limits = try String(contentsOfFile: "/proc/\(pid)/limits", encoding: .utf8)
            for (name, limit) in [
                ("Max file size", "0"), ("Max core file size", "0"), ("Max data size", "536870912"),
            ] {
                #expect(
                    limits.split(separator: "\n").contains { $0.hasPrefix(name) && $0.contains(limit) },
                    "\(limits)")
            }
            let variables = String(
                decoding: FileManager.default.contents(atPath: "/proc/\(pid)/environ") ?? Data(),
                as: UTF8.self)
            let names = Set(
                variables.split(separator: "\0").compactMap {
                    $0.split(separator: "=").first.map(String.init)
                })
            #expect(
                names.isSubset(of: [
                    "TERM", "PATH", "LANG", "TZ", "LC_ALL", "LC_CTYPE", "COLORTERM", "NO_COLOR",
                ]))
            link.cut()
            try await expectNothingLeft(world)
        }
    }

    @Test func whatIsNotATerminalGetsNothing() async throws {
        try await KioskWorld.run { world in
            for command in [
                ["127.0.0.1", "cat", "/etc/passwd"], ["127.0.0.1"], ["-s", "127.0.0.1", "sftp"],
            ] {
                let run = try await world.server.plain(command)
                #expect(run.status == 3, "\(run)")
                // A subsystem has no second stream that words could come by.
                #expect(run.errors.contains("only the demo is here") || command.contains("-s"), "\(run)")
                #expect(!run.output.contains("root:") && !run.errors.contains("root:"))
            }
            // Forwarding: a port behind the host, here the SSH server's own.
            let forward = try await world.server.plain(["-W", "127.0.0.1:\(world.server.port)", "127.0.0.1"])
            #expect(forward.status != 0 && !forward.output.contains("SSH-2.0"), "\(forward)")
            let copy = try await world.server.plain(
                ["127.0.0.1:/etc/passwd", "/tmp/piste-stolen"], program: "scp")
            #expect(copy.status != 0)
            #expect(access("/tmp/piste-stolen", F_OK) != 0)
            #expect(world.copies.isEmpty)
        }
    }

    /// The console's process dies, then both do; nothing stays for longer than until the next one comes.
    @Test func whoeverIsKilledIsCleanedUpAfter() async throws {
        try await KioskWorld.run { world in
            let (tmux, _) = try world.visit()
            try await tmux.wait(for: "Awesome Corp", "alice · support")
            let console = try #require(consoles(world).first)
            kill(console, SIGKILL)
            try await tmux.wait(for: "The console ended unexpectedly.", "Your copy of the demo is removed")
            try await expectNothingLeft(world)

            let (other, _) = try world.visit()
            try await other.wait(for: "Awesome Corp", "alice · support")
            for pid in supervisors(world) + consoles(world) { kill(pid, SIGKILL) }
            #expect(try await eventually { consoles(world).isEmpty && supervisors(world).isEmpty })
            #expect(world.copies.count == 1)
            let (next, _) = try world.visit()
            try await next.wait(for: "Awesome Corp", "alice · support")
            #expect(world.copies.count == 1)
            #expect(world.processes("postgres").count == 1)
            try await quit(next)
            try await expectNothingLeft(world)
        }
    }

    /// The host looks on at a visitor who is inside: both screens say so, nothing of the host's reaches the visitor, and
    /// nothing is kept of it.
    @Test func theHostLooksOnAndBothScreensSaySo() async throws {
        try await KioskWorld.run { world in
            let (visitor, _) = try world.visit()
            try await visitor.wait(for: "Awesome Corp", "alice · support")
            #expect(!visitor.screen.contains("WATCHED"))
            let look = ["demo", "--kiosk-folder", world.folder, "--watch"]
            let nobody = try await Piste.run(look + ["visit-9"])
            #expect(
                nobody.status == 1 && nobody.narration.contains("visits that are on: visit-1"), "\(nobody)")

            let host = try Tmux(look + ["visit-1"], columns: 100, rows: 34)
            try await host.wait(for: "Awesome Corp", "WATCHING visit-1 · read only")
            try await visitor.wait(for: "WATCHED")
            // The host's keys go nowhere.
            try host.type("jjq/x")
            try host.press("Enter")
            try visitor.press("Enter")
            try await visitor.wait(for: "ACCESS  read-only", "Ada Lovelace", "WATCHED")
            try await host.wait(for: "ACCESS  read-only", "Ada Lovelace")
            // A second one comes later, and sees what is there now.
            let second = try Tmux(look + ["visit-1"], columns: 100, rows: 34)
            try await second.wait(for: "Ada Lovelace", "WATCHING visit-1")
            try second.press("C-c")
            try visitor.press("Down")
            try await visitor.wait(for: "WATCHED")
            try host.press("C-c")
            try await visitor.waitUntilGone("WATCHED")

            let last = try Tmux(look + ["visit-1"], columns: 100, rows: 34)
            try await last.wait(for: "WATCHING visit-1")
            try await quit(visitor)
            try await last.wait(for: "The visit is over.", "[exit 0]")
            try await expectNothingLeft(world)
            let names = try FileManager.default.contentsOfDirectory(atPath: world.folder)
            #expect(!names.contains { $0.hasSuffix(".cast") })
        }
    }

    private func consoles(_ world: KioskWorld) -> [pid_t] { world.processes("--kiosk-visit") }

    private func supervisors(_ world: KioskWorld) -> [pid_t] { world.processes("--kiosk-folder") }

    @Test func whoFallsAsleepIsSentHome() async throws {
        try await KioskWorld.run(["--idle-minutes", "1", "--visitors", "1"]) { world in
            let (tmux, _) = try world.visit()
            try await tmux.wait(for: "Awesome Corp", "alice · support")
            let second = try world.visit()
            try await second.tmux.wait(for: "somebody else is looking at the demo", "[exit 3]")
            try await tmux.wait(
                for: "Nobody pressed a key for 1 min", "Your copy of the demo is removed", seconds: 150)
            try await expectNothingLeft(world)
        }
    }

    /// Piste as a login shell, under its own name: whatever it is asked to run, it does not.
    @Test func asALoginShellItRunsNoCommand() async throws {
        let folder = try TemporaryFolder()
        let shell = folder.path + "/piste-kiosk"
        symlink(BuiltBinary.path, shell)
        for arguments in [[], ["-c", "cat /etc/passwd"], ["--version"], ["local", "destroy"]] {
            let run = try await Piste.run(program: shell, arguments)
            #expect(run.status == 3, "\(run)")
            #expect(run.narration.contains("only the demo is here") && run.output == "", "\(run)")
        }
    }

    @Test func theTourGoesAllTheWayInAVisit() async throws {
        try await KioskWorld.run(["--tour"]) { world in
            let (tmux, _) = try world.visit(columns: 80, rows: 24)
            try await tmux.wait(for: "Tour 1 of", "any key takes over")
            try await tmux.wait(for: "IMPERSONATING ada@awesome.example", "Tour", seconds: 150)
            try await tmux.wait(for: "◆ 3 invite team", seconds: 150)
            try await tmux.wait(for: "ACCESS  read-only", seconds: 150)
            try tmux.press("j")
            try await tmux.wait(for: "The keys are yours")
            #expect(!tmux.screen.contains("any key takes over"))
            try await quit(tmux)
            try await expectNothingLeft(world)
        }
    }

    @Test func badOptionsAreNamed() async throws {
        for (arguments, words) in [
            (["--visitors", "0"], "--visitors"), (["--visit-minutes", "0"], "--visit-minutes"),
            (["--idle-minutes", "9999"], "--idle-minutes"), (["--memory", "1"], "--memory"),
            (["--kiosk-folder", "here"], "absolute path"), (["--as", "bob"], "alice"),
            (["--reset"], "--kiosk"), (["--record", "here"], "absolute path"), (["--watch", "x"], "--watch"),
        ] {
            let run = try await Piste.run(["demo", "--kiosk"] + arguments)
            #expect(run.status == 2 && run.narration.contains(words), "\(run)")
        }
        let tour = try await Piste.run(["demo", "--tour"])
        #expect(tour.status == 2 && tour.narration.contains("plays on a screen"), "\(tour)")
    }
}
