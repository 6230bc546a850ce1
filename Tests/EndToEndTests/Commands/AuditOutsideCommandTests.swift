import Foundation
import Postgres
import Testing

/// `piste audit export`, `checkpoint`, `key` and `verify` against files: the whole way of a customer's proof.
struct AuditOutsideCommandTests {
    /// A customer's folder: the key's files, a checkpoint and an export.
    private struct Customer {
        let folder: TemporaryFolder
        let verifier: String
        let checkpoint: Piste.Outcome

        func path(_ name: String) -> String { "\(folder.path)/\(name)" }
        func text(_ name: String) throws -> String { try String(contentsOfFile: path(name), encoding: .utf8) }
        func write(_ name: String, _ text: String) throws {
            try Data(text.utf8).write(to: URL(fileURLWithPath: path(name)))
        }

        /// Verifies the export where no database is.
        func verifyExport(_ more: String..., export: String = "export") async throws -> Piste.Outcome {
            try await Piste.run(
                ["audit", "verify", "--export", path(export), "--format", "json"] + more,
                environment: ["PISTE_DATABASE_URL": "host=/nowhere"])
        }
    }

    private static func customer(_ world: ConsoleWorld) async throws -> Customer {
        let folder = try TemporaryFolder()
        let key = try await Piste.run(["audit", "key", "new", "--output", "\(folder.path)/key"])
        #expect(key.status == 0, "\(key)")
        let checkpoint = try await world.piste(
            "audit", "checkpoint", "awesome", "--key", "\(folder.path)/key", "--output", "\(folder.path)/note"
        )
        #expect(checkpoint.status == 0 && checkpoint.output.isEmpty, "\(checkpoint)")
        let export = try await world.piste("audit", "export", "awesome", "--output", "\(folder.path)/export")
        #expect(export.status == 0 && export.output.isEmpty, "\(export)")
        return Customer(folder: folder, verifier: key.lines.first ?? "", checkpoint: checkpoint)
    }

    @Test func provesThatATrailExtendsACheckpointOrNot() async throws {
        try await ConsoleWorld.run { world in
            let customer = try await Self.customer(world)
            let (note, verifier) = (customer.path("note"), customer.verifier)
            #expect(try await world.records("audit.checkpoint") == 1)
            let sound = try await world.piste(
                "audit", "verify", "awesome", "--checkpoint", note, "--verifier", verifier, "--format", "json"
            )
            #expect(sound.status == 0, "\(sound)")
            #expect(try sound.object()["checkpoints"] as? Int == 1)
            let file = try await customer.verifyExport("--checkpoint", note, "--verifier", verifier)
            #expect(file.status == 0, "\(file)")
            #expect(try file.object()["company"] as? String == "awesome")

            // The owner of the database rewrites the whole chain, so that the server finds nothing.
            let home = try await world.home()
            try await world.owner.run(
                script: """
                    SET session_replication_role = replica;
                    UPDATE piste_test.\(home) SET actor = 'nobody' WHERE seq = 1;
                    DO $$
                    DECLARE
                        r    piste.entry;
                        link bytea := piste.trail_origin((SELECT company FROM piste_test.head_\(home)));
                    BEGIN
                        FOR r IN SELECT * FROM piste_test.trail('\(home)') ORDER BY seq LOOP
                            link := piste.entry_hash(link, r.seq, r);
                            UPDATE piste_test.\(home) SET hash = link WHERE seq = r.seq;
                        END LOOP;
                        UPDATE piste_test.head_\(home) SET hash = link;
                        DELETE FROM piste.audit_anchor;
                    END
                    $$;
                    RESET session_replication_role;
                    """)
            #expect(try await world.piste("audit", "verify", "awesome").status == 0)
            let forged = try await world.piste(
                "audit", "verify", "awesome", "--checkpoint", note, "--verifier", verifier, "--format", "json"
            )
            #expect(forged.status == 5, "\(forged)")
            let noted = try customer.text("note").split(separator: "\n")[1]
            #expect(try forged.object()["first_bad"] as? Int == Int(noted))
            #expect(forged.narration.contains("is broken at record \(noted): "))
            let later = try await world.piste(
                "audit", "export", "awesome", "--output", customer.path("later"))
            #expect(later.status == 0)
            let other = try await customer.verifyExport(
                "--checkpoint", note, "--verifier", verifier, export: "later")
            #expect(other.status == 5 && other.narration.contains("rewritten"), "\(other)")
            #expect(try await customer.verifyExport(export: "later").status == 0)
        }
    }

