import Postgres

/// What a session remembers, and what of it opens nothing.
enum SessionProbes {
    static let all: [Probe] = [
        Probe(
            .session, "undeclared-read", "A context alone gives no row: the read is announced first",
            attack: "SELECT id FROM {own-windows}.users", expected: ["0 rows"],
            control: "declare, and the same SELECT"
        ) { stage in
            let session = try await stage.entered(stage.token())
            let answer = await session.answer("SELECT id FROM users")
            try await session.declare()
            let result = await Probe.Result(answer: answer, reading: session)
            await session.close()
            return result
        },
        .reader(
            .session, "no-role", "Outside of the company's role there is nothing",
            ["RESET ROLE", "SELECT id FROM {own-windows}.users"]),
        .reader(
            .session, "own-store", "The tables behind the windows are refused, in the company's own role too",
            ["SELECT id FROM {own}.users"]),
        .reader(
            .session, "foreign-path", "A search path to another company leads nowhere",
            ["SET LOCAL search_path = {other-windows}", "SELECT id FROM users"], "42P01"),
        .reader(
            .session, "real-path", "A search path to the real company leads nowhere",
            ["SET LOCAL search_path = {real-windows}", "SELECT FROM users LIMIT 0"], "42P01"),
        .reader(
            .session, "foreign-table", "Another company's table is refused by name",
            ["SELECT id FROM {other-windows}.users"]),
        .reader(
            .session, "real-table", "The real company's table is refused by name",
            ["SELECT FROM {real-windows}.users LIMIT 0"]),
        .reader(
            .session, "joined-companies", "No statement joins two companies",
            ["SELECT FROM users u, {real-windows}.users r LIMIT 0"]),
        .reader(
            .session, "foreign-role", "Another company's role is refused", ["SET LOCAL ROLE {other}_reader"]),
        .reader(
            .session, "real-role", "The real company's role is refused", ["SET LOCAL ROLE {real}_writer"]),
        .reader(
            .session, "role-in-a-block", "A role set inside a block of code is refused like any other",
            ["DO $$ BEGIN PERFORM set_config('role', '{real}_reader', true); END $$"]),
        .reader(
            .session, "row-security-off", "Switching row security off gives an error and no row",
            ["SET LOCAL row_security = off", "SELECT id FROM users"]),
        .reader(
            .session, "own-setting", "A setting that a client makes up is believed by nobody",
            ["SET LOCAL piste.company = '{other}'", "SELECT id FROM {other-windows}.users"]),
        Probe(
            .session, "discarded", "What the session forgets, the gate forgets",
            attack: "DISCARD ALL; SET ROLE {own}_reader; SELECT id FROM {own-windows}.users",
            expected: ["0 rows"],
            control: "entering again with a fresh token, and reading"
        ) { stage in
            let session = try await stage.entered(stage.token())
            try await session.declare()
            try await session.must("DISCARD ALL")
            _ = await session.answer(stage.filled("SET ROLE {own}_reader"))
            let answer = await session.answer(stage.filled("SELECT id FROM {own-windows}.users"))
            return try await Self.again(session, stage, answer)
        },
        Probe(
            .session, "another-client",
            "A pooled session that changed hands opens nothing for the next client",
            attack: "SET application_name = 'somebody else'; SELECT id FROM users", expected: ["0 rows"],
            control: "entering again with a fresh token, and reading"
        ) { stage in
            let session = try await stage.entered(stage.token())
            try await session.declare()
            try await session.must("SET application_name = 'somebody else'")
            let answer = await session.answer("SELECT id FROM users")
            return try await Self.again(session, stage, answer)
        },
        Probe(
            .session, "second-session", "Another session of the same login has no part in a context",
            attack: "SET ROLE {own}_reader; SELECT id FROM {own-windows}.users", expected: ["0 rows"],
            control: "the session that entered reads"
        ) { stage in
            let session = try await stage.entered(stage.token())
            try await session.declare()
            let second = try await stage.session()
            try await second.must(stage.filled("SET ROLE {own}_reader"))
            let answer = await second.answer(stage.filled("SELECT id FROM {own-windows}.users"))
            await second.close()
            let result = await Probe.Result(answer: answer, reading: session)
            await session.close()
            return result
        },
        Probe(
            .session, "savepoint", "A context that a savepoint takes back is gone on the server too",
            attack: "SAVEPOINT s; enter({other}); ROLLBACK TO s; SELECT id FROM {other-windows}.users",
            expected: ["42501"], control: "the context before goes on"
        ) { stage in
            let session = try await stage.entered(stage.token())
            let token = try await stage.token(stage.other.urlID)
            try await session.must("BEGIN")
            try await session.must("SAVEPOINT s")
            try await session.must(
                "SELECT * FROM piste.enter($1, 'users.read', 'users')", [.text(token.text)])
            try await session.must("ROLLBACK TO s")
            try await session.must("COMMIT")
            let answer = await session.answer(stage.filled("SELECT id FROM {other-windows}.users"))
            try await session.declare()
            let result = await Probe.Result(answer: answer, reading: session)
            await session.close()
            return result
        },
        Probe(
            .session, "startup-option", "No option at connecting switches triggers and gates off",
            attack: "connect with -c session_replication_role=replica", expected: ["42501"],
            control: "connecting without it"
        ) { stage in
            var answer = ProbeAnswer.rows(1)
            do {
                let session = try await stage.session(options: "-c session_replication_role=replica")
                await session.close()
            } catch let error as PostgresError {
                answer = .error(error.sqlState ?? Self.denied(error))
            }
            let plain = try await stage.session()
            let control = await plain.answer("SELECT FROM piste.whoami()")
            await plain.close()
            return Probe.Result(answer: answer, done: control)
        },
    ]

    /// Reads after entering once more, as the control.
    private static func again(
        _ session: ProbeSession, _ stage: ProbeStage, _ answer: ProbeAnswer
    ) async throws -> Probe.Result {
        _ = await session.answer("SELECT piste.leave()")
        let token = try await stage.token()
        try await session.must("SELECT * FROM piste.enter($1, 'users.read', 'users')", [.text(token.text)])
        let result = await Probe.Result(answer: answer, reading: session)
        await session.close()
        return result
    }

    /// Before a session begins, libpq tells the server's words and no SQLSTATE.
    private static func denied(_ error: PostgresError) -> String {
        error.message.contains("permission denied to set parameter") ? "42501" : error.code.description
    }
}
