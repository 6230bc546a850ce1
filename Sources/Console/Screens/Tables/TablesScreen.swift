import Tenancy
import Terminal

/// Every table of the company, whatever it is called: how large it is, what it belongs to, what belongs to it.
struct TablesScreen: TenantScreen {
    static let scope = Scope.tables
    static let bindings: [KeyBinding] =
        .of(
            [.open("open", "Open what is selected"), .filter], .ordering, [.copy], .tabs, .inside, .reading())
    static let arrangement = Arrangement.listBesidePreview

    var list = ShortList<TenantTable>()

    var title: DisplayText { "Tables" }
    var waitingSince: Milliseconds? { list.reading.waitingSince }
    var isLoaded: Bool { list.reading.isLoaded }
    var unread: TablesScreen {
        var fresh = TablesScreen()
        fresh.list.filter = list.filter
        return fresh
    }

    mutating func load(_ shell: inout Shell) -> [TenantRequest] {
        [.loadTables(list.reading.begin(&shell))]
    }

    mutating func forgetReads() { list.reading.forget() }

    mutating func perform(_ command: Command, _ shell: inout Shell) -> [TenantRequest] {
        switch command {
        case .open:
            guard let table = list.selectedRow else { return [] }
            shell.passage = .enter(AnyTenantScreen(RowsScreen(of: table, among: list.rows)))
        case .copy:
            guard let table = list.selectedRow else { return [] }
            shell.overlays.append(
                .menu(
                    MenuState(
                        title: "Copy",
                        items: [
                            .init(
                                key: "n", label: "name", choice: .copy(table.name, what: "the table's name")),
                            .init(
                                key: "c", label: "columns",
                                choice: .copy(
                                    table.columns.map { "\($0.name)\t\($0.type)" }.joined(separator: "\n"),
                                    what: "its columns")),
                        ])))
        default:
            if !list.take(command, height: shell.listRows) { shell.sayNoOrder() }
        }
        return []
    }

    mutating func take(_ answer: TenantAnswer, _ shell: inout Shell) -> [TenantRequest] {
        if case .tablesLoaded(let request, let result) = answer,
            let tables = list.reading.take(request, result, &shell)
        {
            list.rows = tables
        }
        return []
    }

    func offers(_ command: Command, _ shell: Shell) -> Bool? {
        switch command {
        case .open, .copy: list.selectedRow != nil
        case .columns, .mark, .export, .scrollLeft, .scrollRight: false
        default: nil
        }
    }

    func draw(into canvas: inout Canvas, _ layout: Layout, _ console: ConsoleState) -> Position? {
        TablesView(self, console).draw(into: &canvas, layout)
    }
}

extension TenantTable: ShortRow {
    var texts: [String?] { [name] + columns.map(\.name) }

    static var orders: [(@Sendable (TenantTable, TenantTable) -> Bool)?] {
        [
            { $0.name < $1.name }, { $0.estimatedRows ?? -1 > $1.estimatedRows ?? -1 },
            { $0.bytes ?? -1 > $1.bytes ?? -1 }, { $0.parents < $1.parents },
        ]
    }

    /// The tables whose rows its rows name.
    var parents: String {
        var seen: Set<String> = []
        return references.map(\.referencedTable).filter { seen.insert($0).inserted }.joined(separator: ", ")
    }
}
