public import FoundationEssentials
import Postgres
import Signing

extension TenancyClient {
    /// Exchanges an ID token of a company's own identity provider for a context token of that user of that company (service).
    ///
    /// The ID token is verified by OpenID Connect Core 1.0, section 3.1.3.7: signature (RS256 or ES256, as its key says), issuer,
    /// audience, end, nonce and verified email address, by the server's clock with a minute of leeway. The user must be an
    /// active one of the company, which is looked up with a declared read. Each ID token is exchanged once. What is found wanting
    /// is refused on record, with the ID token's digest and never the token.
    ///
    /// - Parameters:
    ///   - idToken: the ID token, a signed JWT.
    ///   - urlID: the company that the user signed in to, from where the request came in.
    ///   - nonce: what the sign-in was begun with; needed exactly when the token carries one.
    ///   - minutes: 1 to 30.
    ///   - fetching: fetches the provider's keys where it has an address for them; with `curl` unless said otherwise. A client
    ///     keeps them for five minutes.
    /// - Throws: `refused` with the engine's code word (`id_token_expired`, `id_token_replayed`, `user_unknown`, …),
    ///   `failed` when the keys cannot be fetched, and what `fetching` throws.
    public func exchange(
        idToken: String, for urlID: String, nonce: String? = nil, minutes: Int = 30,
        fetching: (@Sendable (_ address: String) async throws -> [UInt8])? = nil
    ) async throws -> ContextToken {
        let digest = Hexadecimal.text(SHA256.hash(idToken.utf8))
        let row = try await providerRow(urlID)
        guard let row else {
            // The engine says so, on record.
            return try await exchange(urlID, "-", "-", "-@-", digest, Date(timeIntervalSince1970: 0), minutes)
        }
        let provider = try row.read(IdentityProvider.init(row:))
        let now = try row.read { row throws(PostgresError) in try row.date("server_time") }
        do {
            let keys = try await keySet(of: provider, for: try IDToken.keyID(of: idToken), fetching)
            let token = try IDToken(verifying: idToken, of: provider, with: keys, nonce: nonce, now: now)
            let email = try await activeUser(token.email, of: urlID)
            return try await exchange(
                urlID, provider.issuer, provider.audience, email, digest, token.endsAt, minutes)
        } catch let fault as IDTokenFault {
            let answer = try await wire.rows(
                "SELECT piste.refuse_id_token($1, $2, $3) AS refusal",
                [.text(urlID), .text(fault.rawValue), .text(digest)])
            try answer.first?.throwRefusal()
            throw TenancyError(.failed, "The engine gave no answer.")
        }
    }

    private func keySet(
        of provider: IdentityProvider, for keyID: String?,
        _ fetching: (@Sendable (String) async throws -> [UInt8])?
    ) async throws -> KeySet {
        switch provider.keys {
        case .set(let json): return try KeySet(Array(json.utf8))
        case .url(let address):
            return try await keySets.keys(
                at: address, for: keyID, fetching: fetching ?? { try await KeySetFetch.fetch($0) })
        }
    }

    /// The address under which the company has the user; the provider's may be written with other capitals.
    private func activeUser(_ email: String, of urlID: String) async throws -> String {
        let user = try await inside(urlID, minutes: 1) { try await $0.user(email: email) }
        guard let user else { throw IDTokenFault.userUnknown }
        guard user.status == .active else { throw IDTokenFault.userInactive }
        return user.email
    }

    private func exchange(
        _ urlID: String, _ issuer: String, _ audience: String, _ email: String, _ digest: String,
        _ endsAt: Date,
        _ minutes: Int
    ) async throws(TenancyError) -> ContextToken {
        let row = try await wire.answer(
            "SELECT * FROM piste.exchange_id_token($1, $2, $3, $4, $5, to_timestamp($6::float8), $7)",
            [
                .text(urlID), .text(issuer), .text(audience), .text(email), .text(digest),
                .text("\(endsAt.timeIntervalSince1970)"), .int(Int64(minutes)),
            ])
        return try row.read(ContextToken.init(row:))
    }
}
