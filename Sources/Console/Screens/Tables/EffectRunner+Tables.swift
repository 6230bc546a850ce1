import Tenancy

extension EffectRunner {
    /// Does what the screens of tables and rows ask for.
    func lookAtTables(_ request: TenantRequest, inside id: ContextID) async {
        switch request {
        case .loadTables(let request):
            await inside(id) { session throws(TenancyError) in
                try await session.tables()
            } answer: {
                .tablesLoaded(request, $0)
            }
        case .loadRows(let request, let query, let page):
            await inside(id) { session throws(TenancyError) in
                try await session.rows(
                    of: query.table, matching: query.filter, sort: query.sort, ascending: query.ascending,
                    page)
            } answer: {
                .rowsLoaded(request, page.place, $0)
            }
        case .loadRow(let request, let table, let address):
            await inside(id) { session throws(TenancyError) in
                try await Self.row(of: table, at: address, session)
            } answer: {
                .rowLoaded(request, $0)
            }
        case .loadFrequency(let request, let table, let column, let filter):
            await inside(id) { session throws(TenancyError) in
                try await session.frequency(of: column, in: table, matching: filter, limit: 200)
            } answer: {
                .frequencyLoaded(request, $0)
            }
        default: break
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
