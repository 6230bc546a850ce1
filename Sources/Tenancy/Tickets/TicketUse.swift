import Postgres
import Synchronization

/// A ticket on its way to be used: what is sent before the first statement, and until when it holds.
final class TicketUse: Sendable {
    let id: String
    let tables: [String]
    let seconds: Int
    /// The transaction begins, and uses the ticket, together with whatever statement comes first.
    let preamble: Preamble
    private let ownSQL = Mutex(false)

    init(id: String, tables: [String], seconds: Int) {
        self.id = id
        self.tables = tables
        self.seconds = seconds
        preamble = Preamble([
            Preamble.Part("BEGIN"), Preamble.Part("SELECT access FROM piste.use($1::uuid)", [.text(id)]),
        ])
    }

    /// Whether the caller ran statements of its own: only those can change what the connection's next user finds.
    var ranOwnSQL: Bool { ownSQL.withLock { $0 } }

    func noteOwnSQL() { ownSQL.withLock { $0 = true } }

    /// Throws for a table that the ticket does not name, where the server would give no rows without a word.
    func require(_ resources: String) throws(TenancyError) {
        guard tables != ["*"] else { return }
        for name in resources.split(separator: ",").map({ String($0) }) where !tables.contains(name) {
            throw TenancyError(.invalid, "This needs the table \(name), which the ticket does not name.")
        }
    }
}
