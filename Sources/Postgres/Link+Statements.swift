import CLibpq
import Glibc

extension Link {
    /// Runs one statement with parameters in the extended protocol.
    func execute(_ sql: String, _ parameters: ParameterList) throws(PostgresError) -> Rows {
        let sent = parameters.withPointers { count, types, values, lengths, formats in
            PQsendQueryParams(raw, sql, count, types, values, lengths, formats, 0)
        }
        guard sent == 1 else { throw failure() }
        flush()
        return try collect()
    }

    /// Runs any number of statements without parameters in the simple protocol.
    func execute(script: String) throws(PostgresError) {
        guard PQsendQuery(raw, script) == 1 else { throw failure() }
        flush()
        _ = try collect()
    }

    /// Feeds `COPY … FROM STDIN` until the producer gives nil, and gives the number of rows.
    func copyIn(_ sql: String, _ produce: () throws -> [UInt8]?) throws(PostgresError) -> Int {
        try beginCopy(sql, PGRES_COPY_IN)
        var producerFailure: PostgresError?
        var isComplete = false
        do {
            while let chunk = try produce(), put(chunk) {}
            isComplete = !isToldToStop
        } catch let error as PostgresError {
            producerFailure = error
        } catch {
            producerFailure = PostgresError(.misuse, "the rows to copy could not be made", cause: error)
        }
        _ = PQputCopyEnd(raw, isComplete ? nil : "the client could not make the rows")
        flush()
        do throws(PostgresError) {
            return try collect().affected
        } catch {
            throw loss ?? producerFailure ?? error
        }
    }

    /// Hands every row of `COPY … TO STDOUT` to the consumer, and gives the number of rows.
    func copyOut(_ sql: String, _ consume: ([UInt8]) throws -> Void) throws(PostgresError) -> Int {
        try beginCopy(sql, PGRES_COPY_OUT)
        var consumerFailure: PostgresError?
        var buffer: UnsafeMutablePointer<CChar>?
        while true {
            let length = PQgetCopyData(raw, &buffer, 1)
            if length < 0 { break }
            guard length > 0, let row = buffer else {
                _ = wait(for: POLLIN)
                if PQconsumeInput(raw) == 0 { break }
                continue
            }
            defer { PQfreemem(row) }
            guard consumerFailure == nil else { continue }
            do {
                try consume(Array(UnsafeRawBufferPointer(start: row, count: Int(length))))
            } catch {
                // The rest is read and dropped; asking the server to stop makes it short.
                consumerFailure =
                    error as? PostgresError
                    ?? PostgresError(.misuse, "the copied rows were not taken", cause: error)
                requestCancel()
            }
        }
        do throws(PostgresError) {
            let rows = try collect()
            guard let consumerFailure else { return rows.affected }
            throw consumerFailure
        } catch {
            throw loss ?? consumerFailure ?? error
        }
    }

    private func beginCopy(_ sql: String, _ expected: ExecStatusType) throws(PostgresError) {
        guard PQsendQuery(raw, sql) == 1 else { throw failure() }
        flush()
        guard let first = nextResult() else { throw failure() }
        let status = PQresultStatus(first)
        let error = status == PGRES_FATAL_ERROR ? PostgresError(result: first, fallback: "COPY failed") : nil
        PQclear(first)
        guard status != expected else { return }
        if status == PGRES_COPY_IN { _ = PQputCopyEnd(raw, "this is no COPY TO") }
        if status == PGRES_COPY_OUT { skipCopiedRows() }
        while let rest = nextResult() { PQclear(rest) }
        try check(error)
        throw PostgresError(.misuse, "the statement is no COPY of the kind that was asked for")
    }

    /// Sends one chunk; false when the server has already given up on this COPY.
    private func put(_ chunk: [UInt8]) -> Bool {
        for start in stride(from: 0, to: chunk.count, by: 1 << 20) {
            let piece = chunk[start..<min(start + (1 << 20), chunk.count)]
            let sent = piece.withUnsafeBytes { bytes in
                PQputCopyData(raw, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(bytes.count))
            }
            guard sent == 1 else { return false }
            flush()
            if isToldToStop { return false }
        }
        return true
    }
}
