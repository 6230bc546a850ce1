/// What is typed into a filter, as questions to the server: each of them is a record, so that not every letter is one.
///
/// The first letter is asked about at once; letters that follow within the pause are one question, which goes out when
/// the pause is over or the line is left.
struct TypedQuestion: Equatable, Sendable {
    /// How long nothing is typed before what stands there counts as meant.
    static let pause: Milliseconds = 120

    var target: ConsoleState.FilterTarget
    /// When the last letter was typed.
    private(set) var letterAt: Milliseconds?
    /// When what stands in the line is asked about; nil when it is already.
    private(set) var dueAt: Milliseconds?

    init(_ target: ConsoleState.FilterTarget) { self.target = target }

    /// Notes a letter; says whether it is asked about at once.
    mutating func type(at now: Milliseconds) -> Bool {
        let isFirst = letterAt.map { now - $0 >= Self.pause } ?? true
        letterAt = now
        dueAt = isFirst ? nil : now + Self.pause
        return isFirst
    }

    /// Waits for what will be typed.
    mutating func wait(at now: Milliseconds) { dueAt = now + Self.pause }

    mutating func settle() { dueAt = nil }
}
