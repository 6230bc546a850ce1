import Tenancy
import Terminal

/// A company's audit trail: its newest records, as they are committed, and a window onto all of them.
struct TrailScreen: TenantScreen {
    enum Own: String, OwnCommand { case open, copy }

    enum Answer: TenantScreenAnswer {
        typealias Taker = TrailScreen
        case loaded(RequestID, PageRequest<Int64>.Place, Result<Page<AuditRecord>, TenancyError>)
        /// The newest records.
        case newest(RequestID, Result<[AuditRecord], TenancyError>)
        /// What came from rows in one record.
        case values(Int64, Result<String?, TenancyError>)
        /// The server announces nothing any more.
        case unwatched
    }

    static let scope = Scope.audit
    static let bindings: [KeyBinding] =
        .of(
            [.open("detail", "Show the whole record")], .scrolling, [.filter, .copy], .columns, .inside,
            .reading())
    static let table: ListScreen? = .trail
    static let opensFromFilter = false
    static let hasAuditPane = false

    /// The newest records, the newest first.
    private(set) var records: [AuditRecord] = []
    /// The whole trail, filtered by PostgreSQL.
    var list = ListState<AuditRecord>()
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
        list.arrive(list.meaning.admitted(of: Array(fresh), \.texts), height: height)
        let sealed = Set(new.lazy.filter(\.isSealed).map(\.id))
        return !list.rows.contains { !$0.isSealed && sealed.contains($0.id) }
    }

    mutating func wipe() {
        let paused = isPaused
        self = TrailScreen()
        isPaused = paused
    }

    /// Rows of a filter, also of one that was only just taken away, are no chain.
    private mutating func checkLinks() {
        let isChain = list.meaning.text.isEmpty && !list.isStale
        firstBroken =
            Self.firstBroken(among: records) ?? (isChain ? Self.firstBroken(among: list.rows) : nil)
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

    // MARK: The screen

    var title: DisplayText { "" }
    var waitingSince: Milliseconds? { list.pending?.since }
    var isLoaded: Bool { list.isLoaded }
    var unread: TrailScreen {
        var fresh = TrailScreen()
        (fresh.list.filter, fresh.isPaused) = (list.filter, isPaused)
        return fresh
    }

    mutating func load(_ shell: inout Shell) -> [TenantRequest] { read(list.placeOfWindow, &shell) }

    mutating func search(_ shell: inout Shell) -> [TenantRequest] { read(.start, &shell) }

    mutating func forgetReads() {
        pending = nil
        list.forgetReads()
    }

    private mutating func read(_ place: PageRequest<Int64>.Place, _ shell: inout Shell) -> [TenantRequest] {
        guard let request = list.begin(place, id: shell.nextRequest(), at: shell.now) else { return [] }
        return [
            .loadTrail(request, filter: list.meaning.text, PageRequest(place, limit: shell.pageLimit))
        ]
    }

    mutating func take(_ answer: Answer, _ shell: inout Shell) -> [TenantRequest] {
        switch answer {
        case .loaded(let request, let place, let result):
            defer { checkLinks() }
            return list.take(request, place, result, &shell).map { read($0, &shell) } ?? []
        case .newest(let request, let result):
            guard pending == request else { return [] }
            pending = nil
            switch result {
            case .success(let records):
                let isWhole = accept(records, height: height(shell))
                return !isWhole && list.isLoaded && !list.hasEarlier ? load(&shell) : []
            case .failure(let error):
                failure = error.sentence
                shell.report(error)
            }
        case .values(let record, .success(let text)):
            values[record] = text ?? "erased, or of columns that are not to be read here"
        case .values(_, .failure(let error)): shell.report(error)
        case .unwatched: (isWatched, isDeaf) = (false, true)
        }
        return []
    }

    mutating func move(_ movement: Movement, _ shell: inout Shell) -> [TenantRequest] {
        list.move(movement, height: height(shell)).map { read($0, &shell) } ?? []
    }

    mutating func perform(_ own: Own, _ shell: inout Shell) -> [TenantRequest] {
        switch own {
        case .open:
            guard let record = list.selected else { return [] }
            shell.overlays.append(.record(RecordState(record)))
            return record.hasValues && values[record.id] == nil ? [.loadValues(record: record.id)] : []
        case .copy:
            if let record = list.selected { shell.overlays.append(.menu(.copying(record))) }
            return []
        }
    }

    func draw(into canvas: inout Canvas, _ layout: Layout, _ console: ConsoleState) -> Position? {
        TrailView(self, state: console).draw(into: &canvas, layout.body)
    }
}

extension AuditRecord {
    /// What a filter looks at.
    var texts: [String?] { [actor, subject, action, resource, detail, number] }
}
