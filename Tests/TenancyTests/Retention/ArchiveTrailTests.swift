import Foundation
import Postgres
import Signing
import Tenancy
import TestSupport
import Testing
import Text

/// Records leave the database only when a verified file holds them, and the trail goes on from the checkpoint.
struct ArchiveTrailTests {
    private static let signer: NoteSigner? = try? NoteSigner.new(named: "shop.example/audit")

    @Test(arguments: TestServers.all)
    func removesWhatTheFileHoldsAndGoesOn(server: TestServer) async throws {
        try await EngineWorld.run(on: server) { world in
            let signer = try #require(Self.signer)
            try await world.change(world.acme, to: "before")
            let (note, noted) = try await world.note("acme", by: signer)
            try await world.change(world.acme, to: "after")
            let later = try await world.owner.number(
                "SELECT max(id) FROM piste.entry WHERE seq = $1 AND company = $2::uuid",
                [.int(noted.size), .text(try await world.number("acme"))])
            let globex = try await world.holdings("globex", world.globex, upTo: .max)
            let point = noted.point(named: "the checkpoint")
            try await withFolder { folder in
                let archive = try await world.client(world.bob) {
                    try await $0.archiveTrail(of: "acme", behind: note, to: "\(folder)/first")
                }
                #expect(archive.first == 1 && archive.last == noted.size)
                let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/first"))
                #expect(archive.digest == Hexadecimal.text(SHA256.hash(Array(bytes))))
                #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["first"])

                #expect(try await world.holdings("acme", world.acme, upTo: noted.size)[0] == 0)
                let values = try await world.values(world.acme)
                #expect(try await world.owner.number("SELECT min(entry) FROM \(values)") > later)
                #expect(try await world.owner.count(values) == 1, "the later change keeps its values")
                #expect(try await world.holdings("globex", world.globex, upTo: .max) == globex)

                let there = try await world.verifyThere("acme")
                #expect(there.isIntact && there.beginsAfter == noted.size && there.unsealed == 0)
                let here = try await world.verify("acme", through: [point])
                #expect(here.isIntact && here.beginsAfter == noted.size)
                #expect(try await world.verifyThere("globex").beginsAfter == 0)
                let record = try await world.owner.query(
                    "SELECT detail ->> 'first' AS first, detail ->> 'last' AS last, detail ->> 'file' AS file, "
                        + "detail ->> 'note' AS note, actor "
                        + "FROM piste_test.trail('\(world.acme)') WHERE action = 'audit.archive'")[0]
                #expect(try record.string("first") == "1" && record.string("last") == "\(noted.size)")
                #expect(try record.string("file") == archive.digest && record.string("note") == note.file)
                #expect(try record.string("actor") == world.bob)

                // Checkpoints go on, and a second archive begins where the first one ends.
                let (next, second) = try await world.note("acme", by: signer)
                let following = try await world.client(world.bob) {
                    try await $0.archiveTrail(of: "acme", behind: next, to: "\(folder)/second")
                }
                #expect(following.first == noted.size + 1 && following.last == second.size)
                let (header, records) = try await world.trail("acme")
                #expect(header.firstSeq == second.size + 1)
                let lines = TrailFixture.lines(records, header: header).joined(separator: "\n") + "\n"
                try Data(lines.utf8).write(to: URL(fileURLWithPath: "\(folder)/third"))
                var check = ExportCheck(through: [point, second.point(named: "the second")])
                for name in ["first", "second", "third"] {
                    try check.read("\(folder)/\(name)")
                }
                #expect(check.verdict.isIntact && check.verdict.entries == header.lastSeq)
                #expect(check.verdict.beginsAfter == 0)
                var gap = ExportCheck()
                try gap.read("\(folder)/first")
                try gap.read("\(folder)/third")
                #expect(!gap.verdict.isIntact && gap.verdict.firstBad == noted.size + 1)
                #expect(try await world.verifyThere("acme").isIntact)
            }
        }
    }

