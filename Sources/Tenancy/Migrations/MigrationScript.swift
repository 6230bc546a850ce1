/// SQL as an application's own tools write it: statements one behind the other, each with the line where it begins.
///
/// Where it names no placeholder it is plain: its names are found in the company's schema, and what begins or ends a transaction
/// is left out, since the engine runs all of it in one.
package struct MigrationScript: Sendable {
    /// One statement, without its semicolon and what stands before it.
    package struct Statement: Sendable, Equatable {
        package let line: Int
        package let sql: String
    }

    package let statements: [Statement]
    /// Whether it was written without placeholders.
    package let isPlain: Bool

    package init(_ text: String) {
        let isPlain = !text.contains("{schema}")
        self.isPlain = isPlain
        statements = Self.split(text).filter { !isPlain || !Self.isOfTransactions($0.sql) }
    }

    /// What the engine runs for a company: plain statements in its schema, and every table of it behind the gate.
    package var blueprint: [String] {
        guard isPlain else { return statements.map(\.sql) }
        return ["SET LOCAL search_path = {schema}, pg_catalog"] + statements.map(\.sql) + Self.closing
    }

    /// How many statements come before the first of the script's own.
    package var prefix: Int { isPlain ? 1 : 0 }

    private static let closing = [
        "SET LOCAL search_path = pg_catalog, pg_temp",
        """
        DO $gate$
        DECLARE
            each pg_catalog.pg_class;
        BEGIN
            FOR each IN
                SELECT c.* FROM pg_catalog.pg_class c
                WHERE c.relnamespace = pg_catalog.to_regnamespace('{schema}') AND c.relkind = 'r' AND NOT c.relrowsecurity
                ORDER BY c.relname
            LOOP
                PERFORM piste.put_behind_gate('{schema}', each.relname::text);
            END LOOP;
        END
        $gate$
        """,
    ]

    /// What a migration tool puts around its statements.
    private static func isOfTransactions(_ sql: String) -> Bool {
        let words = sql.lowercased().split(whereSeparator: \.isWhitespace)
        guard let first = words.first else { return true }
        let rest = words.dropFirst().first
        return switch first {
        case "begin", "commit": words.count <= 4
        case "end": words.count == 1 || rest == "transaction" || rest == "work"
        case "start": rest == "transaction"
        default: false
        }
    }

    /// Splits at the semicolons that stand in no string, name, comment or dollar quote.
    private static func split(_ text: String) -> [Statement] {
        var reader = StatementReader(Array(text.unicodeScalars))
        var statements: [Statement] = []
        while let statement = reader.next() { statements.append(statement) }
        return statements
    }
}

/// Reads one statement after the other.
private struct StatementReader {
    private let text: [Unicode.Scalar]
    private var place = 0
    private var line = 1

    init(_ text: [Unicode.Scalar]) { self.text = text }

    mutating func next() -> MigrationScript.Statement? {
        while place < text.count {
            skipBlank()
            let (begin, first) = (place, line)
            while place < text.count, text[place] != ";" { step() }
            var end = place
            while end > begin, text[end - 1].properties.isWhitespace { end -= 1 }
            let sql = String(String.UnicodeScalarView(text[begin..<end]))
            if place < text.count { advance() }
            if !sql.isEmpty { return MigrationScript.Statement(line: first, sql: sql) }
        }
        return nil
    }

    /// Blanks and comments before a statement are none of it.
    private mutating func skipBlank() {
        while place < text.count {
            if text[place].properties.isWhitespace {
                advance()
            } else if at("--") || at("/*") {
                step()
            } else {
                return
            }
        }
    }

    /// One scalar, or the whole of what holds others: a string, a name, a comment, a dollar quote.
    private mutating func step() {
        switch text[place] {
        case "'":
            quoted(
                "'", escapes: place > 0 && "eE".unicodeScalars.contains(text[place - 1]) && !isWord(place - 2)
            )
        case "\"": quoted("\"", escapes: false)
        case "-" where at("--"): while place < text.count, text[place] != "\n" { advance() }
        case "/" where at("/*"): comment()
        case "$" where !isWord(place - 1): dollar()
        default: advance()
        }
    }

    private mutating func quoted(_ mark: Unicode.Scalar, escapes: Bool) {
        advance()
        while place < text.count {
            if escapes, text[place] == "\\" { advance() } else if text[place] == mark { break }
            if place < text.count { advance() }
        }
        if place < text.count { advance() }
    }

    private mutating func comment() {
        var depth = 0
        repeat {
            if at("/*") {
                depth += 1
                advance()
            } else if at("*/") {
                depth -= 1
                advance()
            }
            advance()
        } while depth > 0 && place < text.count
    }

    private mutating func dollar() {
        var end = place + 1
        while end < text.count, isWord(end), text[end] != "$" { end += 1 }
        guard end < text.count, text[end] == "$" else { return advance() }
        let tag = String(String.UnicodeScalarView(text[place...end]))
        for _ in place...end { advance() }
        while place < text.count, !at(tag) { advance() }
        for _ in tag.unicodeScalars where place < text.count { advance() }
    }

    private func at(_ words: String) -> Bool {
        let scalars = words.unicodeScalars
        return place + scalars.count <= text.count && zip(text[place...], scalars).allSatisfy { $0 == $1 }
    }

    private func isWord(_ index: Int) -> Bool {
        guard text.indices.contains(index) else { return false }
        let properties = text[index].properties
        return properties.isAlphabetic || text[index] == "_" || properties.numericType != nil
    }

    private mutating func advance() {
        guard place < text.count else { return }
        if text[place] == "\n" { line += 1 }
        place += 1
    }
}
