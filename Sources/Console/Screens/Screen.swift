import Terminal

/// A screen over the companies, or over the company that is open: a value with its own state, answers and drawing.
protocol Screen: ListedScreen {
    /// What comes of what it asks for; `Never` where the console keeps that, and only shows it here.
    associatedtype Answer: Sendable

    /// Whether `⏎` in its filter line opens the selected row at once; elsewhere it would do more than look.
    static var opensFromFilter: Bool { get }
    /// Whether what it waits for is stopped at once, however short it has run.
    static var stopsAtOnce: Bool { get }
    /// What is left of the title where there is less room.
    var heading: DisplayText { get }
    /// When it is looked at again by itself; nil when never.
    var wakesAt: Milliseconds? { get }
    /// Whether something on it counts down.
    var ticks: Bool { get }

    /// Its first reads, and those of `r`.
    mutating func load(_ shell: inout Shell) -> [Effect]
    /// Asks for the rows that the filter now lets through, where the server finds them.
    mutating func search(_ shell: inout Shell) -> [Effect]
    mutating func perform(_ own: Own, _ shell: inout Shell) -> [Effect]
    mutating func move(_ movement: Movement, _ shell: inout Shell) -> [Effect]
    mutating func take(_ answer: Answer, _ shell: inout Shell) -> [Effect]
    /// Something came that the console keeps, and that may be shown here.
    mutating func note(_ shell: Shell)
    mutating func wake(_ shell: inout Shell) -> [Effect]
    /// Stops what it waits for; nil when it waits for nothing.
    mutating func cancel() -> [Effect]?
    /// The connection is gone: no answer will come.
    mutating func loseLink()
}

extension Screen {
    static var opensByMouse: Bool { false }
    static var opensFromFilter: Bool { false }
    static var stopsAtOnce: Bool { false }
    var heading: DisplayText { title }
    var wakesAt: Milliseconds? { nil }
    var ticks: Bool { false }
    mutating func search(_ shell: inout Shell) -> [Effect] { [] }
    mutating func wake(_ shell: inout Shell) -> [Effect] { [] }
    mutating func note(_ shell: Shell) {}
    mutating func cancel() -> [Effect]? { waitingSince == nil ? nil : [.control(.cancel)] }
    mutating func setOrder(_ order: Table.Order?) { list.order = order }
}

/// Any screen.
struct AnyScreen: Equatable, Sendable {
    var screen: any Screen

    init(_ screen: any Screen) { self.screen = screen }

    static func == (one: AnyScreen, other: AnyScreen) -> Bool { one.screen.equals(other.screen) }
}
