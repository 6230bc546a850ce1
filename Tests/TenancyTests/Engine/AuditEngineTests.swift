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
        Tampering(testDescription: "an actor", sql: "UPDATE piste_test.$ SET actor = 'eve' WHERE seq = 3") {
            _ in 3
        },
        Tampering(testDescription: "a detail", sql: "UPDATE piste_test.$ SET detail = '{}' WHERE seq = 1") {
            _ in 1
        },
        Tampering(
            testDescription: "a microsecond",
            sql: "UPDATE piste_test.$ SET at = at + interval '1 us' WHERE seq = 4"
        ) { _ in 4 },
        Tampering(testDescription: "a record removed", sql: "DELETE FROM piste_test.$ WHERE seq = 5") { _ in 5
        },
        Tampering(testDescription: "the first removed", sql: "DELETE FROM piste_test.$ WHERE seq = 1") { _ in
            1
        },
        Tampering(
            testDescription: "two exchanged",
            sql: """
                UPDATE piste_test.$ a SET (at, actor, action, resource, detail) = (
                    SELECT at, actor, action, resource, detail FROM piste_test.$ b
                    WHERE b.seq = CASE a.seq WHEN 5 THEN 6 ELSE 5 END)
                WHERE seq IN (5, 6)
                """
        ) { _ in 5 },
        Tampering(
            testDescription: "the end cut off",
            sql: "DELETE FROM piste_test.$ WHERE seq > (SELECT max(seq) - 2 FROM piste_test.$)"
        ) { last in last - 1 },
        Tampering(
            testDescription: "the end cut off, head and all",
            sql: """
                DELETE FROM piste_test.$ WHERE seq > (SELECT max(seq) - 2 FROM piste_test.$);
                UPDATE piste_test.head_$ SET (seq, hash) = (
                    SELECT seq, hash FROM piste_test.$ ORDER BY seq DESC LIMIT 1)
                """
        ) { last in last },
        Tampering(testDescription: "everything", sql: "DELETE FROM piste_test.$") { _ in 1 },
        Tampering(
            testDescription: "a record added",
            sql: """
                INSERT INTO piste.entry (company, at, actor, action, resource, seq, hash)
                SELECT company, at, actor, action, resource, seq + 1, hash FROM piste_test.$ ORDER BY seq DESC LIMIT 1
                """
        ) { last in last + 1 },
        Tampering(
            testDescription: "the trail of another company",
            sql: """
                DELETE FROM piste_test.$;
                UPDATE piste_test.@ SET company = (SELECT company FROM piste_test.head_$);
                UPDATE piste_test.head_$ SET (seq, hash) = (SELECT seq, hash FROM piste_test.head_@)
                """
        ) { _ in 1 },
    ]

    @Test(arguments: tamperings)
    private func findsWhatASuperuserChanged(tampering: Tampering) async throws {
        try await EngineWorld.run { world in
            let bob = try await world.connect(world.bob)
            try await bob.query("SELECT piste.seal()")
            let sound = try await bob.query("SELECT * FROM piste.verify_audit('acme')")[0]
            #expect(try sound.bool("ok") && sound.int("unsealed") == 0)
            let last = try sound.int("entries")
            let sql = tampering.sql.split(separator: "$", omittingEmptySubsequences: false)
                .joined(separator: world.acme)
                .split(separator: "@", omittingEmptySubsequences: false).joined(separator: world.globex)
            try await world.owner.query("ALTER TABLE piste.entry DISABLE TRIGGER ALL")
            for statement in sql.split(separator: ";") { try await world.owner.query(String(statement)) }
            let verdict = try await bob.query("SELECT * FROM piste.verify_audit('acme')")[0]
            #expect(try !verdict.bool("ok"))
            #expect(try verdict.int("first_bad") == tampering.firstBad(last))
            #expect(try !verdict.string("why").isEmpty)
            if !tampering.sql.contains("@") {
                #expect(try await bob.value("SELECT ok FROM piste.verify_audit('globex')") == "t")
            }
            await bob.close()
        }
    }

    @Test func isAppendOnlyForItsOwnerToo() async throws {
        try await EngineWorld.run { world in
            try await world.owner.query("SELECT piste.seal()")
            try await world.owner.query("SET ROLE piste_owner")
            for sql in [
                "UPDATE piste.entry SET actor = 'eve'", "DELETE FROM piste.entry", "TRUNCATE piste.entry",
            ] { #expect(await world.owner.sqlState(sql) == "PT405", "\(sql)") }
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
            let trail = "SELECT * FROM piste.audit_trail('acme', $1::bigint, 3)"
            // Nothing is told before the record of the reading is committed; a rollback takes both back.
            #expect(await bob.sqlState(trail, [.null]) == "PT409")
            try await bob.query("BEGIN")
            #expect(try await bob.refusal("declare_trail('acme')") == nil)
            #expect(await bob.sqlState(trail, [.null]) == "PT409")
            try await bob.query("ROLLBACK")
            #expect(await bob.sqlState(trail, [.null]) == "PT409")
            #expect(try await bob.refusal("declare_trail('acme')") == nil)
            let read = try await bob.query(trail, [.null])
            #expect(read.count == 3)
            #expect(try read.first?.string("action") == "audit.read")
            let older = try await bob.query(trail, [.int(Int64(try read[2].int("entry")))])
            #expect(try older[0].int("entry") < read[2].int("entry"))
            #expect(
                await bob.sqlState("SELECT * FROM piste.audit_trail('globex')") == "PT409",
                "one trail at a time")
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
