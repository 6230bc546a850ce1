import FoundationEssentials
import Postgres
import Tenancy

extension World {
    /// Pages of one large company, in every order and anywhere, and what is found while somebody types.
    ///
    /// Each is declared and read as the console does it; painting is not in it.
    func measureRows(_ count: Int, _ report: Report) async throws {
        let company = try await admin.createCompany(name: "Rows", urlID: "rows", authProvider: "okta")
        let begun = ContinuousClock.now
        try await BulkImport(connection: owner).importRows(
            into: company.urlID, users: ManyUsers(count: count))
        report.note("loaded in \(report.fixed((ContinuousClock.now - begun) / .seconds(1))) s")
        let session = try await admin.enter(try await admin.generateContextToken(for: company.urlID))
        try await measurePages(session, count, report)
        try await measureTyping(session, report)
        try await measureOverview(session, users: count, report)
        try await measureAnyTable(session, "users", report)
        await session.leave()
    }

    private func measurePages(_ session: TenantSession, _ count: Int, _ report: Report) async throws {
        var all = Samples()
        for sort in User.Sort.allCases {
            var samples = Samples()
            for turn in 0..<40 {
                let id = Int64(1 + turn * 7_919_317 % count)
                guard let anchor = try await session.user(id)?.keyset(in: sort) else { continue }
                for place: PageRequest<Keyset>.Place in turn == 0
                    ? [.start, .end] : turn % 2 == 0 ? [.after(anchor)] : [.before(anchor)]
                {
                    let begun = ContinuousClock.now
                    let page = try await session.users(
                        sort: sort, ascending: turn % 4 < 2, PageRequest(place, limit: 50))
                    let taken = ContinuousClock.now - begun
                    precondition(!page.rows.isEmpty)
                    samples.add(taken)
                    all.add(taken)
                }
            }
            report.line("  a page of 50 by \(sort.rawValue)", samples)
        }
        report.line("a page of 50 anywhere, in any order", all)
    }

    private func measureTyping(_ session: TenantSession, _ report: Report) async throws {
        var all = Samples()
        var slowest: [(String, Duration, Int)] = []
        for word in [
            "müller", "ada 42", "élodie dubois 500", "user77", "7.99", "@rows.example", "o’brien", "zzz",
            "sørensen", "xu 9",
            "suspended", "100%_", "valentina zimmermann 1",
        ] {
            for length in 1...word.count {
                let typed = String(word.prefix(length))
                let begun = ContinuousClock.now
                let page = try await session.users(matching: typed, PageRequest(.start, limit: 50))
                let taken = ContinuousClock.now - begun
                all.add(taken)
                slowest.append((typed, taken, page.rows.count))
            }
        }
        report.line("filter while typing, each letter", all)
        for (typed, taken, rows) in slowest.sorted(by: { $0.1 > $1.1 }).prefix(5) {
            report.note("slowest: “\(typed)” \(report.fixed(taken / .milliseconds(1))) ms, \(rows) rows")
        }
    }
}

extension World {
    /// The overview of the same company, with a journey of five steps for every fifth user.
    private func measureOverview(_ session: TenantSession, users: Int, _ report: Report) async throws {
        let home = try await owner.query("SELECT schema_name FROM piste.company('rows')")[0].string(0)
        try await owner.run(
            script: """
                SET session_replication_role = replica;
                INSERT INTO \(home).journeys (id, user_id, name, status, current_step)
                SELECT n, n * 5, (ARRAY['Onboarding', 'First order', 'Renewal'])[1 + n % 3],
                    (ARRAY['running', 'stalled', 'done', 'done'])[1 + n / 3 % 4], 1 + n % 5
                FROM generate_series(1, \(users / 5)) AS n;
                INSERT INTO \(home).journey_steps (journey_id, position, name, state, entered_at)
                SELECT j.id, p, 'step ' || p, 'done', CASE WHEN p <= j.current_step THEN now() END
                FROM \(home).journeys j, generate_series(1, 5) AS p;
                RESET session_replication_role;
                ANALYZE \(home).journeys;
                ANALYZE \(home).journey_steps;
                """)
        var samples = Samples()
        for _ in 0..<20 {
            let begun = ContinuousClock.now
            _ = try await session.overview()
            samples.add(ContinuousClock.now - begun)
        }
        report.line("overview, with \(users / 5) journeys", samples)
    }
}

extension User {
    /// Where this user stands in an order, in PostgreSQL's words.
    fileprivate func keyset(in sort: Sort) -> Keyset {
        let key =
            switch sort {
            case .name: name
            case .email: email
            case .status: status.rawValue
            case .role: role
            case .createdAt: Self.text(createdAt?.timeIntervalSince1970 ?? 0)
            case .lastSeenAt: Self.text(lastSeenAt?.timeIntervalSince1970 ?? 0)
            }
        return Keyset(key: key, id: id)
    }

    private static func text(_ seconds: Double) -> String {
        Timestamp(microseconds: Int64((seconds * 1_000_000).rounded())).description
    }
}
