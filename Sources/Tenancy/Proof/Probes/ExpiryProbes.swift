import Postgres

/// Reading on after the end: cursors, copies, snapshots, plans.
enum ExpiryProbes {
    static let all: [Probe] = [
        Probe(
            .expiry, "open-cursor", "A cursor that was opened in time gives nothing after the end",
            attack: "DECLARE c CURSOR FOR SELECT id FROM users; … the context expires …; FETCH ALL FROM c",
            expected: ["0 rows", "session ended"], control: "FETCH 1 while the context is open"
        ) { stage in
            // A server that is too busy to fetch in time gets more time.
            var result = Probe.Result(answer: .ended, control: .ended, holds: false)
            for milliseconds in [500, 3000, 15_000] where !result.holds {
                let token = try await stage.token()
                let session = try await stage.entered(token)
                try await session.declare()
                try await stage.expire(token, milliseconds: milliseconds)
                try await session.must("BEGIN")
                try await session.must("DECLARE c CURSOR FOR SELECT id FROM users")
                let control = await session.answer("FETCH 1 FROM c")
                _ = await session.answer(
                    "SELECT pg_sleep($1::int / 1000.0)", [.int(Int64(milliseconds + 50))])
                let answer = await session.answer("FETCH ALL FROM c")
                await session.close()
                result = Probe.Result(answer: answer, control: control, holds: control == .rows(1))
            }
            return result
        },
        Probe(
            .expiry, "held-cursor", "A cursor held beyond its transaction is given no row",
            attack: "DECLARE c CURSOR WITH HOLD FOR SELECT email FROM users; FETCH ALL FROM c",
            expected: ["0 rows"], control: "the same in a transaction, without WITH HOLD"
        ) { stage in
            let session = try await stage.entered(stage.token())
            try await session.declare()
            try await session.must("DECLARE c CURSOR WITH HOLD FOR SELECT email FROM users")
            let answer = await session.answer("FETCH ALL FROM c")
            try await session.must("CLOSE c")
            try await session.declare()
            try await session.must("BEGIN")
            try await session.must("DECLARE d CURSOR FOR SELECT email FROM users")
            let control = await session.answer("FETCH 2 FROM d")
            await session.close()
            return Probe.Result(answer: answer, control: control, holds: control == .rows(2))
        },
        Probe(
            .expiry, "cursor-revoked", "A cursor goes with the session whose context was ended",
            attack: "BEGIN; DECLARE c CURSOR …; … somebody ends the context …; FETCH ALL FROM c",
            expected: ["session ended", "34000"], control: "FETCH 2 before the end"
        ) { stage in
            let token = try await stage.token()
            let session = try await stage.entered(token)
            try await session.declare()
            try await session.must("BEGIN")
            try await session.must("DECLARE c CURSOR FOR SELECT email FROM users")
            let control = await session.answer("FETCH 2 FROM c")
            try await stage.control.must(
                "SELECT * FROM piste.end_context($1::uuid, 'a probe of piste prove')", [.text(token.jti)])
            let answer = await session.answer("FETCH ALL FROM c")
            await session.close()
            return Probe.Result(answer: answer, control: control, holds: control == .rows(2))
        },
        Probe(
            .expiry, "long-copy", "A COPY that runs over the end is cut there, row by row",
            attack: "COPY (SELECT id, pg_sleep(0.1) FROM users) TO STDOUT, for longer than the context lasts",
            expected: ["fewer rows", "session ended"], control: "the same COPY without the waiting"
        ) { stage in
            let token = try await stage.token()
            let session = try await stage.entered(token)
            try await session.declare()
            let control = await session.copied("COPY (SELECT id FROM users) TO STDOUT")
            try await session.declare()
            try await stage.expire(token, milliseconds: 300)
            var answer = await session.copied("COPY (SELECT id, pg_sleep(0.1) FROM users) TO STDOUT")
            if case .rows(let count) = answer, count < ProbeStage.users { answer = .refusal("fewer rows") }
            await session.close()
            return Probe.Result(answer: answer, control: control, holds: control == .rows(ProbeStage.users))
        },
        snapshot("repeatable-read", "REPEATABLE READ"),
        snapshot("serializable", "SERIALIZABLE"),
        Probe(
            .expiry, "frozen-clock", "A transaction that began in time does not stop the clock",
            attack: "BEGIN; SELECT …; … the context expires …; SELECT id FROM users",
            expected: ["0 rows", "session ended"],
            control: "the same SELECT at the beginning of the transaction"
        ) { stage in
            let token = try await stage.token()
            let session = try await stage.entered(token)
            try await session.declare()
            try await session.must("BEGIN")
            let control = await session.answer("SELECT id FROM users")
            try await stage.expire(token)
            let answer = await session.answer("SELECT id FROM users")
            await session.close()
            return Probe.Result(answer: answer, control: control, holds: control == .rows(ProbeStage.users))
        },
        Probe(
            .expiry, "existence", "After the end a row that exists looks like one that does not",
            attack: "SELECT id FROM users WHERE id = 7, after the context expired",
            expected: ["0 rows", "session ended"], control: "the same SELECT in time"
        ) { stage in
            let token = try await stage.token()
            let session = try await stage.entered(token)
            try await session.declare()
            let control = await session.answer("SELECT id FROM users WHERE id = 7")
            try await stage.expire(token)
            let answer = await session.answer("SELECT id FROM users WHERE id = 7")
            await session.close()
            return Probe.Result(answer: answer, control: control, holds: control == .rows(1))
        },
        Probe(
            .expiry, "prepared-plan", "A plan made in one context reads nothing of it in another",
            attack: "PREPARE p AS SELECT id FROM {own-windows}.users; enter({other}); EXECUTE p",
            expected: ["42501"],
            control: "EXECUTE p before"
        ) { stage in
            let session = try await stage.entered(stage.token())
            try await session.must("SET plan_cache_mode = force_generic_plan")
            try await session.must(stage.filled("PREPARE p AS SELECT id FROM {own-windows}.users"))
            try await session.declare()
            let control = await session.answer("EXECUTE p")
            let token = try await stage.token(stage.other.urlID)
            try await session.must(
                "SELECT * FROM piste.enter($1, 'users.read', 'users')", [.text(token.text)])
            let answer = await session.answer("EXECUTE p")
            await session.close()
            return Probe.Result(answer: answer, control: control, holds: control == .rows(ProbeStage.users))
        },
        Probe(
            .expiry, "role-after-leaving", "Whoever has left cannot go back into the role",
            attack: "leave(); SET ROLE {other}_agent", expected: ["42501"],
            control: "SET ROLE {other}_agent while the context is open"
        ) { stage in
            let session = try await stage.entered(stage.impersonation(stage.other.urlID))
            let control = await session.answer(stage.filled("SET ROLE {other}_agent"))
            try await session.must("SELECT piste.leave()")
            let answer = await session.answer(stage.filled("SET ROLE {other}_agent"))
            await session.close()
            return Probe.Result(answer: answer, done: control)
        },
        Probe(
            .expiry, "declaring-after-the-end", "Nobody declares a read in a context that is over",
            attack: "… the context expires …; declare('users.read', 'users')",
            expected: ["PT410", "session ended"], control: "declaring in time"
        ) { stage in
            let token = try await stage.token()
            let session = try await stage.entered(token)
            let declaring = "SELECT piste.declare('users.read', 'users')"
            let control = await session.answer(declaring)
            try await stage.expire(token)
            let answer = await session.answer(declaring)
            await session.close()
            return Probe.Result(answer: answer, done: control)
        },
    ]

    private static func snapshot(_ name: String, _ level: String) -> Probe {
        Probe(
            .expiry, name, "A snapshot that could outlive a revocation shows nothing",
            attack: "BEGIN ISOLATION LEVEL \(level); SELECT id FROM users", expected: ["0 rows"],
            control: "the same SELECT in READ COMMITTED"
        ) { stage in
            let session = try await stage.reader()
            try await session.declare()
            try await session.must("BEGIN ISOLATION LEVEL \(level)")
            let answer = await session.answer("SELECT id FROM users")
            try await session.must("ROLLBACK")
            try await session.declare()
            return await Probe.Result(answer: answer, reading: session)
        }
    }
}
