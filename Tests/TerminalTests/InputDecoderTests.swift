import CTerminal
import Testing

@testable import Terminal

struct InputDecoderTests {
    /// Feeds each part as what one round of reading finds.
    private func events(_ parts: [UInt8]..., at times: [UInt64] = []) -> [InputEvent] {
        var decoder = InputDecoder()
        var events: [InputEvent] = []
        for (index, part) in parts.enumerated() {
            decoder.begin(at: index < times.count ? times[index] : 0)
            for byte in part { decoder.feed(byte: byte, into: &events) }
            decoder.finish(into: &events)
        }
        return events
    }

    private func keys(_ keys: Key...) -> [InputEvent] { keys.map { .key($0) } }

    @Test func plainAndControlKeys() {
        #expect(
            events(Array("aZ\r\n\t".utf8) + [0x7F, 0x08, 0x03, 0x1A, 0x00, 0x1D])
                == keys(
                    .character("a"), .character("Z"), .enter, .enter, .tab, .backspace, .backspace,
                    .control("c"),
                    .control("z"), .control(" "), .control("]")))
    }

    @Test func charactersMayComeInPieces() {
        let mountain = Array("🏔".utf8)
        #expect(
            events([mountain[0]], Array(mountain[1...2]), [mountain[3]]) == keys(.character("🏔")))
        #expect(events([0xC3], [0x61]) == keys(.character("a")))
        #expect(
            events([0xFF, 0x80, 0xC0, 0x80, 0xC2, 0x85, 0xED, 0xA0, 0x80, 0x62]) == keys(.character("b")))
    }

    @Test func escapeAloneIsAKey() {
        #expect(events([0x1B]) == keys(.escape))
        #expect(events([0x1B, 0x1B]) == keys(.escape, .escape))
        #expect(events(Array("\u{1B}[".utf8)) == keys(.escape, .character("[")))
        #expect(events(Array("\u{1B}".utf8), Array("[".utf8)) == keys(.escape, .character("[")))
    }

    @Test func altIsAnEscapeBeforeTheKey() {
        #expect(events(Array("\u{1B}x".utf8)) == keys(.alt("x")))
        #expect(
            events(Array("\u{1B}<\u{1B}\u{7F}b".utf8)) == keys(.alt("<"), .alt("\u{7F}"), .character("b")))
        #expect(events(Array("\u{1B}".utf8), Array("x".utf8)) == keys(.escape, .character("x")))
        #expect(events([0x1B, 0x0D]) == keys(.escape, .enter))
    }

    /// ncurses takes the byte behind the escape for a key of its own wherever the terminal's backspace sends it.
    @Test func altWithAKeyThatNcursesKnowsIsNoEscape() {
        func behindEscape(_ code: Int32) -> [InputEvent] {
            var (decoder, events): (InputDecoder, [InputEvent]) = (InputDecoder(), [])
            decoder.feed(byte: 0x1B, into: &events)
            decoder.feed(code: code, into: &events)
            decoder.finish(into: &events)
            return events
        }
        let (up, left, right, backspace, delete): (Int32, Int32, Int32, Int32, Int32) =
            (0o403, 0o404, 0o405, 0o407, 0o512)
        #expect(behindEscape(backspace) == keys(.alt("\u{7F}")))
        #expect(behindEscape(left) == keys(.alt("b")))
        #expect(behindEscape(right) == keys(.alt("f")))
        #expect(behindEscape(delete) == keys(.alt("d")))
        #expect(behindEscape(up) == [])
    }

    @Test func unknownSequencesTypeNothing() {
        #expect(events(Array("\u{1B}[1;5Pa".utf8)) == keys(.character("a")))
        #expect(events(Array("\u{1B}[?62;1;2cb".utf8)) == keys(.character("b")))
        #expect(events(Array("\u{1B}Oyc".utf8)) == keys(.character("c")))
    }

    @Test func aTerminalsAnswersTypeNothing() {
        for answer in [
            "\u{1B}]11;rgb:1e1e/1e1e/1e1e\u{1B}\\", "\u{1B}]0;own\u{07}", "\u{1B}P1$r0m\u{1B}\\",
            "\u{1B}]52;c;ZXlF\u{07}", "\u{1B}_Gi=1;OK\u{1B}\\", "\u{1B}^eyE\u{18}", "\u{1B}XeyE\u{1B}\\",
        ] {
            let bytes = Array(answer.utf8)
            #expect(events(bytes + Array("a".utf8)) == keys(.character("a")), "\(answer.debugDescription)")
            // Over a slow line it comes in two pieces, wherever it breaks behind its beginning.
            for cut in 3..<bytes.count {
                #expect(
                    events(Array(bytes[..<cut]), Array(bytes[cut...]) + Array("a".utf8))
                        == keys(.character("a")))
            }
        }
        // What begins like one and is another sequence, is that.
        #expect(events(Array("\u{1B}]0;own\u{1B}x".utf8)) == keys(.alt("x")))
        // One whose end got lost swallows no more than what comes at once.
        #expect(events(Array("\u{1B}]0;own".utf8), Array("a".utf8), at: [0, 1_001]) == keys(.character("a")))
        // Alone it was typed.
        #expect(events(Array("\u{1B}]".utf8), Array("a".utf8)) == keys(.alt("]"), .character("a")))
    }

    @Test func theMouseIsRead() {
        func press(_ kind: MouseEvent.Kind) -> InputEvent {
            .mouse(MouseEvent(kind, at: Position(row: 5, column: 10)))
        }
        let click = Array("\u{1B}[<0;11;6M\u{1B}[<0;11;6m".utf8)
        #expect(events(click, click, at: [100, 300]) == [press(.press), press(.doublePress)])
        #expect(events(click, click, at: [100, 900]) == [press(.press), press(.press)])
        let wheel = Array("\u{1B}[<64;11;6M\u{1B}[<65;11;6M\u{1B}[<65;11;6M".utf8)
        #expect(events(wheel) == [press(.wheelUp), press(.wheelDown), press(.wheelDown)])
        #expect(
            events(Array("\u{1B}[<2;11;6M\u{1B}[<0;0;0M\u{1B}[<;;M\u{1B}[M abq".utf8))
                == keys(.character("q")))
    }

    @Test func pastesAreWholeAndRaw() {
        var decoder = InputDecoder()
        var events: [InputEvent] = []
        decoder.feed(code: Int32(PISTE_KEY_PASTE_BEGIN), into: &events)
        for byte in Array("one\ntwo\u{1B}[31m\u{3}".utf8) { decoder.feed(byte: byte, into: &events) }
        decoder.finish(into: &events)
        #expect(events.isEmpty)
        for byte in Array("é".utf8) { decoder.feed(byte: byte, into: &events) }
        decoder.feed(code: Int32(PISTE_KEY_PASTE_END), into: &events)
        decoder.feed(byte: 0x71, into: &events)
        #expect(events == [.paste("one\ntwo\u{1B}[31m\u{3}é"), .key(.character("q"))])
    }

    @Test func pastesAreBounded() {
        var decoder = InputDecoder()
        var events: [InputEvent] = []
        decoder.feed(code: Int32(PISTE_KEY_PASTE_BEGIN), into: &events)
        for _ in 0..<100_000 { for byte in Array("é".utf8) { decoder.feed(byte: byte, into: &events) } }
        decoder.feed(code: Int32(PISTE_KEY_PASTE_END), into: &events)
        #expect(events == [.paste(String(repeating: "é", count: InputDecoder.pasteLimit / 2))])
    }

    @Test func aPasteWhoseEndIsLostEnds() {
        let begin = Array("\u{1B}[200~ab".utf8)
        let late = events(begin, Array("c".utf8), Array("d".utf8), at: [0, 4_000, 20_000])
        #expect(late == [.paste("abc"), .key(.character("d"))])
    }
}
