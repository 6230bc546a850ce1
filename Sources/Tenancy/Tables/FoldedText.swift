import Postgres

/// Text as people compare it, in SQL: without accents, in small letters, with one kind of apostrophe.
///
/// The server needs no extension for it. A value that is all ASCII, as most are, is only lowered; that costs a tenth.
enum FoldedText {
    /// What LIKE takes for a fragment anywhere, before it is folded.
    static func pattern(_ fragment: String) -> String { "%\(Fragment.escaped(fragment))%" }

    /// Whether a text has the pattern, which is the value of a parameter.
    static func matches(_ text: String, _ parameter: String) -> String {
        let pattern = folded("\(parameter)::text")
        return """
            CASE WHEN pg_catalog.octet_length(\(text)) = pg_catalog.length(\(text))
                THEN pg_catalog.lower(\(text) COLLATE pg_catalog."C") OPERATOR(pg_catalog.~~) \(pattern)
                ELSE \(folded(text)) OPERATOR(pg_catalog.~~) \(pattern) END
            """
    }

    /// A text as it is compared.
    static func folded(_ text: String) -> String {
        let lowered = "pg_catalog.lower(pg_catalog.normalize(\(text), 'NFKD') COLLATE piste.human)"
        let bare = "pg_catalog.regexp_replace(\(lowered), '[\u{0300}-\u{036F}]+', '', 'g')"
        return "(pg_catalog.translate(\(bare), 'øłđı’‘ʼ`´', 'oldi''''''''''') COLLATE pg_catalog.\"C\")"
    }
}
