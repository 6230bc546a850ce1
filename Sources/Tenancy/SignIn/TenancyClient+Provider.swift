import FoundationEssentials
import Postgres

extension TenancyClient {
    /// Says where a company's own people sign in; nil when that was not set.
    public func identityProvider(of urlID: String) async throws(TenancyError) -> IdentityProvider? {
        try await providerNow(of: urlID).provider
    }

    /// Sets where a company's own people sign in (admin).
    ///
    /// Whoever signed in with what was set before is thrown out. No two companies share issuer and audience.
    /// - Returns: how many contexts ended.
    @discardableResult
    public func setIdentityProvider(
        of urlID: String, issuer: String, audience: String, keys: IdentityProvider.Keys
    ) async throws(TenancyError) -> Int {
        var address: String?
        var set: String?
        switch keys {
        case .address(let text): address = text
        case .set(let text):
            _ = try JSONWebKeySet(text)
            set = text
        }
        let row = try await wire.answer(
            "SELECT * FROM piste.set_company_provider($1, $2, $3, $4, $5::jsonb)",
            [.text(urlID), .text(issuer), .text(audience), Parameter(address), Parameter(set)])
        return try row.read { row throws(PostgresError) in try row.int("contexts_ended") }
    }

    /// Takes a company's provider away (admin); whoever signed in there is thrown out.
    ///
    /// - Returns: how many contexts ended.
    @discardableResult
    public func removeIdentityProvider(of urlID: String) async throws(TenancyError) -> Int {
        let row = try await wire.answer("SELECT * FROM piste.remove_company_provider($1)", [.text(urlID)])
        return try row.read { row throws(PostgresError) in try row.int("contexts_ended") }
    }

    /// The provider, and the database's clock in seconds since the epoch.
    func providerNow(
        of urlID: String
    ) async throws(TenancyError) -> (provider: IdentityProvider?, now: Double) {
        let rows = try await wire.rows("SELECT * FROM piste.company_provider($1)", [.text(urlID)])
        guard let row = rows.first else { throw TenancyError(.failed, "The engine gave no answer.") }
        return try row.read { row throws(PostgresError) in
            let now = try row.date("server_time").timeIntervalSince1970
            guard let issuer = try row.optionalString("issuer") else { return (nil, now) }
            let keys: IdentityProvider.Keys =
                if let address = try row.optionalString("jwks_uri") { .address(address) } else {
                    .set(try row.string("jwks"))
                }
            let provider = IdentityProvider(
                issuer: issuer, audience: try row.string("audience"), keys: keys,
                setAt: try row.date("set_at"), setBy: try row.string("set_by"))
            return (provider, now)
        }
    }
}
