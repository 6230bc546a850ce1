import Postgres

/// One connection of the prover's login, attacking or showing that the same is let through when it is allowed.
struct ProbeSession: Sendable {
    let connection: Connection

    /// How the server answers one statement; a refusal in the column of that name counts as one.
    func answer(
        _ sql: String, _ parameters: [Parameter] = [], deadline: Duration = .seconds(60)
    ) async -> ProbeAnswer {
        do throws(PostgresError) {
            let rows = try await connection.query(sql, parameters, deadline: deadline)
            if let row = rows.first, row.columns.contains("refusal"),
                let refusal = try row.optionalString("refusal")
            {
                return .refusal(String(refusal.prefix { $0 != ":" }))
            }
            return .rows(rows.isEmpty ? rows.affected : rows.count)
        } catch {
            return Self.answer(error)
        }
    }

    /// How the server answers statements in one transaction, which is rolled back: that of the last, or the first error.
    func tryOut(_ statements: [String]) async -> ProbeAnswer {
        var answer = await self.answer("BEGIN")
        for sql in statements {
            answer = await self.answer(sql)
            if case .rows = answer { continue }
            break
        }
        _ = await self.answer("ROLLBACK")
        return answer
    }

    /// How many rows a COPY sends before it ends.
    func copied(_ sql: String) async -> ProbeAnswer {
        do throws(PostgresError) {
            return .rows(try await connection.copyOut(sql, deadline: .seconds(60)) { _ in })
        } catch {
            return Self.answer(error)
        }
    }

    /// Announces a read of the users.
    func declare() async throws {
        try await connection.query("SELECT piste.declare('users.read', 'users')")
    }

    /// Runs what must go well for the attack to mean anything.
    @discardableResult
    func must(_ sql: String, _ parameters: [Parameter] = []) async throws -> Rows {
        try await connection.query(sql, parameters)
    }

    /// Leaves whatever the session was in, and closes it.
    func close() async {
        if connection.isAlive {
            _ = await answer("ROLLBACK")
            _ = await answer("SELECT piste.leave()")
        }
        await connection.close()
    }

    private static func answer(_ error: PostgresError) -> ProbeAnswer {
        switch error.code {
        case .connectionLost: .ended
        default: error.sqlState.map { $0 == "57P01" ? .ended : .error($0) } ?? .error(error.code.description)
        }
    }
}
