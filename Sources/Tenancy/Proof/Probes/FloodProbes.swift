import Postgres

/// Whatever somebody sends in a loop, or fills: it has an end, and everybody else goes on.
///
/// What is counted is asked for in a transaction that is rolled back, and so is not counted afterwards. What is counted by the
/// minute is asked for twice over: while it lasts a minute may end.
enum FloodProbes {
    static let all: [Probe] = [
        flood(
            "tokens", "Tokens are so many a minute",
            """
            SELECT count(t.jti) FROM generate_series(1, 2 * \(most("token_rate")) + 20) AS n,
                LATERAL piste.generate_context_token('{own-id}', 1 + n % 2) AS t
            """, "PT429",
            one: "SELECT * FROM piste.generate_context_token('{own-id}', 1)"),
        flood(
            "tickets", "Tickets that nobody uses are so many",
            """
            SELECT t.refusal FROM generate_series(1, \(most("max_unused_tickets")) + 300) AS n,
                LATERAL piste.ticket('{own-id}', 'users.read', 'users', seconds => 60 + n % 2) AS t
            WHERE t.refusal IS NOT NULL LIMIT 1
            """, "too_many_tickets", "PT429",
            one: "SELECT * FROM piste.ticket('{own-id}', 'users.read', 'users')"),
        flood(
            "refusals", "Refused calls that are recorded are so many a minute",
            """
            SELECT count(t.refusal) FROM generate_series(1, 2 * \(most("refusal_rate")) + 20) AS n,
                LATERAL piste.impersonate_company('{own-id}', repeat(' ', n % 2)) AS t
            """, "PT429",
            one: "SELECT FROM piste.impersonate_company('{own-id}', '')"),
        flood(
            "details", "Details of records are so many bytes a minute", isInside: true,
            """
            SELECT count(d) FROM generate_series(1, 2 * \(most("detail_rate", by: 8000)) + 20) AS n,
                LATERAL piste.declare('users.read', 'users', jsonb_build_object('n', n, 'x', repeat('y', 8000))) AS d
            """, "PT429",
            one: "SELECT piste.declare('users.read', 'users')"),
        Probe(
            .bystanders, "notifications",
            "Who fills the queue of notifications, and lets nobody empty it, stops no call",
            attack: "LISTEN piste_probe; BEGIN; SELECT 1; … 500 times pg_notify('piste_probe', 7000 bytes) …",
            expected: [ProbeAnswer.inTime.description], control: "the queue is not empty"
        ) { stage in
            let bystander = try await Bystander.arrive(stage)
            let deaf = try await stage.session()
            try await deaf.must("LISTEN piste_probe")
            try await deaf.must("BEGIN")
            try await deaf.must("SELECT 1")
            // A server may be told to keep a small queue: then this fills it to the brim, and fails.
            for _ in 0..<50 {
                let flood = await stage.control.answer(
                    "SELECT count(pg_notify('piste_probe', n || repeat('x', 7000))) FROM generate_series(1, 10) AS n"
                )
                guard flood == .rows(1) else { break }
            }
            let control = await stage.control.answer("SELECT WHERE pg_notification_queue_usage() > 0")
            let answer = await bystander.goesOn(entering: true)
            await bystander.close()
            await deaf.close()
            return Probe.Result(answer: answer, control: control, holds: control == .rows(1))
        },
        Probe(
            .bystanders, "temporary-files", "Nobody lifts the bound on what a statement sorts on disk",
            attack: "SET temp_file_limit = -1", expected: ["42501"], control: "there is such a bound"
        ) { stage in
            let session = try await stage.session()
            let answer = await session.tryOut(["SET LOCAL temp_file_limit = -1"])
            let control = await session.answer("SELECT WHERE current_setting('temp_file_limit') <> '-1'")
            await session.close()
            return Probe.Result(answer: answer, control: control, holds: control == .rows(1))
        },
        Probe(
            .bystanders, "connections", "Nobody gives their own login more connections",
            attack: "ALTER ROLE CURRENT_USER CONNECTION LIMIT 1000", expected: ["42501"],
            control: "ALTER ROLE CURRENT_USER SET statement_timeout, which is one's own"
        ) { stage in
            let session = try await stage.session()
            let answer = await session.tryOut(["ALTER ROLE CURRENT_USER CONNECTION LIMIT 1000"])
            let control = await session.tryOut(["ALTER ROLE CURRENT_USER SET statement_timeout = '1h'"])
            await session.close()
            return Probe.Result(answer: answer, done: control)
        },
        .reader(
            .bystanders, "advisory-locks", "Nobody fills the memory that everybody's locks share",
            ["SELECT pg_advisory_lock(1)"]),
        .reader(
            .bystanders, "advisory-transaction-locks", "Nor for the length of a transaction",
            ["SELECT pg_try_advisory_xact_lock_shared(1, 2)"]),
        .reader(
            .bystanders, "logical-messages", "Nobody writes what they like into the server's log of changes",
            ["SELECT pg_logical_emit_message(false, 'piste_probe', 'x')"]),
        .reader(
            .bystanders, "deaf-functions", "Nobody calls what works for hours and hears no end",
            ["SELECT xpath('/a', '<a/>')"]),
        .reader(
            .bystanders, "snapshot-files", "Nobody leaves files on the server",
            ["SELECT pg_export_snapshot()"]),
    ]

    /// What a setting allows, as far as a proof goes: where it allows more, the flood comes to no end here.
    private static func most(_ setting: String, by divisor: Int = 1) -> String {
        "least(2000, piste.setting('\(setting)')::integer / \(divisor))"
    }

    private static func flood(
        _ name: String, _ what: String, isInside: Bool = false, _ attack: String, _ expected: String...,
        one: String
    ) -> Probe {
        Probe(
            .bystanders, name, "\(what), and nobody else waits", attack: attack, expected: expected,
            control: "one of them: \(one)"
        ) { stage in
            let bystander = try await Bystander.arrive(stage)
            let session = try await isInside ? stage.entered(stage.token()) : stage.session()
            let control = await session.tryOut([stage.filled(one)])
            let answer = await session.tryOut([stage.filled(attack)])
            let others = await bystander.goesOn(entering: true)
            await bystander.close()
            await session.close()
            return Probe.Result(answer: others == .inTime ? answer : others, done: control)
        }
    }
}
