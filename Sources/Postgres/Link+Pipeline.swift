import CLibpq

extension Link {
    /// A statement with its parameters as libpq takes them.
    struct Laid: Sendable {
        let sql: String
        let parameters: ParameterList
    }

    /// Sends all statements before it reads the first answer; behind a failure the server skips the rest.
    ///
    /// One that libpq does not take is such a failure too: what was sent before it runs, and the connection is of use
    /// afterwards.
    func execute(pipeline statements: [Laid]) throws(PostgresError) -> [Rows] {
        guard !statements.contains(where: { $0.sql.drop { $0.isWhitespace }.lowercased().hasPrefix("copy") })
        else {
            throw PostgresError(.misuse, "COPY cannot be one of several statements")
        }
        guard PQenterPipelineMode(raw) == 1 else { throw failure() }
        var refused: PostgresError?
        var sent = 0
        for statement in statements {
            guard send(statement) else {
                refused = failure()
                break
            }
            sent += 1
        }
        guard PQpipelineSync(raw) == 1 else { throw refused ?? failure() }
        flush()
        let (answers, failed) = readAnswers(sent)
        while PQstatus(raw) != CONNECTION_BAD, let end = nextResult() { PQclear(end) }
        deliverNotifications()
        if PQexitPipelineMode(raw) != 1 { lose("the connection does not come out of a pipeline") }
        try check(failed, isAnswered: !answers.isEmpty)
        if let refused { throw refused }
        guard answers.count == statements.count else {
            throw PostgresError(.misuse, "a statement is empty")
        }
        return answers
    }

    private func send(_ statement: Laid) -> Bool {
        statement.parameters.withPointers { count, types, values, lengths, formats in
            PQsendQueryParams(raw, statement.sql, count, types, values, lengths, formats, 0)
        } == 1
    }

    /// The answers to so many statements, up to the first that failed.
    private func readAnswers(_ count: Int) -> (answers: [Rows], failure: PostgresError?) {
        var answers: [Rows] = []
        var failure: PostgresError?
        for _ in 0..<count {
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
        return (answers, failure)
    }
}
