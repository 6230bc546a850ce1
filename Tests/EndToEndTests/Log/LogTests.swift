import Foundation
import Glibc
import Postgres
import TestSupport
import Testing

@testable import piste

/// The log file: what happened, by codes and numbers, and nothing of anybody's data.
struct LogTests {
    private func log(_ folder: TemporaryFolder) -> String {
        (try? String(contentsOfFile: folder.path + "/piste/piste.log", encoding: .utf8)) ?? ""
    }

    private func run(
        _ arguments: [String], in folder: TemporaryFolder, _ more: [String: String] = [:], input: String = ""
    ) async throws -> Piste.Outcome {
        try await Piste.run(
            arguments, environment: ["XDG_STATE_HOME": folder.path].merging(more) { $1 }, input: input)
    }

    /// Words that stand in every column, reason, ticket, name and token, and must stand nowhere in the log.
    @Test func tellsWhatHappenedAndNoDataOfAnybody() async throws {
        try await ConsoleWorld.run { world in
            let folder = try TemporaryFolder()
            let home = try await world.home()
            let marker = "zyxmarker"
            try await world.owner.query(
                "UPDATE \(home).users SET name = '\(marker) ' || id, email = '\(marker)' || id || '@awesome.example', locale = '\(marker)'"
            )
            try await world.owner.query(
                "UPDATE piste.company SET name = '\(marker) Inc' WHERE url_id = 'awesome'")
            func on(_ login: String) -> [String] { ["--database", world.url(login)] }
            var secrets = [marker, "awesome", "eyJ", world.alice, world.bob, home, "SELECT", "password"]
            for arguments in [
                ["users", "awesome", "--filter", marker], ["journeys", "awesome"],
                ["company", "show", "awesome"],
                ["audit", "show", "awesome"],
            ] { #expect(try await run(arguments + on(world.bob), in: folder).status == 0) }
            let token = try await run(
                [
                    "impersonate", "awesome", "--reason", "\(marker) reason", "--ticket", marker,
                    "--print-token",
                ]
                    + on(world.alice), in: folder)
            #expect(token.status == 0, "\(token)")
            secrets += token.lines
            #expect(try await run(["users", "no-such-\(marker)"] + on(world.alice), in: folder).status == 1)
            #expect(
                try await run(
                    ["impersonate", "awesome", "--reason", "", "--print-token"] + on(world.alice), in: folder
                ).status == 3)
            #expect(
                try await run(
                    ["users", "awesome", "--database", "postgresql://x:\(marker)@/nowhere?host=/nowhere"],
                    in: folder
                )
                .status == 4)
            #expect(try await run(["users", "--\(marker)"], in: folder).status == 2)

            // The console, on the same file.
            let tmux = try Tmux(
                ["--database", world.url(world.alice)], environment: ["XDG_STATE_HOME": folder.path])
            try await tmux.wait(for: "\(marker) Inc")
            try tmux.press("/")
            try tmux.type("aweso")
            try tmux.press("Enter")
            // While something is read, the key would end that.
            try await tmux.wait(for: "ACCESS", "\(marker) 1", "1 of 201")
            try tmux.press("C-c")
            try await tmux.wait(for: "Quit Piste?")
            try tmux.press("y")
            try await tmux.wait(for: "[exit 0]")

            let text = log(folder)
            for secret in secrets { #expect(!text.contains(secret), "\(secret) stands in the log:\n\(text)") }
            // The control: what did happen is told.
            for event in [
                "started command=UsersCommand", "ended status=0", "ended refusal=unknown_company status=1",
                "ended refusal=reason_required status=3", "ended status=4", "started command=ConsoleCommand",
                "connected",
                "purpose=access",
            ] { #expect(text.contains(event), "\(event) is missing:\n\(text)") }
            let id = try #require(
                await world.value(
                    "SELECT jti::text FROM piste.context WHERE purpose = 'access' ORDER BY issued_at DESC LIMIT 1"
                ))
            #expect(text.contains("context opened jti=\(id) purpose=access"), "\(text)")
            for line in text.split(separator: "\n") {
                #expect(
                    line.wholeMatch(
                        of:
                            /[-0-9T:.Z+ ]+ (debug|info|warning|error) \[[0-9]+\] [a-z ]+( [a-z]+=[A-Za-z0-9_-]+)*/
                    ) != nil,
                    "\(line)")
            }
            var status = stat()
            #expect(stat(folder.path + "/piste/piste.log", &status) == 0 && status.st_mode & 0o777 == 0o600)
        }
    }

    @Test func theLevelAndTheFileAreSettings() async throws {
        let folder = try TemporaryFolder()
        #expect(try await run(["theme", "list"], in: folder, ["PISTE_LOG_LEVEL": "off"]).status == 0)
        #expect(log(folder) == "")
        #expect(try await run(["theme", "list"], in: folder, ["PISTE_LOG_LEVEL": "warning"]).status == 0)
        #expect(log(folder) == "")
        _ = try await run(["theme", "check", "nothing"], in: folder, ["PISTE_LOG_LEVEL": "warning"])
        #expect(log(folder).contains("ended status=1") && !log(folder).contains("started"))
        mkdir(folder.path + "/config", 0o700)
        mkdir(folder.path + "/config/piste", 0o700)
        try
            "log_level = \"error\"\n[profile.loud]\ndatabase = \"dbname=x\"\nlog_level = \"debug\"\nlog_file = \"\(folder.path)/loud.log\"\n"
            .write(
                toFile: folder.path + "/config/piste/config.toml", atomically: true, encoding: .utf8)
        let configured = ["XDG_CONFIG_HOME": folder.path + "/config"]
        let show = try await run(
            ["config", "show", "--profile", "loud", "--format", "csv"], in: folder, configured)
        #expect(
            show.output.contains("log_level,debug,")
                && show.output.contains("log_file,\(folder.path)/loud.log,"), "\(show)")
        let loud = try String(contentsOfFile: folder.path + "/loud.log", encoding: .utf8)
        #expect(loud.contains("started command=ConfigShowCommand"))
        for (name, value) in [
            ("log_level", "loud"), ("log_file", "here"), ("timezone", "Moon/Base"),
            ("timezone", "../etc/passwd"),
        ] {
            try "\(name) = \"\(value)\"\n".write(
                toFile: folder.path + "/config/piste/config.toml", atomically: true, encoding: .utf8)
            let bad = try await run(["config", "show"], in: folder, configured)
            #expect(bad.status == 2 && bad.narration.contains("config.toml:1"), "\(bad)")
            #expect(bad.narration.contains("\(name) cannot be that"), "\(bad)")
        }
    }

    @Test func aFileThatCannotBeWrittenIsSaidOnceAndStopsNothing() async throws {
        let folder = try TemporaryFolder()
        mkdir(folder.path + "/dir", 0o700)
        let run = try await run(["theme", "list"], in: folder, ["PISTE_LOG_FILE": folder.path + "/dir"])
        #expect(run.status == 0 && run.output.contains("nord"), "\(run)")
        #expect(run.narration.components(separatedBy: "the log cannot be written").count == 2, "\(run)")
        // Nor is a link followed to somebody else's file.
        let target = folder.path + "/target"
        try "kept".write(toFile: target, atomically: true, encoding: .utf8)
        symlink(target, folder.path + "/link")
        #expect(
            try await self.run(["theme", "list"], in: folder, ["PISTE_LOG_FILE": folder.path + "/link"])
                .status == 0)
        #expect(try String(contentsOfFile: target, encoding: .utf8) == "kept")
    }

    /// Several writers turn the file over; no line is torn or lost while its file is kept.
    @Test func manyWritersTurnTheFileOver() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/piste.log"
        try await withThrowingTaskGroup { group in
            for writer in 0..<8 {
                group.addTask {
                    let file = LogFile(path, limit: 4_000)
                    for number in 0..<50 {
                        #expect(
                            file.append(
                                "writer \(writer) line \(number) \(String(repeating: "x", count: 20))\n"))
                    }
                }
            }
            try await group.waitForAll()
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(names.count > 1)
        var lines: [String] = []
        for name in names {
            let text = try String(contentsOfFile: folder.path + "/" + name, encoding: .utf8)
            lines += text.split(separator: "\n").map(String.init)
        }
        for line in lines {
            #expect(line.wholeMatch(of: /writer [0-7] line [0-9]+ x{20}/) != nil, "\(line)")
        }
        #expect(Set(lines).count == lines.count)
        #expect(lines.count == 400)
        // What is older than the generations that are kept goes.
        let file = LogFile(path, limit: 4_000)
        for number in 0..<1_000 { #expect(file.append("writer 9 line \(number)\n")) }
        let kept = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(kept == ["piste.log"] + (1...LogFile.generations).map { "piste.log.\($0)" })
    }

    @Test(arguments: [
        "Ada Lovelace", "a'b", "x\ny", "", String(repeating: "a", count: 41), "e\u{301}", "a=b", "a b",
    ])
    func aWordThatIsNoCodeIsLeftOut(word: String) {
        #expect(LogField.code(word).text == nil)
        #expect(LogField.jti(word).text == nil)
        #expect(LogField.code("token_expired").text == "token_expired")
        #expect(LogField.jti("3bfc2f0a-86c5-4d0d-9a7e-1f0f4d3f9a11").text != nil)
    }
}
