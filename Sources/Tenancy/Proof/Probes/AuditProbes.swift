import Postgres

/// The record that comes first, and that nobody rewrites.
enum AuditProbes {
    static let all: [Probe] = [
        .reader(
            .audit, "changing-the-trail", "A record is not changed",
            ["UPDATE piste.entry SET actor = 'nobody'"]),
        .reader(.audit, "deleting-the-trail", "A record is not deleted", ["DELETE FROM piste.entry"]),
        .reader(.audit, "truncating-the-trail", "A trail is not emptied", ["TRUNCATE piste.entry"]),
        .reader(
            .audit, "inserting-a-record", "Nobody writes a record of their own making",
            ["INSERT INTO piste.entry (seq) VALUES (1000000)"]),
        .reader(
            .audit, "moving-the-head", "The head of a trail is not moved",
            ["UPDATE piste.trail SET seq = 0"]),
        .reader(
            .audit, "sealing-by-hand", "An entry is not sealed by hand",
            ["UPDATE piste.entry SET seq = 1"]),
        .reader(
            .audit, "real-trail", "The real company's trail is not read past the engine",
            ["SELECT FROM piste.entry LIMIT 0"]),
        .reader(
            .audit, "calling-append", "Nobody calls what appends records",
            ["SELECT piste.append(NULL, 'nobody', NULL, NULL, 'x', 'x', NULL)"]),
        .reader(
            .audit, "calling-append-inside", "Nobody notes a declaration without a record",
            ["SELECT piste.note_declaration(gen_random_uuid(), gen_random_uuid(), ARRAY['users'])"]),
        .reader(
            .audit, "engine-word", "A client cannot use the engine's own words for its records",
            ["SELECT piste.declare('context.close', 'users')"], "PT400"),
        .reader(
            .audit, "broken-line", "A record holds no line break of a client's action",
            [#"SELECT piste.declare(E'users.read\ncontext.close', 'users')"#], "PT400"),
        .reader(
            .audit, "unknown-resource", "Nobody declares what there is not",
            ["SELECT piste.declare('users.read', 'pg_authid')"], "PT400"),
        Probe(
            .audit, "uncommitted-record", "No row is returned before its record is committed",
            attack: "BEGIN; declare('users.read', 'users'); SELECT id FROM users; ROLLBACK",
            expected: ["0 rows"],
            control: "the same with the record committed first"
        ) { stage in
            let session = try await stage.entered(stage.token())
            try await session.must("BEGIN")
            try await session.declare()
            let answer = await session.answer("SELECT id FROM users")
            try await session.must("ROLLBACK")
            try await session.declare()
            let result = await Probe.Result(answer: answer, reading: session)
            await session.close()
            return result
        },
        Probe(
            .audit, "rolled-back-record", "A record that is rolled back opens nothing",
            attack: "BEGIN; declare('users.read', 'users'); ROLLBACK; SELECT id FROM users",
            expected: ["0 rows"],
            control: "the same with COMMIT"
        ) { stage in
            let session = try await stage.entered(stage.token())
            try await session.must("BEGIN")
            try await session.declare()
            try await session.must("ROLLBACK")
            let answer = await session.answer("SELECT id FROM users")
            try await session.must("BEGIN")
            try await session.declare()
            try await session.must("COMMIT")
            let result = await Probe.Result(answer: answer, reading: session)
            await session.close()
            return result
        },
        Probe(
            .audit, "undeclared-table", "What was announced for one table opens no other",
            attack: "declare('users.read', 'users'); SELECT id FROM journeys", expected: ["0 rows"],
            control: "declare('journeys.read', 'journeys') and the same SELECT"
        ) { stage in
            let session = try await stage.entered(stage.token())
            try await session.declare()
            let answer = await session.answer("SELECT id FROM journeys")
            try await session.must("SELECT piste.declare('journeys.read', 'journeys')")
            let control = await session.answer("SELECT id FROM journeys")
            await session.close()
            return Probe.Result(answer: answer, control: control, holds: control == .rows(4))
        },
    ]
}
