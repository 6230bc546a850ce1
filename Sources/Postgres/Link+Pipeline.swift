import CLibpq

extension Link {
    /// A statement with its parameters as libpq takes them.
    struct Laid: Sendable {
        let sql: String
        let parameters: ParameterList
    }

    /// Sends all statements before it reads the first answer; behind a failure the server skips the rest.
    func execute(pipeline statements: [Laid]) throws(PostgresError) -> [Rows] {
        guard !statements.contains(where: { $0.sql.drop { $0.isWhitespace }.lowercased().hasPrefix("copy") })
        else {
            throw PostgresError(.misuse, "COPY cannot be one of several statements")
        }
        guard PQenterPipelineMode(raw) == 1 else { throw failure() }
        for statement in statements {
            let sent = statement.parameters.withPointers { count, types, values, lengths, formats in
                PQsendQueryParams(raw, statement.sql, count, types, values, lengths, formats, 0)
            }
            guard sent == 1 else { throw failure() }
        }
        guard PQpipelineSync(raw) == 1 else { throw failure() }
        flush()
        var answers: [Rows] = []
        var failure: PostgresError?
        for _ in statements {
            while let result = nextResult() {
                switch PQresultStatus(result) {
                case PGRES_PIPELINE_ABORTED:
                    PQclear(result)
                case PGRES_FATAL_ERROR, PGRES_BAD_RESPONSE:
                    failure = failure ?? PostgresError(result: result, fallback: "a statement failed")
                    PQclear(result)
                default:
                    answers.append(Rows(QueryResult(taking: result)))
                }
                if PQstatus(raw) == CONNECTION_BAD { break }
            }
            if PQstatus(raw) == CONNECTION_BAD { break }
        }
        while PQstatus(raw) != CONNECTION_BAD, let end = nextResult() { PQclear(end) }
        _ = PQexitPipelineMode(raw)
        try check(failure)
        guard answers.count == statements.count else {
            throw failure ?? PostgresError(.misuse, "a statement is empty")
        }
        return answers
    }
}
