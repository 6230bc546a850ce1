import Tenancy
import Testing

/// What is typed to find rows, and what it means.
struct FilterTests {
    @Test(
        arguments: [
            ("ada", ["Ada Lovelace"], true), ("ada", ["Grace"], false), ("!ada", ["Grace"], true),
            ("!ada", ["Ada", "x"], false), ("!", ["Ada"], true), ("/", ["Ada"], true), ("!/", ["Ada"], true),
            ("//", ["Ada"], true), ("/^a.*e$/", ["Ada Lovelace"], true), ("/^love", ["Ada Lovelace"], false),
            ("/^love", ["Ada", "Lovelace"], true), ("!/^a/", ["Ada"], false), ("!/^a/", ["Grace"], true),
            ("\\!ada", ["!ada"], true), ("\\!ada", ["Grace"], false), ("\\/x", ["a/x"], true),
            ("\\", ["a\\b"], true),
            ("/a\\//", ["a/b"], true), ("/a\\//", ["ab"], false), ("ÉLO", ["Élodie"], true),
            ("/É/", ["élodie"], true), ("zurich", ["Café Zürich"], true), ("ZÜRICH", ["zurich"], true),
            ("lodz", ["Łódź"], true), ("soren", ["Søren"], true), ("o'neill", ["O’Neill"], true),
            ("αθηνα", ["Αθήνα"], true), ("елка", ["Ёлка"], true), ("e\u{301}lo", ["Élodie"], true),
            ("!zurich", ["Zürich"], false), ("tran", ["Trần"], true), ("東京", ["東京クラウド"], true),
            ("100%", ["100% sure"], true), ("_", ["ab"], false),
        ] as [(String, [String], Bool)])
    func admits(typed: String, texts: [String], isAdmitted: Bool) throws {
        #expect(try Filter(typed).admits(texts.map { $0 } + [nil]) == isAdmitted)
    }

    @Test func aWordWithAColonAsksForAColumn() throws {
        let names = ["role", "status"]
        let both = try Filter("!role:Admin ada status:stal", fields: names)
        #expect(both.wanted == .fragment("ada"))
        #expect(both.fields.map(\.name) == ["role", "status"])
        #expect(both.fields.map(\.value) == ["Admin", "stal"])
        #expect(both.fields.map(\.isInverse) == [true, false])
        #expect(try Filter("status:x", fields: names).wanted == nil)
        for text in ["a:b", "status:", "/status:x/", "!/status:x/", "two  blanks"] {
            let filter = try Filter(text, fields: names)
            #expect(filter.fields.isEmpty, "\(text)")
            #expect(try filter.wanted == Filter(text).wanted, "\(text)")
        }
        #expect(try Filter("status:x").wanted == .fragment("status:x"), "a list without such a column")
    }

    @Test func onlyAPlainFragmentIsFoundByIndex() throws {
        #expect(try Filter("ada").isIndexed)
        #expect(try Filter("").isIndexed)
        #expect(try Filter("!").wanted == nil)
        #expect(try !Filter("!ada").isIndexed)
        #expect(try !Filter("/ada/").isIndexed)
        #expect(try Filter(Filter.typed("!x")).wanted == .fragment("!x"))
        #expect(try Filter(Filter.typed("/x/")).wanted == .fragment("/x/"))
        #expect(Filter.typed("x!") == "x!")
    }

    @Test(arguments: [
        ("(a", "the ( at 1 is not closed"), ("a)", "the ) at 2 closes nothing"),
        ("[a", "the [ at 1 is not closed"),
        ("a[]", "the [ at 2 is not closed"), ("*a", "nothing before the * at 1"),
        ("a**", "repeats a repetition"),
        ("a{2", "wants a number or two"), ("a{x}", "wants a number or two"), ("a{5,2}", "turned around"),
        ("a{300}", "255 times at the most"), ("(a)\\1", "refers back to a group"),
        ("(?=a)", "(?= is not supported"),
        ("(?<!a)", "(?< is not supported"), ("(?", "the ( at 1 is not closed"),
        ("a\\", "after the \\ at its end"),
        ("\\q", "\\q has no meaning"), ("[z-a]", "turned around"), ("[[:alpha:]]", "is not supported"),
        ("^*", "nothing before the repetition"), ("((a{200}){200}){200}", "too large"),
        (String(repeating: "(", count: 60), "nested too deeply"),
        (String(repeating: "a", count: 201), "more than 200"),
    ])
    func aBadExpressionIsToldInASentence(expression: String, words: String) {
        do throws(TenancyError) {
            _ = try Filter("/" + expression)
            Issue.record("\(expression) was taken")
        } catch {
            #expect(error.code == .invalid)
            #expect(error.message.contains(words), "\(error.message)")
            #expect(error.message.hasPrefix("No expression yet: "))
            #expect(error.message.hasSuffix("."))
        }
    }

    /// What takes a matcher that tries one way after the other longer than anybody lives.
    @Test(arguments: ["(a+)+$", "(a|aa)+$", "(a|a?)+b", "(.*)*x", "(a*)*(a*)*b", "(x+x+)+y"])
    func aHostileExpressionIsQuick(expression: String) throws {
        let text = String(repeating: "a", count: 2000) + "!"
        #expect(try !RegularExpression(expression).matches(text))
    }
}
