import FoundationEssentials
import Postgres
import Text

extension TenancyClient {
    /// Says where a company's own people sign in; nil when that was not set.
    public func identityProvider(of urlID: String) async throws(TenancyError) -> IdentityProvider? {
        try await providerNow(of: urlID).provider
    }

    /// Sets where a company's own people sign in (admin).
    ///
    /// Whoever signed in with what was set before is thrown out. Companies that share issuer and audience differ in a required
    /// claim.
    /// - Returns: how many contexts ended.
    @discardableResult
    public func setIdentityProvider(
        of urlID: String, _ rules: SignInRules, keys: IdentityProvider.Keys
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
            """
            SELECT * FROM piste.set_company_provider(
                $1, $2, $3, $4, $5::jsonb, ARRAY(SELECT jsonb_array_elements_text($6::jsonb)), $7, $8, $9::jsonb, $10)
            """,
            [
                .text(urlID), .text(rules.issuer), Parameter(rules.audiences.first), Parameter(address),
                Parameter(set), .text(JSONValue.array(rules.audiences.map(JSONValue.text)).json),
                .text(rules.userClaim.rawValue),
                .bool(rules.trustsAddresses), .text(rules.claimsText), .bool(rules.requiresNonce),
            ])
        return try row.read { row throws(PostgresError) in try row.int("contexts_ended") }
    }

    /// The same with one audience, and verified addresses as users.
    @discardableResult
    public func setIdentityProvider(
        of urlID: String, issuer: String, audience: String, keys: IdentityProvider.Keys
    ) async throws(TenancyError) -> Int {
        try await setIdentityProvider(
            of: urlID, SignInRules(issuer: issuer, audiences: [audience]), keys: keys)
    }

    /// Links the provider's own number of a user with a user of the company (admin), or takes the link away.
    ///
    /// - Parameters:
    ///   - urlID: the company.
    ///   - subject: what the provider's tokens say, the `sub` or the `oid`.
    ///   - email: the user's address in the company; nil takes the link away.
    public func linkUser(
        of urlID: String, subject: String, email: String?
    ) async throws(TenancyError) {
        _ = try await wire.answer(
            "SELECT * FROM piste.link_user($1, $2, $3)", [.text(urlID), .text(subject), Parameter(email)])
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
            let rules = SignInRules(
                issuer: issuer, audiences: Self.decoded([String].self, try row.string("audiences")) ?? [],
                userClaim: UserClaim(rawValue: try row.string("user_claim")) ?? .email,
                trustsAddresses: try row.bool("trust_addresses"),
                requiredClaims: Self.decoded([String: String].self, try row.string("claims")) ?? [:],
                requiresNonce: try row.bool("require_nonce"))
            let provider = IdentityProvider(
                rules: rules, keys: keys, setAt: try row.date("set_at"), setBy: try row.string("set_by"))
            return (provider, now)
        }
    }
}

extension SignInRules {
    /// The required claims as JSON.
    var claimsText: String {
        JSONValue.object(
            requiredClaims.sorted { $0.key < $1.key }.map { (key: $0.key, value: .text($0.value)) }
        ).json
    }
}