    @Test func tellsABrokenFileFromABrokenTrail() async throws {
        try await ConsoleWorld.run { world in
            let customer = try await Self.customer(world)
            let (note, verifier) = (customer.path("note"), customer.verifier)
            let text = try customer.text("note")
            let export = try customer.text("export")

            try customer.write("crlf", text.replacing("\n", with: "\r\n"))
            let converted = try await customer.verifyExport(
                "--checkpoint", customer.path("crlf"), "--verifier", verifier)
            #expect(converted.status == 5 && converted.narration.contains("crlf, line 1"), "\(converted)")
            try customer.write("torn", String(export.dropLast(100)))
            let torn = try await customer.verifyExport(export: "torn")
            let lines = export.split(separator: "\n").count
            #expect(torn.status == 5 && torn.narration.contains("torn, line \(lines)"), "\(torn)")
            #expect(try await customer.verifyExport(export: "absent").status == 2)

            try customer.write("tampered", text.replacing("company awesome", with: "company blau"))
            let tampered = try await customer.verifyExport(
                "--checkpoint", customer.path("tampered"), "--verifier", verifier)
            #expect(
                tampered.status == 5 && tampered.narration.contains("signature does not hold"), "\(tampered)")
            let stranger = try await Piste.run(
                ["audit", "key", "new", "--output", customer.path("other"), "--name", "other.example"])
            let unknown = try await customer.verifyExport(
                "--checkpoint", note, "--verifier", stranger.lines.first ?? "")
            #expect(unknown.status == 5 && unknown.narration.contains("piste/audit/"), "\(unknown)")
            let both = try await customer.verifyExport(
                "--checkpoint", note, "--verifier", stranger.lines.first ?? "", "--verifier", verifier)
            #expect(both.status == 0, "\(both)")
            let company = try await world.piste(
                "audit", "verify", "blau", "--checkpoint", note, "--verifier", verifier)
            #expect(company.status == 5 && company.narration.contains("another company"), "\(company)")
            #expect(company.output.isEmpty)

            var shortened = export.split(separator: "\n")
            shortened.remove(at: 1)
            try customer.write("shortened", shortened.joined(separator: "\n") + "\n")
            let missing = try await customer.verifyExport(export: "shortened")
            #expect(missing.status == 5, "\(missing)")
            #expect(try missing.object()["first_bad"] as? Int == 1)
        }
    }

    @Test func refusesWhatCannotBeMeant() async throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/key"
        for arguments in [
            ["audit", "verify"], ["audit", "verify", "a", "--export", "b"],
            ["audit", "verify", "a", "--checkpoint", "b"], ["audit", "verify", "a", "--verifier", "b"],
            ["audit", "verify", "a", "--checkpoint", "b", "--verifier", "c"],
            ["audit", "export", "a", "--since", "yesterday"], ["audit", "export", "a", "--until", "0"],
            ["audit", "export", "a", "--format", "xml"],
            ["audit", "key", "new", "--output", path, "--name", "two words"],
            ["audit", "checkpoint", "a", "--key", path],
        ] {
            let outcome = try await Piste.run(arguments, environment: ["PISTE_DATABASE_URL": "host=/nowhere"])
            #expect(outcome.status == 2 && outcome.output.isEmpty, "\(arguments): \(outcome)")
        }
        let made = try await Piste.run(["audit", "key", "new", "--output", path])
        #expect(made.status == 0)
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect((attributes[.posixPermissions] as? Int) == 0o600)
        let again = try await Piste.run(["audit", "key", "new", "--output", path])
        #expect(again.status == 1 && again.narration.contains("a file already"), "\(again)")
        let shown = try await Piste.run(["audit", "key", "show", "--key", path])
        #expect(shown.status == 0 && shown.output == made.output)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        let loose = try await Piste.run(["audit", "key", "show", "--key", path])
        #expect(loose.status == 2 && loose.narration.contains("chmod 600"), "\(loose)")
        let home = try TemporaryFolder()
        let standard = try await Piste.run(["audit", "key", "new"], environment: ["HOME": home.path])
        #expect(standard.status == 0, "\(standard)")
        let kept = try await Piste.run(["audit", "key", "show"], environment: ["HOME": home.path])
        #expect(kept.output == standard.output)
    }

    @Test func exportsForWhomItMayAndInEveryForm() async throws {
        try await ConsoleWorld.run { world in
            let reason = "he said \"\u{1B}[2J|=\\\u{202E}\", then\nleft"
            _ = try await world.piste(
                "impersonate", "awesome", "--reason", reason, "--print-token", as: world.alice)
            for login in [world.bob, world.alice] {
                for format in ["jsonl", "ocsf", "cef"] {
                    let export = try await world.piste(
                        "audit", "export", "awesome", "--format", format, as: login)
                    #expect(export.status == 0, "\(export)")
                    #expect(export.bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x0A })
                    #expect(!export.output.unicodeScalars.contains("\u{202E}"))
                    #expect(export.output.contains("impersonation.issue"))
                    #expect(export.narration.isEmpty)
                }
            }
            let folder = try TemporaryFolder()
            let file = "\(folder.path)/inside"
            let inside = try await world.piste(
                "audit", "export", "awesome", "--output", file, as: world.alice)
            #expect(inside.status == 0, "\(inside)")
            let verified = try await Piste.run(["audit", "verify", "--export", file])
            #expect(verified.status == 0, "\(verified)")
            #expect(
                (try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int) == 0o600)

            let part = try await world.piste("audit", "export", "awesome", "--since", "2", "--until", "3")
            #expect(part.lines.count == 3)
            let piped = try await Piste.run(["audit", "verify", "--export", "-"], input: part.output)
            #expect(piped.status == 0 && piped.narration.contains("begins with record 2"), "\(piped)")
            let future = try await world.piste("audit", "export", "awesome", "--since", "2999-01-01")
            #expect(future.status == 0 && future.lines.count == 1)

            let engine = try await world.piste("audit", "export")
            #expect(engine.status == 0 && engine.output.contains("operator.add"))
            #expect(try await world.piste("audit", "export", as: world.alice).status == 3)
            let refused = "\(folder.path)/refused"
            #expect(
                try await world.piste("audit", "export", "--output", refused, as: world.alice).status == 3)
            #expect(try await world.piste("audit", "export", "nowhere").status == 1)
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(names == ["inside"], "what failed leaves nothing behind")
            let nowhere = try await world.piste("audit", "export", "awesome", "--output", "/nowhere/file")
            #expect(nowhere.status == 1 && nowhere.narration.contains("No such file"), "\(nowhere)")
            let key = "\(folder.path)/key"
            _ = try await Piste.run(["audit", "key", "new", "--output", key])
            #expect(
                try await world.piste("audit", "checkpoint", "awesome", "--key", key, as: world.alice).status
                    == 3)
            #expect(try await world.records("audit.checkpoint") == 0)
        }
    }
}
