import Tenancy

/// The routes of a shop's API; the company is the host's first label, as in `acme.shop.example`.
struct Routes {
    struct Order: Decodable, Sendable {
        var id: Int
        var userID: Int
        var total: Double

        enum CodingKeys: String, CodingKey { case id, userID = "user_id", total }
    }

    let piste: TenancyClient

    /// `GET /users?after=…`: fifty users, and where the next fifty begin.
    func users(host: String, after place: Keyset? = nil) async throws -> (rows: [User], next: Keyset?) {
        let request: PageRequest<Keyset> = PageRequest(place.map { .after($0) } ?? .start, limit: 50)
        let page = try await piste.inside(company(host), "users", readOnly: true) {
            try await $0.users(sort: .name, request)
        }
        return (page.rows, page.hasMore ? page.rows.last?.keyset : nil)
    }

    /// `PATCH /users/7`: recorded with the old name and the new one.
    func rename(host: String, user: Int64, to name: String) async throws -> Bool {
        try await piste.inside(company(host), "users", action: "users.rename") { tenant in
            try await tenant.update("users", ["name": .text(name)], where: ["id": .integer(user)]) == 1
        }
    }

    /// `GET /orders?after=…`: a table of the shop's own, by any key.
    func orders(host: String, after link: String? = nil) async throws -> (rows: [Order], next: String?) {
        let page = try await piste.inside(company(host), "orders", readOnly: true) {
            try await $0.page(
                of: "orders", by: ["total", "id"], after: link.flatMap { RowKey($0) }, descending: true)
        }
        return (try page.rows.map { try $0.decode() }, page.next?.description)
    }

    /// `GET /users`, with the status that an HTTP client understands.
    func status(host: String) async -> Int {
        do {
            _ = try await users(host: host)
            return 200
        } catch let error as TenancyError {
            switch (error.code, error.refusalCode) {
            case (.refused, "unknown_company"): return 404
            case (.refused, "too_many_tickets"): return 429
            case (.refused, _): return 403
            case (.contextEnded, _): return 409
            case (.unreachable, _), (.deadlineExceeded, _): return 503
            default: return 500
            }
        } catch {
            return 500
        }
    }

    private func company(_ host: String) -> String { String(host.prefix { $0 != "." }) }
}
