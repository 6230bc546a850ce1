import Terminal

/// A screen over the companies, or over the company that is open: a value with its own state, answers and drawing.
///
/// Its keys are those of its scope in the key table. Whatever else the console does with a screen, it does by this.
protocol Screen: Equatable, Sendable {
    associatedtype List: FilterableList

    static var scope: Scope { get }
    /// Where its parts lie.
    static var arrangement: Arrangement { get }
    /// The list whose columns are chosen; nil where there is nothing to choose.
    static var table: ListScreen? { get }
    /// Whether the mouse may open a row: where that only shows something.
    static var opensByMouse: Bool { get }
    /// What the top bar says, and what is left of it where there is less room.
    var title: DisplayText { get }
    var heading: DisplayText { get }
    var list: List { get set }
    /// The rows above the list that are no rows of it.
    static var headRows: Int { get }
    /// Since when it waits for an answer; nil when it does not.
    var waitingSince: Milliseconds? { get }
    /// When it is looked at again by itself; nil when never.
    var wakesAt: Milliseconds? { get }
    /// Whether something on it counts down.
    var ticks: Bool { get }

    /// Its first reads, and those of `r`.
    mutating func load(_ shell: inout Shell) -> [Effect]
    /// Asks for the rows that the filter now lets through, where the server finds them.
    mutating func search(_ shell: inout Shell) -> [Effect]
    mutating func perform(_ command: Command, _ shell: inout Shell) -> [Effect]
    mutating func take(_ answer: ControlAnswer, _ shell: inout Shell) -> [Effect]
    mutating func wake(_ shell: inout Shell) -> [Effect]
    /// Stops what it waits for; nil when it waits for nothing.
    mutating func cancel(at now: Milliseconds) -> [Effect]?
    /// The connection is gone: no answer will come.
    mutating func loseLink()
    /// Takes every mark away; says whether there was one.
    mutating func clearMarks() -> Bool
    /// Whether a command makes sense on it now; nil for what is not its own.
    func offers(_ command: Command, _ shell: Shell) -> Bool?
    func draw(into canvas: inout Canvas, _ layout: Layout, _ console: ConsoleState) -> Position?
}

extension Screen {
    static var arrangement: Arrangement { .list }
    static var table: ListScreen? { nil }
    static var opensByMouse: Bool { false }
    static var headRows: Int { 0 }
    var heading: DisplayText { title }
    var wakesAt: Milliseconds? { nil }
    var ticks: Bool { false }
    mutating func search(_ shell: inout Shell) -> [Effect] { [] }
    mutating func clearMarks() -> Bool { false }
    mutating func wake(_ shell: inout Shell) -> [Effect] { [] }
    func offers(_ command: Command, _ shell: Shell) -> Bool? { nil }

    mutating func cancel(at now: Milliseconds) -> [Effect]? {
        waitingSince == nil ? nil : [.control(.cancel)]
    }

    mutating func edit(_ edit: (inout TextField) -> Void) -> Bool { list.edit(edit) }

    mutating func setFiltering(_ on: Bool) { list.setFiltering(on) }

    mutating func setOrder(_ order: Table.Order?) { list.order = order }

    mutating func fit(rows: Int) { list.fit(height: max(1, rows - Self.headRows)) }

    /// The lines of the list as they are drawn, for the mouse.
    func rowsOnScreen(in area: Rect) -> RowsOnScreen {
        RowsOnScreen(
            area: area.below(Self.headRows + 1), count: list.count, top: list.top,
            selected: list.selectedIndex)
    }

    fileprivate func equals(_ other: any Screen) -> Bool { other as? Self == self }
}

/// Any screen.
struct AnyScreen: Equatable, Sendable {
    var screen: any Screen

    init(_ screen: any Screen) { self.screen = screen }

    static func == (one: AnyScreen, other: AnyScreen) -> Bool { one.screen.equals(other.screen) }
}
