import Foundation
import Testing

/// `piste company verify` and `piste audit verify` on archives and on whatever somebody hands in as one.
struct VerifyCommandTests {
    /// What an admin of a world has in a folder: an archive, its digest, a key and a checkpoint of the same trail.
    private struct Evidence {
        let folder: TemporaryFolder
        let digest: String
        let verifier: String

        func path(_ name: String) -> String { folder.path + "/" + name }
        func bytes(_ name: String) throws -> [UInt8] {
            Array(try Data(contentsOf: URL(fileURLWithPath: path(name))))
        }
        func write(_ name: String, _ bytes: [UInt8]) throws {
            try Data(bytes).write(to: URL(fileURLWithPath: path(name)))
        }

        /// Runs a verification where no database is.
        func verify(_ arguments: String...) async throws -> Piste.Outcome {
            try await Piste.run(arguments, environment: ["PISTE_DATABASE_URL": "host=/nowhere"])
        }
    }

    private static func evidence(_ world: ConsoleWorld) async throws -> Evidence {
        let folder = try TemporaryFolder()
        let key = try await Piste.run(["audit", "key", "new", "--output", folder.path + "/key"])
        #expect(
            key.lines.first?.wholeMatch(of: /piste\/audit\/[0-9a-f]{8}\+[0-9a-f]{8}\+.*/) != nil, "\(key)")
        let note = try await world.piste(
            "audit", "checkpoint", "awesome", "--key", folder.path + "/key", "--output", folder.path + "/note"
        )
        #expect(note.status == 0, "\(note)")
        let export = try await world.piste("company", "export", "awesome", "--output", folder.path + "/a.tar")
        #expect(export.status == 0, "\(export)")
        return Evidence(
            folder: folder, digest: String(export.output.prefix(64)), verifier: key.lines.first ?? "")
    }

    @Test func verifiesAnArchiveWithoutADatabase() async throws {
        try await ConsoleWorld.run { world in
            let evidence = try await Self.evidence(world)
            let alone = try await evidence.verify(
                "company", "verify", evidence.path("a.tar"), "--format", "json")
            #expect(alone.status == 0, "\(alone)")
            let told = try alone.object()
            #expect(told["company"] as? String == "awesome" && told["sha256"] as? String == evidence.digest)
            #expect(told["exported_by"] as? String == world.bob)
            let words = try #require(told["as_the_file_says"] as? String)
            #expect(words.contains("engine_version") && words.contains("rows") && !words.contains("url_id"))
            #expect(alone.narration.contains("Without a checkpoint"))
            let whole = try await evidence.verify(
                "company", "verify", evidence.path("a.tar"), "--sha256", evidence.digest, "--checkpoint",
                evidence.path("note"), "--verifier", evidence.verifier, "--format", "json")
            #expect(whole.status == 0 && whole.narration.isEmpty, "\(whole)")
            #expect(try whole.object()["as_the_file_says"] is NSNull)
            #expect(try whole.object()["checkpoints"] as? Int == 1)
            let other = String(evidence.digest.reversed())
            let wrong = try await evidence.verify(
                "company", "verify", evidence.path("a.tar"), "--sha256", other)
            #expect(wrong.status == 5 && wrong.narration.contains("SHA-256"), "\(wrong)")

            // The same lines as an export's: the trail's own verifier reads the archive, and what tar takes out of it.
            _ = try await Piste.run(
                program: "/bin/sh",
                ["-c", "cd '\(evidence.folder.path)' && tar xf a.tar && sha256sum -c SHA256SUMS"])
            for file in ["a.tar", "audit.jsonl"] {
                let trail = try await evidence.verify(
                    "audit", "verify", "--export", evidence.path(file), "--checkpoint", evidence.path("note"),
                    "--verifier", evidence.verifier, "--format", "json")
                #expect(trail.status == 0, "\(file): \(trail)")
                #expect(try trail.object()["company"] as? String == "awesome")
                #expect(try trail.object()["as_the_file_says"] as? String == "engine_version")
            }
            // A checkpoint of another history, and one of another company.
            let rival = try await world.piste(
                "audit", "checkpoint", "blau", "--key", evidence.path("key"), "--output",
                evidence.path("other"))
            #expect(rival.status == 0)
            for command in [["company", "verify"], ["audit", "verify", "--export"]] {
                let foreign = try await Piste.run(
                    command + [
                        evidence.path("a.tar"), "--checkpoint", evidence.path("other"), "--verifier",
                        evidence.verifier,
                    ])
                #expect(foreign.status == 5 && foreign.narration.contains("another company"), "\(foreign)")
            }
        }
    }

    /// Whatever way the bytes come: from a pipe, from standard input, from a file that is one.
    @Test func verifiesAnArchiveFromAPipe() async throws {
        try await ConsoleWorld.run { world in
            let evidence = try await Self.evidence(world)
            let (archive, note) = (evidence.path("a.tar"), evidence.path("note"))
            let points = "--checkpoint '\(note)' --verifier '\(evidence.verifier)' --format json"
            for script in [
                "cat '\(archive)' | '\(Piste.path)' audit verify --export - \(points)",
                "'\(Piste.path)' audit verify --export - \(points) < '\(archive)'",
                "cat '\(archive)' | '\(Piste.path)' audit verify --export /dev/stdin \(points)",
                "cat '\(archive)' | '\(Piste.path)' company verify - --sha256 \(evidence.digest) \(points)",
            ] {
                let outcome = try await Piste.run(program: "/bin/sh", ["-c", script])
                #expect(outcome.status == 0, "\(script): \(outcome)")
                #expect(try outcome.object()["company"] as? String == "awesome", "\(script)")
                #expect(try outcome.object()["checkpoints"] as? Int == 1)
            }
            for script in [
                "head -c 6000 '\(archive)' | '\(Piste.path)' audit verify --export -",
                "head -c 6000 '\(archive)' | '\(Piste.path)' company verify -",
                "head -c 300 '\(archive)' | '\(Piste.path)' audit verify --export -",
                "'\(Piste.path)' audit verify --export - < /dev/null",
                "'\(Piste.path)' company verify - < /dev/null",
            ] {
                let outcome = try await Piste.run(program: "/bin/sh", ["-c", script])
                #expect(outcome.status == 5 && outcome.output.isEmpty, "\(script): \(outcome)")
            }
        }
    }

    @Test func restoresOnlyTheArchiveThatWasMeant() async throws {
        try await ConsoleWorld.run { world in
            let evidence = try await Self.evidence(world)
            let owner = ["--database", world.url("postgres"), "--name", "Back"]
            let wrong = try await Piste.run(
                [
                    "company", "restore", evidence.path("a.tar"), "--url-id", "back", "--sha256",
                    String(repeating: "0", count: 64),
                ]
                    + owner)
            #expect(wrong.status == 5 && wrong.narration.contains("SHA-256"), "\(wrong)")
            #expect(try await world.value("SELECT count(*) FROM piste.company WHERE url_id = 'back'") == "0")
            let right = try await Piste.run(
                [
                    "company", "restore", evidence.path("a.tar"), "--url-id", "back", "--sha256",
                    evidence.digest,
                ] + owner)
            #expect(right.status == 0, "\(right)")
        }
    }

    @Test func whatIsDamagedIsFiveAndNeverACrash() async throws {
        try await ConsoleWorld.run { world in
            let evidence = try await Self.evidence(world)
            let sound = try evidence.bytes("a.tar")
            let manifest = try #require(
                String(decoding: sound, as: UTF8.self).range(of: "\"engine_version\" : \""))
            var flipped = sound
            let place = String(decoding: sound, as: UTF8.self).utf8.distance(
                from: "".startIndex, to: manifest.upperBound)
            flipped[place] ^= 1
            let files: [(String, [UInt8])] = [
                ("flip.tar", flipped), ("cut.tar", Array(sound.dropLast(700))), ("more.tar", sound + [0]),
                ("empty.tar", []), ("zeros.tar", [UInt8](repeating: 0, count: 4096)),
                ("text.tar", Array("hello\n".utf8)),
            ]
            for (name, bytes) in files {
                try evidence.write(name, bytes)
                for command in [["company", "verify"], ["audit", "verify", "--export"]] {
                    let outcome = try await Piste.run(command + [evidence.path(name)])
                    #expect(outcome.status == 5, "\(command) \(name): \(outcome)")
                    #expect(outcome.output.isEmpty || name == "text.tar")
                }
            }
            let absent = try await evidence.verify("company", "verify", evidence.path("absent"))
            #expect(absent.status == 2, "\(absent)")
        }
    }

    /// Inputs that ended or deceived the verifier of 1.1.
    private static let damaged = [
        // A moment that no reader of 1.1 could count.
        #"{"seq":1,"at_us":1796021172156279,"at":"300000-01-01T00:00:00Z","actor":"a","subject":null,"context":null,"action":"x.y","resource":"r","detail":null,"values_hash":null,"previous_hash":"\#(zeros)","hash":"\#(zeros)"}"#,
        #"{"seq":9223372036854775807,"at_us":1,"at":"1970-01-01T00:00:00.000001Z","actor":"a","subject":null,"context":null,"action":"x.y","resource":"r","detail":null,"values_hash":null,"previous_hash":"\#(zeros)","hash":"\#(zeros)"}"#,
        #"{"seq":1,"at_us":-9223372036854775808,"at":"-infinity","actor":"a","subject":null,"context":null,"action":"x.y","resource":"r","detail":null,"values_hash":null,"previous_hash":"\#(zeros)","hash":"\#(zeros)"}"#,
        #"{"format":"piste-audit","version":2,"company":"948686d6-753d-4989-bab8-7aa1c7b41f4b","url_id":"awesome","engine_version":"1.1","first_seq":-9223372036854775808,"last_seq":9223372036854775807}"#,
        #"{"format":"piste-audit","version":1,"company":"948686d6-753d-4989-bab8-7aa1c7b41f4b","url_id":"awesome","engine_version":"1.1","first_seq":1,"last_seq":759}"#,
        "[[[[[[", "{}", "null", "\u{0}",
    ]
    private static let zeros = String(repeating: "0", count: 64)

    @Test func namesTheLineOfAnExportThatIsNone() async throws {
        for text in Self.damaged {
            let outcome = try await Piste.run(["audit", "verify", "--export", "-"], input: text + "\n")
            #expect(outcome.status == 5, "\(text.prefix(60)): \(outcome)")
            // What is no record is named by its line; what is one, by its number.
            #expect(
                outcome.output.isEmpty && outcome.narration.contains("line 1")
                    || outcome.lines.contains { $0.split(separator: " ") == ["first", "bad", "1"] },
                "\(outcome)")
        }
    }

    /// The header's name for the company is held against the first record; what nothing proves is said to be the file's word.
    @Test func believesNoNameThatTheTrailDoesNotHave() async throws {
        try await ConsoleWorld.run { world in
            let export = try await world.piste("audit", "export", "awesome")
            let renamed = export.output.replacing("\"url_id\":\"awesome\"", with: "\"url_id\":\"rival\"")
            let outcome = try await Piste.run(["audit", "verify", "--export", "-"], input: renamed)
            #expect(outcome.status == 5 && outcome.narration.contains("rival"), "\(outcome)")
            let part = try await world.piste("audit", "export", "awesome", "--since", "2")
            let other = part.output.replacing("\"url_id\":\"awesome\"", with: "\"url_id\":\"rival\"")
            let told = try await Piste.run(
                ["audit", "verify", "--export", "-", "--format", "json"], input: other)
            #expect(told.status == 0, "\(told)")
            #expect(try told.object()["as_the_file_says"] as? String == "company, url_id, engine_version")
            #expect(told.narration.contains("Without a checkpoint"))
            for bound in ["294276-12-31", "999999999-01-01"] {
                let far = try await world.piste("audit", "export", "awesome", "--since", bound)
                #expect([0, 2].contains(far.status), "\(bound): \(far)")
            }
        }
    }

    @Test func inspectsTokensThatClaimAnyEnd() async throws {
        for end in [
            "1e18", "1e300", "-1e300", "9223372036854775807", "-9223372036854775808", "0.5", "null", "\"x\"",
        ] {
            let parts = [
                #"{"alg":"HS256","kid":"x"}"#,
                #"{"exp":\#(end),"iat":\#(end),"nbf":\#(end),"jti":"x","aud":"awesome"}"#,
            ]
            let token =
                parts.map {
                    Data($0.utf8).base64EncodedString().replacing("=", with: "").replacing("+", with: "-")
                        .replacing("/", with: "_")
                }
                .joined(separator: ".") + ".AAAA"
            for format in ["table", "json", "csv"] {
                let outcome = try await Piste.run(
                    ["token", "inspect", "-", "--format", format],
                    environment: ["PISTE_DATABASE_URL": "host=/nowhere"], input: token)
                #expect([0, 1].contains(outcome.status), "\(end): \(outcome)")
                if outcome.status == 1 {
                    #expect(outcome.narration.contains("not a context token"), "\(outcome)")
                }
            }
        }
    }
}
