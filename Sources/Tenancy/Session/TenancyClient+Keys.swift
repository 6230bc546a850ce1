import Postgres

extension TenancyClient {
    /// Gives a company another signing key (admin): tokens of the old one die at once, and so do their contexts.
    @discardableResult
    public func rotateSigningKey(for urlID: String) async throws(TenancyError) -> KeyRotation {
        let row = try await wire.answer("SELECT * FROM piste.rotate_signing_key($1)", [.text(urlID)])
        return try row.read { row throws(PostgresError) in
            KeyRotation(
                kid: try row.string("kid"), retiredKid: try row.string("retired_kid"),
                contextsEnded: try row.int("contexts_ended"), tokensEnded: try row.int("tokens_ended"))
        }
    }

    /// Lists the keys of a company, the one in use first (admin); no secret is among it.
    public func signingKeys(of urlID: String) async throws(TenancyError) -> [SigningKey] {
        let rows = try await wire.rows("SELECT * FROM piste.signing_keys($1)", [.text(urlID)])
        try rows.first?.throwRefusal()
        return try rows.read { row throws(PostgresError) in
            SigningKey(
                kid: try row.string("kid"), algorithm: try row.string("algorithm"),
                createdAt: try row.date("created_at"), createdBy: try row.optionalString("created_by"),
                retiredAt: try row.optionalDate("retired_at"), retiredBy: try row.optionalString("retired_by")
            )
        }
    }
}
