import Postgres
import TestSupport
import Testing

extension EngineWorld {
    /// Sets a company's policy as the cluster's owner.
    func policy(_ arguments: String, of company: String = "acme") async throws {
        let refusal = try await owner.refusal("set_company_policy('\(company)', \(arguments))")
        guard refusal == nil else { throw Refused(text: refusal ?? "") }
    }

    /// One more operator, who was there before anything is asked.
    func another(_ name: String, _ level: String) async throws -> String {
        let login = database.roleName(name)
        try await owner.query("SELECT * FROM piste.add_operator($1, $2)", [.text(login), .text(level)])
        return login
    }

    /// Lets a request run out.
    func expireRequest(_ id: String, in milliseconds: Int = 0) async throws {
        try await owner.query(
            "UPDATE piste.request SET expires_at = clock_timestamp() + $2::int * interval '1 ms' WHERE id = $1::uuid",
            [.text(id), .int(Int64(milliseconds))])
    }

    func state(_ id: String) async throws -> String {
        try await owner.value("SELECT state FROM piste.request WHERE id = $1::uuid", [.text(id)])
    }

    /// How many records of this action a company's trail has about a request.
    func records(_ action: String, of request: String, in home: String) async throws -> Int {
        try await owner.number(
            "SELECT count(*) FROM piste_test.trail('\(home)') WHERE action = $1 AND detail ->> 'request' = $2",
            [.text(action), .text(request)])
    }
}

extension Connection {
    /// Asks for an impersonation that needs an approval; gives the request's id.
    func ask(
        _ company: String = "acme", _ reason: String = "why", ticket: String? = nil, minutes: Int? = nil
    ) async throws -> String {
        let row = try await query(
            "SELECT * FROM piste.impersonate_company($1, $2, $3, NULL, $4)",
            [.text(company), .text(reason), Parameter(ticket), Parameter(minutes)])[0]
        guard try row.isNull("token"), let id = try row.optionalString("request") else {
            throw Refused(text: try row.optionalString("refusal") ?? "a token")
        }
        #expect(try row.string("refusal").hasPrefix("approval_required: "))
        #expect(try row.string("refusal").contains(id))
        return id
    }

    /// The code word of the refusal; nil when it is decided.
    func decide(_ id: String, _ approve: Bool, _ reason: String = "looked into it") async throws -> String? {
        try await refusal("decide_request($1::uuid, $2, $3)", [.text(id), .bool(approve), .text(reason)])
    }

    /// The token, or the code word of the refusal.
    func claim(_ id: String) async throws -> (token: String?, refusal: String?) {
        let row = try await query("SELECT * FROM piste.claim_request($1::uuid)", [.text(id)])[0]
        return (
            try row.optionalString("token"),
            try row.optionalString("refusal")?.split(separator: ":").first.map(String.init)
        )
    }
}
