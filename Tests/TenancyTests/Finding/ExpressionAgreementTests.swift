import Postgres
import Tenancy
import TestSupport
import Testing

/// A regular expression finds the same rows here and in PostgreSQL.
struct ExpressionAgreementTests {
    private static let texts = [
        "", "a", "A", "ab", "aab", "abc", "ABC", "a.c", "a+c", "(a)", "[b]", "{2}", "a b", "foo bar",
        "foobar",
        "Ada Lovelace", "ada@acme.example", "Élodie", "élodie", "ÉLODIE", "Zoë", "山田", "u-42", "u_42", "42",
        "x7",
        "line\nbreak", "tab\there", "ßtraße", "I", "ı", "naïve café", "a/b\\c", "100%", "^$", "aaaaa", "-",
        "]",
    ]

    private static let expressions = [
        "a", "A", "^a", "a$", "^a$", "^$", "a.c", "a\\.c", "a\\+c", "\\(a\\)", "\\[b\\]", "\\{2\\}", "a|b",
        "^(a|ab)$", "(a|b)+c",
        "a*", "a+b", "a?b", "^a{2}b", "a{2,}", "^a{2,3}$", "a{0,1}b", "^a{1,2}?$", "[abc]+", "[^a]",
        "^[^a]*$", "[a-c]{3}",
        "[A-C]{3}", "\\d", "\\d+$", "^\\D+$", "\\w+@\\w+", "\\W", "\\s", "^\\S+$", "[\\d_]", "[^\\w ]",
        "\\bfoo\\b", "\\bbar", "o\\Bb",
        "foo(?: )?bar", "é", "É", "^élo", "[é]", "[à-ü]", "ë$", "山", "山.", "..", "^.$", "\\t", "\\n", "k.b",
        "\\\\", "/",
        "%", "\\^\\$", "()", "a||b", "(^a|b$)", "[]]", "[-]", "[a-]", "(ab|a)(c|bcd)?$", "(?:a{2}){2}", "ß",
        "[.+]", "^-?$",
    ]

    @Test func withPostgreSQL() async throws {
        try await EngineWorld.run { world in
            for text in Self.expressions {
                let expression = try RegularExpression(text)
                let rows = try await world.owner.query(
                    """
                    SELECT t FROM unnest(string_to_array($1, '|#|')) AS t
                    WHERE t COLLATE piste.human ~* $2
                    """,
                    [.text(Self.texts.joined(separator: "|#|")), .text(expression.inPostgreSQL)])
                let found = try rows.map { try $0.string(0) }
                #expect(
                    found == Self.texts.filter(expression.matches), "\(text), as \(expression.inPostgreSQL)")
            }
        }
    }
}