    @Test func isForAdminsAndForATrueCheckpointOnly() async throws {
        try await EngineWorld.run { world in
            let signer = try #require(Self.signer)
            let (note, noted) = try await world.note("acme", by: signer)
            let (other, otherNoted) = try await world.note("globex", by: signer)
            try await world.owner.query("SELECT piste.seal()")
            let digest = String(repeating: "ab", count: 32)
            func call(
                _ note: String?, _ upTo: Int64, _ digest: String? = digest, of company: String? = "acme"
            ) -> (String, [Parameter]) {
                (
                    "archive_trail($1, $2, $3, $4)",
                    [Parameter(company), .int(upTo), Parameter(note), Parameter(digest)]
                )
            }
            let before = try await world.holdings("acme", world.acme, upTo: noted.size)
            #expect(before[0] == noted.size && before[1] > 0)

            for login in [world.alice, world.carol, world.shop, world.till] {
                let outsider = try await world.connect(login)
                let (sql, parameters) = call(note.file, noted.size)
                #expect(try await outsider.refusal(sql, parameters) == "not_allowed", "\(login)")
                await outsider.close()
            }
            let (insider, _) = try await world.inside("acme", as: world.alice)
            let (sql, parameters) = call(note.file, noted.size)
            #expect(try await insider.refusal(sql, parameters) == "not_allowed")
            await insider.close()
            let stranger = world.database.roleName("stranger")
            try await world.owner.query("CREATE ROLE \(stranger) LOGIN")
            let nobody = try await world.connect(stranger)
            #expect(await nobody.sqlState("SELECT * FROM piste.\(sql)", parameters) == "42501")
            await nobody.close()

            let bob = try await world.connect(world.bob)
            var lines = note.file.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            lines[2] = other.file.split(separator: "\n")[2].description
            let forgedHash = lines.joined(separator: "\n")
            let misuses: [(String, String?, Int64, String?, String?)] = [
                ("another company's note", other.file, otherNoted.size, digest, "acme"),
                ("a forged hash", forgedHash, noted.size, digest, "acme"),
                ("a number that it does not note", note.file, noted.size - 1, digest, "acme"),
                ("the record behind it", note.file, noted.size + 1, digest, "acme"),
                ("no note", nil, noted.size, digest, "acme"),
                ("an empty note", "", noted.size, digest, "acme"),
                ("a long note", String(repeating: "x", count: 9_000), noted.size, digest, "acme"),
                ("no file", note.file, noted.size, nil, "acme"),
                ("no digest", note.file, noted.size, "abc", "acme"),
                ("the number 0", note.file, 0, digest, "acme"),
                ("the engine's own trail", note.file, noted.size, digest, nil),
            ]
            for (what, note, upTo, digest, company) in misuses {
                let (sql, parameters) = call(note, upTo, digest, of: company)
                #expect(await bob.sqlState("SELECT * FROM piste.\(sql)", parameters) == "PT400", "\(what)")
            }
            let beyond = call(note.file, 1_000_000)
            #expect(try await bob.refusal(beyond.0, beyond.1) == "unknown_record")
            let nowhere = call(note.file, noted.size, of: "nowhere")
            #expect(try await bob.refusal(nowhere.0, nowhere.1) == "unknown_company")
            try await bob.query("BEGIN")
            #expect(try await bob.refusal(sql, parameters) == nil)
            try await bob.query("ROLLBACK")
            #expect(try await world.holdings("acme", world.acme, upTo: noted.size) == before)
            #expect(try await world.verifyThere("acme").beginsAfter == 0)

            // The control: the same call by whom it is for. Nothing is there to be removed twice.
            #expect(try await bob.refusal(sql, parameters) == nil)
            #expect(try await world.holdings("acme", world.acme, upTo: noted.size)[0] == 0)
            #expect(try await bob.refusal(sql, parameters) == "unknown_record")
            await bob.close()
            let refused = try await world.owner.number(
                "SELECT count(*) FROM piste_test.trail('\(world.acme)') "
                    + "WHERE action = 'audit.refused' AND detail ->> 'wish' = 'archive'")
            #expect(refused == 7)
            for company in ["acme", "globex"] { #expect(try await world.verifyThere(company).isIntact) }
        }
    }

    @Test func waitsForWhoeverSeals() async throws {
        try await EngineWorld.run { world in
            let signer = try #require(Self.signer)
            let (note, noted) = try await world.note("acme", by: signer)
            try await world.change(world.acme, to: "late")
            let company = try await world.number("acme")
            let sealer = try await world.database.superuser()
            try await sealer.query("BEGIN")
            let sealed = try await sealer.number(
                "SELECT piste.seal_trail($1::uuid, 'wait')", [.text(company)])
            #expect(sealed > 0)
            let bob = try await world.connect(world.bob)
            async let refusal = bob.refusal(
                "archive_trail('acme', $1, $2, $3)",
                [.int(noted.size), .text(note.file), .text(String(repeating: "0", count: 64))])
            let waits = try await eventually {
                try await world.owner.number(
                    "SELECT count(*) FROM pg_stat_activity WHERE pid = \(bob.backendPID) AND wait_event = 'PgSleep'"
                ) == 1
            }
            #expect(waits)
            #expect(try await world.holdings("acme", world.acme, upTo: noted.size)[0] == noted.size)
            try await sealer.query("COMMIT")
            #expect(try await refusal == nil)
            let verdict = try await world.verifyThere("acme")
            #expect(verdict.isIntact && verdict.beginsAfter == noted.size)

            // And a sealing passes an archiving that is not committed by.
            let (next, second) = try await world.note("acme", by: signer)
            try await bob.query("BEGIN")
            let held = try await bob.refusal(
                "archive_trail('acme', $1, $2, $3)",
                [.int(second.size), .text(next.file), .text(String(repeating: "0", count: 64))])
            #expect(held == nil)
            #expect(
                try await sealer.value("SELECT piste.seal_trail($1::uuid) IS NULL", [.text(company)]) == "t")
            try await bob.query("ROLLBACK")
            #expect(try await world.verifyThere("acme").beginsAfter == noted.size)
            await bob.close()
            await sealer.close()
        }
    }

