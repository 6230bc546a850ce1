import Tenancy
import Terminal

/// A company's audit trail: its newest records, as they are committed, and a window onto all of them.
struct AuditState: Equatable, Sendable {
    /// The newest records, the newest first.
    private(set) var records: [AuditRecord] = []
    /// The whole trail, filtered by PostgreSQL.
    var trail = ListState<AuditRecord>()
    /// The number of the newest record that the server told of.
    var newest: Int64 = 0
    var isFullScreen = false
    var isPaused = false
    var isWatched = false
    /// Whether the server's announcements stopped: what is shown may be old until it is read again.
    var isDeaf = false
    var pending: RequestID?
    var failure: String?

    /// The number of the first record whose link to the one before is broken, among those read.
    private(set) var firstBroken: Int64?

    /// What the corner says before the state of the chain.
    var mode: DisplayText { isPaused ? "paused · " : isDeaf ? "not live · " : "" }

    var newestRecord: AuditRecord? { records.first }

    /// Takes the newest records in, and hands those that are new on to the window; false where some in between were not
    /// read, so that the window has to be read again.
    mutating func accept(_ new: [AuditRecord], height: Int) -> Bool {
        failure = nil
        let known = records.first?.seq ?? 0
        records = new
        defer { checkLinks() }
        newest = max(newest, new.first?.seq ?? 0)
        guard known > 0, let oldest = new.last?.seq, oldest <= known + 1 else { return known == 0 }
        let fresh = new.prefix { $0.seq > known }
        trail.arrive(trail.meaning.admitted(of: Array(fresh), \.texts), height: height)
        return true
    }

    /// Takes a page of the window in.
    mutating func accept(_ page: Page<AuditRecord>, at place: PageRequest<Int64>.Place, height: Int) {
        trail.accept(page, at: place, height: height)
        checkLinks()
    }

    mutating func wipe() {
        let paused = isPaused
        self = AuditState()
        isPaused = paused
    }

    /// Rows of a filter, also of one that was only just taken away, are no chain.
    private mutating func checkLinks() {
        let isChain = trail.meaning.text.isEmpty && !trail.isStale
        firstBroken =
            Self.firstBroken(among: records) ?? (isChain ? Self.firstBroken(among: trail.rows) : nil)
    }

    private static func firstBroken(among records: [AuditRecord]) -> Int64? {
        zip(records, records.dropFirst()).first { later, earlier in
            later.previousHash != earlier.hash || later.seq != earlier.seq + 1
        }?.0.seq
    }
}

extension AuditRecord {
    /// What a filter looks at.
    var texts: [String?] { [actor, subject, action, resource, detail, "#\(seq)"] }
}
