import Tenancy

/// The routes of a shop's API; the company is the host's first label, as in `acme.shop.example`.
struct Routes {
    let piste: TenancyClient

    /// `GET /users?after=…`: fifty users, and where the next fifty begin.
    func users(host: String, after place: Keyset? = nil) async throws -> (rows: [User], next: Keyset?) {
        let request: PageRequest<Keyset> = PageRequest(place.map { .after($0) } ?? .start, limit: 50)
        let page = try await piste.inside(company(host)) { try await $0.users(sort: .name, request) }
        return (page.rows, page.hasMore ? page.rows.last?.keyset : nil)
    }

    /// `GET /users`, with the status that an HTTP client understands.
    func status(host: String) async -> Int {
        do {
            _ = try await users(host: host)
            return 200
        } catch let error as TenancyError {
            switch (error.code, error.refusalCode) {
            case (.refused, "unknown_company"): return 404
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
