import Tenancy
import Terminal

/// One row of a table: every column whole, long text and JSON unfolded.
struct RowScreen: TenantScreen {
    static let scope = Scope.row

    let table: TenantTable
    let tables: [TenantTable]
    let address: RowAddress
    var list = RowLines()
    private(set) var row: TableRow?
    private var pending: RequestID?
    private var since: Milliseconds = 0
    private(set) var isMissing = false
    private(set) var failure: String?

    init(of table: TenantTable, _ address: RowAddress, among tables: [TenantTable]) {
        self.table = table
        self.address = address
        self.tables = tables
    }

    var title: DisplayText {
        guard let key = row?.key else { return DisplayText(table.name) }
        return "\(DisplayText(table.name)) \(DisplayText(key.joined(separator: " ")).truncated(to: 24))"
    }

    var waitingSince: Milliseconds? { pending == nil ? nil : since }
    var unread: RowScreen { RowScreen(of: table, address, among: tables) }

    mutating func load(_ shell: inout Shell) -> [TenantRequest] {
        let request = shell.nextRequest()
        pending = request
        since = shell.now
        return [.loadRow(request, table, address)]
    }

    mutating func forgetReads() { pending = nil }

    mutating func take(_ answer: TenantAnswer, _ shell: inout Shell) -> [TenantRequest] {
        guard case .rowLoaded(let request, let result) = answer, pending == request else { return [] }
        pending = nil
        switch result {
        case .success(let read?):
            row = read
            failure = nil
            list.show(read, of: table, columns: max(20, shell.size.columns - 4))
            list.fit(height: shell.listRows)
        case .success(nil): isMissing = true
        case .failure(let error):
            failure = error.sentence
            shell.report(error)
        }
        return []
    }

    /// The column under the cursor, and its value.
    private var cell: (column: TableColumn, value: TableValue)? {
        guard let row, let place = list.selectedField, table.visibleColumns.indices.contains(place),
            row.values.indices.contains(place)
        else { return nil }
        return (table.visibleColumns[place], row.values[place])
    }

    mutating func perform(_ command: Command, _ shell: inout Shell) -> [TenantRequest] {
        switch command {
        case .refresh: return load(&shell)
        case .open: followReference(&shell)
        case .pointers:
            guard row != nil, !table.referencedBy.isEmpty else {
                shell.say("No other table names rows of this one.", .warning)
                return []
            }
            shell.overlays.append(.pick(.pointers(to: table)))
        case .copy:
            guard let cell else { return [] }
            guard let text = cell.value.text else {
                shell.say("\(DisplayText(cell.column.name)) is NULL: there is nothing to copy.", .warning)
                return []
            }
            shell.passage = .copy(text, what: cell.column.name)
        default:
            list.move(by: command.rows(page: shell.listRows, of: list.count) ?? 0, height: shell.listRows)
        }
        return []
    }

    /// `⏎` on a column that names a row of another table goes there.
    private func followReference(_ shell: inout Shell) {
        guard let cell, let row else { return }
        guard let key = table.references(from: cell.column.name).first,
            let target = tables.first(where: { $0.name == key.referencedTable })
        else {
            shell.say("\(DisplayText(cell.column.name)) names no row of another table.", .warning)
            return
        }
        let values = key.columns.compactMap { name in
            table.visibleColumns.firstIndex { $0.name == name }.map { row.values[$0] }
        }
        guard let filter = RowFilter(rowNamedBy: values, by: key) else {
            shell.say("\(DisplayText(cell.column.name)) is NULL: it names no row.", .warning)
            return
        }
        shell.passage = .enter(AnyTenantScreen(RowScreen(of: target, .named(filter), among: tables)))
    }

    mutating func pick(_ purpose: PickState.Purpose, _ index: Int, _ shell: inout Shell) -> [TenantRequest] {
        guard purpose == .pointers, let row, table.referencedBy.indices.contains(index) else { return [] }
        let key = table.referencedBy[index]
        let values = key.referencedColumns.compactMap { name in
            table.visibleColumns.firstIndex { $0.name == name }.map { row.values[$0] }
        }
        shell.passage = .rows(naming: values, by: key, among: tables)
        return []
    }

    mutating func fit(rows: Int) { list.fit(height: rows + 1) }

    func rowsOnScreen(in area: Rect) -> RowsOnScreen {
        RowsOnScreen(area: area, count: list.count, top: list.top, selected: list.selectedIndex)
    }

    func offers(_ command: Command, _ shell: Shell) -> Bool? {
        switch command {
        case .open: cell.map { !table.references(from: $0.column.name).isEmpty } == true
        case .copy: cell != nil
        case .pointers: row != nil && !table.referencedBy.isEmpty
        case .filter, .sort, .mark, .export, .columns, .frequency: false
        default: nil
        }
    }

    func draw(into canvas: inout Canvas, _ layout: Layout, _ console: ConsoleState) -> Position? {
        RowView(self, console).draw(into: &canvas, layout.list)
        return nil
    }
}
