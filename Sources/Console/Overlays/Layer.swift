import Terminal

/// What lies over a screen and takes the keys: a value with its own keys, what they do in it, and its picture.
///
/// Nothing else in the console knows a key of it: dispatch, the hints of the bottom line, the help and the user's own
/// keys come from what it declares here.
protocol Layer: Equatable, Sendable {
    /// Its keys, by where in it they hold: a question has other ones while a reason is typed.
    static var bindings: [(scope: Scope, keys: [KeyBinding])] { get }
    /// Where in it the keys go now.
    var scope: Scope { get }
}

/// A layer that is opened over a screen, and closed.
protocol OverlayLayer: Layer {
    /// Itself, as it lies over a screen.
    var overlay: Overlay { get }
    /// Whether nothing is typed or chosen in it: what ends an impersonation ends it from here too.
    static var isForReading: Bool { get }
    /// Whether it shows rows of a tenant or would change some, so that it ends with the context.
    static var isOfContext: Bool { get }
    /// Whether keys go into a line of text.
    var isTyping: Bool { get }

    /// Whether a key is none of a command's here: a letter of a line of text, the letter of a choice.
    func claims(_ key: Key) -> Bool
    /// Whether the bottom line names a command now.
    func offers(_ command: Command, _ console: ConsoleState) -> Bool
    /// What a command is called now, where that changes.
    func words(for command: Command, _ console: ConsoleState) -> DisplayText?
    /// Does what one of its keys asks for; while it does, it does not lie over the screen.
    mutating func perform(_ command: Command, in console: inout ConsoleState) -> LayerOutcome
    /// Takes a key that no command has here.
    mutating func take(_ key: Key, in console: inout ConsoleState) -> LayerOutcome
    mutating func paste(_ text: String, in console: inout ConsoleState) -> [Effect]
    func draw(into canvas: inout Canvas, _ console: ConsoleState) -> Position?
}

/// What becomes of a layer after a key.
enum LayerOutcome {
    case stays([Effect])
    case closes([Effect])
}

extension OverlayLayer {
    static var isForReading: Bool { false }
    static var isOfContext: Bool { false }
    var isTyping: Bool { scope.takesText }

    func claims(_ key: Key) -> Bool {
        if case .character = key { isTyping } else { false }
    }
    func offers(_ command: Command, _ console: ConsoleState) -> Bool { true }
    func words(for command: Command, _ console: ConsoleState) -> DisplayText? { nil }
    mutating func take(_ key: Key, in console: inout ConsoleState) -> LayerOutcome { .stays([]) }
    mutating func paste(_ text: String, in console: inout ConsoleState) -> [Effect] { [] }
}

/// What is only read, from a line on that is scrolled to.
protocol ScrolledLayer: OverlayLayer {
    var top: Int { get set }
    /// How far it can be scrolled: until its last line is the last on screen.
    func last(_ console: ConsoleState) -> Int
}

extension ScrolledLayer {
    static var isForReading: Bool { true }

    mutating func scroll(_ command: Command, _ console: ConsoleState) {
        let last = last(console)
        top = min(max(0, top + (command.movement?.rows(page: 10, of: 1000) ?? 0)), last)
    }
}

/// Rows of which one is chosen.
protocol ChoosingLayer: OverlayLayer {
    var selected: Int { get set }
    func count(_ console: ConsoleState) -> Int
}

extension ChoosingLayer {
    mutating func move(_ command: Command, _ console: ConsoleState) {
        let count = count(console)
        let rows = command.movement?.rows(page: 10, of: count) ?? 0
        selected = min(max(0, selected + rows), max(0, count - 1))
    }
}
