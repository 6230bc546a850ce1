import Foundation
import Testing

/// How the program speaks: what was meant, what is out of range, and nothing at all where that is asked for.
struct MannersTests {
    @Test(arguments: [
        (["compny", "list"], "did you mean piste company?"),
        (["company", "lst"], "did you mean piste company list?"),
        (["audit", "exprt", "acme"], "did you mean piste audit export?"),
        (["user", "acme"], "did you mean piste users?"),
        (["zzzzzzzzzz"], "piste --help tells the commands"),
    ])
    func namesTheCommandThatWasMeant(arguments: [String], words: String) async throws {
        let outcome = try await Piste.run(arguments)
        #expect(outcome.status == 2 && outcome.output.isEmpty, "\(outcome)")
        #expect(
            outcome.narration.contains("there is no command piste") && outcome.narration.contains(words),
            "\(outcome)")
    }

    @Test func refusesNumbersOutOfRangeInWords() async throws {
        for number in ["0", "31", "-1", "9223372036854775807", "-9223372036854775808"] {
            for arguments in [
                ["token", "issue", "acme", "--minutes=\(number)"],
                ["token", "exchange", "acme", "--id-token", "-", "--minutes=\(number)"],
                ["impersonate", "acme", "--reason", "x", "--minutes=\(number)"],
                ["company", "policy", "acme", "--max-minutes=\(number)"],
            ] {
                let outcome = try await Piste.run(
                    arguments, environment: ["PISTE_DATABASE_URL": "host=/nowhere"])
                #expect(outcome.status == 2 && outcome.output.isEmpty, "\(arguments): \(outcome)")
                #expect(outcome.narration.contains("is from 1 to 30, and not \(number)"), "\(outcome)")
            }
        }
        for arguments in [
            ["sweep", "--every=9223372036854775807"], ["demo", "--companies=9223372036854775807"],
            ["migrate", "--jobs=65"],
        ] {
            let outcome = try await Piste.run(arguments, environment: ["PISTE_DATABASE_URL": "host=/nowhere"])
            #expect(
                outcome.status == 2 && outcome.narration.contains(" is from "), "\(arguments): \(outcome)")
        }
        for word in ["92233720368547758070", "1e3", "x", "\u{1B}[31m"] {
            let outcome = try await Piste.run(["token", "issue", "acme", "--minutes", word])
            #expect(outcome.status == 2 && !outcome.narration.contains("\u{1B}"), "\(outcome)")
        }
    }

    @Test func saysNothingWhereItIsAskedToBeQuiet() async throws {
        try await ConsoleWorld.run { world in
            let loud = try await world.piste("users", "awesome", "--limit", "1")
            #expect(loud.narration.contains("there are more than 1"))
            for (arguments, environment) in [
                (["users", "awesome", "--limit", "1", "--quiet"], [:]),
                (["--quiet", "users", "awesome", "--limit", "1"], [:]),
                (["users", "awesome", "--limit", "1"], ["PISTE_QUIET": "1"]),
            ] as [([String], [String: String])] {
                let quiet = try await Piste.run(
                    arguments,
                    environment: environment.merging(["PISTE_DATABASE_URL": world.url(world.bob)]) { $1 })
                #expect(
                    quiet.status == 0 && quiet.narration.isEmpty && quiet.lines.count == 2,
                    "\(arguments): \(quiet)")
            }
            let failed = try await world.piste("users", "nowhere", "--quiet")
            #expect(
                failed.status == 1 && failed.narration.contains("nowhere"),
                "what goes wrong is told: \(failed)")
        }
    }

    @Test func showsAThemesNameAndNothingThatATerminalObeys() async throws {
        let folder = try TemporaryFolder()
        let file = folder.path + "/osc.toml"
        try #"name = "\u001b]0;PWNED\u0007\u001b]52;c;aGFja2Vk\u0007nice""#.appending(
            "\ninherits = \"piste\"\n"
        )
        .write(toFile: file, atomically: true, encoding: .utf8)
        for more in [[], ["--format", "json"], ["--format", "csv"]] {
            let outcome = try await Piste.run(["theme", "check", file] + more)
            #expect(
                !(outcome.output + outcome.narration).unicodeScalars.contains {
                    $0.value == 0x1B || $0.value == 7
                }, "\(outcome)")
        }
        let poor = file + ".toml"
        try #"name = "\u001b]0;PWNED\u0007""#.appending(
            "\ninherits = \"piste\"\n[styles]\nok = \"#1a2027\"\n"
        )
        .write(toFile: poor, atomically: true, encoding: .utf8)
        let outcome = try await Piste.run(["theme", "check", poor])
        #expect(
            outcome.status == 5
                && !outcome.narration.unicodeScalars.contains { $0.value == 0x1B || $0.value == 7 })
    }
}
