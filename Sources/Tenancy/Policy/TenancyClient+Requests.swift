import FoundationEssentials
import Postgres

extension TenancyClient {
    /// Asks for an impersonation, with a written reason.
    ///
    /// Gives its token, or the request that a second operator must approve first; asked the same again once that is
    /// approved, it gives the token.
    ///
    /// Without `minutes` it is for 15, or what the company allows at most; `claiming: false` leaves the claiming of what was
    /// approved to the caller.
    public func requestImpersonation(
        of urlID: String, reason: String, ticket: String? = nil, user: String? = nil, minutes: Int? = nil,
        claiming: Bool = true
    ) async throws(TenancyError) -> Impersonation {
        let rows = try await wire.rows(
            "SELECT * FROM piste.impersonate_company($1, $2, $3, $4, $5)",
            [.text(urlID), .text(reason), Parameter(ticket), Parameter(user), Parameter(minutes)])
        guard let row = rows.first else { throw TenancyError(.failed, "The engine gave no answer.") }
        if let id = try row.read({ row throws(PostgresError) in try row.optionalString("request") }) {
            let request = try await request(id)
            return claiming && request.state == .approved ? .granted(try await claim(id)) : .pending(request)
        }
        try row.throwRefusal()
        return .granted(try row.read(ContextToken.init(row:)))
    }

    /// Lists requests, the newest first: one's own, or everybody's for support and admins.
    ///
    /// - Parameter pendingOnly: only those of which something can still come.
    public func requests(pendingOnly: Bool = true) async throws(TenancyError) -> [ApprovalRequest] {
        try await wire.rows("SELECT * FROM piste.requests($1)", [.bool(pendingOnly)])
            .read(ApprovalRequest.init(row:))
    }

    /// Reads one request.
    public func request(_ id: String) async throws(TenancyError) -> ApprovalRequest {
        let rows = try await wire.rows("SELECT * FROM piste.request($1::uuid)", [.text(try Self.checked(id))])
        guard let row = rows.first else { throw TenancyError(.notFound, "There is no such request.") }
        return try row.read(ApprovalRequest.init(row:))
    }

    /// Approves or denies somebody else's request, with a reason.
    public func decide(_ id: String, approve: Bool, reason: String) async throws(TenancyError) {
        _ = try await wire.answer(
            "SELECT refusal FROM piste.decide_request($1::uuid, $2, $3)",
            [.text(try Self.checked(id)), .bool(approve), .text(reason)])
    }

    /// Turns one's own approved request into a token, once.
    public func claim(_ id: String) async throws(TenancyError) -> ContextToken {
        let row = try await wire.answer(
            "SELECT * FROM piste.claim_request($1::uuid)", [.text(try Self.checked(id))])
        return try row.read(ContextToken.init(row:))
    }

    /// Takes one's own request back.
    public func withdraw(_ id: String) async throws(TenancyError) {
        _ = try await wire.answer(
            "SELECT refusal FROM piste.withdraw_request($1::uuid)", [.text(try Self.checked(id))])
    }

    /// Calls `changed` now and whenever a request was made, decided, claimed or closed, for as long as the connection
    /// lasts (support, admin); it is called on the connection's own thread, so be brief there.
    public func watchRequests(_ changed: @escaping @Sendable () -> Void) async throws(TenancyError) {
        let row = try await wire.answer("SELECT * FROM piste.watch_requests()")
        let channel = try row.read { row throws(PostgresError) in try row.string("channel") }
        switchboard.connect(channel, to: changed)
        try await wire.rows("LISTEN " + Quoted.identifier(channel))
        changed()
    }

    private static func checked(_ id: String) throws(TenancyError) -> String {
        guard UUID(uuidString: id) != nil else {
            throw TenancyError(.invalid, "This is no request's id.")
        }
        return id
    }
}

extension ApprovalRequest {
    init(row: Row) throws(PostgresError) {
        self.init(
            id: try row.string("id"), urlID: try row.string("url_id"),
            companyName: try row.string("company_name"), operatorName: try row.string("operator"),
            user: try row.optionalString("user_email"), reason: try row.string("reason"),
            ticket: try row.optionalString("ticket"), minutes: try row.int("minutes"),
            state: State(rawValue: try row.string("state")) ?? .expired, askedAt: try row.date("asked_at"),
            expiresAt: try row.date("expires_at"), decidedAt: try row.optionalDate("decided_at"),
            decidedBy: try row.optionalString("decided_by"), decision: try row.optionalString("decision"),
            mayDecide: try row.bool("may_decide"), serverTime: try row.date("server_time"))
    }
}
