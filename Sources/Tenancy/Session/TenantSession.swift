import FoundationEssentials
import Postgres
import Synchronization

/// One open context on a connection of its own; every read is declared in the company's audit trail before it runs.
public actor TenantSession {
    /// The context, as the server reported it.
    public nonisolated let context: OpenContext

    let wire: Wire
    let settings: ConnectionSettings
    private let watch = Mutex<AuditWatch?>(nil)
    private var declaredAt: ContinuousClock.Instant?
    /// What the map of a ticket's company says, once it was asked for.
    var askedTables: PlayedTables??

    init(_ wire: Wire, _ settings: ConnectionSettings, _ context: OpenContext) {
        self.wire = wire
        self.settings = settings
        self.context = context
    }

    /// Connects and enters; a refusal closes the connection again.
    static func open(
        _ token: ContextToken, _ settings: ConnectionSettings,
        lost: @escaping @Sendable (TenancyError) -> Void
    ) async throws(TenancyError) -> TenantSession {
        let wire = try await Wire.open(settings, inContext: true, lost: lost)
        do throws(TenancyError) {
            let row = try await wire.outside.answer(
                "SELECT *, session_user AS operator, piste.adopted_here() IS NOT NULL AS is_adopted FROM piste.enter($1)",
                [.text(token.token)])
            return try await TenantSession(wire, settings, try row.read(OpenContext.init(row:)))
                .knowingPlayedTables()
        } catch {
            await wire.connection.close()
            throw error
        }
    }

    /// Commits the record that goes before a read or a change; the gate opens for `resources` afterwards.
    ///
    /// A ticket is the record itself: there it is only looked whether it names the tables.
    func declare(
        _ action: String, _ resources: String, _ detail: [String: DeclaredValue] = [:]
    ) async throws(TenancyError) {
        if let ticket = wire.ticket {
            if declaredAt == nil { declaredAt = ContinuousClock.now }
            return try ticket.require(resources)
        }
        try await wire.rows(
            "SELECT piste.declare($1, $2, $3::jsonb)",
            [.text(action), .text(resources), Parameter(detail.isEmpty ? nil : DeclaredValue.json(detail))])
        declaredAt = ContinuousClock.now
    }

    /// Throws where the company's tables are no blueprint's, and there is nothing of the kind.
    func requireBlueprint() async throws(TenancyError) {
        guard try await playedTables() != nil else { return }
        throw TenancyError(
            .failed,
            "This company was adopted, and its tables are its application's own: piste tables \(context.urlID) lists them, "
                + "piste rows \(context.urlID) TABLE their rows.")
    }

    /// Reads rows behind the gate, after `declare`.
    ///
    /// The gate opens for ten seconds after a declaration and gives no rows afterwards, without an error. An answer that
    /// came that late is dropped, so that nobody takes rows for missing that were only waited for too long; so is one that
    /// touched a shut table for any other reason (the standbys lack the record). A ticket's answer has no need of that but at
    /// the very end: there the server ends the transaction.
    func gated(
        _ sql: String, _ parameters: [Parameter] = [], deadline: Duration = Wire.patience
    ) async throws(TenancyError) -> Rows {
        if wire.ticket != nil {
            if declaredAt == nil { declaredAt = ContinuousClock.now }
            let rows = try await wire.rows(sql, parameters, deadline: deadline)
            try requireFreshDeclaration()
            return rows
        }
        let (rows, missed) = try await wire.rowsAndMissed(sql, parameters, deadline: deadline)
        try requireFreshDeclaration()
        if let first = missed.first {
            throw TenancyError(.failed, "Nothing was read of \(first.name): \(first.why).")
        }
        return rows
    }

    /// The tables that were read in vain, and why: in the transaction of a ticket, else in this context since its last
    /// declaration.
    ///
    /// A read that finds no rows cannot tell them from rows that it was not given; this can.
    public func missedTables() async throws(TenancyError) -> [MissedTable] {
        try await wire.rows(MissedTable.question).read(MissedTable.init(row:))
    }

    /// Throws when the gate may have closed before the last answer.
    func requireFreshDeclaration() throws(TenancyError) {
        let lifetime = Duration.seconds(wire.ticket?.seconds ?? 9)
        guard let declaredAt, ContinuousClock.now - declaredAt < lifetime else {
            guard wire.ticket == nil else {
                throw TenancyError(.deadlineExceeded, "The transaction took longer than its ticket holds.")
            }
            throw TenancyError(
                .deadlineExceeded, "The request took longer than its declaration holds (10 s). Try it again.")
        }
    }

    /// Interrupts what the session is doing, in PostgreSQL too; returns at once.
    public nonisolated func cancel() { wire.connection.cancel() }

    /// Leaves the context and closes the connection, also in a task that was cancelled: an interrupted caller is the one
    /// who must not leave a context open.
    public func leave() async {
        watch.withLock { $0 }?.end()
        await Task {
            _ = try? await wire.rows("SELECT piste.leave()", deadline: .seconds(5))
            await wire.connection.close()
        }.value
    }

    /// Drops the connection without a word, for when the server does not answer.
    public nonisolated func abandon() {
        watch.withLock { $0 }?.end()
        wire.connection.abandon()
    }

    nonisolated func keep(_ new: AuditWatch) {
        watch.withLock { watch in
            watch?.end()
            watch = new
        }
    }
}

extension OpenContext {
    init(row: Row) throws(PostgresError) {
        self.init(
            jti: try row.string("jti"), urlID: try row.string("url_id"),
            companyName: try row.string("company_name"),
            operatorName: try row.string("operator"),
            purpose: Purpose(rawValue: try row.string("purpose")) ?? .access,
            access: Access(rawValue: try row.string("access")) ?? .read,
            subject: try row.optionalString("subject"),
            expiresAt: try row.date("expires_at"), serverTime: try row.date("server_time"),
            isAdopted: try row.bool("is_adopted"))
    }
}
