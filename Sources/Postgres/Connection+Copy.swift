extension Connection {
    /// Feeds `COPY … FROM STDIN` with pieces of any size until `chunks` gives nil; gives the number of rows.
    ///
    /// The closure is called on the connection's thread and may take its time. What it throws ends the COPY
    /// without a row and arrives as the error's `cause`.
    @discardableResult
    nonisolated(nonsending) package func copyIn(
        _ sql: String,
        deadline: Duration? = nil,
        chunks: sending @escaping () throws -> [UInt8]?
    ) async throws(PostgresError) -> Int {
        let produce = Handed(chunks)
        return try await perform(deadline: deadline) { link throws(PostgresError) in
            try link.copyIn(sql, produce.value)
        }
    }

    /// Hands every row of `COPY … TO STDOUT` to `each`, line end included; gives the number of rows.
    ///
    /// The closure is called on the connection's thread. What it throws ends the COPY and arrives as the
    /// error's `cause`.
    @discardableResult
    nonisolated(nonsending) package func copyOut(
        _ sql: String,
        deadline: Duration? = nil,
        each: sending @escaping ([UInt8]) throws -> Void
    ) async throws(PostgresError) -> Int {
        let consume = Handed(each)
        return try await perform(deadline: deadline) { link throws(PostgresError) in
            try link.copyOut(sql, consume.value)
        }
    }
}

/// A closure that was sent to the connection's thread and is called nowhere else.
private struct Handed<Closure>: @unchecked Sendable {
    let value: Closure

    init(_ value: Closure) {
        self.value = value
    }
}
