import Tenancy

/// A window onto a keyset-paged list: a few hundred rows of it, with a selection that follows the row's identity.
///
/// At most one request is under way for a list; what is asked for meanwhile is sent when the answer is in.
struct ListState<Row: Anchored>: Equatable, Sendable {
    typealias Place = PageRequest<Row.Anchor>.Place

    /// A request on its way.
    struct Pending: Equatable, Sendable {
        var request: RequestID
        var place: Place
        var since: Milliseconds
        /// Whether it was sent for what the filter said before.
        var isOutdated = false
    }

    /// The most rows kept; further ones are dropped at the end that was left.
    static var capacity: Int { 400 }

    private(set) var rows: [Row] = []
    private(set) var selectedID: Row.ID?
    /// The index in `rows` of the first row on screen.
    private(set) var top = 0
    private(set) var hasEarlier = false
    private(set) var hasLater = false
    /// The number of `rows[0]` in the whole list, from 0; nil when the list was read from its end.
    private(set) var firstNumber: Int? = 0
    private(set) var isLoaded = false
    /// Whether `rows` are those of a filter or an order that no longer holds.
    private(set) var isStale = false
    /// Rows still to move when the page on its way is in.
    private var owed = 0
    /// Where the first read begins, in a list that goes on where another one stood.
    private var resumesAt: Row.Anchor?
    /// What was asked of a row before the rows were in.
    private var wish: Command?

    /// The marked rows as they were last read, in the order in which they were marked.
    var marked: [Row] = []
    var filter = TextField() {
        didSet { meaning.read(filter.text) }
    }
    private(set) var meaning = FilterMeaning()
    var isFiltering = false
    var lastFilter = ""
    /// How many rows the whole list has, as it was counted.
    var total: Count?
    var pending: Pending?
    /// What to ask for as soon as the pending answer is in.
    var queued: Place?
    var failure: String?

    var selectedIndex: Int? {
        guard let selectedID else { return nil }
        return rows.firstIndex { $0.id == selectedID }
    }

    var selected: Row? { selectedIndex.map { rows[$0] } }

    /// The number of the selected row in the whole list, from 1, when known.
    var selectedNumber: Int? {
        guard let index = selectedIndex, let firstNumber else { return nil }
        return firstNumber + index + 1
    }

    /// The same in a list that was read from its end and has so many rows.
    func numberFromEnd(of total: Int?) -> Int? {
        guard firstNumber == nil, !hasLater, let total, let index = selectedIndex else { return nil }
        return total - rows.count + index + 1
    }

    /// The number of the last row read, from 1, when known.
    var lastNumber: Int? { firstNumber.map { $0 + rows.count } }

    // MARK: Moving

    /// Moves the selection by `delta` rows; gives the page to read when that comes near an end of the window.
    mutating func move(by delta: Int, height: Int) -> Place? {
        guard !rows.isEmpty else { return nil }
        let wanted = (selectedIndex ?? 0) + delta
        let reached = min(max(wanted, 0), rows.count - 1)
        let mayGoOn = (delta > 0 && hasLater) || (delta < 0 && hasEarlier)
        owed = wanted != reached && mayGoOn ? wanted - reached : 0
        select(index: reached, height: height)
        return pageNeeded(height: height, forward: delta >= 0)
    }

    mutating func moveToStart(height: Int) -> Place? {
        owed = 0
        guard !hasEarlier else { return .start }
        select(index: 0, height: height)
        return nil
    }

    mutating func moveToEnd(height: Int) -> Place? {
        owed = 0
        guard !hasLater else { return .end }
        select(index: rows.count - 1, height: height)
        return nil
    }

    /// Keeps the selection on screen when the number of visible rows changes.
    mutating func fit(height: Int) {
        if let index = selectedIndex { select(index: index, height: height) }
    }

    mutating func select(_ id: Row.ID, height: Int) {
        if let index = rows.firstIndex(where: { $0.id == id }) { select(index: index, height: height) }
    }

    private mutating func select(index: Int, height: Int) {
        guard rows.indices.contains(index) else { return }
        selectedID = rows[index].id
        top = Scrolling.top(top, showing: index, of: rows.count, height: height)
    }

    private func pageNeeded(height: Int, forward: Bool) -> Place? {
        // Rows of another filter have no next page that anybody wants.
        guard !isStale, let index = selectedIndex, let first = rows.first, let last = rows.last else {
            return nil
        }
        if forward && hasLater && index + height >= rows.count - 1 { return .after(last.anchor) }
        if !forward && hasEarlier && index - height <= 0 { return .before(first.anchor) }
        return nil
    }

    /// The place to read again so that the rows on screen come back, fresh.
    var placeOfWindow: Place {
        guard !isStale, rows.indices.contains(top), top > 0 || hasEarlier else {
            return resumesAt.map { .from($0) } ?? .start
        }
        return .from(rows[top].anchor)
    }

    /// The same list before anything was read: it begins where this one stands, with the same row selected.
    var unread: ListState {
        var fresh = ListState()
        (fresh.filter, fresh.lastFilter) = (filter, lastFilter)
        guard !isStale else { return fresh }
        fresh.selectedID = selectedID
        if case .from(let anchor) = placeOfWindow { fresh.resumesAt = anchor }
        return fresh
    }

    // MARK: Answers

