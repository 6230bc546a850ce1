import Tenancy
import Terminal

/// Every table of the company, whatever it is called: how large it is, what it belongs to, what belongs to it.
struct TablesScreen: TenantScreen {
    enum Own: String, OwnCommand { case open, copy, sort, reverseSort }

    enum Answer: TenantScreenAnswer {
        typealias Taker = TablesScreen
        case loaded(RequestID, Result<[TenantTable], TenancyError>)
    }

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

    mutating func move(_ movement: Movement, _ shell: inout Shell) -> [TenantRequest] {
        list.move(movement, height: shell.listRows)
        return []
    }

    mutating func perform(_ own: Own, _ shell: inout Shell) -> [TenantRequest] {
        switch own {
        case .open:
            guard let table = list.selectedRow else { return [] }
            shell.passage = .enter(table.screen(among: list.rows))
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
        case .sort: shell.order(&list, reversed: false)
        case .reverseSort: shell.order(&list, reversed: true)
        }
        return []
    }

    mutating func take(_ answer: Answer, _ shell: inout Shell) -> [TenantRequest] {
        switch answer {
        case .loaded(let request, let result):
            if let tables = list.reading.take(request, result, &shell) { list.rows = tables }
            return []
        }
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
