import Postgres

/// Whatever somebody holds in an open transaction, and everybody else goes on.
enum HoldProbes {
    static let all: [Probe] = [
        hold(
            "held-read", "Who declares and reads in an open transaction holds up nobody",
            attack: "BEGIN; SELECT id FROM users; declare('users.read', 'users'); and nothing more"
        ) { stage in
            let holder = try await stage.entered(stage.token())
            try await holder.declare()
            try await holder.must("BEGIN")
            try await holder.must("SELECT id FROM users")
            try await holder.declare()
            return holder
        },
        hold(
            "held-token", "Who is issued tokens in an open transaction holds up nobody",
            attack: "BEGIN; generate_context_token({own-id}) and {other-id}; and nothing more"
        ) { stage in
            let holder = try await stage.session()
            try await holder.must("BEGIN")
            for company in [stage.own.urlID, stage.other.urlID] {
                try await holder.must("SELECT * FROM piste.generate_context_token($1)", [.text(company)])
            }
            return holder
        },
        hold(
            "held-entry", "Who enters in an open transaction holds up nobody else's login",
            attack: "BEGIN; enter({own-id}); and nothing more", takesTurn: true
        ) { stage in
            let holder = try await stage.session()
            let token = try await stage.token()
            try await holder.must("BEGIN")
            try await holder.must("SELECT * FROM piste.enter($1)", [.text(token.text)])
            return holder
        },
        hold(
            "held-end", "Who leaves in an open transaction holds up nobody else's login",
            attack: "BEGIN; leave(); and nothing more", takesTurn: true
        ) { stage in
            let holder = try await stage.entered(stage.token())
            try await holder.must("BEGIN")
            try await holder.must("SELECT piste.leave()")
            return holder
        },
        hold(
            "held-refusal", "Who is refused in an open transaction holds up no trail",
            attack: "BEGIN; impersonate_company({own-id}, ''); and nothing more"
        ) { stage in
            let holder = try await stage.session()
            try await holder.must("BEGIN")
            try await holder.must("SELECT * FROM piste.impersonate_company($1, '')", [.text(stage.own.urlID)])
            return holder
        },
        hold(
            "held-ticket", "Who makes a ticket in an open transaction holds up nobody",
            attack: "BEGIN; ticket({own-id}, 'users.read', '*'); and nothing more"
        ) { stage in
            let holder = try await stage.session()
            try await holder.must("BEGIN")
            try await holder.must(
                "SELECT * FROM piste.ticket($1, 'users.read', '*')", [.text(stage.own.urlID)])
            return holder
        },
        hold(
            "held-outbox", "Who enqueues in an open transaction holds up nobody who enqueues",
            attack: "BEGIN; use(…); enqueue('probe.job'); SET CONSTRAINTS ALL IMMEDIATE; and nothing more"
        ) { stage in
            let holder = try await stage.using(stage.ticket())
            try await holder.must("SELECT piste.enqueue('probe.job')")
            try await holder.must("SET CONSTRAINTS ALL IMMEDIATE")
            return holder
        },
        hold(
            "held-rows", "Who changes every row in an open transaction holds up no reader and no suspension",
            attack: "BEGIN; use(…); UPDATE users SET status = status; and nothing more"
        ) { stage in
            let holder = try await stage.using(stage.ticket())
            try await holder.must("UPDATE users SET status = status")
            return holder
        },
        hold(
            "held-tables", "Who locks a company's tables is ended by the next sweep",
            attack: "BEGIN; use(…); LOCK TABLE users, journeys IN ACCESS EXCLUSIVE MODE; and nothing more"
        ) { stage in
            let holder = try await stage.using(stage.ticket())
            try await holder.must("LOCK TABLE users, journeys IN ACCESS EXCLUSIVE MODE")
            return holder
        },
        Probe(
            .bystanders, "idle-blocker",
            "Who idles in a transaction while others wait for it is ended by a sweep",
            attack: "BEGIN; use(…); UPDATE users SET status = status; … somebody else changes them too …",
            expected: [ProbeAnswer.inTime.description], control: "the rows that the holder holds"
        ) { stage in try await stage.blocked() },
    ]

    /// Somebody who begins something and does nothing more, while a bystander works on.
    private static func hold(
        _ name: String, _ what: String, attack: String, takesTurn: Bool = false,
        _ begin: @escaping @Sendable (ProbeStage) async throws -> ProbeSession
    ) -> Probe {
        Probe(
            .bystanders, name, what, attack: attack, expected: [ProbeAnswer.inTime.description],
            control: "the holder's transaction is open"
        ) { stage in
            await stage.beginBlocking()
            let bystander = try await Bystander.arrive(stage)
            let holder = try await begin(stage)
            let control = await stage.control.answer(
                "SELECT FROM pg_stat_activity WHERE pid = $1::int AND state = 'idle in transaction'",
                [.int(Int64(holder.connection.backendPID))])
            let answer = await bystander.goesOn(entering: !takesTurn)
            // In this order: who is held up cannot leave before.
            await holder.close()
            await bystander.close()
            return Probe.Result(answer: answer, control: control, holds: control == .rows(1))
        }
    }

    /// Who waits for the rows of an idler goes on when a sweep has ended that one, three seconds after it began to idle.
    static func blockedWrite(_ stage: ProbeStage) async throws -> Probe.Result {
        let change = "UPDATE users SET status = status"
        let company = stage.other.urlID
        let waiting = try await stage.using(stage.ticket(company))
        let sweeper = try await stage.session()
        let holder = try await stage.using(stage.ticket(company))
        let held = await holder.answer(change)
        // Not from the first moment on: a sweep comes once in a while.
        try await Task.sleep(for: .milliseconds(1500))
        let begun = ContinuousClock.now
        let sweeping = Task {
            while !Task.isCancelled {
                _ = await sweeper.answer("SELECT * FROM piste.sweep()")
                try? await Task.sleep(for: .milliseconds(300))
            }
        }
        let changed = await waiting.answer(change, deadline: Bystander.patience + .seconds(1))
        let late = Bystander.late("a change of the same rows", since: begun)
        sweeping.cancel()
        await sweeping.value
        let after = await holder.answer("SELECT 1")
        for session in [waiting, holder, sweeper] { await session.close() }
        let answer: ProbeAnswer =
            if let late { .heldUp(late) } else if changed != .rows(ProbeStage.users) {
                changed
            } else if after != .ended { .heldUp("the holder: \(after)") } else { .inTime }
        return Probe.Result(answer: answer, control: held, holds: held == .rows(ProbeStage.users))
    }
}
