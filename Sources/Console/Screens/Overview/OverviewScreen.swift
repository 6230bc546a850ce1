import FoundationEssentials
import Tenancy
import Terminal

/// The company's figures, as they were when they were read; only `r` reads them again.
struct OverviewScreen: TenantScreen {
    typealias Own = NoCommand

    enum Answer: TenantScreenAnswer {
        typealias Taker = OverviewScreen
        case loaded(RequestID, Result<Overview, TenancyError>)
    }

    /// The lines of all the pictures, of which some are on screen.
    struct Lines: UnfilteredList {
        var count = 0
        fileprivate(set) var top = 0
        var selectedIndex: Int? { nil }

        mutating func fit(height: Int) { top = min(max(0, top), max(0, count - height)) }
    }

    static let scope = Scope.overview
    static let bindings: [KeyBinding] =
        .of([.impersonate], .tabs, .inside, .reading())
    static let showsCompany = true
    /// Its lines stand where lists have the titles of their columns.
    static let headRows = -1

    /// The company, to look up what is known of it.
    private(set) var urlID = ""
    private(set) var figures: Overview?
    /// The server's time when they came in.
    private(set) var readAt: Date?
    private(set) var reading = Reading()
    var list = Lines()

    var title: DisplayText { "" }
    var waitingSince: Milliseconds? { reading.waitingSince }
    var isLoaded: Bool { figures != nil }
    var unread: OverviewScreen { OverviewScreen() }

    mutating func load(_ shell: inout Shell) -> [TenantRequest] {
        urlID = shell.standing?.urlID ?? urlID
        return waitingSince == nil ? [.loadOverview(reading.begin(&shell))] : []
    }

    mutating func forgetReads() { reading.forget() }

    mutating func take(_ answer: Answer, _ shell: inout Shell) -> [TenantRequest] {
        switch answer {
        case .loaded(let request, let result):
            if let read = reading.take(request, result, &shell) {
                (figures, readAt) = (read, shell.standing?.now)
            }
            return []
        }
    }

    mutating func move(_ movement: Movement, _ shell: inout Shell) -> [TenantRequest] {
        list.top += movement.rows(page: height(shell), of: list.count)
        return []
    }

    mutating func fit(_ shell: Shell) {
        let inner = Rect(row: 0, column: 0, columns: shell.size.columns - 2, rows: height(shell))
        list.count = figures.map { OverviewView.lines(of: $0, shell.known[urlID], in: inner) } ?? 0
        list.fit(height: inner.rows)
    }

    func offers(_ command: Command, _ shell: Shell) -> Bool? { command == .filter ? false : nil }

    func rowsOnScreen(_ layout: Layout, _ console: ConsoleState) -> RowsOnScreen? { nil }

    func draw(into canvas: inout Canvas, _ layout: Layout, _ console: ConsoleState) -> Position? {
        OverviewView(self, state: console).draw(into: &canvas, layout.body)
        return nil
    }
}
