import Postgres
import TestSupport
import Testing

/// Attacks on a trail by somebody who owns the database, found by whoever verifies it.
struct TrailAttackTests {
    private struct Tampering: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// With `$` for the schema of the trail; its append-only trigger is off.
        let sql: [String]
    }

    /// Every record from the third on hashed anew, as somebody does who knows how.
    private static let rehash = """
        DO $do$
        DECLARE
            r piste.entry;
            h bytea;
        BEGIN
            FOR r IN SELECT * FROM piste_test.$ ORDER BY seq LOOP
                h := piste.entry_hash(coalesce(h, piste.trail_origin(r.company)), r.seq, r);
                UPDATE piste_test.$ SET hash = h WHERE id = r.id;
            END LOOP;
            UPDATE piste_test.head_$ SET hash = h, seq = (SELECT max(seq) FROM piste_test.$);
        END
        $do$
        """

    private static let tamperings = [
        Tampering(
            testDescription: "55: content under an untouched chain",
            sql: [
                "UPDATE piste_test.$ SET resource = 'journeys' WHERE seq = 2"
            ]),
        Tampering(
            testDescription: "56: a record with its own hash made new",
            sql: [
                """
                UPDATE piste_test.$ SET actor = 'eve' WHERE seq = 2;
                UPDATE piste_test.$ e SET hash = piste.entry_hash(
                    (SELECT b.hash FROM piste_test.$ b WHERE b.seq = 1), 2, r)
                FROM piste.entry r WHERE e.seq = 2 AND r.company = e.company AND r.id = e.id
                """
            ]),
        Tampering(
            testDescription: "57: the whole history from there on, head and all",
            sql: [
                "UPDATE piste_test.$ SET actor = 'eve' WHERE seq = 3", rehash,
            ]),
        Tampering(
            testDescription: "57: the end cut off, head and all",
            sql: [
                "DELETE FROM piste_test.$ WHERE seq = (SELECT max(seq) FROM piste_test.$)", rehash,
            ]),
        Tampering(
            testDescription: "58: a silent gap closed by counting anew",
            sql: [
                "DELETE FROM piste_test.$ WHERE seq = 3",
                "UPDATE piste_test.$ SET seq = seq - 1 WHERE seq > 3", rehash,
            ]),
        Tampering(
            testDescription: "58: two records in the other order",
            sql: [
                """
                UPDATE piste_test.$ a SET (at, actor, action, resource, detail) = (
                    SELECT at, actor, action, resource, detail FROM piste_test.$ b
                    WHERE b.seq = CASE a.seq WHEN 2 THEN 3 ELSE 2 END) WHERE seq IN (2, 3)
                """, rehash,
            ]),
    ]

    @Test(
        "55, 56, 57, 58: A trail that was verified once cannot be changed in silence", arguments: tamperings)
    private func tampered(by tampering: Tampering) async throws {
        try await EngineWorld.run { world in
            let (alice, _) = try await world.inside("acme", as: world.alice)
            for _ in 0..<3 { try await world.expectReading(alice) }
            let bob = try await world.connect(world.bob)
            let before = try await world.fingerprint()
            try await bob.query("SELECT piste.seal()")
            #expect(try await bob.value("SELECT ok FROM piste.verify_audit('acme')") == "t")
            try await world.owner.query("ALTER TABLE piste.entry DISABLE TRIGGER ALL")
            for sql in tampering.sql {
                try await world.owner.run(
                    script: sql.replacing("$do$", with: "@do@").replacing("$", with: world.acme)
                        .replacing("@do@", with: "$do$"))
            }
            try await world.owner.query("ALTER TABLE piste.entry ENABLE TRIGGER ALL")
            let verdict = try await bob.query("SELECT * FROM piste.verify_audit('acme')")[0]
            #expect(try !verdict.bool("ok"))
            #expect(try verdict.optionalInt("first_bad") != nil)
            #expect(try await bob.value("SELECT ok FROM piste.verify_audit('globex')") == "t")
            #expect(try await world.fingerprint() == before)
            await alice.close()
            await bob.close()
        }
    }

    @Test(
        "N33: The engine's own owner cannot rewrite a trail with its triggers on, whatever the session is set to"
    )
    func ownerRefused() async throws {
        try await EngineWorld.underAttack { world in
            try await world.owner.query("SELECT piste.seal()")
            try await world.owner.query("SET ROLE piste_owner")
            for sql in [
                "UPDATE piste.entry SET actor = 'eve'", "DELETE FROM piste.entry", "TRUNCATE piste.entry",
                "UPDATE piste.entry SET seq = seq + 1", "UPDATE piste.entry SET detail = NULL WHERE seq = 1",
            ] { #expect(await world.owner.sqlState(sql) == "PT405", "\(sql)") }
            #expect(await world.owner.sqlState("SET session_replication_role = replica") == "42501")
            try await world.owner.query("RESET ROLE")
        }
    }
}
