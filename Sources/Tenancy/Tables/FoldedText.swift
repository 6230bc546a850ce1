import Postgres

/// Text as people compare it, in SQL: without accents, in small letters, with one kind of apostrophe.
///
/// The server needs no extension for it. A value that is all ASCII, as most are, is only lowered; that costs a tenth.
enum FoldedText {
    /// Whether a text has the fragment, which is the value of a parameter as it was typed.
    static func matches(_ text: String, _ parameter: String, at place: Place = .anywhere) -> String {
        "\(folded(text)) OPERATOR(pg_catalog.~~) \(pattern(parameter, at: place))"
    }

    /// Where in a text the fragment stands.
    enum Place: String {
        case anywhere = "%"
        case beginning = ""
        /// Where a word begins; the text begins with a space.
        case wordBeginning = "% "
    }

    /// What LIKE takes for the fragment in a folded text.
    ///
    /// What LIKE knows as a sign is one only after the folding, which makes some of what looks like them.
    static func pattern(_ parameter: String, at place: Place = .anywhere) -> String {
        let escaped =
            #"pg_catalog.regexp_replace(\#(folded("\(parameter)::text")), E'([\\\\%_])', E'\\\\\\1', 'g')"#
        return "('\(place.rawValue)' OPERATOR(pg_catalog.||) \(escaped) OPERATOR(pg_catalog.||) '%')"
    }

    /// A text as it is compared, as the engine's `folding.sql` and the blueprint have it.
    private static func folded(_ text: String) -> String {
        let marked = "pg_catalog.translate(\(text), '’‘ʼ`´', '''''''''''')"
        let lowered = "pg_catalog.lower(pg_catalog.normalize(\(marked), 'NFKD') COLLATE piste.human)"
        let bare = "pg_catalog.regexp_replace(\(lowered), '[\u{0300}-\u{036F}]+', '', 'g')"
        return """
            (CASE WHEN pg_catalog.octet_length(\(text)) = pg_catalog.length(\(text))
                THEN pg_catalog.lower(pg_catalog.translate(\(text), '`', '''') COLLATE pg_catalog."C")
                ELSE pg_catalog.translate(\(bare), 'øłđı', 'oldi') COLLATE pg_catalog."C" END)
            """
    }
}
