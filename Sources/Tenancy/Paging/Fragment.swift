import Postgres

/// A fragment of text as the blueprint's column of what is searched is asked for it.
///
/// That column is folded, so that accents and capitals make no difference, and begins with a space, so that a word that begins it
/// is found like any other.
struct Fragment {
    /// The value that the conditions take as their parameter.
    let parameter: Parameter
    /// Whether the fragment is shorter than the three letters by which the index finds anything, and could begin a word.
    ///
    /// A sign such as @ begins none; it stands in many rows or in hardly any.
    private let isShort: Bool

    /// Nil for nothing to look for.
    init?(_ text: String) {
        guard !text.isEmpty else { return nil }
        parameter = .text(text)
        isShort = text.unicodeScalars.count < 3 && text.first.map { $0.isLetter || $0.isNumber } == true
    }

    /// The fragment as the index can find it among a million rows: one of less than three letters where a word begins.
    ///
    /// The planner guesses that a pattern fits many rows, and would rather read them all; the second condition, which is always
    /// true, is one that it takes to be so in one row of two hundred.
    func indexedMatch(_ column: String, parameter: Int) -> String {
        let pattern = FoldedText.pattern("$\(parameter)", at: isShort ? .wordBeginning : .anywhere)
        return """
            \(column) OPERATOR(pg_catalog.~~) \(pattern)
                AND pg_catalog.length(\(column)) OPERATOR(pg_catalog.*) 0 OPERATOR(pg_catalog.=) 0
            """
    }

    /// The common table expression that tells whether a company has so many users that a fragment of less than three letters
    /// is looked for where words begin: on every page of the list alike.
    static let large =
        "large AS MATERIALIZED (SELECT EXISTS (SELECT FROM users OFFSET \(manyUsers) LIMIT 1) AS yes)"
    private static let manyUsers = 3000

    /// The fragment anywhere, in rows that are read through.
    static func match(_ column: String, parameter: Int) -> String {
        "\(column) OPERATOR(pg_catalog.~~) \(FoldedText.pattern("$\(parameter)"))"
    }

    /// The fragment in one of the rows that are read through anyway, just as the index finds it where there is one.
    func nearbyMatch(_ column: String, parameter: Int) -> String {
        guard isShort else { return Self.match(column, parameter: parameter) }
        return """
            \(column) OPERATOR(pg_catalog.~~) CASE WHEN (SELECT yes FROM large)
                THEN \(FoldedText.pattern("$\(parameter)", at: .wordBeginning))
                ELSE \(FoldedText.pattern("$\(parameter)")) END
            """
    }
}
