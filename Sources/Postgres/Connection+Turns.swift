extension Connection {
    /// Puts work into the thread's queue and gives its outcome.
    nonisolated(nonsending) func perform<Value: Sendable>(
        deadline: Duration? = nil,
        opening turn: Turn? = nil,
        isCancellable: Bool = true,
        _ work: @escaping @Sendable (Link) throws(PostgresError) -> Value
    ) async throws(PostgresError) -> Value {
        let ticket = Statement.Ticket()
        let end = deadline.map { ContinuousClock.now.advanced(by: $0) }
        let outcome: Result<Value, PostgresError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                thread.enqueue(
                    Statement(
                        ticket: ticket,
                        turn: thread.heldTurn,
                        opens: turn,
                        deadline: end,
                        run: { link in
                            let outcome: Result<Value, PostgresError>
                            do throws(PostgresError) {
                                outcome = .success(try link.perform(until: end, work))
                            } catch {
                                outcome = .failure(error)
                            }
                            continuation.resume(returning: outcome)
                        },
                        refuse: { continuation.resume(returning: .failure($0)) },
                    ))
            }
        } onCancel: {
            if isCancellable { thread.cancel(ticket) }
        }
        return try outcome.get()
    }

    /// Runs `body` inside one transaction: commits when it returns, rolls back when it throws.
    ///
    /// The connection belongs to the body meanwhile: statements from other tasks wait until the end. Calls
    /// from the body, and from tasks that it waits for, go through at once. Transactions do not nest.
    nonisolated(nonsending) package func transaction<Value>(
        begin: String = "BEGIN",
        _ body: (Connection) async throws -> Value
    ) async throws -> Value {
        guard thread.heldTurn == nil else {
            throw PostgresError(.misuse, "a transaction is already open on this connection")
        }
        let turn = Turn()
        try await perform(opening: turn) { link throws(PostgresError) in try link.execute(script: begin) }
        defer { thread.end(turn) }
        return try await Turn.$held.withValue(Turn.held + [turn]) {
            do {
                let value = try await body(self)
                try await perform { link throws(PostgresError) in try link.commit() }
                return value
            } catch {
                // The task may be cancelled; the transaction must end all the same.
                try? await rollback(deadline: .seconds(10))
                throw error
            }
        }
    }
}

extension Link {
    /// Commits, and throws where PostgreSQL would answer a COMMIT with a silent ROLLBACK.
    func commit() throws(PostgresError) {
        guard !isInFailedTransaction else {
            throw PostgresError(
                .misuse, "a statement of the transaction failed, so that it cannot be committed")
        }
        try execute(script: "COMMIT")
    }
}
