import Postgres

extension TenancyClient {
    /// Says where a company's own people sign in (admin); nil takes it away.
    ///
    /// Contexts that began with a sign-in at the old provider end at once; gives how many were open. Throws `invalid` for what
    /// is no address or key set, and the refusal `provider_taken` when another company has this issuer and audience.
    @discardableResult
    public func setIdentityProvider(
        _ provider: IdentityProvider?, for urlID: String
    ) async throws(TenancyError) -> Int {
        var (address, set): (String?, String?)
        switch provider?.keys {
        case .url(let url): address = url
        case .set(let json):
            _ = try KeySet(Array(json.utf8))
            set = json
        case nil: break
        }
        let row = try await wire.answer(
            "SELECT * FROM piste.set_identity_provider($1, $2, $3, $4, $5::jsonb)",
            [
                .text(urlID), Parameter(provider?.issuer), Parameter(provider?.audience), Parameter(address),
                Parameter(set),
            ])
        return try row.read { row throws(PostgresError) in try row.int("contexts_ended") }
    }

    /// Where a company's own people sign in (admin, service); nil when nobody has said.
    public func identityProvider(of urlID: String) async throws(TenancyError) -> IdentityProvider? {
        try await providerRow(urlID)?.read(IdentityProvider.init(row:))
    }

    func providerRow(_ urlID: String) async throws(TenancyError) -> Row? {
        let rows = try await wire.rows("SELECT * FROM piste.identity_provider($1)", [.text(urlID)])
        try rows.first?.throwRefusal()
        return rows.first
    }
}

extension IdentityProvider {
    init(row: Row) throws(PostgresError) {
        let keys: Keys =
            if let address = try row.optionalString("jwks_url") { .url(address) } else {
                .set(try row.string("keys"))
            }
        self.init(
            issuer: try row.string("issuer"), audience: try row.string("audience"), keys: keys,
            setAt: try row.date("set_at"))
    }
}
