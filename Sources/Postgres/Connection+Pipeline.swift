extension Connection {
    /// Runs several statements in one exchange and gives their answers in order.
    ///
    /// The first that fails is thrown, and those behind it do not run.
    @discardableResult
    nonisolated(nonsending) package func pipeline(
        _ parts: [Preamble.Part], deadline: Duration? = nil
    ) async throws(PostgresError) -> [Rows] {
        let statements = try Self.laidOut(parts)
        return try await perform(deadline: deadline) { link throws(PostgresError) in
            try link.execute(pipeline: statements)
        }
    }

    /// Runs one statement, and before it, in the same exchange, what the preamble has not yet sent.
    @discardableResult
    nonisolated(nonsending) package func query(
        _ sql: String, _ parameters: [Parameter] = [], after preamble: Preamble, deadline: Duration? = nil
    ) async throws(PostgresError) -> Rows {
        let last = try Self.laidOut([Preamble.Part(sql, parameters)])
        return try await perform(deadline: deadline) { link throws(PostgresError) in
            // Here statements come one after the other: it is decided here which is the first.
            let statements = try Self.laidOut(preamble.take()) + last
            guard let only = statements.first, statements.count == 1 else {
                return try link.execute(pipeline: statements)[statements.count - 1]
            }
            return try link.execute(only.sql, only.parameters)
        }
    }

    /// Commits the open transaction, and throws where PostgreSQL would answer with a silent ROLLBACK.
    nonisolated(nonsending) package func commit(deadline: Duration? = nil) async throws(PostgresError) {
        try await perform(deadline: deadline, isCancellable: false) { link throws(PostgresError) in
            try link.commit()
        }
    }

    /// Rolls the open transaction back, if there is one; also in a task that was cancelled.
    nonisolated(nonsending) package func rollback(deadline: Duration? = nil) async throws(PostgresError) {
        try await perform(deadline: deadline, isCancellable: false) { link throws(PostgresError) in
            if link.isInTransaction { try link.execute(script: "ROLLBACK") }
        }
    }

    private static func laidOut(_ parts: [Preamble.Part]) throws(PostgresError) -> [Link.Laid] {
        var laid: [Link.Laid] = []
        for part in parts {
            try refuseNUL(part.sql)
            laid.append(Link.Laid(sql: part.sql, parameters: try ParameterList(part.parameters)))
        }
        return laid
    }
}
