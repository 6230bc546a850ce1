import Postgres
import TestSupport
import Testing

/// A trail that was touched does not verify.
struct AuditEngineTests {
    private struct Tampering: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let sql: String
        /// The number of the first bad record; `last` is that of the newest.
        let firstBad: @Sendable (_ last: Int) -> Int
    }

    private static let tamperings: [Tampering] = [
        Tampering(testDescription: "an actor", sql: "UPDATE $.audit SET actor = 'eve' WHERE seq = 3") { _ in 3
        },
        Tampering(testDescription: "a detail", sql: "UPDATE $.audit SET detail = '{}' WHERE seq = 1") { _ in 1
        },
        Tampering(
            testDescription: "a microsecond",
            sql: "UPDATE $.audit SET at = at + interval '1 us' WHERE seq = 4"
        ) { _ in 4 },
        Tampering(testDescription: "a record removed", sql: "DELETE FROM $.audit WHERE seq = 5") { _ in 5 },
        Tampering(testDescription: "the first removed", sql: "DELETE FROM $.audit WHERE seq = 1") { _ in 1 },
        Tampering(
            testDescription: "two exchanged",
            sql: """
                UPDATE $.audit a SET (at, actor, action, resource, detail) = (
                    SELECT at, actor, action, resource, detail FROM $.audit b
                    WHERE b.seq = CASE a.seq WHEN 5 THEN 6 ELSE 5 END)
                WHERE seq IN (5, 6)
                """
        ) { _ in 5 },
        Tampering(
            testDescription: "the end cut off",
            sql: "DELETE FROM $.audit WHERE seq > (SELECT max(seq) - 2 FROM $.audit)"
        ) { last in last - 1 },
        Tampering(
            testDescription: "the end cut off, head and all",
            sql: """
                DELETE FROM $.audit WHERE seq > (SELECT max(seq) - 2 FROM $.audit);
                UPDATE $.audit_head SET (seq, hash) = (
                    SELECT seq, encode(hash, 'hex') FROM $.audit ORDER BY seq DESC LIMIT 1)
                """
        ) { last in last },
        Tampering(testDescription: "everything", sql: "TRUNCATE $.audit") { _ in 1 },
        Tampering(
            testDescription: "a record added",
            sql: """
                INSERT INTO $.audit SELECT seq + 1, at, actor, subject, context, action, resource, detail, hash, hash
                FROM $.audit ORDER BY seq DESC LIMIT 1
                """
        ) { last in last + 1 },
        Tampering(
            testDescription: "the trail of another company",
            sql: """
                TRUNCATE $.audit;
                INSERT INTO $.audit SELECT * FROM @.audit;
                UPDATE $.audit_head SET (seq, hash) = (SELECT seq, hash FROM @.audit_head)
                """
        ) { _ in 1 },
    ]

    @Test(arguments: tamperings)
    private func findsWhatASuperuserChanged(tampering: Tampering) async throws {
        try await EngineWorld.run { world in
            let bob = try await world.connect(world.bob)
            let sound = try await bob.query("SELECT * FROM piste.verify_audit('acme')")[0]
            #expect(try sound.bool("ok"))
            let last = try sound.int("entries")
            let sql = tampering.sql.split(separator: "$", omittingEmptySubsequences: false)
                .joined(separator: world.acme)
                .split(separator: "@", omittingEmptySubsequences: false).joined(separator: world.globex)
            try await world.owner.query("ALTER TABLE \(world.acme).audit DISABLE TRIGGER ALL")
            for statement in sql.split(separator: ";") { try await world.owner.query(String(statement)) }
            let verdict = try await bob.query("SELECT * FROM piste.verify_audit('acme')")[0]
            #expect(try !verdict.bool("ok"))
            #expect(try verdict.int("first_bad") == tampering.firstBad(last))
            #expect(try !verdict.string("why").isEmpty)
            #expect(try await bob.value("SELECT ok FROM piste.verify_audit('globex')") == "t")
            await bob.close()
        }
    }

    @Test func isAppendOnlyForItsOwnerToo() async throws {
        try await EngineWorld.run { world in
            try await world.owner.query("SET ROLE piste_owner")
            for sql in ["UPDATE $ SET actor = 'eve'", "DELETE FROM $", "TRUNCATE $"] {
                for table in ["\(world.acme).audit", "piste.audit"] {
                    let statement = sql.split(separator: "$", omittingEmptySubsequences: false).joined(
                        separator: table)
                    #expect(await world.owner.sqlState(statement) == "PT405", "\(statement)")
                }
            }
            try await world.owner.query("RESET ROLE")
        }
    }

    @Test func isReadInAContextOrByAnAdminWhoIsRecorded() async throws {
        try await EngineWorld.run { world in
            let (alice, jti) = try await world.inside("acme", as: world.alice)
            let own = try await alice.query("SELECT * FROM piste.audit_trail()")
            #expect(try own.first?.string("action") == "context.open")
            #expect(try own.first?.string("context") == jti)
            #expect(try await alice.refusal("audit_trail('globex')") == "not_allowed")
            let bob = try await world.connect(world.bob)
            let read = try await bob.query("SELECT * FROM piste.audit_trail('acme', NULL, 3)")
            #expect(read.count == 3)
            #expect(try read.first?.string("action") == "audit.read")
            let older = try await bob.query(
                "SELECT * FROM piste.audit_trail('acme', $1::bigint, 3)",
                [.int(Int64(try read[2].int("seq")))])
            #expect(try older[0].int("seq") == read[2].int("seq") - 1)
            #expect(try await bob.query("SELECT * FROM piste.audit_trail()").count > 0)
            // A trail is not read in the transaction that could still take back the record of entering.
            let other = try await alice.token("globex")
            try await alice.query("BEGIN")
            #expect(try await alice.enter(other.text) == nil)
            #expect(await alice.sqlState("SELECT * FROM piste.audit_trail()") == "PT409")
            try await alice.query("ROLLBACK")
            await alice.close()
            await bob.close()
        }
    }

    @Test func tellsNumbersToWhoeverMayWatch() async throws {
        try await EngineWorld.run { world in
            let (alice, _) = try await world.inside("acme", as: world.alice)
            let carol = try await world.connect(world.carol)
            #expect(try await carol.value("SELECT piste.watch_audit(60, 'acme')").isEmpty)
            let channel = try await alice.value("SELECT piste.watch_audit(60)")
            #expect(channel.hasPrefix("piste_") && channel.utf8.count == 38)
            #expect(try await alice.value("SELECT piste.watch_audit(60)") == channel)
            await alice.close()
            await carol.close()
        }
    }
}
