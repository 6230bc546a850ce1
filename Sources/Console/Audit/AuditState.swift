import Tenancy
import Terminal

/// A company's audit trail: its newest records, as they are committed, and a window onto all of them.
struct AuditState: Equatable, Sendable {
    /// The newest records, the newest first.
    private(set) var records: [AuditRecord] = []
    /// The whole trail, filtered by PostgreSQL.
    var trail = ListState<AuditRecord>()
    /// The id of the newest record that the server told of.
    var newest: Int64 = 0
    var isFullScreen = false
    var isPaused = false
    var isWatched = false
    /// Whether the server's announcements stopped: what is shown may be old until it is read again.
    var isDeaf = false
    var pending: RequestID?
    /// Whether something was announced while the newest records were being read.
    var isBehind = false
    /// What came from rows in the records that were opened, by the record's id.
    var values: [Int64: String] = [:]
    var failure: String?

    /// The number of the first record whose link to the one before is broken, among those read.
    private(set) var firstBroken: Int64?

    /// What the corner says before the state of the chain.
    var mode: DisplayText { isPaused ? "paused · " : isDeaf ? "not live · " : "" }

    var newestRecord: AuditRecord? { records.first }

    /// Takes the newest records in, and hands those that are new on to the window; false where the window has to be read
    /// again: some in between were not read, or some of it were sealed since.
    mutating func accept(_ new: [AuditRecord], height: Int) -> Bool {
        failure = nil
        let known = records.first?.id ?? 0
        records = new
        // An announcement is a hint, and may be anybody's: what counts is what was read.
        newest = new.first?.id ?? 0
        defer { checkLinks() }
        guard known > 0, new.contains(where: { $0.id == known }) else { return known == 0 }
        let fresh = new.prefix { $0.id > known }
        trail.arrive(trail.meaning.admitted(of: Array(fresh), \.texts), height: height)
        let sealed = Set(new.lazy.filter(\.isSealed).map(\.id))
        return !trail.rows.contains { !$0.isSealed && sealed.contains($0.id) }
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

    /// Sealing may have put records of one moment into another order; a link is judged where both its ends were read.
    private static func firstBroken(among records: [AuditRecord]) -> Int64? {
        let hashes = Dictionary(
            records.compactMap { record in record.seq.map { ($0, record.hash) } }, uniquingKeysWith: { $1 })
        return records.compactMap { record -> Int64? in
            guard let seq = record.seq, let before = hashes[seq - 1], before != record.previousHash else {
                return nil
            }
            return seq
        }.min()
    }
}

extension AuditRecord {
    /// What a filter looks at.
    var texts: [String?] { [actor, subject, action, resource, detail, number] }
}
