import Postgres

/// A fragment of text as the blueprint's column of what is searched is asked for it, with accents and without.
///
/// That column begins with a space, so that a word that begins it is found like any other. It is in small letters, with the
/// accents that were written: the index of fragments finds them by an expression that has each letter's accents in it. A row
/// that is all ASCII, as most are, is looked at by LIKE, which costs less.
struct Fragment {
    private let escaped: String
    private let folded: String
    private let expression: String
    /// Whether the fragment is shorter than the three letters by which the index finds anything, and could begin a word.
    ///
    /// A sign such as @ begins none; it stands in many rows or in hardly any.
    let isShort: Bool

    /// Nil for nothing to look for.
    init?(_ text: String) {
        guard !text.isEmpty else { return nil }
        escaped = Self.escaped(text)
        let folded = FoldedWords.folded(text)
        self.folded = Self.escaped(folded)
        expression = FoldedWords.expression(for: folded)
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

    /// The values for `nearbyMatch` and `indexedMatch`, in their order.
    var parameters: [Parameter] {
        [
            .text(pattern), .text(isShort ? "% \(folded)%" : "%\(folded)%"),
            .text(isShort ? " " + expression : expression),
        ]
    }

    /// The values that `anywhereMatch` takes besides, behind those.
    var anywhereParameters: [Parameter] { [.text("%\(folded)%"), .text(expression)] }

    private static func match(_ column: String, like: Int, expression: Int) -> String {
        """
        CASE WHEN pg_catalog.octet_length(\(column)) = pg_catalog.length(\(column))
            THEN \(column) OPERATOR(pg_catalog.~~) $\(like)::text
            ELSE \(column) OPERATOR(pg_catalog.~) $\(expression)::text END
        """
    }

    /// The fragment as the index can find it among a million rows: one of less than three letters where a word begins.
    func indexedMatch(_ column: String, firstParameter first: Int) -> String {
        "\(column) OPERATOR(pg_catalog.~) $\(first + 2)::text"
    }

    /// The common table expression that tells whether a company has so many users that a fragment of less than three letters
    /// is looked for where words begin: on every page of the list alike.
    static let large =
        "large AS MATERIALIZED (SELECT EXISTS (SELECT FROM users OFFSET \(manyUsers) LIMIT 1) AS yes)"
    private static let manyUsers = 3000

    /// The fragment in one of the rows that are read through anyway, just as the index finds it where there is one.
    func nearbyMatch(_ column: String, firstParameter first: Int) -> String {
        "CASE WHEN (SELECT yes FROM large) THEN \(Self.match(column, like: first + 1, expression: first + 2)) "
            + "ELSE \(FoldedText.matches(column, "$\(first)")) END"
    }

    /// The same for what no index is needed for, so that short fragments are found anywhere.
    func anywhereMatch(_ column: String, firstParameter first: Int) -> String {
        "CASE WHEN (SELECT yes FROM large) THEN \(Self.match(column, like: first + 3, expression: first + 4)) "
            + "ELSE \(FoldedText.matches(column, "$\(first)")) END"
    }

    /// The text in small letters, for comparing.
    static func lowered(_ text: String) -> String {
        "(lower(\(text) COLLATE piste.human) COLLATE pg_catalog.\"C\")"
    }
}
