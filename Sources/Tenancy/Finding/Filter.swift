/// What is asked of a list, as it is typed: `text`, `!text` for what does not have it, `/expression/`, `!/expression/`.
///
/// A text that begins with `!` or `/` itself is written with a `\` before it.
public struct Filter: Hashable, Sendable {
    /// What a row must have, or must not have.
    public enum Wanted: Hashable, Sendable {
        case fragment(String)
        case expression(RegularExpression)
    }

    /// The syntax in one line, to be told where a filter is typed.
    public static let syntax = "text · !text without it · /expression/"

    /// Nil where nothing is asked for yet.
    public let wanted: Wanted?
    /// Whether the rows are meant that do not have what is wanted.
    public let isInverse: Bool

    /// Reads what was typed; throws a sentence that says what is wrong with an expression.
    public init(_ typed: String) throws(TenancyError) {
        var rest = typed[...]
        isInverse = rest.first == "!"
        if isInverse { rest.removeFirst() }
        if rest.first == "/" {
            rest.removeFirst()
            if rest.last == "/", !rest.dropLast().hasSuffix("\\") { rest.removeLast() }
            wanted = rest.isEmpty ? nil : .expression(try RegularExpression(String(rest)))
        } else {
            if rest.first == "\\", let marked = rest.dropFirst().first, marked == "!" || marked == "/" {
                rest.removeFirst()
            }
            wanted = rest.isEmpty ? nil : .fragment(String(rest))
        }
    }

    /// Whether an index can lead to the rows; otherwise they are looked through in their order.
    package var isIndexed: Bool {
        guard case .fragment = wanted else { return wanted == nil }
        return !isInverse
    }

    /// Whether a row with these texts is meant; small and capital letters are the same.
    public func admits(_ texts: [String?]) -> Bool {
        switch wanted {
        case nil: return true
        case .fragment(let fragment):
            let small = fragment.lowercased()
            return texts.contains { $0?.lowercased().contains(small) == true } != isInverse
        case .expression(let expression):
            return texts.contains { $0.map(expression.matches) == true } != isInverse
        }
    }
}
