import Postgres
import Tenancy

extension World {
    static let page = "SELECT id, name, email FROM users ORDER BY id LIMIT 50"

    /// Goes to another company and reads 50 users, on one connection as an application's backend does it.
    ///
    /// The baseline changes role and path and reads, and commits one row three times: the records that Piste commits are the
    /// point of it. A backend that meets a company, or a schema, for the first time loads its tables from the catalogs.
    func measureSwitching(_ report: Report) async throws {
        let plain = try await connectPlain()
        let operated = try await connect("bench_admin")
        // What a backend compiles and loads once.
        for turn in 0..<3 {
            _ = try await visit(Self.visited + turn, operated)
            _ = try await visitPlain(Self.visited + turn, plain)
        }
        let places = min(Self.visited, companies)
        for (name, turns) in [("first visit", 0..<places), ("again", places..<max(2 * places, 200))] {
            if name == "first visit" && places < Self.visited {
                for turn in turns {
                    _ = try await visit(turn, operated)
                    _ = try await visitPlain(turn, plain)
                }
                continue
            }
            var (piste, raw) = (Visits(), Visits())
            for turn in turns {
                piste.add(try await visit(turn % places, operated))
                raw.add(try await visitPlain(turn % places, plain))
            }
            report.line("fresh token, enter, declare, 50 users: \(name)", piste.all, baseline: raw.all)
            report.line("  of this the token", piste.token, baseline: raw.commit)
            report.line("  entering with a declaration", piste.enter, baseline: raw.commit)
            report.line("  reading", piste.read, baseline: raw.read)
            report.line("declare and read 50 once more", piste.more, baseline: raw.more)
        }
        report.note("baseline: SET ROLE, SET search_path, SELECT and three times a bare commit of one row")
        await plain.close()
        await operated.close()
        try await measureOpening(report)
    }

    /// The parts of visits to companies.
    private struct Visits {
        var (all, token, enter, read, more, commit) = (
            Samples(), Samples(), Samples(), Samples(), Samples(), Samples()
        )

        mutating func add(_ parts: [Duration]) {
            all.add(parts[0] + parts[1] + parts[2])
            token.add(parts[0])
            enter.add(parts[1])
            commit.add((parts[0] + parts[1]) / 3)
            read.add(parts[2])
            more.add(parts[3])
        }
    }

    /// How long the token, entering with a declaration, reading, and declaring and reading once more took.
    func visit(_ turn: Int, _ operated: Connection) async throws -> [Duration] {
        let urlID = company(turn)
        var laps = Laps()
        let issued = try await operated.query(
            "SELECT token FROM piste.generate_context_token($1)", [.text(urlID)])
        laps.lap()
        _ = try await operated.query(
            "SELECT refusal FROM piste.enter($1, 'users.read', 'users')", [.text(try issued[0].string(0))])
        laps.lap()
        let rows = try await operated.query(Self.page)
        laps.lap()
        precondition(rows.count == 50)
        try await operated.query("SELECT piste.declare('users.read', 'users')")
        _ = try await operated.query(Self.page)
        laps.lap()
        return laps.parts
    }

    private func visitPlain(_ turn: Int, _ plain: Connection) async throws -> [Duration] {
        var laps = Laps()
        try await commitOne(plain)
        laps.lap()
        for _ in 0..<2 { try await commitOne(plain) }
        laps.lap()
        try await readPlain(plain, turn)
        laps.lap()
        try await commitOne(plain)
        try await readPlain(plain, turn)
        laps.lap()
        return laps.parts
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
            let plain = try await connectPlain()
            for _ in 0..<3 { try await commitOne(plain) }
            try await readPlain(plain, turn)
            baseline.add(ContinuousClock.now - begun)
            await plain.close()
        }
        report.line("the same on a new connection", piste, baseline: baseline)
    }
}
