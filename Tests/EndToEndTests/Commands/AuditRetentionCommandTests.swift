import Foundation
import Postgres
import Testing

/// `piste audit archive`, `erase` and `verify` against a head that went back, by the built program.
struct AuditRetentionCommandTests {
    /// A folder with a key; what is made in it goes with the test.
    private struct Desk {
        let folder: TemporaryFolder
        let verifier: String

        static func make() async throws -> Desk {
            let folder = try TemporaryFolder()
            let key = try await Piste.run(["audit", "key", "new", "--output", "\(folder.path)/key"])
            #expect(key.status == 0, "\(key)")
            return Desk(folder: folder, verifier: key.lines.first ?? "")
        }

        func path(_ name: String) -> String { "\(folder.path)/\(name)" }

        /// Signs where the trail stands, and gives the number of the record.
        func note(_ name: String, of company: String = "awesome", _ world: ConsoleWorld) async throws -> Int {
            let note = try await world.piste(
                "audit", "checkpoint", company, "--key", path("key"), "--output", path(name))
            #expect(note.status == 0, "\(note)")
            let lines = try String(contentsOfFile: path(name), encoding: .utf8).split(separator: "\n")
            return try #require(Int(lines[1]))
        }
    }

    private func sealed(_ world: ConsoleWorld, upTo seq: Int) async throws -> Int {
        let home = try await world.home()
        let count = try await world.value("SELECT count(*) FROM piste_test.\(home) WHERE seq <= \(seq)")
        return try #require(Int(count ?? ""))
    }

