import FoundationEssentials
import Postgres

/// A connection as this module uses it: every request has a deadline, every failure is a `TenancyError`.
struct Wire: Sendable {
    /// How long a request may take when it says nothing else.
    static let patience = Duration.seconds(30)
    /// How long a request may take that makes or drops roles: those wait for whoever installs the engine in another
    /// database of the same server, which holds the list of roles until it has committed.
    static let patienceForRoles = Duration.seconds(180)

    let connection: Connection
    /// Whether the connection stands in a context, so that losing it may mean that the context is over.
    let isInContext: Bool
    /// The ticket of a session that is one transaction; nil for contexts and outside.
    var ticket: TicketUse?

    /// Connects; `lost` hears at once when the server ended the connection, also while nothing runs.
    static func open(
        _ settings: ConnectionSettings, inContext: Bool,
        notified: @escaping @Sendable (_ channel: String) -> Void = { _ in },
        lost: @escaping @Sendable (TenancyError) -> Void
    ) async throws(TenancyError) -> Wire {
        do {
            let connection = try await Connection.open(
                settings.with(applicationName: "piste"),
                notifications: { notified($0.channel) },
                lost: { lost(TenancyError($0, inContext: inContext)) })
            return Wire(connection: connection, isInContext: inContext)
        } catch {
            throw TenancyError(error, inContext: false)
        }
    }

    /// The same connection before it has entered: what fails then is not the end of a context.
    var outside: Wire { Wire(connection: connection, isInContext: false) }

    /// Runs one statement; of one that changes something, a lost connection says whether it can have done so.
    @discardableResult
    func rows(
        _ sql: String, _ parameters: [Parameter] = [], deadline: Duration = Wire.patience,
        isChange: Bool = false
    ) async throws(TenancyError) -> Rows {
        guard let ticket else {
            do {
                return try await connection.query(sql, parameters, deadline: deadline)
            } catch {
                throw TenancyError(error, inContext: isInContext, ofChange: isChange)
            }
        }
        do {
            return try await connection.query(sql, parameters, after: ticket.preamble, deadline: deadline)
        } catch {
            throw TenancyError(ticket: error)
        }
    }

    /// Runs one read in a context and asks, in the same exchange, which tables it touched in vain.
    func rowsAndMissed(
        _ sql: String, _ parameters: [Parameter], deadline: Duration
    ) async throws(TenancyError) -> (rows: Rows, missed: [MissedTable]) {
        let answers: [Rows]
        do {
            answers = try await connection.pipeline(
                [Preamble.Part(sql, parameters), Preamble.Part(MissedTable.question)], deadline: deadline)
        } catch {
            throw TenancyError(error, inContext: isInContext)
        }
        return (answers[0], try answers[1].read(MissedTable.init(row:)))
    }

    /// The one row of an engine function that answers with a `refusal` or with what was asked for.
    func answer(
        _ sql: String, _ parameters: [Parameter] = [], deadline: Duration = Wire.patience
    ) async throws(TenancyError) -> Row {
        guard let row = try await rows(sql, parameters, deadline: deadline, isChange: true).first else {
            throw TenancyError(.failed, "The engine gave no answer.")
        }
        try row.throwRefusal()
        return row
    }
}

extension Row {
    /// Throws what the engine refused, when it did.
    func throwRefusal() throws(TenancyError) {
        if let refusal = try read({ row throws(PostgresError) in try row.optionalString("refusal") }) {
            throw TenancyError(.refused, refusal)
        }
    }

    /// Reads columns, with a failure told as this module tells it.
    func read<Value>(_ body: (Row) throws(PostgresError) -> Value) throws(TenancyError) -> Value {
        do {
            return try body(self)
        } catch {
            throw TenancyError(error, inContext: false)
        }
    }
}

extension Rows {
    /// Reads every row.
    func read<Value>(_ body: (Row) throws(PostgresError) -> Value) throws(TenancyError) -> [Value] {
        var values: [Value] = []
        values.reserveCapacity(count)
        for row in self { values.append(try row.read(body)) }
        return values
    }
}

extension Timestamp {
    var date: Date { Date(timeIntervalSince1970: secondsSince1970) }
}

extension Row {
    func date(_ column: String) throws(PostgresError) -> Date { try timestamp(column).date }
    func optionalDate(_ column: String) throws(PostgresError) -> Date? { try optionalTimestamp(column)?.date }
}
