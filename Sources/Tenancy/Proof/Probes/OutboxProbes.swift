import Postgres

/// Jobs that nobody may put into an outbox, and jobs that nobody may take out of one.
///
/// What is let through is let through to the proof's own session, for the throw-away companies of that proof: other sessions of the
/// same login may as little as anybody.
enum OutboxProbes {
    private static let enqueue = "SELECT piste.enqueue('probe.job')"

    static let all: [Probe] = [
        putting(
            "enqueue-outside", "Nobody enqueues outside of a company", attack: "enqueue('probe.job')", "PT401"
        ) { stage in
            try await stage.session()
        },
        putting(
            "enqueue-reading", "A reader enqueues nothing, not even after a declaration",
            attack: "enter({own-id}); declare('users.read', 'users'); enqueue('probe.job')", "PT403"
        ) { stage in
            let session = try await stage.entered(stage.token())
            try await session.declare()
            return session
        },
        putting(
            "enqueue-undeclared", "Who impersonates enqueues nothing that was not declared",
            attack: "enter(an impersonation of {own-id}); enqueue('probe.job')", "PT403"
        ) { stage in
            try await stage.entered(stage.impersonation())
        },
        putting(
            "enqueue-reading-ticket", "By a ticket that only reads, nothing is enqueued",
            attack: "BEGIN; use(a ticket that only reads); enqueue('probe.job')", "PT403"
        ) { stage in
            try await stage.using(stage.ticket(readOnly: true))
        },
        Probe(
            .outbox, "enqueue-elsewhere", "Who is in a company puts no job into another's outbox",
            attack: "BEGIN; use(…{own-id}…); use(…{other-id}…); enqueue('probe.job')", expected: ["PT409"],
            control: "the same session enqueues where it is"
        ) { stage in
            let (own, other) = (try await stage.ticket(), try await stage.ticket(stage.other.urlID))
            let session = try await stage.using(own)
            try await session.must("SAVEPOINT before")
            var answer = await session.answer("SELECT piste.use($1::uuid)", [.text(other)])
            if case .rows = answer { answer = await session.answer(enqueue) }
            try await session.must("ROLLBACK TO before")
            let control = await session.answer(enqueue)
            await session.close()
            return Probe.Result(answer: answer, done: control)
        },
        .reader(
            .outbox, "reading", "The outboxes are not read past the functions",
            ["SELECT FROM piste.job LIMIT 0"]),
        .reader(
            .outbox, "forging", "No job is written past the functions, into any company's outbox",
            [
                """
                INSERT INTO piste.job (id, company, kind, payload, turn, enqueued_at, visible_at)
                VALUES (gen_random_uuid(), gen_random_uuid(), 'probe.job', '{}', 0, now(), now())
                """
            ]),
        .reader(
            .outbox, "forged-lease", "No lease is written past the functions",
            [
                """
                INSERT INTO piste.job_lease (id, login, made, until, sync)
                VALUES (gen_random_uuid(), session_user, pg_current_xact_id(), 'infinity', true)
                """
            ]),
        taking(
            "drain-unasked", "Who was not let drain drains no outbox", attack: "drain()", "not_allowed",
            control: "the session that may is given the job"
        ) { stage, lease, attacker in
            let answer = await attacker.tryOut(["SELECT * FROM piste.drain()"])
            return (answer, await stage.control.answer("SELECT * FROM piste.jobs($1::uuid)", [.text(lease)]))
        },
        taking(
            "drain-inside", "Who is in a company drains no outbox, not even its own",
            attack: "enter({own-id}); declare('users.read', 'users'); drain()", "not_allowed",
            control: "the session that may is given the job"
        ) { stage, lease, _ in
            let session = try await stage.reader()
            try await session.declare()
            let answer = await session.tryOut(["SELECT * FROM piste.drain()"])
            return (answer, await stage.control.answer("SELECT * FROM piste.jobs($1::uuid)", [.text(lease)]))
        },
        taking(
            "foreign-lease", "Whoever learns a lease's number is given none of its jobs",
            attack: "jobs(somebody's lease)", "PT410", control: "who leased them is given them"
        ) { stage, lease, attacker in
            let jobs = "SELECT * FROM piste.jobs($1::uuid)"
            let answer = await attacker.answer(jobs, [.text(lease)])
            return (answer, await stage.control.answer(jobs, [.text(lease)]))
        },
        taking(
            "foreign-finish", "Whoever learns a lease's number makes none of its jobs disappear",
            attack: "finish_jobs(somebody's lease)", "not_allowed", control: "who leased them finishes them"
        ) { stage, lease, attacker in
            let answer = await attacker.answer("SELECT * FROM piste.finish_jobs($1::uuid)", [.text(lease)])
            return (
                answer,
                await stage.control.answer(
                    "SELECT FROM piste.finish_jobs($1::uuid) WHERE finished = 1", [.text(lease)])
            )
        },
        Probe(
            .outbox, "uncommitted-lease", "No job leaves before the record of its leaving is committed",
            attack: "BEGIN; drain(); jobs(…)", expected: ["PT409"],
            control: "committed, they are given out"
        ) { stage in
            try await put(stage)
            try await stage.control.must("BEGIN")
            let early = try await drained(stage)
            let answer = await stage.control.answer("SELECT * FROM piste.jobs($1::uuid)", [.text(early)])
            try await stage.control.must("ROLLBACK")
            let lease = try await drained(stage)
            let control = await stage.control.answer(
                "SELECT * FROM piste.jobs($1::uuid)", [.text(lease)])
            _ = await stage.control.answer("SELECT * FROM piste.finish_jobs($1::uuid)", [.text(lease)])
            return Probe.Result(answer: answer, control: control, holds: control == .rows(1))
        },
    ]

