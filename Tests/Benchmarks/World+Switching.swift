import Postgres
import Tenancy

extension World {
    static let page = "SELECT id, name, email FROM users ORDER BY id LIMIT 50"

    /// Goes to another company and reads 50 users, on one connection as an application's backend does it.
    ///
    /// The baseline changes role and path and reads, and commits one row three times: the records that Piste commits are the
    /// point of it.
    func measureSwitching(_ report: Report) async throws {
        let plain = try await connect("bench_raw")
        let operated = try await connect("bench_admin")
        var (all, token, enter, read) = (Samples(), Samples(), Samples(), Samples())
        var (declared, rawDeclared) = (Samples(), Samples())
        var (rawAll, rawRead, commit) = (Samples(), Samples(), Samples())
        for turn in 0..<220 {
            let urlID = company(turn)
            var parts: [Duration] = []
            var last = ContinuousClock.now
            func lap() {
                let now = ContinuousClock.now
                parts.append(now - last)
                last = now
            }
            let issued = try await operated.query(
                "SELECT token FROM piste.generate_context_token($1)", [.text(urlID)])
            lap()
            _ = try await operated.query(
                "SELECT refusal FROM piste.enter($1, 'users.read', 'users')", [.text(try issued[0].string(0))]
            )
            lap()
            let rows = try await operated.query(Self.page)
            lap()
            precondition(rows.count == 50)
            try await operated.query("SELECT piste.declare('users.read', 'users')")
            _ = try await operated.query(Self.page)
            lap()
            for _ in 0..<3 { try await commitOne(plain) }
            lap()
            try await readPlain(plain, turn)
            lap()
            try await commitOne(plain)
            try await readPlain(plain, turn)
            lap()
            // The first turns warm up the backends.
            guard turn >= 20 else { continue }
            all.add(parts[0] + parts[1] + parts[2])
            token.add(parts[0])
            enter.add(parts[1])
            read.add(parts[2])
            declared.add(parts[3])
            commit.add(parts[4] / 3)
            rawRead.add(parts[5])
            rawAll.add(parts[4] + parts[5])
            rawDeclared.add(parts[6])
        }
        report.line("fresh token, enter, declare, first 50 users", all, baseline: rawAll)
        report.line("  of this the token", token, baseline: commit)
        report.line("  entering with a declaration", enter, baseline: commit)
        report.line("  reading", read, baseline: rawRead)
        report.line("declare and read 50 once more", declared, baseline: rawDeclared)
        report.note(
            "baseline: SET ROLE, SET search_path, SELECT (\(report.fixed(rawRead.median))) and three times a bare commit of"
                + " one row (\(report.fixed(commit.median))); the second one commit")
        await plain.close()
        await operated.close()
        try await measureOpening(report)
    }

    /// Opens a company as the console does: a fresh token, a connection of its own, the first page.
    private func measureOpening(_ report: Report) async throws {
        var piste = Samples()
        var baseline = Samples()
        for turn in 0..<30 {
            var begun = ContinuousClock.now
            let token = try await admin.generateContextToken(for: company(turn))
            let session = try await admin.enter(token)
            let page = try await session.users(PageRequest(.start, limit: 50))
            piste.add(ContinuousClock.now - begun)
            precondition(page.rows.count == 50)
            await session.leave()
            begun = ContinuousClock.now
            let plain = try await connect("bench_raw")
            for _ in 0..<3 { try await commitOne(plain) }
            try await readPlain(plain, turn)
            baseline.add(ContinuousClock.now - begun)
            await plain.close()
        }
        report.line("the same on a new connection", piste, baseline: baseline)
    }

    private func commitOne(_ plain: Connection) async throws {
        _ = try await plain.query("INSERT INTO public.bench_record VALUES (now(), 'read')")
    }

    private func readPlain(_ plain: Connection, _ turn: Int) async throws {
        let name = "raw_\(1 + turn % rawSchemas)"
        try await plain.run(script: "SET ROLE \(name); SET search_path TO \(name)")
        _ = try await plain.query(Self.page)
    }
}
