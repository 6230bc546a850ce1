import Listing
import Tenancy
import Terminal

/// The rows of any table of the company, whatever its key.
struct RowsScreen: TenantScreen {
    enum Own: String, OwnCommand {
        case open, mark, sort, reverseSort, columns, frequency, pointers, scrollRight, scrollLeft, copy,
            export
    }

    enum Answer: TenantScreenAnswer {
        typealias Taker = RowsScreen
        case loaded(RequestID, PageRequest<RowPlace>.Place, Result<Page<TableRow>, TenancyError>)
    }

    static let scope = Scope.rows
    static let bindings: [KeyBinding] =
        .of(
            [.open("open", "Open what is selected")], .scrolling, [.filter], .ordering,
            [.copy, .mark, .export], .columns,
            [
                KeyBinding(
                    .frequency, [.character("F")], "count", "Count how often the values of a column occur",
                    rank: 11),
                .pointers,
            ], .tabs, .inside, .choosing())
    static let choosesColumns = true

    let table: TenantTable
    /// The company's tables, for keys that lead away from here.
    let tables: [TenantTable]
    /// What is asked of the rows besides what is typed: those that name a row of another table.
    let base: RowFilter
    /// What `base` means, in words.
    let baseWords: String
    var list = ListState<TableRow>()
    private(set) var sort: String?
    private(set) var ascending = true
    /// What the read on its way asks for, and what the rows that are here answer: what is typed may be another by now.
    private var asked: RowsQuery?
    private var answered: RowsQuery?
    /// The columns that are switched off.
    private(set) var hidden: Set<String> = []
    /// How many columns after the first are scrolled out of sight.
    private(set) var shift = 0

    init(of table: TenantTable, among tables: [TenantTable], base: RowFilter = .all, baseWords: String = "") {
        self.table = table
        self.tables = tables
        self.base = base
        self.baseWords = baseWords
    }

    var title: DisplayText { DisplayText(table.name) }
    var waitingSince: Milliseconds? { list.pending?.since }
    var isLoaded: Bool { list.isLoaded }
    var unread: RowsScreen {
        var fresh = RowsScreen(of: table, among: tables, base: base, baseWords: baseWords)
        (fresh.sort, fresh.ascending, fresh.hidden) = (sort, ascending, hidden)
        fresh.list.filter = list.filter
        return fresh
    }
    var elsewhere: RowsScreen {
        var fresh = unread
        fresh.list = list.unread
        return fresh
    }

    /// Whether no index gives the order that is shown: every page is then made from all rows before it.
    var isSlow: Bool { sort.map { table.index(pagingBy: $0) == nil } ?? !table.isPagedByKey }

    /// The columns that are shown, those of the key first.
    var columns: [TableColumn] {
        let key = table.key.compactMap { table.column($0) }
        let rest = table.columns.filter { !table.key.contains($0.name) }
        return (key + rest.filter { !$0.isRedacted } + rest.filter(\.isRedacted))
            .enumerated().filter { $0.offset == 0 || !hidden.contains($0.element.name) }.map(\.element)
    }

    /// What is asked for by what stands in the filter; where that is wrong it is said, and nil.
    private func query(_ shell: inout Shell) -> RowsQuery? {
        do throws(TenancyError) {
            let typed = try RowFilter(list.meaning.text, for: table)
            return RowsQuery(
                table: table, filter: RowFilter(base.conditions + typed.conditions), sort: sort,
                ascending: ascending)
        } catch {
            shell.say(DisplayText(error.sentence), .warning)
            return nil
        }
    }

    // MARK: Reading

    mutating func load(_ shell: inout Shell) -> [TenantRequest] {
        hidden = shell.lists.hiddenColumns[table.name] ?? []
        return read(list.placeOfWindow, &shell)
    }

    mutating func search(_ shell: inout Shell) -> [TenantRequest] { read(.start, &shell) }

    mutating func clearMarks() -> Bool { list.clearMarks() }

    mutating func forgetReads() { list.forgetReads() }

    private mutating func read(_ place: PageRequest<RowPlace>.Place, _ shell: inout Shell) -> [TenantRequest]
    {
        // An expression that is not written to its end, or names what is not there: the rows stay as they are.
        guard let query = self.query(&shell),
            let request = list.begin(place, id: shell.nextRequest(), at: shell.now)
        else {
            return []
        }
        asked = query
        return [.loadRows(request, query, PageRequest(place, limit: shell.pageLimit))]
    }

    mutating func take(_ answer: Answer, _ shell: inout Shell) -> [TenantRequest] {
        switch answer {
        case .loaded(let request, let place, let result):
            guard list.pending?.request == request else { return [] }
            if case .success = result { answered = asked }
            return list.take(request, place, result, gone: "The selected row is gone from this list.", &shell)
                .map { read($0, &shell) } ?? []
        }
    }

    // MARK: Commands

    mutating func move(_ movement: Movement, _ shell: inout Shell) -> [TenantRequest] {
        list.move(movement, height: shell.listRows).map { read($0, &shell) } ?? []
    }

