import Postgres

extension TenancyClient {
    /// Issues a token that opens a context of at most 30 minutes.
    public func generateContextToken(
        for urlID: String, minutes: Int = 30
    ) async throws(TenancyError) -> ContextToken {
        let row = try await wire.answer(
            "SELECT * FROM piste.generate_context_token($1, $2)", [.text(urlID), .int(Int64(minutes))])
        return try row.read(ContextToken.init(row:))
    }

    /// Issues a token for an impersonation, with a written reason.
    ///
    /// Where the company wants a second operator's approval, the request is made and the refusal `approval_required`
    /// names it; `requestImpersonation` gives it as a value.
    public func impersonateCompany(
        _ urlID: String, reason: String, ticket: String? = nil, user: String? = nil, minutes: Int? = nil
    ) async throws(TenancyError) -> ContextToken {
        switch try await requestImpersonation(
            of: urlID, reason: reason, ticket: ticket, user: user, minutes: minutes)
        {
        case .granted(let token): return token
        case .pending(let request): throw request.refusal
        }
    }

    /// Opens a context on a connection of its own.
    ///
    /// `lost` hears at once when the server ended that connection: the context is over, or the server is.
    public func enter(
        _ token: ContextToken, lost: @escaping @Sendable (TenancyError) -> Void = { _ in }
    ) async throws(TenancyError) -> TenantSession {
        try await TenantSession.open(token, settings, lost: lost)
    }

    /// Asks what a token is worth, without entering with it: a service and an admin about every token, others about their own.
    public func inspect(_ token: String) async throws(TenancyError) -> TokenInspection {
        let rows = try await wire.rows("SELECT * FROM piste.inspect_token($1)", [.text(token)])
        guard let row = rows.first else { throw TenancyError(.failed, "The engine gave no answer.") }
        return try row.read(TokenInspection.init(row:))
    }

    /// Lists contexts: one's own, or everybody's for an admin.
    public func contexts(liveOnly: Bool = true) async throws(TenancyError) -> [ContextRecord] {
        try await wire.rows("SELECT * FROM piste.contexts($1)", [.bool(liveOnly)]).read(
            ContextRecord.init(row:))
    }

    /// Ends a context: token, membership and backend; done twice it changes nothing.
    public func endContext(_ jti: String, why: String) async throws(TenancyError) {
        _ = try await wire.answer(
            "SELECT refusal FROM piste.end_context($1::uuid, $2)", [.text(jti), .text(why)])
    }
}

extension ContextToken {
    init(row: Row) throws(PostgresError) {
        self.init(
            token: try row.string("token"), jti: try row.string("jti"), expiresAt: try row.date("expires_at"))
    }
}

extension TokenInspection {
    init(row: Row) throws(PostgresError) {
        isGood = try row.bool("good")
        code = try row.optionalString("code")
        words = try row.optionalString("words")
        jti = try row.optionalString("jti")
        urlID = try row.optionalString("url_id")
        operatorName = try row.optionalString("operator")
        subject = try row.optionalString("subject")
        purpose = try row.optionalString("purpose").flatMap(OpenContext.Purpose.init(rawValue:))
        access = try row.optionalString("access").flatMap(OpenContext.Access.init(rawValue:))
        issuedAt = try row.optionalDate("issued_at")
        expiresAt = try row.optionalDate("expires_at")
        endedAt = try row.optionalDate("ended_at")
        isOpen = try row.optionalString("is_open") == "t"
        claims = try row.optionalString("claims")
    }
}

extension ContextRecord {
    init(row: Row) throws(PostgresError) {
        self.init(
            jti: try row.string("jti"), urlID: try row.string("url_id"),
            companyName: try row.string("company_name"),
            operatorName: try row.string("operator"),
            purpose: OpenContext.Purpose(rawValue: try row.string("purpose")) ?? .access,
            subject: try row.optionalString("subject"), reason: try row.optionalString("reason"),
            ticket: try row.optionalString("ticket"), issuedAt: try row.date("issued_at"),
            openedAt: try row.optionalDate("opened_at"), expiresAt: try row.date("expires_at"),
            endedAt: try row.optionalDate("ended_at"), endReason: try row.optionalString("end_reason"),
            isLive: try row.bool("live"))
    }
}
