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
        DECLARE r record; h bytea;
        BEGIN
            FOR r IN SELECT * FROM $.audit ORDER BY seq LOOP
                h := coalesce(h, decode(repeat('00', 32), 'hex'));
                UPDATE $.audit SET previous_hash = h, hash = piste.audit_hash(
                    h, r.seq, r.at, r.actor, r.subject, r.context, r.action, r.resource, r.detail) WHERE seq = r.seq
                RETURNING hash INTO h;
            END LOOP;
            UPDATE $.audit_head SET hash = encode(h, 'hex'), seq = (SELECT max(seq) FROM $.audit);
        END
        $do$
        """

    private static let tamperings = [
        Tampering(
            testDescription: "55: content under an untouched chain",
            sql: [
                "UPDATE $.audit SET resource = 'journeys' WHERE seq = 2"
            ]),
        Tampering(
            testDescription: "56: a record with its own hash made new",
            sql: [
                """
                UPDATE $.audit SET actor = 'eve', hash = piste.audit_hash(
                    previous_hash, seq, at, 'eve', subject, context, action, resource, detail) WHERE seq = 2
                """
            ]),
        Tampering(
            testDescription: "57: the whole history from there on, head and all",
            sql: [
                "UPDATE $.audit SET actor = 'eve' WHERE seq = 3", rehash,
            ]),
        Tampering(
            testDescription: "57: the end cut off, head and all",
            sql: [
                "DELETE FROM $.audit WHERE seq = (SELECT max(seq) FROM $.audit)", rehash,
            ]),
        Tampering(
            testDescription: "58: a silent gap closed by counting anew",
            sql: [
                "DELETE FROM $.audit WHERE seq = 3", "UPDATE $.audit SET seq = seq - 1 WHERE seq > 3", rehash,
            ]),
        Tampering(
            testDescription: "58: two records in the other order",
            sql: [
                """
                UPDATE $.audit a SET (at, actor, action, resource, detail) = (
                    SELECT at, actor, action, resource, detail FROM $.audit b
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
            #expect(try await bob.value("SELECT ok FROM piste.verify_audit('acme')") == "t")
            try await world.owner.query("ALTER TABLE \(world.acme).audit DISABLE TRIGGER ALL")
            for sql in tampering.sql {
                try await world.owner.query(
                    sql.split(separator: "$.", omittingEmptySubsequences: false).joined(
                        separator: world.acme + "."))
            }
            try await world.owner.query("ALTER TABLE \(world.acme).audit ENABLE TRIGGER ALL")
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
            try await world.owner.query("SET ROLE piste_owner")
            for trail in ["piste", world.acme] {
                for sql in [
                    "UPDATE \(trail).audit SET actor = 'eve'", "DELETE FROM \(trail).audit",
                    "TRUNCATE \(trail).audit",
                    "UPDATE \(trail).audit SET actor = 'eve' WHERE false",
                ] { #expect(await world.owner.sqlState(sql) == "PT405", "\(sql)") }
            }
            #expect(await world.owner.sqlState("SET session_replication_role = replica") == "42501")
            try await world.owner.query("RESET ROLE")
        }
    }
}
