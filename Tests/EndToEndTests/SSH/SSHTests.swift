import Foundation
import TestSupport
import Testing

/// The console at the other end of a real SSH connection.
@Suite(
    .serialized, .enabled(if: SSHServer.program != nil, "needs sshd (Debian's openssh-server)"),
)
struct SSHTests {
    /// Over 200 ms there and back and 16 kB a second, what support does all day takes few bytes.
    @Test func aSlowLinkCarriesADaysWork() async throws {
        try await over(SSHLink(delay: 100, rate: 16_000)) { tmux, link, _ in
            try await tmux.wait(for: "Awesome Corp", "Blau & Söhne")
            var before = try await link.settledBytes()
            func spent() async throws -> Int {
                let now = try await link.settledBytes()
                defer { before = now }
                return now - before
            }
            // SSH adds some 40 bytes to each packet, and sends one or two for a key. A busy machine draws a spinner beside some: the
            // quietest of three rounds tells what a movement costs.
            var rounds: [Int] = []
            while rounds.count < 3, rounds.allSatisfy({ $0 >= 400 }) {
                for _ in 0..<5 { try tmux.press("Down", "Up") }
                rounds.append(try await spent() / 10)
            }
            #expect(rounds.contains { $0 < 400 }, "cursor movements: \(rounds) bytes")
            try tmux.press("/")
            try tmux.type("awe")
            try await tmux.waitUntilGone("Blau & Söhne")
            let filtered = try await spent()
            #expect(filtered < 4_000, "a filter: \(filtered) bytes")
            try tmux.press("Enter")
            try await tmux.wait(for: "ACCESS", "Ada Lovelace", "1 of 201")
            let opened = try await spent()
            // The screen, then each answer as it comes, and a spinner's frames while they take their time.
            #expect(opened < 20_000, "opening a company: \(opened) bytes")
            try tmux.press("NPage")
            try await tmux.waitUntilGone("1 of 201")
            let paged = try await spent()
            #expect(paged < 5_000, "a page: \(paged) bytes")
            // The countdown alone, a second.
            try await Task.sleep(for: .seconds(5))
            let idle = link.bytes - before
            #expect(idle < 5 * 250, "five seconds of countdown: \(idle) bytes")
        }
    }

    @Test func aCutLinkEndsTheContextInTheDatabase() async throws {
        try await over(SSHLink()) { tmux, link, world in
            try await openAwesome(tmux, world)
            link.cut()
            try await expectTheEnd(world)
        }
    }

    /// No packet says that this client is gone: the SSH server asks, and takes silence for an answer.
    @Test func aFrozenLinkEndsItToo() async throws {
        try await over(SSHLink()) { tmux, link, world in
            try await openAwesome(tmux, world)
            link.freeze()
            try await expectTheEnd(world)
            link.cut()
        }
    }

    @Test func theWindowMayChangeItsSize() async throws {
        try await over(SSHLink(delay: 20)) { tmux, _, world in
            try await openAwesome(tmux, world)
            try tmux.resize(columns: 200, rows: 60)
            try await tmux.wait(for: "LAST SEEN", "Audit trail · Awesome Corp")
            try tmux.resize(columns: 20, rows: 5)
            try await tmux.wait(for: "Piste needs 60×16")
            try tmux.resize(columns: 80, rows: 24)
            try await tmux.wait(for: "Ada Lovelace")
        }
    }

    @Test func aTerminalThatTheHostDoesNotKnowIsTakenForACommonOne() async throws {
        try await over(SSHLink(), variables: ["TERM": "no-such-terminal-42"]) { tmux, _, world in
            try await tmux.wait(for: "no-such-terminal-42", "taken for xterm", "Awesome Corp")
            try await openAwesome(tmux, world)
        }
    }

    @Test(arguments: ["C", "POSIX", "xx_YY.UTF-8"])
    func aHostWithoutItsLocaleStillShowsEveryName(locale: String) async throws {
        try await over(SSHLink(), variables: ["LC_ALL": locale, "LANG": locale]) { tmux, _, world in
            try await tmux.wait(for: "Blau & Söhne", "┌")
            try await openAwesome(tmux, world)
            try tmux.press("G")
            try await tmux.wait(for: "山田 太郎")
        }
    }

    private func openAwesome(_ tmux: Tmux, _ world: ConsoleWorld) async throws {
        try await tmux.wait(for: "Awesome Corp")
        try tmux.press("Enter")
        try await tmux.wait(for: "ACCESS", "Ada Lovelace")
        #expect(try await world.value("SELECT count(*) FROM piste.context WHERE ended_at IS NULL") == "1")
    }

    /// The context is over, its backend with it, and the company's trail says so.
    private func expectTheEnd(_ world: ConsoleWorld) async throws {
        let open = "SELECT count(*) FROM piste.context WHERE ended_at IS NULL"
        #expect(try await eventually { try await world.value(open) == "0" })
        let home = try await world.home()
        #expect(
            try await world.value("SELECT action FROM piste_test.trail('\(home)') ORDER BY seq DESC LIMIT 1")
                == "context.close")
        let backends = "SELECT count(*) FROM pg_stat_activity WHERE usename = '\(world.alice)'"
        #expect(try await eventually { try await world.value(backends) == "0" })
    }

    private func over(
        _ link: SSHLink, variables: [String: String] = [:],
        _ body: (Tmux, SSHLink, ConsoleWorld) async throws -> Void
    ) async throws {
        let server = try await SSHServer()
        try await ConsoleWorld.run { world in
            let settings = ["LANG": "C.UTF-8", "TZ": "UTC"].merging(variables) { $1 }
                .map { "\($0.key)=\($0.value)" }.sorted().joined(separator: " ")
            let remote = "env \(settings) \(BuiltBinary.path) --database '\(world.url(world.alice))'"
            let tmux = try Tmux(running: server.command(remote, link: link))
            try await body(tmux, link, world)
            link.cut()
        }
        unlink(link.file)
        withExtendedLifetime(server) {}
    }
}
