import Tenancy
import Terminal

/// A company's audit trail as far as it was read: newest first.
struct AuditState: Equatable, Sendable {
    /// The most records kept.
    static let capacity = 500

    private(set) var records: [AuditRecord] = [] {
        didSet { find() }
    }
    /// The records that the filter admits.
    private(set) var visible: [AuditRecord] = []
    private(set) var reachedStart = false
    /// The number of the newest record that the server told of.
    var newest: Int64 = 0
    var selected: Int64?
    var top = 0
    var filter = TextField() {
        didSet {
            meaning.read(filter.text)
            find()
        }
    }
    private(set) var meaning = FilterMeaning()
    var isFiltering = false
    var isFullScreen = false
    var isPaused = false
    var isWatched = false
    /// Whether the server's announcements stopped: what is shown may be old until it is read again.
    var isDeaf = false
    var pending: RequestID?
    var failure: String?

    /// The number of the first record whose link to the one before is broken, among those read.
    private(set) var firstBroken: Int64?

    /// What the pane's corner says before the state of the chain.
    var mode: DisplayText { isPaused ? "paused · " : isDeaf ? "not live · " : "" }

    private mutating func find() {
        visible = meaning.admitted(of: records, \.texts)
    }

    var selectedRecord: AuditRecord? { visible.first { $0.seq == selected } }

    mutating func accept(_ new: [AuditRecord], at place: AuditPlace, asked limit: Int) {
        failure = nil
        let known = Set(records.map(\.seq))
        let fresh = new.filter { !known.contains($0.seq) }
        let followsNewest = selected == nil || selected == records.first?.seq
        switch place {
        case .newest:
            let joins =
                new.isEmpty || records.isEmpty || fresh.count < new.count
                || new.last?.seq == (records[0].seq + 1)
            records = joins ? fresh + records : new
            if !joins { reachedStart = false }
            if records.count == new.count { reachedStart = new.count < limit }
        case .older:
            records += fresh
            reachedStart = new.count < limit
        }
        if records.count > Self.capacity, case .newest = place {
            records.removeLast(records.count - Self.capacity)
        }
        newest = max(newest, records.first?.seq ?? 0)
        if followsNewest, case .newest = place { selected = visible.first?.seq }
        checkLinks()
    }

    mutating func move(by delta: Int, height: Int) {
        let shown = visible
        guard !shown.isEmpty else { return }
        let index = shown.firstIndex { $0.seq == selected } ?? 0
        let reached = min(max(0, index + delta), shown.count - 1)
        selected = shown[reached].seq
        top = Scrolling.top(top, showing: reached, of: shown.count, height: height)
    }

    /// Whether the last record read is near the end of what is on screen, and the trail goes on.
    func wantsOlder(height: Int) -> Bool {
        guard !reachedStart, pending == nil, let index = visible.firstIndex(where: { $0.seq == selected })
        else {
            return false
        }
        return index + height >= visible.count - 1
    }

    mutating func wipe() {
        let paused = isPaused
        self = AuditState()
        isPaused = paused
    }

    private mutating func checkLinks() {
        firstBroken =
            zip(records, records.dropFirst()).first { later, earlier in
                later.previousHash != earlier.hash || later.seq != earlier.seq + 1
            }?.0.seq
    }
}

extension AuditRecord {
    /// What a filter looks at.
    var texts: [String?] { [actor, subject, action, resource, detail, "#\(seq)"] }
}
