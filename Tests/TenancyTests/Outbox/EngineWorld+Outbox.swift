import Postgres
import TestSupport
import Testing

extension Connection {
    /// The SQLSTATE with which a job is refused; nil when it is in the outbox.
    func enqueue(_ kind: String = "mail.welcome", _ payload: String = "{}") async -> String? {
        await sqlState("SELECT piste.enqueue($1, $2::jsonb)", [.text(kind), .text(payload)])
    }

    /// Leases jobs; nil when there are none.
    func drain(_ limit: Int = 100, _ more: String = "") async throws -> String? {
        let row = try await query("SELECT * FROM piste.drain(\(limit)\(more))")[0]
        guard try row.isNull("refusal") else { throw Refused(text: try row.string("refusal")) }
        return try row.optionalString("lease")
    }

    /// What a lease gives out, as "acme mail.welcome 1": company, kind and attempt.
    func jobs(_ lease: String) async throws -> [String] {
        try await query(
            "SELECT concat_ws(' ', company, kind, attempt) FROM piste.jobs($1::uuid)", [.text(lease)]
        ).map { try $0.string(0) }
    }

    func finish(_ lease: String) async throws -> Int {
        try await number("SELECT finished FROM piste.finish_jobs($1::uuid)", [.text(lease)])
    }
}

extension EngineWorld {
    /// Puts jobs into a company's outbox in one transaction of a service.
    func enqueue(_ number: Int = 1, in company: String, by service: Connection) async throws {
        let ticket = try await service.ticket(company)
        #expect(await service.begin(using: ticket) == nil)
        for _ in 0..<number { #expect(await service.enqueue() == nil) }
        try await service.query("COMMIT")
    }

    func letDrain(_ login: String, _ allowed: Bool = true) async throws {
        #expect(
            try await owner.refusal("let_drain($1, $2)", [.text(login), .bool(allowed)]) == nil)
    }

    /// How many jobs lie in a company's outbox.
    func jobs(_ company: String) async throws -> Int {
        try await owner.number(
            "SELECT count(*) FROM piste.job j JOIN piste.company k ON k.id = j.company WHERE k.url_id = $1",
            [.text(company)])
    }

    /// The newest entry with this action of a company's trail, or (nil) of the control trail, as its detail.
    func lastDetail(_ action: String, of company: String?) async throws -> String {
        try await owner.value(
            """
            SELECT e.detail::text FROM piste.entry e
            WHERE e.action = $1 AND e.company = coalesce(
                (SELECT k.id FROM piste.company k WHERE k.url_id = $2), piste.no_company())
            ORDER BY e.id DESC LIMIT 1
            """, [.text(action), Parameter(company)])
    }
}
