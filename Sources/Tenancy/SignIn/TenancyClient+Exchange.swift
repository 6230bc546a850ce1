import Postgres

extension TenancyClient {
    /// Gives a context token for the user whom an ID token of the company's own provider vouches for (service).
    ///
    /// Signature, issuer, audience, kind, required claims, dates, `nonce` and user are checked here, by the database's clock;
    /// the engine then checks that issuer, audience and claims are this company's, that the user exists in it and is active, and
    /// that this ID token is exchanged for the first time. `nonce` is the one that the sign-in was begun with, and must be given exactly
    /// when the token carries one. The context ends with the ID token at the latest. What is refused is on record.
    public func exchange(
        idToken: String, nonce: String? = nil, company urlID: String, minutes: Int = 30
    ) async throws(TenancyError) -> ContextToken {
        let (provider, now) = try await providerNow(of: urlID)
        let digest = IDToken.digest(of: idToken)
        do {
            let verified = try await verify(idToken, of: provider, nonce: nonce, now: now).get()
            guard let provider else { throw IDTokenRefusal.noProvider }
            return try await exchange(verified, digest, of: provider, company: urlID, minutes: minutes)
        } catch let refusal as IDTokenRefusal {
            // The record is the engine's own answer for whoever may not exchange at all.
            _ = try await wire.answer(
                "SELECT * FROM piste.record_refused_id_token($1, $2, $3)",
                [.text(urlID), .text(refusal.code.rawValue), .text(digest)])
            throw refusal.error
        } catch let error as TenancyError {
            throw error
        } catch {
            throw TenancyError(.failed, "The ID token was not verified.")
        }
    }

    /// What the token vouches for, or what is wrong with it; throws when the provider's keys cannot be read.
    private func verify(
        _ text: String, of provider: IdentityProvider?, nonce: String?, now: Double
    ) async throws(TenancyError) -> Result<VerifiedIDToken, IDTokenRefusal> {
        guard let provider else { return .failure(.noProvider) }
        let token: IDToken
        do throws(IDTokenRefusal) {
            token = try IDToken(text)
        } catch {
            return .failure(error)
        }
        func judged(by keys: JSONWebKeySet) -> Result<VerifiedIDToken, IDTokenRefusal> {
            Result { () throws(IDTokenRefusal) in
                try token.verified(by: keys, for: provider.rules, nonce: nonce, now: now)
            }
        }
        switch provider.keys {
        case .set(let text): return judged(by: try JSONWebKeySet(text))
        case .address(let address):
            let verdict = judged(by: try await keySets.keys(at: address, for: token.kid))
            // Providers that do not name their keys change them all the same.
            guard case .failure(let refusal) = verdict, refusal.code == .signature,
                let keys = try await keySets.keysAgain(at: address)
            else { return verdict }
            return judged(by: keys)
        }
    }

    /// Asks for the exchange from inside the company, by a ticket for its users: the engine finds the user through the gate.
    private func exchange(
        _ verified: VerifiedIDToken, _ digest: String, of provider: IdentityProvider, company urlID: String,
        minutes: Int
    ) async throws(TenancyError) -> ContextToken {
        do {
            // A refusal is an answer, and its record is committed like any other.
            let answer = try await inside(urlID, "users", action: "users.sign_in") { session in
                try await session.wire.rows(
                    """
                    SELECT * FROM piste.exchange_id_token(
                        $1, $2, $3, $4, $5, to_timestamp($6::bigint), $7::int, user_claim => $8, claims => $9::jsonb)
                    """,
                    [
                        .text(urlID), .text(provider.issuer), .text(verified.audience), .text(verified.user),
                        .text(digest), .int(verified.expiresAt), .int(Int64(minutes)),
                        .text(provider.rules.userClaim.rawValue), .text(provider.rules.claimsText),
                    ])
            }
            guard let row = answer.first else { throw TenancyError(.failed, "The engine gave no answer.") }
            try row.throwRefusal()
            return try row.read(ContextToken.init(row:))
        } catch let error as TenancyError {
            throw error
        } catch {
            throw TenancyError(.failed, "The ID token was not exchanged.")
        }
    }
}
