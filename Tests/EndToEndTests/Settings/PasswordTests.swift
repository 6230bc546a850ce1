import Foundation
import LocalCluster
import Postgres
import TestSupport
import Testing

/// A server that wants a password: from libpq's own places, else asked for at the terminal, and never shown.
struct PasswordTests {
    private static let login = "ada_with_password"

    /// A server of its own that lets this login in with its password only.
    private func withServer(_ body: (_ url: String) async throws -> Void) async throws {
        let test = TestCluster()
        defer { test.remove() }
        let running = try await test.running()
        let owner = try await Connection.open(running.settings())
        let rules = try await owner.query("SHOW hba_file")[0].string(0)
        let before = try String(contentsOfFile: rules, encoding: .utf8)
        try "local all \(Self.login) scram-sha-256\n\(before)".write(
            toFile: rules, atomically: false, encoding: .utf8)
        try await owner.query("CREATE ROLE \(Self.login) LOGIN NOINHERIT PASSWORD '\(Self.typed)'")
        try await owner.query("SELECT pg_reload_conf()")
        let database = try await owner.query("SELECT current_database()")[0].string(0)
        await owner.close()
        let made = try await Piste.run([
            "init", "--database",
            "postgresql://\(RunningCluster.superuser)@/\(database)?host=\(running.socketDirectory)",
        ])
        #expect(made.status == 0, "\(made)")
        let adding = try await Piste.run([
            "operator", "add", Self.login, "--level", "admin", "--database",
            "postgresql://\(RunningCluster.superuser)@/\(database)?host=\(running.socketDirectory)",
        ])
        #expect(adding.status == 0, "\(adding)")
        try await body("postgresql://\(Self.login)@/\(database)?host=\(running.socketDirectory)")
    }

    private static let creating = [
        "company", "create", "Acme", "--url-id", "acme", "--auth-provider", "okta",
    ]

    /// What the login's password is: some of what the hands type is taken back.
    private static let typed = "geheim é§"

    @Test func withoutATerminalItIsRefusedAndTheWaysAreNamed() async throws {
        try await withServer { url in
            let list = try await Piste.run(["company", "list", "--database", url])
            #expect(list.status == 3, "\(list)")
            #expect(list.narration.contains("password file"), "\(list)")
            let given = try await Piste.run(
                ["company", "list", "--database", url], environment: ["PGPASSWORD": Self.typed])
            #expect(given.status == 0, "\(given)")
            let folder = try TemporaryFolder()
            let file = folder.path + "/pgpass"
            try "*:*:*:\(Self.login):\(Self.typed)\n".write(toFile: file, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
            let read = try await Piste.run(
                ["company", "list", "--database", url], environment: ["PGPASSFILE": file])
            #expect(read.status == 0, "\(read)")
        }
    }

    @Test func aCommandAsksForItWithoutShowingIt() async throws {
        try await withServer { url in
            let tmux = try Tmux(Self.creating + ["--database", url])
            try await tmux.wait(for: "Password for \(Self.login)@")
            try tmux.type("geheim éx")
            try tmux.press("BSpace")
            try tmux.type("§")
            try tmux.press("Enter")
            let screen = try await tmux.wait(for: "[exit 0]")
            #expect(!screen.contains("geheim"), "\(screen)")
            let wrong = try Tmux(["company", "list", "--database", url])
            try await wrong.wait(for: "Password for")
            try wrong.type("wrong")
            try wrong.press("Enter")
            let refused = try await wrong.wait(for: "[exit 3]")
            #expect(refused.contains("28P01") && !refused.contains("wrong"), "\(refused)")
            let given = try Tmux(["company", "list", "--database", url])
            try await given.wait(for: "Password for")
            try given.press("C-c")
            try await given.wait(for: "[exit 3]")
        }
    }

    @Test func theConsoleAsksBeforeItsScreenIsOnAndForNoOtherConnection() async throws {
        try await withServer { url in
            let made = try await Piste.run(
                Self.creating + ["--database", url], environment: ["PGPASSWORD": Self.typed])
            #expect(made.status == 0, "\(made)")
            let tmux = try Tmux(["--database", url])
            try await tmux.wait(for: "Password for \(Self.login)@")
            try tmux.type(Self.typed)
            try tmux.press("Enter")
            try await tmux.wait(for: "▌ Acme")
            try tmux.press("Enter")
            let inside = try await tmux.wait(for: "ACCESS", "Users · by name")
            #expect(!inside.contains("geheim") && !inside.contains("Password"), "\(inside)")
            try tmux.press("Q", "q")
            try await tmux.wait(for: "[exit 0]")
        }
    }
}
