import Terminal
import Testing

/// What would end the parser's program is found, and what only looks like it is not.
struct TOMLHazardsTests {
    @Test(
        "A header that begins with no key is found, and a brace that closes an array, with its line",
        arguments: [
            ("[!]", 1), ("a = 1\n[[ =x]]", 2), ("# [!]\n\n  [\u{e9}]", 3), ("a = '''\n[!]\n'''\n[\n", 4),
            ("a = [\n[1], # [!]\n]\n[.]", 4), ("a = \"\"\"x\\\"\"\"\"\n[#]", 2), ("a = \"[!]\n[{]", 2),
            ("a = [1, }", 1), ("a = [{ b = 1 },\n }]", 2),
        ])
    func finds(text: String, line: Int) {
        #expect(TOMLHazards.line(in: text) == line)
    }

    @Test(
        "What a parser understands, or refuses in words, passes",
        arguments: [
            "", "[a]\nb = 1\n[[\"c d\".e]]\n['f']\n[ -g ]", "a = [\n  [ [1] ],\n  [!],\n]",
            "a = \"\"\"\n[!]\n\"\"\"",
            "a = '[!]' # x\n[b]", "[]", "[", "a = { b = \"}\" }\r\n[c]\r\n", "a = '''''x'''''\n[b]",
        ])
    func passes(text: String) {
        #expect(TOMLHazards.line(in: text) == nil)
    }
}
