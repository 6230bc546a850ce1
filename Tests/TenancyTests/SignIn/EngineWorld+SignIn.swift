import Postgres
import Tenancy
import TestSupport

extension EngineWorld {
    /// The provider on paper that acme's tests share, with the keys drawn once.
    static let paper = Task { try await PaperProvider() }

    /// Sets the paper provider as acme's, and gives acme a user Ada, one who was suspended, and one who was only invited.
    func signIn() async throws -> PaperProvider {
        let paper = try await Self.paper.value
        let bob = try await client(bob)
        try await bob.setIdentityProvider(
            of: "acme", issuer: PaperProvider.issuer, audience: PaperProvider.audience, keys: .set(paper.jwks)
        )
        await bob.close()
        try await owner.query(
            """
            INSERT INTO \(acme).users (email, name, status) VALUES
                ('ada@acme.example', 'Ada', 'active'), ('sue@acme.example', 'Sue', 'suspended'),
                ('ian@acme.example', 'Ian', 'invited')
            """)
        return paper
    }

    /// A connection of the service in a context of its own, which has just declared a read of the users.
    func declared(_ company: String = "acme", as login: String? = nil) async throws -> Connection {
        let (connection, _) = try await inside(company, as: login ?? shop)
        try await connection.declare()
        return connection
    }
}

extension Connection {
    /// Asks the engine for an exchange without any token behind it, as a service could that verifies nothing.
    func exchange(
        company: String = "acme", issuer: String = PaperProvider.issuer,
        audience: String = PaperProvider.audience, email: String = "ada@acme.example",
        digest: Character = "a", later: Int = 600, minutes: Int = 30
    ) async throws -> (refusal: String?, token: String?, jti: String?) {
        let row = try await query(
            """
            SELECT * FROM piste.exchange_id_token(
                $1, $2, $3, $4, $5, clock_timestamp() + $6::int * interval '1 second', $7::int)
            """,
            [
                .text(company), .text(issuer), .text(audience), .text(email),
                .text(String(repeating: digest, count: 64)), .int(Int64(later)), .int(Int64(minutes)),
            ])[0]
        return (
            try row.optionalString("refusal")?.split(separator: ":").first.map(String.init),
            try row.optionalString("token"), try row.optionalString("jti")
        )
    }
}
