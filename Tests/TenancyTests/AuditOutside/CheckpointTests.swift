import Postgres
import Tenancy
import TestSupport
import Testing

/// A checkpoint that the customer keeps finds what the owner of the database did to the trail.
struct CheckpointTests {
    private static let signer: NoteSigner? = try? NoteSigner.new(named: "shop.example/audit")

    /// Takes a checkpoint as an admin, and gives what a customer's copy of the note says.
    private func point(_ company: String, _ world: EngineWorld) async throws -> ChainCheck.Point {
        let signer = try #require(Self.signer)
        let checkpoint = try await world.client(world.bob) { client in
            try await client.checkpoint(of: company, for: signer.verifier.id)
        }
        let note = try SignedNote(reading: Array(try SignedNote(checkpoint.text, by: signer).file.utf8))
        #expect(note.verified(by: [signer.verifier]) == [signer.verifier])
        let read = try Checkpoint(note.text)
        #expect(read == checkpoint)
        return read.point(named: "the checkpoint")
    }

    private func serverSaysItIsSound(_ company: String, _ world: EngineWorld) async throws -> Bool {
        try await world.client(world.bob) { try await $0.verifyAudit(of: company) }.isIntact
    }

    @Test func isRecordedRightBehindWhatItNotes() async throws {
        try await EngineWorld.run { world in
            let point = try await point("acme", world)
            let record = try await world.owner.query(
                "SELECT seq, detail ->> 'hash' AS hash, detail ->> 'seq' AS noted, detail ->> 'key' AS key "
                    + "FROM piste_test.trail('\(world.acme)') WHERE action = 'audit.checkpoint'")[0]
            #expect(Int64(try record.int("seq")) == point.seq + 1)
            #expect(try record.string("noted") == String(point.seq))
            #expect(try record.string("key") == Self.signer?.verifier.id.description)
            #expect(
                try await world.owner.value(
                    "SELECT encode(hash, 'hex') FROM piste_test.trail('\(world.acme)') WHERE seq = \(point.seq)"
                )
                    == record.string("hash"))
            #expect(try await world.verify("acme", through: [point]).isIntact)
            let later = try await self.point("acme", world)
            #expect(later.seq > point.seq)
            #expect(try await world.verify("acme", through: [later, point]).isIntact)
        }
    }

    @Test(arguments: [
        "UPDATE piste_test.$ SET actor = 'nobody' WHERE seq = 3",
        "UPDATE piste_test.$ SET detail = '{\"forged\": true}' WHERE seq = 2",
        "UPDATE piste_test.$ SET at = at - interval '1 us' WHERE seq = 1",
        "DELETE FROM piste_test.$ WHERE seq = 5",
        """
        UPDATE piste_test.$ SET subject = 'eve@acme.example'
        WHERE seq = (SELECT (detail ->> 'seq')::bigint FROM piste_test.$ WHERE action = 'audit.checkpoint')
        """,
    ])
    func findsWhatASuperuserRewroteConsistently(sql: String) async throws {
        try await EngineWorld.run { world in
            let point = try await point("acme", world)
            #expect(try await world.verify("acme", through: [point]).isIntact)
            try await world.rewrite(
                world.acme,
                sql.split(separator: "$", omittingEmptySubsequences: false).joined(separator: world.acme))
            // The server has nothing to complain about: this is what the owner can do.
            #expect(try await serverSaysItIsSound("acme", world))
            #expect(try await world.verify("acme").isIntact)
            let verdict = try await world.verify("acme", through: [point])
            #expect(!verdict.isIntact)
            #expect(verdict.firstBad == point.seq)
            #expect(verdict.why?.contains("rewritten") == true)
            #expect(try await world.verify("globex").isIntact)
        }
    }

    @Test func findsACutWithoutACheckpointWhereTheHeadWasForgotten() async throws {
        try await EngineWorld.run { world in
            let end = try await world.trail("acme").header.lastSeq
            try await world.owner.query("ALTER TABLE piste.entry DISABLE TRIGGER ALL")
            try await world.owner.query("DELETE FROM piste_test.\(world.acme) WHERE seq > \(end - 2)")
            let verdict = try await world.verify("acme")
            #expect(!verdict.isIntact && verdict.firstBad == end - 1)
        }
    }

    @Test func findsATrailThatWasCutAndOneThatGrewAgain() async throws {
        try await EngineWorld.run { world in
            let point = try await point("acme", world)
            let cut = point.seq - 4
            try await world.rewrite(world.acme, "DELETE FROM piste_test.\(world.acme) WHERE seq > \(cut)")
            #expect(try await serverSaysItIsSound("acme", world))
            let verdict = try await world.verify("acme", through: [point])
            // Reading it added one record to the trail, or a few.
            #expect(!verdict.isIntact && verdict.firstBad.map { $0 > cut && $0 <= point.seq } == true)
            #expect(verdict.why?.contains("ends before record \(point.seq)") == true)
            let bob = try await world.connect(world.bob)
            for _ in 0..<8 { try await bob.query("SELECT * FROM piste.declare_trail('acme')") }
            await bob.close()
            let regrown = try await world.verify("acme", through: [point])
            #expect(regrown.firstBad == point.seq && regrown.why?.contains("rewritten") == true)
        }
    }

    @Test func findsAForkByTheCheckpointsOfBothSides() async throws {
        try await EngineWorld.run { world in
            // One history is shown to the customer, another one to the auditor, both from the same record on.
            let begun = try await world.trail("acme").header.lastSeq
            let customer = try await point("acme", world)
            try await world.rewrite(world.acme, "DELETE FROM piste_test.\(world.acme) WHERE seq > \(begun)")
            let bob = try await world.connect(world.bob)
            for _ in 0..<4 { try await bob.query("SELECT * FROM piste.declare_trail('acme')") }
            await bob.close()
            let auditor = try await point("acme", world)
            #expect(try await world.verify("acme", through: [auditor]).isIntact)
            let verdict = try await world.verify("acme", through: [auditor, customer])
            #expect(verdict.firstBad == customer.seq)
        }
    }

    @Test func signsNothingWhenTheHeadIsBroken() async throws {
        try await EngineWorld.run { world in
            let signer = try #require(Self.signer)
            try await world.owner.query("SELECT piste.seal()")
            try await world.owner.query("ALTER TABLE piste.entry DISABLE TRIGGER ALL")
            try await world.owner.query(
                "UPDATE piste_test.\(world.acme) SET actor = 'eve' WHERE seq = (SELECT max(seq) FROM piste_test.trail('\(world.acme)'))"
            )
            let changed = await #expect(throws: TenancyError.self) {
                try await world.client(world.bob) {
                    try await $0.checkpoint(of: "acme", for: signer.verifier.id)
                }
            }
            #expect(changed?.message.contains("does not match its hash") == true)
            try await world.owner.query("ALTER TABLE piste.entry DISABLE TRIGGER ALL")
            try await world.owner.query(
                "DELETE FROM piste_test.\(world.globex) WHERE seq = (SELECT max(seq) FROM piste_test.trail('\(world.globex)'))"
            )
            let cut = await #expect(throws: TenancyError.self) {
                try await world.client(world.bob) {
                    try await $0.checkpoint(of: "globex", for: signer.verifier.id)
                }
            }
            #expect(cut?.refusalCode == "trail_broken")
        }
    }
}
