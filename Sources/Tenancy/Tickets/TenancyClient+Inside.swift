import FoundationEssentials
import Postgres

extension TenancyClient {
    /// Runs the body in one transaction inside a company, by a ticket on a connection of the pool (service).
    ///
    /// The ticket is the record: it is committed in the company's trail before the body can read. Role, path and ticket end
    /// with the transaction, so that the connection is in no company when it goes back. The transaction is committed when the
    /// body returns, and rolled back when it throws. Several bodies may run at once, also in different companies.
    ///
    /// - Parameters:
    ///   - urlID: the company's `url_id`, from where the request came in (its host name, its path), never from what a client
    ///     may write into the body.
    ///   - tables: what the body touches; `"*"` for all of the company's tables. Of a table that is not named it gets no rows.
    ///   - action: how the trail calls it, for instance `users.invite`; from the first table when it is not given.
    ///   - detail: what the trail is to hold beside that; nothing that came from a row.
    ///   - readOnly: lets the body read and not write.
    ///   - seconds: how long the transaction may take, 1 to 1800.
    ///   - patience: how long to wait for a connection when all are in use.
    ///   - body: what is done inside; the session is of no use afterwards.
    /// - Throws: what the body throws; `refused` with the engine's code word (`company_suspended`, `unknown_company`,
    ///   `tables_missing`); `deadlineExceeded` when no connection was free in time.
    public func inside<Answer: Sendable>(
        _ urlID: String, _ tables: String..., action: String? = nil, detail: [String: String] = [:],
        readOnly: Bool = false, seconds: Int = 60, patience: Duration = .seconds(10),
        _ body: @Sendable (TenantSession) async throws -> Answer
    ) async throws -> Answer {
        try await byTicket(
            Wish(
                urlID: urlID, tables: tables, action: action, detail: detail, readOnly: readOnly,
                seconds: seconds),
            patience, body)
    }

    /// Runs the body inside the company of a context token, for instance of an end user's from `exchange`.
    ///
    /// The token's subject stands in every record, and the ticket ends with the token at the latest. Otherwise as with a name.
    public func inside<Answer: Sendable>(
        as token: ContextToken, _ tables: String..., action: String? = nil, detail: [String: String] = [:],
        readOnly: Bool = false, seconds: Int = 60, patience: Duration = .seconds(10),
        _ body: @Sendable (TenantSession) async throws -> Answer
    ) async throws -> Answer {
        try await byTicket(
            Wish(
                token: token.token, tables: tables, action: action, detail: detail, readOnly: readOnly,
                seconds: seconds),
            patience, body)
    }

    private func byTicket<Answer: Sendable>(
        _ wish: Wish, _ patience: Duration, _ body: @Sendable (TenantSession) async throws -> Answer
    ) async throws -> Answer {
        let (connection, session) = try await ticketed(wish, patience)
        let answer: Answer
        do {
            answer = try await body(session)
        } catch {
            await end(connection, session)
            throw error
        }
        do throws(PostgresError) {
            if session.hasBegun { try await connection.commit(deadline: Wire.patience) }
        } catch {
            await end(connection, session)
            throw TenancyError(ticket: error)
        }
        await giveBack(connection, session)
        return answer
    }

    /// A connection with a ticket that is not used yet.
    ///
    /// One that turns out to be gone is replaced, once: nothing has happened.
    private func ticketed(
        _ wish: Wish, _ patience: Duration
    ) async throws(TenancyError) -> (Connection, TenantSession) {
        var isFirst = true
        while true {
            let connection = try await pool.take(patience: patience)
            do throws(TenancyError) {
                let wire = Wire(connection: connection, isInContext: false)
                let row = try await wire.answer(
                    """
                    SELECT t.*, session_user AS operator, clock_timestamp() AS server_time,
                        clock_timestamp() + make_interval(secs => $6) AS expires_at
                    FROM piste.ticket(
                        url_id => $1, token => $2, action => $3, resource => $4, detail => $5::jsonb, seconds => $6::int,
                        read_only => $7) t
                    """, wish.parameters)
                return (connection, try TenantSession(wish, row, connection, settings))
            } catch {
                await pool.giveBack(connection, isSound: error.code == .refused || error.sqlState != nil)
                guard isFirst, error.code == .unreachable else { throw error }
                isFirst = false
            }
        }
    }

    /// Rolls back, whatever state the transaction is in; a connection that cannot is of no use.
    private func end(_ connection: Connection, _ session: TenantSession) async {
        do throws(PostgresError) {
            try await connection.rollback(deadline: .seconds(5))
        } catch {
            return await pool.giveBack(connection, isSound: false)
        }
        await giveBack(connection, session)
    }

    /// Gives the connection back as it came: what statements of the caller's own may have set for the session is reset.
    private func giveBack(_ connection: Connection, _ session: TenantSession) async {
        guard session.wire.ticket?.ranOwnSQL ?? true else {
            return await pool.giveBack(connection, isSound: true)
        }
        do throws(PostgresError) {
            try await connection.run(script: Self.reset, deadline: .seconds(5))
            await pool.giveBack(connection, isSound: true)
        } catch {
            await pool.giveBack(connection, isSound: false)
        }
    }

    /// What DISCARD ALL does, as statements that go in one message.
    private static let reset =
        "CLOSE ALL; SET SESSION AUTHORIZATION DEFAULT; RESET ALL; SET datestyle = ISO; DEALLOCATE ALL; UNLISTEN *"
}

extension TenancyClient {
    /// What a ticket is asked for with.
    struct Wish: Sendable {
        var urlID: String?
        var token: String?
        var tables: [String]
        var action: String?
        var detail: [String: String]
        var readOnly: Bool
        var seconds: Int

        /// How the trail calls it when nobody says: the first table, read or used.
        private var word: String {
            let table = tables.first.flatMap { $0 == "*" ? nil : $0 } ?? "tables"
            return table + (readOnly ? ".read" : ".use")
        }

        var parameters: [Parameter] {
            [
                Parameter(urlID), Parameter(token), .text(action ?? word),
                .text(tables.joined(separator: ",")),
                Parameter(detail.isEmpty ? nil : DeclaredValue.json(detail.mapValues { .text($0) })),
                .int(Int64(seconds)), .bool(readOnly),
            ]
        }
    }
}

extension TenantSession {
    /// A session by ticket, on a connection that stays the pool's.
    fileprivate init(
        _ wish: TenancyClient.Wish, _ row: Row, _ connection: Connection, _ settings: ConnectionSettings
    ) throws(TenancyError) {
        let ticket = try row.read { row throws(PostgresError) in
            TicketUse(id: try row.string("ticket"), tables: wish.tables, seconds: wish.seconds)
        }
        let context = try row.read { row throws(PostgresError) in
            OpenContext(
                jti: ticket.id, urlID: wish.urlID ?? "", companyName: wish.urlID ?? "",
                operatorName: try row.string("operator"), purpose: .service,
                access: wish.readOnly ? .read : .readWrite, subject: nil,
                expiresAt: try row.date("expires_at"), serverTime: try row.date("server_time"))
        }
        self.init(
            Wire(connection: connection, isInContext: true, ticket: ticket), settings, context)
    }

    /// Whether the ticket is used, that is, whether there is a transaction.
    nonisolated var hasBegun: Bool { wire.ticket?.preamble.isSent ?? false }
}
