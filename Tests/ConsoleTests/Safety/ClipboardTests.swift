import Foundation
import Testing

@testable import Console

/// How a text gets to the clipboard, and when it cannot.
struct ClipboardTests {
    private let plain = Clipboard(environment: [:])

    @Test func aTerminalIsAskedByItsOwnSequence() {
        let text = "Zoë \u{1B}]52;c;evil\u{7}\n界"
        let encoded = Data(text.utf8).base64EncodedString()
        #expect(plain.way(for: text) == .escape(Array("\u{1B}]52;c;\(encoded)\u{7}".utf8)))
        #expect(Clipboard(environment: ["TMUX": ""]).way(for: "a") == plain.way(for: "a"))
    }

    @Test func tmuxIsAskedInsideTmux() {
        #expect(Clipboard(environment: ["TMUX": "/tmp/tmux-0/default,1,0"]).way(for: "a") == .tmux)
    }

    @Test func longTextsAreCopiedWholeOrNotAtAll() {
        let longest = String(repeating: "x", count: Clipboard.limit / 4 * 3)
        guard case .escape(let bytes) = plain.way(for: longest) else {
            Issue.record("the longest text is not copied")
            return
        }
        #expect(bytes.count <= Clipboard.limit + 8)
        #expect(plain.way(for: longest + "xxx") == .tooLong(longest.utf8.count + 3))
        let inTmux = Clipboard(environment: ["TMUX": "/tmp/t"])
        #expect(inTmux.way(for: String(repeating: "é", count: 50_000)) == .tooLong(100_000))
    }
}
