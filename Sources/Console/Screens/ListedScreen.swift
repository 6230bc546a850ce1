import Terminal

/// What every screen is, over the companies or inside one: a list with its keys, its rows on screen and its picture.
///
/// Its keys are those that it declares. Whatever else the console does with a screen, it does by this.
protocol ListedScreen: Equatable, Sendable {
    associatedtype List: FilterableList
    /// What it does besides moving through its list.
    associatedtype Own: OwnCommand

    static var scope: Scope { get }
    /// Its keys: dispatch, bottom line, help, palette and remapping all come from them.
    static var bindings: [KeyBinding] { get }
    /// Where its parts lie.
    static var arrangement: Arrangement { get }
    /// The list whose columns are chosen; nil where there is nothing to choose.
    static var table: ListScreen? { get }
    /// Whether the mouse may open a row: where that only shows something.
    static var opensByMouse: Bool { get }
    /// The rows above the list that are no rows of it, besides the one with the titles of columns.
    static var headRows: Int { get }
    /// What the top bar says of it.
    var title: DisplayText { get }
    var list: List { get set }
    /// What orders the list; no name for the order it comes in.
    var orderShown: (name: String, ascending: Bool) { get }
    /// Since when it waits for an answer; nil when it does not.
    var waitingSince: Milliseconds? { get }

    /// Takes every mark away; says whether there was one.
    mutating func clearMarks() -> Bool
    /// Keeps the selected row on screen.
    mutating func fit(_ shell: Shell)
    /// The lines of the list as they are drawn, for the mouse; nil where there is none.
    func rowsOnScreen(_ layout: Layout, _ console: ConsoleState) -> RowsOnScreen?
    /// Whether a command makes sense on it now; nil for what is not its own.
    func offers(_ command: Command, _ shell: Shell) -> Bool?
    func draw(into canvas: inout Canvas, _ layout: Layout, _ console: ConsoleState) -> Position?
}

extension ListedScreen {
    static var arrangement: Arrangement { .list }
    static var table: ListScreen? { nil }
    static var headRows: Int { 0 }

    var orderShown: (name: String, ascending: Bool) {
        list.order.map { (Self.table?.columns[$0.column].sort ?? "", $0.isAscending) } ?? ("", true)
    }

    mutating func clearMarks() -> Bool { false }
    mutating func fit(_ shell: Shell) { list.fit(height: height(shell)) }
    func offers(_ command: Command, _ shell: Shell) -> Bool? { nil }

    /// How many rows of its list the screen has room for.
    func height(_ shell: Shell) -> Int { max(1, shell.listRows - Self.headRows) }

    mutating func edit(_ edit: (inout TextField) -> Void) -> Bool { list.edit(edit) }
    mutating func setFiltering(_ on: Bool) { list.setFiltering(on) }
    mutating func grantWish() -> Command? { list.takeWish() }
    mutating func dropWish() { list.forgetWish() }

    /// Keeps a command that needs a row until the rows are in; says whether it is kept.
    mutating func wish(for command: Command) -> Bool { command.needsRow && list.keep(command) }

    func rowsOnScreen(_ layout: Layout, _ console: ConsoleState) -> RowsOnScreen? {
        RowsOnScreen(
            area: layout.list.inner.below(Self.headRows + 1), count: list.count, top: list.top,
            selected: list.selectedIndex)
    }

    func equals(_ other: any ListedScreen) -> Bool { other as? Self == self }
}
