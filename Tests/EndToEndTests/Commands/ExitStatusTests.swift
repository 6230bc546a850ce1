import Foundation
import Glibc
import Testing

/// What a script can tell from the end of `piste`, however it was called.
struct ExitStatusTests {
    @Test(arguments: [
        ["company", "list"], ["users", "acme"], ["token", "issue", "acme"], ["contexts"], ["sweep"],
        ["audit", "verify", "acme"], ["operator", "list"], ["init"], [],
    ])
    func anUnreachableDatabaseIsFour(arguments: [String]) async throws {
        let folder = try TemporaryFolder()
        let outcome = try await Piste.run(
            arguments, environment: ["PISTE_DATABASE_URL": "host=\(folder.path) dbname=x user=y"])
        #expect(outcome.status == 4, "\(outcome)")
        #expect(outcome.output == "")
        #expect(outcome.narration.contains("where  "), "\(outcome)")
        #expect(outcome.narration.contains(folder.path), "\(outcome)")
    }

    @Test func usageIsTwo() async throws {
        for (arguments, words) in [
            (["frobnicate"], "frobnicate"), (["--colour"], "--colour"), (["company"], "USAGE"),
            (["users", "acme", "--database", "postgresql://x", "--profile", "y"], "give one of them"),
            (["users", "acme", "--database", "no such = = thing"], "where  --database"),
            (["users", "acme", "--profile", "prod"], "there is no profile named prod"),
            (["users", "a\u{1B}[2Jb", "--limit", "\u{1B}[31m"], "--limit"),
        ] {
            let outcome = try await Piste.run(arguments)
            let isHelp = arguments == ["company"]
            #expect(outcome.status == (isHelp ? 0 : 2), "\(arguments): \(outcome)")
            #expect((outcome.narration + outcome.output).contains(words), "\(arguments): \(outcome)")
            #expect(!outcome.narration.contains("\u{1B}"))
            if !isHelp { #expect(outcome.output == "", "\(arguments)") }
        }
    }

    @Test func aProfileNamesTheDatabase() async throws {
        try await ConsoleWorld.run { world in
            let folder = try TemporaryFolder()
            try FileManager.default.createDirectory(
                atPath: folder.path + "/piste", withIntermediateDirectories: true)
            let file = folder.path + "/piste/config.toml"
            let environment = ["XDG_CONFIG_HOME": folder.path]
            try """
            default = "prod"
            [profile.prod]
            database = "\(world.url(world.alice))"
            [profile.empty]
            """.write(toFile: file, atomically: true, encoding: .utf8)
            #expect(try await Piste.run(["company", "list"], environment: environment).lines.count == 4)
            let asAdmin = try await Piste.run(
                ["operator", "list", "--profile", "prod", "--as", world.bob], environment: environment)
            #expect(asAdmin.status == 0, "\(asAdmin)")
            let empty = try await Piste.run(
                ["company", "list", "--profile", "empty"], environment: environment)
            #expect(empty.status == 2)
            #expect(empty.narration.contains("names no database"))
            try "default = [broken".write(toFile: file, atomically: true, encoding: .utf8)
            let broken = try await Piste.run(["company", "list"], environment: environment)
            #expect(broken.status == 2, "\(broken)")
            #expect(broken.narration.contains("where  \(file)"))
        }
    }

    /// Nobody reads what is written: no failure, and no message about it.
    @Test func aReaderThatLeftIsNoFailure() async throws {
        try await ConsoleWorld.run { world in
            let (url, piste) = (world.url(world.bob), Piste.path)
            let command =
                "'\(piste)' users awesome --limit 300 --format csv | head -n 1; echo \"${PIPESTATUS[0]}\""
            let outcome = try await Piste.run(
                program: "/bin/bash", ["-c", command], environment: ["PISTE_DATABASE_URL": url])
            #expect(outcome.lines == ["id,name,email,role,status,locale,created_at,last_seen_at", "0"])
            #expect(outcome.narration == "")
        }
    }
}