    mutating func perform(_ own: Own, _ shell: inout Shell) -> [TenantRequest] {
        switch own {
        case .open:
            guard let row = list.selected else { return [] }
            shell.passage = .enter(AnyTenantScreen(RowScreen(of: table, address(of: row), among: tables)))
        case .mark:
            guard list.toggleMark() else { return [] }
            return move(.down, &shell)
        case .sort: return order(by: nextSort, ascending: true, &shell)
        case .reverseSort: return order(by: sort, ascending: !ascending, &shell)
        case .columns: shell.overlays.append(.pick(columnsPick))
        case .frequency:
            guard query(&shell) != nil else { return [] }
            shell.overlays.append(
                .pick(
                    PickState(
                        title: "Count the values of a column", purpose: .frequency,
                        items: table.visibleColumns.map { .init(DisplayText($0.name), DisplayText($0.type)) })
                ))
        case .pointers: shell.askForPointers(to: table, ofRow: list.selected != nil)
        case .scrollRight: shift = min(shift + 1, max(0, columns.count - 2))
        case .scrollLeft: shift = max(0, shift - 1)
        case .copy: copy(&shell)
        case .export: export(&shell)
        }
        return []
    }

    /// How a row of the list is found again: by its key, or by its place among the rows that were asked for with it.
    private func address(of row: TableRow) -> RowAddress {
        if let key = row.key { return .key(key) }
        return .place(row.place, answered ?? RowsQuery(table: table))
    }

    /// The next column that an index orders by; behind the last one comes the key's order again.
    private var nextSort: String? {
        let names = table.visibleColumns.map(\.name).filter { table.index(pagingBy: $0) != nil }
        guard let sort, let place = names.firstIndex(of: sort) else { return names.first }
        return place + 1 < names.count ? names[place + 1] : nil
    }

    private mutating func order(by column: String?, ascending: Bool, _ shell: inout Shell) -> [TenantRequest]
    {
        (sort, self.ascending) = (column, ascending)
        list.restart()
        return read(.start, &shell)
    }

    private var columnsPick: PickState {
        PickState(
            title: "Columns", purpose: .columns,
            items: table.columns.map {
                .init(
                    DisplayText($0.name),
                    $0.isRedacted ? "redacted here" : hidden.contains($0.name) ? "hidden" : "shown")
            })
    }

    mutating func pick(_ purpose: PickState.Purpose, _ index: Int, _ shell: inout Shell) -> [TenantRequest] {
        switch purpose {
        case .columns:
            guard table.columns.indices.contains(index) else { return [] }
            let name = table.columns[index].name
            if hidden.remove(name) == nil { hidden.insert(name) }
            shell.lists.hiddenColumns[table.name] = hidden.isEmpty ? nil : hidden
            shell.passage = .keepTables
            var next = columnsPick
            next.selected = index
            shell.overlays.append(.pick(next))
        case .frequency:
            let columns = table.visibleColumns
            guard columns.indices.contains(index), let query = self.query(&shell) else { return [] }
            let column = columns[index].name
            let request = shell.nextRequest()
            shell.overlays.append(.frequency(FrequencyState(table.name, column, request, at: shell.now)))
            return [.loadFrequency(request, table, column: column, query.filter)]
        case .pointers:
            let keys = table.referencedBy
            guard keys.indices.contains(index), let row = list.selected else { return [] }
            let values = table.values(of: keys[index].referencedColumns, in: row)
            shell.goToRows(naming: values, by: keys[index], among: tables)
        }
        return []
    }

    // MARK: What leaves the screen

    private func copy(_ shell: inout Shell) {
        guard let row = list.selected else { return }
        // Without the keys that a menu moves and closes by, and those of the whole row and of the marked ones.
        let keys = Array("123456789abcdefghilnopstuvwxyz")
        let items = zip(keys, zip(table.visibleColumns, row.values)).map { key, cell in
            MenuState.Item(
                key: key, label: DisplayText(cell.0.name),
                choice: .copy(
                    cell.1.text ?? "", what: cell.1.isWhole ? cell.0.name : "the beginning of \(cell.0.name)")
            )
        }
        var menu = MenuState(title: "Copy", items: items)
        menu.addRows(row, list.marked, table.columns(table.visibleColumns))
        shell.overlays.append(.menu(menu))
    }

    private func export(_ shell: inout Shell) {
        guard let query = self.query(&shell) else { return }
        let marked = list.marked
        let what: DisplayText =
            !marked.isEmpty
            ? "The \(Figure.exact(marked.count)) marked rows, whole."
            : query.filter.conditions.isEmpty ? "All rows of the table." : "All rows that fit."
        guard marked.isEmpty || marked.allSatisfy({ $0.key != nil }) else {
            shell.say(
                "Rows of a table without a key can't be written by their marks; unmark them first.", .warning)
            return
        }
        let source: Export.Source =
            marked.isEmpty ? .rows(query) : .markedRows(table, marked.compactMap(\.key))
        shell.ask(
            ExportForm(name: TextField("\(table.name).csv", limit: 1000), source: source, what: what))
    }

    func offers(_ command: Command, _ shell: Shell) -> Bool? {
        switch command {
        case .open, .copy, .mark: list.selected != nil
        case .pointers: list.selected != nil && !table.referencedBy.isEmpty
        case .sort, .reverseSort, .columns, .export, .frequency: true
        default: nil
        }
    }

    func draw(into canvas: inout Canvas, _ layout: Layout, _ console: ConsoleState) -> Position? {
        RowsView(self, console).draw(into: &canvas, layout)
    }
}

extension TableRow: Anchored {
    var anchor: RowPlace { place }
}
