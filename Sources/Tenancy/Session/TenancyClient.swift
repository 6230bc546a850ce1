package import Postgres

/// An operator's connection to the engine without any context: lists, tokens, admin, sweeping.
public actor TenancyClient {
    /// Opens the control connection.
    package static func connect(_ settings: ConnectionSettings) async throws(TenancyError) -> TenancyClient {
        throw TenancyError(.failed, "not written yet")
    }

    /// Says who this connection is, as the server sees it.
    public func whoAmI() async throws(TenancyError) -> Identity { throw TenancyError(.failed, "") }

    /// Lists the companies that this operator may see, in the order of their names.
    public func companies(
        matching search: String = "", _ page: PageRequest<String> = PageRequest()
    ) async throws(TenancyError) -> Page<Company> { throw TenancyError(.failed, "") }

    /// Counts the companies that match.
    public func companiesCount(matching search: String = "") async throws(TenancyError) -> Int { 0 }

    /// Reads one company.
    public func company(_ urlID: String) async throws(TenancyError) -> Company {
        throw TenancyError(.failed, "")
    }

    /// Builds a company: schema, roles, tables, gate, keys and first audit record, in one transaction.
    public func createCompany(name: String, urlID: String, authProvider: String) async throws(TenancyError)
        -> Company
    {
        throw TenancyError(.failed, "")
    }

    /// Issues a token that opens a context of at most 30 minutes.
    public func generateContextToken(for urlID: String, minutes: Int = 30) async throws(TenancyError)
        -> ContextToken
    {
        throw TenancyError(.failed, "")
    }

    /// Issues a token for an impersonation, with a written reason.
    public func impersonateCompany(
        _ urlID: String, reason: String, ticket: String? = nil, user: String? = nil, minutes: Int = 15
    ) async throws(TenancyError) -> ContextToken { throw TenancyError(.failed, "") }

    /// Opens a context on a connection of its own.
    public func enter(_ token: ContextToken) async throws(TenancyError) -> TenantSession {
        throw TenancyError(.failed, "")
    }

    /// Lists contexts: one's own, or everybody's for an admin.
    public func contexts(liveOnly: Bool = true) async throws(TenancyError) -> [ContextRecord] { [] }

    /// Ends a context: token, membership and backend; done twice it changes nothing.
    public func endContext(_ jti: String, why: String) async throws(TenancyError) {}

    /// Lists the operators.
    public func operators() async throws(TenancyError) -> [Operator] { [] }

    /// Closes what expired or lost its backend; says what it had to do.
    @discardableResult
    public func sweep() async throws(TenancyError) -> [SweepAction] { [] }

    /// Reads a company's audit trail from outside, newest first; nil reads the control trail.
    ///
    /// Admins only.
    public func auditTrail(
        of urlID: String?, before: Int64? = nil, limit: Int = 50
    ) async throws(TenancyError) -> [AuditRecord] { [] }

    /// Recomputes a company's audit chain.
    ///
    /// Admins only.
    public func verifyAudit(of urlID: String) async throws(TenancyError) -> AuditVerdict {
        throw TenancyError(.failed, "")
    }

    /// Interrupts what the connection is doing, in PostgreSQL too; returns at once.
    public nonisolated func cancel() {}

    /// Closes the connection.
    public func close() {}
}

/// One thing that a sweep had to do.
public struct SweepAction: Hashable, Sendable {
    /// The context it concerns.
    public let jti: String
    /// What was done and why.
    public let what: String

    package init(jti: String, what: String) {
        self.jti = jti
        self.what = what
    }
}
