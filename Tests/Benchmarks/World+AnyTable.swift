import Tenancy

extension World {
    /// The rows of a large table as those of any table: known from the catalogs alone, as the console's tables show them.
    func measureAnyTable(_ session: TenantSession, _ name: String, _ report: Report) async throws {
        guard let table = try await session.tables().first(where: { $0.name == name }) else { return }
        let indexed = table.visibleColumns.map(\.name).filter { table.index(pagingBy: $0) != nil }
        var pages = Samples()
        for sort in [nil] + indexed.map(Optional.some) {
            var samples = Samples()
            try await page(through: table, by: sort, session) { samples.add($0) }
            report.line("  any table: a page of 50 by \(sort ?? "its key")", samples)
            try await page(through: table, by: sort, session) { pages.add($0) }
        }
        report.line("any table: a page of 50, indexed orders", pages)
        if let slow = table.visibleColumns.map(\.name).first(where: { !indexed.contains($0) }) {
            var samples = Samples()
            for _ in 0..<5 {
                let begun = ContinuousClock.now
                _ = try await session.rows(of: table, sort: slow, PageRequest(limit: 50))
                samples.add(ContinuousClock.now - begun)
            }
            report.line("any table: the first page by \(slow), which no index orders", samples)
        }
        try await type(table, session, report)
    }

    /// The first page and those behind it, the last one and those before it.
    private func page(
        through table: TenantTable, by sort: String?, _ session: TenantSession, _ add: (Duration) -> Void
    ) async throws {
        for goesBack in [false, true] {
            var place: PageRequest<RowPlace>.Place = goesBack ? .end : .start
            for _ in 0..<10 {
                let begun = ContinuousClock.now
                let rows = try await session.rows(of: table, sort: sort, PageRequest(place, limit: 50)).rows
                add(ContinuousClock.now - begun)
                guard let next = goesBack ? rows.first?.place : rows.last?.place else { return }
                place = goesBack ? .before(next) : .after(next)
            }
        }
    }

    /// Every letter of words that somebody types into the filter of a table.
    private func type(_ table: TenantTable, _ session: TenantSession, _ report: Report) async throws {
        var all = Samples()
        var slowest: [(String, Duration, String)] = []
        for word in ["müller", "user77", "@rows.example", "zzz", "suspended", "status:suspended", "id=4711"] {
            for length in 1...word.count {
                let typed = String(word.prefix(length))
                guard let filter = try? RowFilter(typed, for: table) else { continue }
                let begun = ContinuousClock.now
                let rows = try? await session.rows(of: table, matching: filter, PageRequest(limit: 50)).rows
                    .count
                let taken = ContinuousClock.now - begun
                all.add(taken)
                slowest.append((typed, taken, rows.map { "\($0) rows" } ?? "stopped"))
            }
        }
        report.line("any table: filter while typing, each letter", all)
        for (typed, taken, rows) in slowest.sorted(by: { $0.1 > $1.1 }).prefix(5) {
            report.note("slowest: “\(typed)” \(report.fixed(taken / .milliseconds(1))) ms, \(rows)")
        }
    }
}
