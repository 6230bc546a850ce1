import Terminal
import Testing

/// A session as an asciinema file.
struct CastTests {
    private func canvas(_ words: DisplayText, _ style: Style = .text, columns: Int = 12) -> Canvas {
        var canvas = Canvas(size: Size(columns: columns, rows: 3), glyphs: .unicode)
        canvas.write(words, row: 1, column: 2, style: style)
        return canvas
    }

    @Test func aFrameIsTheRowsThatChanged() {
        var cast = Cast(title: "a \"demo\"", startedAt: 1_800_000_000)
        let first = cast.lines(for: canvas("滑 one"), .standard, at: 0)
        #expect(first.count == 2)
        #expect(
            first[0]
                == #"{"version": 2, "width": 12, "height": 3, "timestamp": 1800000000, "title": "a \"demo\"", "env": {"TERM": "xterm-256color"}}"#
        )
        #expect(first[1].hasPrefix(#"[0.000, "o", "\u001b[?25l\u001b[0m\u001b[2J\u001b[1;1H"#))
        #expect(first[1].contains("滑 one"))
        #expect(cast.lines(for: canvas("滑 one"), .standard, at: 1).isEmpty)
        let second = cast.lines(for: canvas("滑 two"), .standard, at: 1.0625)
        #expect(second.count == 1)
        #expect(second[0].hasPrefix(#"[1.063, "o", "\u001b[2;1H"#), "only the row that changed")
        #expect(!second[0].contains("[3;1H"))
        let wider = cast.lines(for: canvas("滑 two", columns: 20), .standard, at: 2)
        #expect(wider.first == #"[2.000, "r", "20x3"]"#)
        #expect(cast.end(at: 3) == #"[3.000, "m", "over"]"#)
    }

    @Test func whatItWritesIsHarmlessAndNothingElseIs() {
        #expect(Cast.isHarmless("\u{1B}[?25l\u{1B}[0;1;38;2;1;2;3mtext 滑\u{1B}[12;1H\u{1B}[2J"))
        for output in [
            "\u{1B}]52;c;AAAA\u{7}", "\u{1B}P+q\u{1B}\\", "\u{1B}[6n", "\u{1B}[?1049h", "\u{1B}c", "\u{1B}",
            "\u{1B}[",
            "a\nb", "\u{9B}6n", "\u{7}",
        ] {
            #expect(!Cast.isHarmless(output), "\(output.debugDescription)")
        }
    }
}
