import Tenancy
import Terminal

/// One row of a table: every column whole, long text and JSON unfolded.
struct RowScreen: TenantScreen {
    enum Own: String, OwnCommand { case open, pointers, copy, edit }

    enum Answer: TenantScreenAnswer {
        typealias Taker = RowScreen
        case loaded(RequestID, Result<TableRow?, TenancyError>)
    }

    static let scope = Scope.row
    static let bindings: [KeyBinding] =
        .of(
            [.open("follow", "Go to the row that the column names"), .impersonate, .edit, .copy, .pointers],
            .tabs,
            .inside,
            .reading())
    /// Its lines stand where other lists have the titles of their columns.
    static let headRows = -1

    let table: TenantTable
    let tables: [TenantTable]
    let address: RowAddress
    var list = RowLines()
    private(set) var row: TableRow?
    private(set) var reading = Reading()
    private(set) var isMissing = false

    init(of table: TenantTable, _ address: RowAddress, among tables: [TenantTable]) {
        self.table = table
        self.address = address
        self.tables = tables
    }

    var title: DisplayText {
        guard let key = row?.key else { return DisplayText(table.name) }
        return "\(DisplayText(table.name)) \(DisplayText(key.joined(separator: " ")).truncated(to: 24))"
    }

    var waitingSince: Milliseconds? { reading.waitingSince }
    var isLoaded: Bool { row != nil }
    var unread: RowScreen { RowScreen(of: table, address, among: tables) }

    mutating func load(_ shell: inout Shell) -> [TenantRequest] {
        [.loadRow(reading.begin(&shell), table, address)]
    }

    mutating func forgetReads() { reading.forget() }

    mutating func take(_ answer: Answer, _ shell: inout Shell) -> [TenantRequest] {
        switch answer {
        case .loaded(let request, let result):
            guard let read = reading.take(request, result, &shell) else { return [] }
            isMissing = read == nil
            if let read {
                row = read
                list.show(read, of: table, columns: shell.size.columns)
            }
            return []
        }
    }

    /// The column under the cursor, and its value.
    private var cell: (column: TableColumn, value: TableValue)? {
        guard let row, let place = list.selectedField, table.visibleColumns.indices.contains(place),
            row.values.indices.contains(place)
        else { return nil }
        return (table.visibleColumns[place], row.values[place])
    }

    mutating func move(_ movement: Movement, _ shell: inout Shell) -> [TenantRequest] {
        let height = self.height(shell)
        list.move(by: movement.rows(page: height, of: list.count), height: height)
        return []
    }

    mutating func perform(_ own: Own, _ shell: inout Shell) -> [TenantRequest] {
        switch own {
        case .open: followReference(&shell)
        case .pointers:
            shell.askForPointers(to: table, ofRow: row != nil)
        case .edit: edit(&shell)
        case .copy:
            guard let cell else { return [] }
            guard let text = cell.value.text else {
                shell.say("\(DisplayText(cell.column.name)) is NULL: there is nothing to copy.", .warning)
                return []
            }
            shell.passage = .copy(text, what: cell.column.name)
        }
        return []
    }

    /// Asks for another value of the column under the cursor, where the company lets agents change it.
    private func edit(_ shell: inout Shell) {
        guard let cell, let key = row?.key, shell.mayChange() else { return }
        guard cell.column.mayUpdate else {
            let names = table.columns.filter(\.mayUpdate).map(\.name)
            shell.say(
                names.isEmpty
                    ? "Nobody changes \(DisplayText(table.name)) here."
                    : "Of \(DisplayText(table.name)) only this is changed here: \(DisplayText(names.joined(separator: ", "))).",
                .warning)
            return
        }
        guard let form = ValueForm(table, key: key, cell.column, cell.value) else {
            shell.say("This value has no place on a line; it is changed elsewhere.", .warning)
            return
        }
        shell.overlays.append(.value(form))
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
        guard let filter = RowFilter(rowNamedBy: table.values(of: key.columns, in: row), by: key) else {
            shell.say("\(DisplayText(cell.column.name)) is NULL: it names no row.", .warning)
            return
        }
        shell.passage = .enter(AnyTenantScreen(RowScreen(of: target, .named(filter), among: tables)))
    }

    mutating func pick(_ purpose: PickState.Purpose, _ index: Int, _ shell: inout Shell) -> [TenantRequest] {
        guard purpose == .pointers, let row, table.referencedBy.indices.contains(index) else { return [] }
        let key = table.referencedBy[index]
        let values = table.values(of: key.referencedColumns, in: row)
        shell.goToRows(naming: values, by: key, among: tables)
        return []
    }

    mutating func fit(_ shell: Shell) {
        let columns = shell.size.columns
        if let row, list.columns != columns { list.show(row, of: table, columns: columns) }
        list.fit(height: height(shell))
    }

    func offers(_ command: Command, _ shell: Shell) -> Bool? {
        switch command {
        case .open: cell.map { !table.references(from: $0.column.name).isEmpty } == true
        case .copy, .edit: cell != nil
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
