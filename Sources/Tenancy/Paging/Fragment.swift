import Postgres

/// A fragment of text as LIKE takes it, for the blueprint's column of what is searched.
///
/// That column begins with a space, so that a word that begins it is found like any other.
///
/// Both sides are lowered as people read them and then compared in the collation of the index of fragments: with any other,
/// the index is not used.
struct Fragment {
    private let escaped: String
    /// Whether the fragment is shorter than the three letters by which the index finds anything, and could begin a word.
    ///
    /// A sign such as @ begins none; it stands in many rows or in hardly any.
    let isShort: Bool

    /// Nil for nothing to look for.
    init?(_ text: String) {
        guard !text.isEmpty else { return nil }
        escaped = Self.escaped(text)
        isShort = text.unicodeScalars.count < 3 && text.first.map { $0.isLetter || $0.isNumber } == true
    }

    /// A text that LIKE takes letter by letter.
    ///
    /// A sign that LIKE knows may have an accent put on it, and is one all the same.
    static func escaped(_ text: String) -> String {
        String(
            text.unicodeScalars.reduce(into: String.UnicodeScalarView()) { result, scalar in
                if scalar == "%" || scalar == "_" || scalar == "\\" { result.append("\\") }
                result.append(scalar)
            })
    }

    /// What LIKE takes for the fragment anywhere.
    var pattern: String { "%\(escaped)%" }

    /// The values for `match` and `indexedMatch`, in their order.
    var parameters: [Parameter] {
        [.text(pattern)] + (isShort ? [.text("% \(escaped)%")] : [])
    }

    /// The fragment anywhere in the column.
    func match(_ column: String, parameter: Int) -> String {
        "\(column) OPERATOR(pg_catalog.~~) \(Self.lowered("$\(parameter)::text"))"
    }

    /// The fragment as the index can find it among a million rows: one of less than three letters where a word begins.
    func indexedMatch(_ column: String, firstParameter first: Int) -> String {
        match(column, parameter: isShort ? first + 1 : first)
    }

    /// The common table expression that tells whether a company has so many users that a fragment of less than three letters
    /// is looked for where words begin: on every page of the list alike.
    static let large =
        "large AS MATERIALIZED (SELECT EXISTS (SELECT FROM users OFFSET \(manyUsers) LIMIT 1) AS yes)"
    private static let manyUsers = 3000

    /// The fragment in one of the rows that are read through anyway; with accents or without while the company is so small
    /// that those are all.
    func nearbyMatch(_ column: String, firstParameter first: Int) -> String {
        "CASE WHEN (SELECT yes FROM large) THEN \(indexedMatch(column, firstParameter: first)) "
            + "ELSE \(FoldedText.matches(column, "$\(first)")) END"
    }

    /// The same for what no index is needed for, so that short fragments are found anywhere.
    func anywhereMatch(_ column: String, parameter: Int) -> String {
        "CASE WHEN (SELECT yes FROM large) THEN \(match(column, parameter: parameter)) "
            + "ELSE \(FoldedText.matches(column, "$\(parameter)")) END"
    }

    /// The text in small letters, for comparing.
    static func lowered(_ text: String) -> String {
        "(lower(\(text) COLLATE piste.human) COLLATE pg_catalog.\"C\")"
    }
}
