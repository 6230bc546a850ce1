/// Text that would take a terminal over if it got there as it is, and random text besides.
package struct HostileText {
    private var random: SplitMix
    private var count = 0

    package init(seed: UInt64) { random = SplitMix(seed: seed) }

    /// Sequences that no console sends by itself, and what else breaks lines, widths or trust.
    package static let worst = [
        "\u{1B}]0;pwned\u{7}", "\u{1B}]52;c;cHduZWQ=\u{7}", "\u{1B}]8;;http://evil\u{1B}\\click",
        "\u{1B}P+q544e\u{1B}\\", "\u{1B}_apc\u{1B}\\", "\u{1B}^pm\u{1B}\\", "\u{1B}c", "\u{1B}[5n",
        "\u{1B}[>0c", "\u{1B}[=c", "\u{1B}[21t", "\u{1B}[13;37;666m", "\u{1B}[9999;9999H", "\u{1B}[?1049l",
        "\u{1B}[?2004l", "\u{1B}[?1003h", "\u{1B}[4i", "\u{1B}#8", "\u{1B}%@", "\u{9B}31m",
        "\u{9D}0;c1\u{9C}",
        "\u{90}q\u{9C}", "\u{7}\u{7}\u{7}", "\u{8}\u{8}\u{8}\u{8}", "\r\n\u{B}\u{C}", "\t\t", "\u{E}\u{F}",
        "\u{5}", "\u{7F}", "\u{202E}txt.exe", "\u{2066}\u{2067}\u{2068}\u{2069}", "\u{200B}\u{200C}\u{200D}",
        "\u{FEFF}", "\u{AD}", "\u{180E}", "\u{2028}\u{2029}\u{85}", "\u{E0041}\u{E007F}", "\u{FFFE}\u{FFFF}",
        "\u{E000}\u{F8FF}\u{10FFFD}", "👨\u{200D}👩\u{200D}👧\u{200D}👦", "❤\u{FE0F}", "🇨🇭🇨", "👍🏽",
        "Z" + String(repeating: "\u{336}\u{489}\u{20DD}", count: 40), "\u{301}\u{301}", "北海道スキー", "ｱｲｳ",
        "محمد الفارسي", "עברית", "ไทยก็มี", "नमस्ते", "\u{115F}\u{3164}", "\u{1F3FB}", "%n%s%x", "{0}",
        "\\u001b[31m", "'; DROP TABLE users; --", "",
    ]

    /// The next text: each of the worst ones in turn, with random bytes and scalars around it.
    package mutating func next() -> String {
        defer { count += 1 }
        let bytes = (0..<Int.random(in: 0...6, using: &random)).map { _ in
            UInt8.random(in: 0...255, using: &random)
        }
        var text = String(decoding: bytes, as: UTF8.self)
        text += Self.worst[count % Self.worst.count]
        let highest: UInt32 = Bool.random(using: &random) ? 0x10FFFF : 0x3FFF
        for _ in 0..<Int.random(in: 0...8, using: &random) {
            if let scalar = Unicode.Scalar(UInt32.random(in: 1...highest, using: &random)) {
                text.unicodeScalars.append(scalar)
            }
        }
        if Int.random(in: 0..<20, using: &random) == 0 { text = String(repeating: text, count: 50) }
        return text
    }

    /// The next text without the one character that PostgreSQL cannot hold.
    package mutating func nextForDatabase() -> String {
        String(String.UnicodeScalarView(next().unicodeScalars.filter { $0 != "\0" }))
    }
}