    @Test func leavesNothingBehindWhereAStepFails() async throws {
        try await EngineWorld.run { world in
            let signer = try #require(Self.signer)
            let (note, noted) = try await world.note("acme", by: signer)
            let (other, _) = try await world.note("globex", by: signer)
            let before = try await world.holdings("acme", world.acme, upTo: noted.size)
            try await withFolder { folder in
                func failure(
                    _ note: SignedNote, as login: String? = nil, to name: String = "file"
                ) async throws -> TrailArchive.Failure? {
                    try await world.client(login ?? world.bob) { client in
                        await #expect(throws: TrailArchive.Failure.self) {
                            try await client.archiveTrail(of: "acme", behind: note, to: "\(folder)/\(name)")
                        }
                    }
                }
                let foreign = try await failure(other)
                #expect(foreign?.step == .reading && foreign?.isUncertain == false)
                #expect((foreign?.cause as? ArchiveError)?.code == .damaged)
                let support = try await failure(note, as: world.alice)
                #expect((support?.cause as? TenancyError)?.refusalCode == "not_allowed")
                try Data("mine".utf8).write(to: URL(fileURLWithPath: "\(folder)/kept"))
                let kept = try await failure(note, to: "kept")
                #expect((kept?.cause as? ArchiveError)?.code == .exists)
                #expect(try String(contentsOfFile: "\(folder)/kept", encoding: .utf8) == "mine")
                let lost = try await failure(note, to: "nowhere/file")
                #expect((lost?.cause as? ArchiveError)?.code == .file)

                // A record that was changed since the checkpoint is found in the file, not in the database.
                try await world.owner.query("ALTER TABLE piste.entry DISABLE TRIGGER ALL")
                try await world.owner.query(
                    "UPDATE piste_test.\(world.acme) SET actor = 'eve' WHERE seq = 3")
                let forged = try await failure(note)
                #expect(forged?.step == .verifying && forged?.isUncertain == false)
                #expect((forged?.cause as? ArchiveError)?.message.contains("record 3") == true)
                #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["kept"])
                #expect(try await world.holdings("acme", world.acme, upTo: noted.size) == before)
            }
        }
    }

    /// Whether rows were changed behind a company's export cannot be told from records that are gone.
    @Test func makesAnExportStaleThatTheRecordsWereRemovedBehind() async throws {
        try await EngineWorld.run { world in
            let signer = try #require(Self.signer)
            try await world.owner.query("SELECT piste.seal()")
            let company = try await world.number("acme")
            let head = try await world.owner.number(
                "SELECT (SELECT seq FROM piste.trail WHERE company = $1::uuid)", [.text(company)])
            try await world.change(world.acme, to: "behind the export")
            let (note, noted) = try await world.note("acme", by: signer)
            let digest = String(repeating: "cd", count: 32)
            try await world.owner.query(
                "SELECT piste.append($1::uuid, 'bob', NULL, NULL, 'company.export.done', 'company', "
                    + "jsonb_build_object('digest', $2::text, 'head', $3::bigint))",
                [.text(company), .text(digest), .int(Int64(head))])
            let problem = "SELECT code FROM piste.archive_problem($1::uuid, $2)"
            #expect(
                try await world.owner.value(problem, [.text(company), .text(digest)]) == "archive_stale")
            try await withFolder { folder in
                _ = try await world.client(world.bob) {
                    try await $0.archiveTrail(of: "acme", behind: note, to: "\(folder)/file")
                }
            }
            #expect(noted.size > head)
            #expect(
                try await world.owner.value(problem, [.text(company), .text(digest)]) == "archive_stale")
        }
    }

    @Test func findsABeginningThatNoCheckpointNamed() async throws {
        try await EngineWorld.run { world in
            try await world.owner.query("SELECT piste.seal()")
            #expect(try await world.verifyThere("acme").isIntact)
            try await world.owner.query("ALTER TABLE piste.entry DISABLE TRIGGER ALL")
            try await world.owner.query(
                "UPDATE piste_test.head_\(world.acme) SET begins_after = 3, "
                    + "begins_hash = (SELECT hash FROM piste_test.\(world.acme) WHERE seq = 3)")
            try await world.owner.query("DELETE FROM piste_test.\(world.acme) WHERE seq <= 3")
            let verdict = try await world.verifyThere("acme")
            #expect(!verdict.isIntact && verdict.firstBad == 4)
            #expect(verdict.why?.contains("checkpoint") == true)
        }
    }
}
