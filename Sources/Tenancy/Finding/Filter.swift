/// What is asked of a list, as it is typed: `text`, `!text` for what does not have it, `/expression/`, `!/expression/`.
///
/// Words such as `status:stalled` or `!role:admin` ask for one column of the list, where it has one of that name. A text
/// that begins with `!` or `/` itself is written with a `\` before it.
public struct Filter: Hashable, Sendable {
    /// What a row must have, or must not have.
    public enum Wanted: Hashable, Sendable {
        case fragment(String)
        case expression(RegularExpression)
    }

    /// What is asked of one column: that it begins with a word, or has it.
    public struct Field: Hashable, Sendable {
        /// The column, by the name that the list knows it by.
        public let name: String
        /// What it must begin with, or have.
        public let value: String
        /// Whether the rows are meant of which it is not so.
        public let isInverse: Bool
    }

    /// The syntax in one line, to be told where a filter is typed.
    public static let syntax = "text · !text without it · /expression/"
    /// The same for the lists of companies, users and journeys, which can be asked for by a state.
    public static let syntaxWithStatus = "text · status:word · !text without it · /expression/"

    /// Nil where nothing is asked for yet.
    public let wanted: Wanted?
    /// Whether the rows are meant that do not have what is wanted.
    public let isInverse: Bool

    /// What is asked of single columns, besides.
    public let fields: [Field]

    /// Reads what was typed; throws a sentence that says what is wrong with an expression.
    ///
    /// - Parameters:
    ///   - typed: words, conditions and expressions as a user types them.
    ///   - names: the columns that can be asked for by their names.
    public init(_ typed: String, fields names: [String] = []) throws(TenancyError) {
        let text: String
        (fields, text) = Self.fields(of: typed, names)
        var rest = text[...]
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

    /// The words that ask for a column, and the text without them.
    private static func fields(of typed: String, _ names: [String]) -> ([Field], String) {
        guard !names.isEmpty, !typed.hasPrefix("/"), !typed.hasPrefix("!/") else { return ([], typed) }
        var fields: [Field] = []
        var rest: [Substring] = []
        for word in typed.split(separator: " ", omittingEmptySubsequences: false) {
            let isInverse = word.first == "!"
            let parts = word.dropFirst(isInverse ? 1 : 0).split(separator: ":", maxSplits: 1)
            if parts.count == 2, names.contains(parts[0].lowercased()) {
                fields.append(
                    Field(name: parts[0].lowercased(), value: String(parts[1]), isInverse: isInverse))
            } else {
                rest.append(word)
            }
        }
        guard !fields.isEmpty else { return ([], typed) }
        return (fields, rest.filter { !$0.isEmpty }.joined(separator: " "))
    }

    /// Whether an index can lead to the rows; otherwise they are looked through in their order.
    package var isIndexed: Bool {
        guard case .fragment = wanted else { return wanted == nil }
        return !isInverse
    }

    /// Whether a row with these texts is meant; small and capital letters are the same, with accents and without.
    public func admits(_ texts: [String?]) -> Bool {
        switch wanted {
        case nil: return true
        case .fragment(let fragment):
            let folded = FoldedWords.folded(fragment)
            return texts.contains { $0.map { FoldedWords.folded($0).contains(folded) } == true } != isInverse
        case .expression(let expression):
            return texts.contains { $0.map(expression.matches) == true } != isInverse
        }
    }
}
