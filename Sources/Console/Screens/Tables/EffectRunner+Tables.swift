import Tenancy

extension EffectRunner {
    func loadTables(_ request: RequestID, inside id: ContextID) async {
        await inside(id) { session throws(TenancyError) in
            try await session.tables()
        } answer: {
            .screen(TablesScreen.Answer.loaded(request, $0))
        }
    }

    func loadRows(
        _ request: RequestID, _ query: RowsQuery, _ page: PageRequest<RowPlace>, inside id: ContextID
    ) async {
        await inside(id) { session throws(TenancyError) in
            try await session.rows(
                of: query.table, matching: query.filter, sort: query.sort, ascending: query.ascending, page)
        } answer: {
            .screen(RowsScreen.Answer.loaded(request, page.place, $0))
        }
    }

    func loadRow(
        _ request: RequestID, of table: TenantTable, at address: RowAddress, inside id: ContextID
    ) async {
        await inside(id) { session throws(TenancyError) in
            try await Self.row(of: table, at: address, session)
        } answer: {
            .screen(RowScreen.Answer.loaded(request, $0))
        }
    }

    func loadFrequency(
        _ request: RequestID, of column: String, in table: TenantTable, _ filter: RowFilter,
        inside id: ContextID
    ) async {
        await inside(id) { session throws(TenancyError) in
            try await session.frequency(of: column, in: table, matching: filter, limit: 200)
        } answer: {
            .frequencyLoaded(request, $0)
        }
    }

    private static func row(
        of table: TenantTable, at address: RowAddress, _ session: TenantSession
    ) async throws(TenancyError) -> TableRow? {
        switch address {
        case .key(let key): try await session.row(of: table, key: key)
        case .named(let filter):
            try await session.rows(of: table, matching: filter, longest: nil, PageRequest(limit: 1)).rows
                .first
        case .place(let place, let query):
            try await session.rows(
                of: table, matching: query.filter, sort: query.sort, ascending: query.ascending, longest: nil,
                PageRequest(.from(place), limit: 1)
            ).rows.first
        }
    }
}