    /// Somebody who enqueues where it is not allowed; and a service by a ticket that writes, rolled back.
    private static func putting(
        _ name: String, _ what: String, attack: String, _ expected: String,
        _ begin: @escaping @Sendable (ProbeStage) async throws -> ProbeSession
    ) -> Probe {
        Probe(
            .outbox, name, what, attack: attack, expected: [expected],
            control: "a ticket that writes enqueues"
        ) { stage in
            let session = try await begin(stage)
            let answer = await session.answer(enqueue)
            await session.close()
            let service = try await stage.using(stage.ticket())
            let control = await service.answer(enqueue)
            await service.close()
            return Probe.Result(answer: answer, done: control)
        }
    }

    /// Somebody who takes a job that is leased to the proof's own session, and what shows that it is there to be had.
    private static func taking(
        _ name: String, _ what: String, attack: String, _ expected: String, control: String,
        _ attempt:
            @escaping @Sendable (ProbeStage, String, ProbeSession) async throws -> (ProbeAnswer, ProbeAnswer)
    ) -> Probe {
        Probe(.outbox, name, what, attack: attack, expected: [expected], control: control) { stage in
            try await put(stage)
            let lease = try await drained(stage)
            let attacker = try await stage.session()
            let (answer, control) = try await attempt(stage, lease, attacker)
            await attacker.close()
            _ = await stage.control.answer("SELECT * FROM piste.finish_jobs($1::uuid)", [.text(lease)])
            return Probe.Result(answer: answer, control: control, holds: control == .rows(1))
        }
    }

    /// Puts a job into the outbox of the throw-away company.
    private static func put(_ stage: ProbeStage) async throws {
        let service = try await stage.using(stage.ticket())
        try await service.must(enqueue)
        try await service.must("COMMIT")
        await service.close()
    }

    /// Leases what waits there to the proof's own session.
    private static func drained(_ stage: ProbeStage) async throws -> String {
        let row = try await stage.control.must("SELECT lease FROM piste.drain()").first
        guard let lease = try row?.optionalString(0) else {
            throw PostgresError(.misuse, "the throw-away company's outbox could not be drained")
        }
        return lease
    }
}
