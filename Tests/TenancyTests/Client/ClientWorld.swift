import Postgres
import Tenancy
import TestSupport
import Testing

extension EngineWorld {
    /// The control connection of an operator.
    func client(
        _ login: String, lost: @escaping @Sendable (TenancyError) -> Void = { _ in }
    ) async throws -> TenancyClient {
        try await TenancyClient.connect(database.settings(user: login), lost: lost)
    }

    /// A session inside a company, for reading.
    func session(_ company: String = "acme", as login: String? = nil) async throws -> TenantSession {
        let client = try await client(login ?? alice)
        let session = try await client.enter(try await client.generateContextToken(for: company))
        await client.close()
        return session
    }

    /// A session that impersonates one of a company's users.
    func impersonation(_ company: String = "acme", user: String? = nil) async throws -> TenantSession {
        let client = try await client(alice)
        let token = try await client.impersonateCompany(company, reason: "a reason", user: user)
        let session = try await client.enter(token)
        await client.close()
        return session
    }

    /// The backend that holds a context.
    func backend(_ session: TenantSession) async throws -> Int {
        try await owner.number(
            "SELECT backend_pid FROM piste.context WHERE jti = $1::uuid", [.text(session.context.jti)])
    }
}

/// The failure of `body`; nil when it does not fail.
func failure(_ body: () async throws(TenancyError) -> Void) async -> TenancyError? {
    do {
        try await body()
        return nil
    } catch {
        return error
    }
}

/// Everything that pages of this size give from one end to the other, forwards and then backwards.
func walk<Row: Hashable & Sendable, Anchor: Hashable & Sendable>(
    limit: Int, anchor: (Row) -> Anchor, _ read: (PageRequest<Anchor>) async throws -> Page<Row>
) async throws -> (forward: [Row], backward: [Row]) {
    var forward: [Row] = []
    var place = PageRequest<Anchor>.Place.start
    while true {
        let page = try await read(PageRequest(place, limit: limit))
        forward += page.rows
        #expect(page.rows.count == limit || !page.hasMore)
        guard page.hasMore, let last = page.rows.last else { break }
        place = .after(anchor(last))
    }
    var backward: [Row] = []
    place = .end
    while true {
        let page = try await read(PageRequest(place, limit: limit))
        backward = page.rows + backward
        guard page.hasMore, let first = page.rows.first else { break }
        place = .before(anchor(first))
    }
    return (forward, backward)
}