    /// Takes the page that was pending in; says whether the selected row is gone from the list.
    ///
    /// Rows of a filter that was typed over meanwhile are shown, but none of them is selected by itself.
    @discardableResult
    mutating func accept(_ page: Page<Row>, at place: Place, height: Int) -> Bool {
        if pending?.isOutdated != true { isStale = false }
        pending = nil
        refreshMarks(page.rows)
        let selectedBefore = selectedID
        let indexBefore = selectedIndex
        var dropped = 0
        defer { resumesAt = nil }
        failure = nil
        isLoaded = true
        switch place {
        case .start:
            // Only a jump from further down reads the start while there are rows before: it means the first row.
            if hasEarlier && !isStale { selectedID = page.rows.first?.id }
            (hasEarlier, hasLater, firstNumber) = (false, page.hasMore, 0)
            replace(with: page.rows)
        case .end:
            (hasEarlier, hasLater, firstNumber) = (page.hasMore, false, page.hasMore ? nil : 0)
            replace(with: page.rows)
            if !isStale { selectedID = rows.last?.id }
        case .from(let anchor):
            if let skipped = rows.firstIndex(where: { $0.anchor == anchor }) {
                if skipped > 0 {
                    hasEarlier = true
                    firstNumber = firstNumber.map { $0 + skipped }
                    top = max(0, top - skipped)
                    dropped = skipped
                }
            } else if !rows.isEmpty || resumesAt != nil {
                // A jump to a row that was not among them: how many come before it nobody counted.
                (hasEarlier, firstNumber, top) = (true, nil, 0)
            }
            hasLater = page.hasMore
            replace(with: page.rows)
        case .after:
            hasLater = page.hasMore
            append(page.rows)
        case .before:
            hasEarlier = page.hasMore
            prepend(page.rows)
        }
        if isStale {
            if selectedIndex == nil { selectedID = nil }
        } else if selectedID == nil || selectedIndex == nil {
            let index = min(max(0, (indexBefore ?? 0) - dropped), max(0, rows.count - 1))
            selectedID = rows.indices.contains(index) ? rows[index].id : nil
        }
        if owed != 0, let index = selectedIndex {
            let reached = min(max(index + owed, 0), rows.count - 1)
            owed = 0
            select(index: reached, height: height)
        }
        fit(height: height)
        return selectedBefore != nil && indexBefore != nil && place.isRefresh
            && !rows.contains { $0.id == selectedBefore }
    }

    /// Puts rows that are new before the first one, where the window stands at the list's start.
    ///
    /// A selected first row gives way to the new first one; any other stays selected, and on screen.
    mutating func arrive(_ new: [Row], height: Int) {
        guard isLoaded, !isStale, !hasEarlier else { return }
        let (first, follows, isAtTop) = (rows.first?.id, selectedIndex ?? 0 == 0, top == 0)
        prepend(new)
        guard rows.first?.id != first else { return }
        if follows { selectedID = rows.first?.id }
        if isAtTop { top = 0 }
        fit(height: height)
    }

    /// Notes that the pending page can't be had; what was asked of its rows is forgotten.
    mutating func fail(_ why: String) {
        failure = why
        pending = nil
        if queued == nil { wish = nil }
    }

    /// Keeps a command that needs a row until the rows of the filter are in; says whether it is kept.
    mutating func keep(_ command: Command) -> Bool {
        guard selected == nil, isStale || !isLoaded else { return false }
        wish = command
        return true
    }

    /// The kept command, once: as soon as the rows that it was meant for are in.
    mutating func takeWish() -> Command? {
        guard !isStale, isLoaded else { return nil }
        defer { wish = nil }
        return wish
    }

    /// Another key was pressed: what was asked before does not happen later by surprise.
    mutating func forgetWish() {
        wish = nil
    }

    /// Forgets every row: the list was left, or its context ended.
    mutating func wipe() {
        self = ListState()
    }

    /// Starts over with what the filter now says; the rows stay until the answer is in.
    mutating func restart() {
        owed = 0
        top = 0
        (selectedID, resumesAt) = (nil, nil)
        isStale = true
        pending?.isOutdated = true
    }

    private mutating func replace(with new: [Row]) {
        rows = new
        top = min(top, max(0, rows.count - 1))
    }

    private mutating func append(_ new: [Row]) {
        let known = Set(rows.map(\.id))
        rows += new.filter { !known.contains($0.id) }
        let surplus = rows.count - Self.capacity
        guard surplus > 0 else { return }
        rows.removeFirst(surplus)
        top = max(0, top - surplus)
        firstNumber = firstNumber.map { $0 + surplus }
        hasEarlier = true
    }

    private mutating func prepend(_ new: [Row]) {
        let known = Set(rows.map(\.id))
        let added = new.filter { !known.contains($0.id) }
        rows = added + rows
        top += added.count
        firstNumber = hasEarlier ? firstNumber.map { max(0, $0 - added.count) } : 0
        let surplus = rows.count - Self.capacity
        guard surplus > 0 else { return }
        rows.removeLast(surplus)
        hasLater = true
    }
}

extension PageRequest.Place {
    /// Whether the page replaces rows that were on screen by the same rows.
    fileprivate var isRefresh: Bool {
        switch self {
        case .from: true
        case .start, .end, .after, .before: false
        }
    }
}
