package import Postgres

extension TenantSession {
    /// Connects, has a token issued and enters with it, in one exchange on one connection.
    ///
    /// For whoever does one thing in one company; nobody else ever sees the token.
    package static func open(
        company urlID: String, minutes: Int = 1, _ settings: ConnectionSettings
    ) async throws(TenancyError) -> TenantSession {
        let wire = try await Wire.open(settings, inContext: true, lost: { _ in })
        do throws(TenancyError) {
            let row = try await wire.outside.answer(
                """
                SELECT coalesce(t.refusal, e.refusal) AS refusal, session_user AS operator,
                    piste.adopted_here() IS NOT NULL AS is_adopted, e.*
                FROM piste.generate_context_token($1, $2) t
                LEFT JOIN LATERAL piste.enter(t.token) e ON t.refusal IS NULL
                """,
                [.text(urlID), .int(Int64(minutes))])
            return try await TenantSession(wire, settings, try row.read(OpenContext.init(row:)))
                .knowingPlayedTables()
        } catch {
            await wire.connection.close()
            throw error
        }
    }

    /// Runs the body and leaves, whatever the body did.
    package nonisolated func leaving<Value: Sendable, Failure: Error>(
        after body: @Sendable (TenantSession) async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let outcome: Result<Value, Failure>
        do throws(Failure) {
            outcome = .success(try await body(self))
        } catch {
            outcome = .failure(error)
        }
        await leave()
        return try outcome.get()
    }
}
