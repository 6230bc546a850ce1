/// What went wrong between Piste and PostgreSQL: a code to branch on, and the server's own words.
///
/// Its description holds the message and the SQLSTATE only. `detail` and `hint` can quote values of rows, so
/// whoever shows them decides to.
package struct PostgresError: Error, Sendable {
    package var code: Code
    /// One sentence, from the server, from libpq or from here.
    package var message: String
    /// Five characters, when the server answered with an error of its own.
    package var sqlState: String?
    /// ERROR, FATAL, PANIC, in English whatever the server's language is.
    package var severity: String?
    package var detail: String?
    package var hint: String?
    /// Where in PL/pgSQL or in nested statements the server was.
    package var context: String?
    package var schema: String?
    package var table: String?
    package var column: String?
    package var constraint: String?
    /// Whether the connection was lost while the answer to a statement was awaited that the server may have carried out.
    package var isOutcomeUnknown = false
    /// Whether the server wanted a password and libpq found none.
    package var lacksPassword = false
    /// What a closure of the caller threw in the middle of a COPY.
    package var cause: (any Error)?

    package init(_ code: Code, _ message: String, sqlState: String? = nil, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.sqlState = sqlState
        self.cause = cause
    }
}

extension PostgresError {
    /// The kinds of failure that a caller tells apart.
    package struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Kind: String {
            case unreachable, connectionLost, refusedByServer, cancelled, deadlineExceeded, decoding, misuse
        }

        private let kind: Kind

        /// No connection was made: nobody listens there, the name is unknown, or time ran out.
        package static let unreachable = Code(kind: .unreachable)
        /// The connection was made and is gone; `sqlState` says why when the server said so (57P01, 57P05).
        package static let connectionLost = Code(kind: .connectionLost)
        /// The server answered, and the answer is an error; `sqlState` says which.
        package static let refusedByServer = Code(kind: .refusedByServer)
        /// The statement was stopped on request (57014) or never began because its task was cancelled.
        package static let cancelled = Code(kind: .cancelled)
        /// The caller's deadline passed; the statement was stopped.
        package static let deadlineExceeded = Code(kind: .deadlineExceeded)
        /// A value is not of the type that it was read as.
        package static let decoding = Code(kind: .decoding)
        /// The call itself is wrong: a closed connection, a NUL in a text, an unreadable connection string.
        package static let misuse = Code(kind: .misuse)

        package var description: String { kind.rawValue }
    }
}

extension PostgresError: CustomStringConvertible {
    package var description: String {
        sqlState.map { "\(message) (SQLSTATE \($0))" } ?? message
    }
}
