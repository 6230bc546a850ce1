import Foundation
import Glibc
import TestSupport
import Testing

/// `piste local …`: the private PostgreSQL, in a folder of the test's own.
struct LocalCommandTests {
    @Test func tellsStopsAndDestroys() async throws {
        let folder = try TemporaryFolder()
        chmod(folder.path, 0o755)
        let root = folder.path + "/cluster"
        // Both ways to say where: the second decides for everybody but root.
        let environment = [
            "PISTE_LOCAL_ROOT": root, "XDG_DATA_HOME": folder.path, "XDG_RUNTIME_DIR": folder.path,
        ]
        func run(_ arguments: String...) async throws -> Piste.Outcome {
            try await Piste.run(arguments, environment: environment, deadline: .seconds(120))
        }
        let absent = try await run("local", "status", "--format", "json")
        #expect(absent.status == 0, "\(absent)")
        #expect(try absent.object()["phase"] as? String == "absent")
        #expect(try absent.object()["data"] as? String == root + "/data")
        #expect(try await run("local", "stop").narration == "It was not running.\n")
        #expect(try await run("local", "destroy").narration == "There is none.\n")

        // Any command without a database makes it; the demo logins are its operators.
        let made = try await run("operator", "list", "--as", "bob", "--format", "json")
        #expect(made.status == 0, "\(made)")
        #expect(
            try made.objects().compactMap { $0["login"] as? String } == ["alice", "bob", "carol", "shop"])
        #expect(made.narration.contains("Installing the engine…"))
        let running = try await run("local", "status", "--format", "json").object()
        #expect(running["phase"] as? String == "running")
        let pid = try #require((running["pid"] as? Int).map { pid_t($0) })
        #expect(kill(pid, 0) == 0)

        let stopped = try await run("local", "stop")
        #expect(stopped.status == 0, "\(stopped)")
        #expect(stopped.output == "")
        // Whoever inherited it may not have taken note of its end yet.
        let command = try? String(contentsOfFile: "/proc/\(pid)/cmdline", encoding: .utf8)
        #expect(command ?? "" == "")
        #expect(try await run("local", "status").output.contains("stopped"))
        let again = try await run("operator", "list", "--as", "bob")
        #expect(again.status == 0, "its data stayed: \(again)")

        let unsure = try await run("local", "destroy")
        #expect(unsure.status == 1, "nobody can answer the question: \(unsure)")
        #expect(unsure.narration.contains("--yes"))
        #expect(FileManager.default.fileExists(atPath: root + "/data"))
        let destroyed = try await run("local", "destroy", "--yes")
        #expect(destroyed.status == 0, "\(destroyed)")
        #expect(!FileManager.default.fileExists(atPath: root))
        #expect(try await run("local", "status").output.contains("absent"))
    }

    /// As an upgrade of the server's package does it: the program's file is another one, the server still runs from the old one.
    @Test func survivesAnUpgradeOfItsProgramsUnderIt() async throws {
        let folder = try TemporaryFolder()
        chmod(folder.path, 0o755)
        let programs = folder.path + "/programs"
        let found = try #require(
            [18, 17, 16, 15].map { "/usr/lib/postgresql/\($0)/bin" }.first {
                access($0 + "/initdb", X_OK) == 0
            })
        #expect(try await Program.run("/bin/cp", ["-r", found, programs]).status == 0)
        let environment = [
            "PISTE_LOCAL_ROOT": folder.path + "/cluster", "PATH": programs + ":/usr/bin:/bin:/usr/sbin:/sbin",
        ]
        func run(_ arguments: String...) async throws -> Piste.Outcome {
            try await Piste.run(arguments, environment: environment, deadline: .seconds(120))
        }
        let made = try await run(
            "company", "create", "Acme", "--url-id", "acme", "--auth-provider", "okta", "--as", "bob")
        #expect(made.status == 0, "\(made)")
        let token = try await run("token", "issue", "acme")
        #expect(token.status == 0, "\(token)")
        #expect(try await !run("company", "list").narration.contains("upgraded"))
        #expect(
            try await Program.run(
                "/bin/sh", ["-c", "cd \(programs) && cp postgres postgres.new && mv postgres.new postgres"]
            ).status == 0)
        let renewed = try await run("company", "list")
        #expect(renewed.status == 0, "\(renewed)")
        #expect(renewed.narration.contains("upgraded while it ran: it is started anew"), "\(renewed)")
        #expect(renewed.narration.contains("open in it"), "\(renewed)")
        #expect(renewed.output.contains("acme"))
        #expect(try await !run("company", "list").narration.contains("upgraded"))

        // Data of a release whose server is gone stay where they are told to be, and another one begins.
        _ = try await run("local", "stop")
        let version = folder.path + "/cluster/data/PG_VERSION"
        try "14\n".write(toFile: version, atomically: true, encoding: .utf8)
        let begun = try await run("company", "list")
        #expect(begun.status == 0, "\(begun)")
        #expect(
            begun.narration.contains("made by PostgreSQL 14") && begun.narration.contains("data.aside-1"),
            "\(begun)")
        #expect(FileManager.default.fileExists(atPath: folder.path + "/cluster/data.aside-1/PG_VERSION"))
        #expect(!begun.output.contains("acme"))
        _ = try await run("local", "destroy", "--yes")
    }

    @Test func leavesAloneWhatItDidNotMake() async throws {
        let folder = try TemporaryFolder()
        let root = folder.path + "/cluster"
        try FileManager.default.createDirectory(atPath: root + "/data", withIntermediateDirectories: true)
        try "15\n".write(toFile: root + "/data/PG_VERSION", atomically: true, encoding: .utf8)
        let refused = try await Piste.run(
            ["local", "destroy", "--yes"], environment: ["PISTE_LOCAL_ROOT": root])
        #expect(refused.status != 0, "\(refused)")
        #expect(refused.narration.contains("was not made by Piste"))
        #expect(FileManager.default.fileExists(atPath: root + "/data/PG_VERSION"))
    }
}