    @Test func archivesBehindACheckpointAndNothingElse() async throws {
        try await ConsoleWorld.run { world in
            let desk = try await Desk.make()
            let early = try await desk.note("early", world)
            let noted = try await desk.note("note", world)
            _ = try await desk.note("foreign", of: "blau", world)
            #expect(early < noted)
            let (note, verifier, file) = (desk.path("note"), desk.verifier, desk.path("archive"))
            let text = try String(contentsOfFile: note, encoding: .utf8)
            try Data(text.replacing("company awesome", with: "company blau").utf8).write(
                to: URL(fileURLWithPath: desk.path("tampered")))
            try Data("mine".utf8).write(to: URL(fileURLWithPath: desk.path("taken")))
            let other = try await Piste.run([
                "audit", "key", "new", "--output", desk.path("other"), "--name", "other",
            ])
            let stranger = other.lines.first ?? ""
            func archive(
                before: String = "note", key: String? = nil, to output: String = "archive",
                confirm: [String] = ["--confirm", "awesome"], as login: String? = nil
            ) async throws -> Piste.Outcome {
                try await Piste.run(
                    [
                        "audit", "archive", "awesome", "--before", desk.path(before), "--verifier",
                        key ?? verifier, "--output", desk.path(output),
                    ] + confirm, environment: ["PISTE_DATABASE_URL": world.url(login ?? world.bob)])
            }
            for (outcome, status, said) in [
                (try await archive(confirm: []), 2, "not confirmed"),
                (try await archive(confirm: ["--confirm", "blau"]), 2, "another company"),
                (try await archive(key: stranger), 5, "no key of --verifier signed"),
                (try await archive(before: "tampered"), 5, "signature does not hold"),
                (try await archive(before: "foreign"), 5, "another company"),
                (try await archive(before: "absent"), 2, "cannot be read"),
                (try await archive(to: "taken"), 1, "no record was removed"),
                (try await archive(to: "nowhere/file"), 1, "no record was removed"),
                (try await archive(as: world.alice), 3, "no record was removed"),
            ] as [(Piste.Outcome, Int32, String)] {
                #expect(outcome.status == status && outcome.narration.contains(said), "\(outcome)")
                #expect(outcome.output.isEmpty, "\(outcome)")
            }
            #expect(try await sealed(world, upTo: noted) == noted)
            #expect(!FileManager.default.fileExists(atPath: file))
            #expect(try String(contentsOfFile: desk.path("taken"), encoding: .utf8) == "mine")

            let done = try await archive()
            #expect(done.status == 0 && done.narration.contains("Records 1 to \(noted)"), "\(done)")
            let digest = try #require(done.lines.first?.split(separator: " ").first.map(String.init))
            #expect(done.output == "\(digest)  \(file)\n")
            #expect(try await sealed(world, upTo: noted) == 0)
            #expect(
                (try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int) == 0o600)
            let detail = try await world.piste("audit", "show", "awesome", "--format", "json")
            #expect(detail.output.contains(digest), "the trail names the file")
            #expect(detail.narration.contains("up to \(noted) are archived"), "\(detail.narration)")
            let again = try await archive(to: "again")
            #expect(again.status == 1 && again.narration.contains("archived already"), "\(again)")
            try await verifies(world, desk, noted: noted)
        }
    }

    /// What is left goes on from the checkpoint, and says so everywhere.
    private func verifies(_ world: ConsoleWorld, _ desk: Desk, noted: Int) async throws {
        let there = try await world.piste("audit", "verify", "awesome", "--format", "json")
        #expect(there.status == 0 && there.narration.contains("up to \(noted) are archived"), "\(there)")
        #expect(try there.object()["begins_after"] as? Int == noted)
        #expect(try there.object()["unsealed"] as? Int == 0)
        let through = try await world.piste(
            "audit", "verify", "awesome", "--checkpoint", desk.path("note"), "--verifier", desk.verifier,
            "--format", "json")
        #expect(through.status == 0, "\(through)")
        #expect(try through.object()["begins_after"] as? Int == noted)
        #expect(try through.object()["checkpoints"] as? Int == 1)
        let hidden = try await world.piste(
            "audit", "verify", "awesome", "--checkpoint", desk.path("early"), "--verifier", desk.verifier)
        #expect(hidden.status == 1 && hidden.narration.contains("are archived"), "\(hidden)")
        #expect(hidden.output.isEmpty && hidden.narration.contains("--export"))
        let inside = try await world.piste(
            "audit", "verify", "awesome", "--checkpoint", desk.path("note"), "--verifier", desk.verifier,
            as: world.alice)
        #expect(inside.status == 0, "\(inside)")

        let later = try await world.piste("audit", "export", "awesome", "--output", desk.path("later"))
        #expect(later.status == 0 && later.narration.contains("up to \(noted) are archived"), "\(later)")
        let numbered = try await world.piste("audit", "export", "awesome", "--since", "2")
        #expect(numbered.status == 0 && numbered.lines.count > 1)
        let piped = try await Piste.run(["audit", "verify", "--export", "-"], input: numbered.output)
        #expect(piped.status == 0, "\(piped)")
        func files(_ names: String..., through checkpoints: String...) async throws -> Piste.Outcome {
            var arguments = ["audit", "verify", "--format", "json"]
            for name in names { arguments += ["--export", desk.path(name)] }
            for name in checkpoints { arguments += ["--checkpoint", desk.path(name)] }
            return try await Piste.run(arguments + ["--verifier", desk.verifier])
        }
        let whole = try await files("archive", "later", through: "early", "note")
        #expect(whole.status == 0 && whole.narration.isEmpty, "\(whole)")
        #expect(try whole.object()["begins_after"] as? Int == 0)
        #expect(try await files("later", "archive", through: "note").status == 5)
        #expect(try await files("archive", through: "early", "note").status == 0)
        #expect(try await files("later", through: "early").status == 5)

        // A company's own archive holds the trail that is left.
        let company = try await world.piste(
            "company", "export", "awesome", "--output", desk.path("company.tar"))
        #expect(company.status == 0, "\(company)")
        let owner = ["PISTE_DATABASE_URL": world.url("postgres")]
        let restored = try await world.piste(
            "company", "restore", desk.path("company.tar"), "--name", "New", "--url-id", "new",
            environment: owner)
        #expect(restored.status == 0, "\(restored)")
        let next = try await desk.note("next", world)
        let second = try await world.piste(
            "audit", "archive", "awesome", "--before", desk.path("next"), "--verifier", desk.verifier,
            "--output", desk.path("second"), "--confirm", "awesome")
        #expect(
            second.status == 0 && second.narration.contains("Records \(noted + 1) to \(next)"), "\(second)")
        let after = try await world.piste("audit", "export", "awesome", "--output", desk.path("last"))
        #expect(after.status == 0)
        let all = try await files("archive", "second", "last", through: "early", "note", "next")
        #expect(all.status == 0, "\(all)")
        #expect(try await world.piste("audit", "verify", "blau").status == 0)
    }

    @Test func recordsWhatAHeadThatWentBackHasLost() async throws {
        try await ConsoleWorld.run { world in
            let desk = try await Desk.make()
            for _ in 0..<4 { _ = try await world.piste("audit", "show", "awesome") }
            let noted = try await desk.note("note", world)
            func verify(as login: String? = nil) async throws -> Piste.Outcome {
                try await world.piste(
                    "audit", "verify", "awesome", "--checkpoint", desk.path("note"), "--verifier",
                    desk.verifier, "--format", "json", as: login)
            }
            func incidents() async throws -> String? {
                try await world.value(
                    "SELECT count(*) FROM piste_test.trail('piste') WHERE action = 'incident.head'")
            }
            let sound = try await verify()
            #expect(sound.status == 0, "\(sound)")
            #expect(try sound.object()["lost_from"] is NSNull)
            #expect(try await incidents() == "0")

            // What a restored backup does: rows and head are those of before.
            let home = try await world.home()
            try await world.owner.run(
                script: """
                    SET session_replication_role = replica;
                    DELETE FROM piste_test.\(home) WHERE seq IS NULL OR seq > \(noted - 3);
                    UPDATE piste_test.head_\(home) SET (seq, hash) =
                        (SELECT seq, hash FROM piste_test.\(home) WHERE seq = \(noted - 3));
                    RESET session_replication_role;
                    """)
            #expect(
                try await world.piste("audit", "verify", "awesome").status == 0, "the server sees nothing")
            #expect(try await verify(as: world.alice).status == 5)
            #expect(try await incidents() == "0", "support finds it, and an admin records it")
            let lost = try await verify()
            #expect(lost.status == 5 && lost.narration.contains("incident.head"), "\(lost)")
            let from = try #require(try lost.object()["lost_from"] as? Int)
            #expect(from <= noted && from >= noted - 2, "\(lost)")
            #expect(try lost.object()["lost_to"] as? Int == noted)
            #expect(try await incidents() == "1")
            let again = try await verify()
            #expect(again.status == 5, "\(again)")
            #expect(try again.object()["lost_from"] as? Int == from)
            #expect(try await incidents() == "1")
            let record = try await world.piste("audit", "show", "--format", "json")
            #expect(record.output.contains("incident.head"), "\(record)")
        }
    }

    @Test func erasesTheValuesOfOneRow() async throws {
        try await ConsoleWorld.run { world in
            let home = try await world.home()
            for name in ["Ada", "Ada L."] {
                try await world.owner.query("UPDATE \(home).users SET name = '\(name)' WHERE id = 1")
            }
            func erase(_ more: String..., as login: String? = nil) async throws -> Piste.Outcome {
                try await Piste.run(
                    ["audit", "erase"] + more,
                    environment: ["PISTE_DATABASE_URL": world.url(login ?? world.bob)])
            }
            let why = ["--reason", "asked to be forgotten"]
            for arguments in [
                ["awesome", "users", "1"], ["awesome", "users"] + why,
                ["awesome", "users", "1", "--reason", " "],
            ] {
                let outcome = try await Piste.run(
                    ["audit", "erase"] + arguments, environment: ["PISTE_DATABASE_URL": world.url(world.bob)])
                #expect(outcome.status == 2, "\(arguments): \(outcome)")
            }
            let support = try await erase(
                "awesome", "users", "1", "--reason", "asked to be forgotten", as: world.alice)
            #expect(support.status == 3 && support.narration.contains("not_allowed"), "\(support)")
            let nowhere = try await erase("nowhere", "users", "1", "--reason", "asked to be forgotten")
            #expect(nowhere.status == 1, "\(nowhere)")
            let done = try await erase("awesome", "users", "1", "--reason", "asked to be forgotten")
            #expect(done.status == 0 && done.narration.contains("lost their values: 2"), "\(done)")
            let again = try await erase("awesome", "users", "1", "--reason", "asked to be forgotten")
            #expect(again.status == 0 && again.narration.contains("No entry about users/1"), "\(again)")
            #expect(try await world.records("audit.erase") == 2)
            #expect(try await world.records("audit.refused") == 1)
            #expect(try await world.piste("audit", "verify", "awesome").status == 0)
        }
    }
}
