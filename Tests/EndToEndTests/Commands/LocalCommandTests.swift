import Foundation
import Glibc
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
