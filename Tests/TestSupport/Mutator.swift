/// Changes bytes as damage and enemies do: bits, cuts, repeats, and whatever readers stumble over.
///
/// The same seed makes the same changes in every run.
package struct Mutator {
    private var random: SplitMix
    private let alphabet: [[UInt8]]

    /// What has undone readers before: numbers at the ends, escapes, halves of characters, depth.
    private static let words = [
        "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-1", "0", "1e300", "1e18",
        "-0", "0.5", "NaN", "null", "true", "\"\"", "\\u0000", "\\ud800", "\\udfff", "\u{0}", "\u{1B}[2J",
        "\r\n",
        "\n", "\n\n", "\u{FEFF}", "\u{202E}", "\"", "\\", "{", "}", "[", "]", ",", ":", "=", ".", "-", "_",
        "+", "/",
        "300000-01-01T00:00:00.000000Z", "infinity", "é", "e\u{301}", "😀", "18446744073709551616", "'", "#",
        "\t",
        String(repeating: "[", count: 600), String(repeating: "9", count: 400),
    ]

    /// - Parameter words: what the format has of its own.
    package init(seed: UInt64, words: [String] = []) {
        random = SplitMix(seed: seed)
        alphabet = (Self.words + words).map { Array($0.utf8) } + [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80]]
    }

    /// The bytes with one to three changes.
    package mutating func changed(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...3, using: &random) { change(&bytes) }
        return bytes
    }

    /// A number that the format's own words or the ends of its type are likely to be.
    package mutating func number() -> Int64 {
        [.min, .min + 1, -1, 0, 1, 2, 1 << 31, 1 << 32, 1 << 53, 1 << 62, .max - 1, .max]
            .randomElement(using: &random) ?? 0
    }

    package mutating func pick(_ count: Int) -> Int { Int.random(in: 0..<max(1, count), using: &random) }

    private mutating func change(_ bytes: inout [UInt8]) {
        guard !bytes.isEmpty else { return bytes = word() }
        let place = pick(bytes.count)
        switch pick(10) {
        case 0, 1: bytes[place] ^= 1 << UInt8(pick(8))
        case 2: bytes[place] = UInt8(pick(256))
        case 3: bytes.removeSubrange(place..<min(bytes.count, place + 1 + pick(20)))
        case 4: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 1 + pick(40))], at: place)
        case 5: bytes.insert(contentsOf: word(), at: place)
        case 6: replaceToken(at: place, in: &bytes)
        case 7: bytes.removeSubrange(place...)
        case 8: swapLines(&bytes)
        default: replaceToken(at: place, in: &bytes)
        }
    }

    private mutating func word() -> [UInt8] { alphabet.randomElement(using: &random) ?? [] }

    /// Replaces the run of letters and digits around a place.
    private mutating func replaceToken(at place: Int, in bytes: inout [UInt8]) {
        func isPart(_ byte: UInt8) -> Bool {
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 0x2D
        }
        var (begin, end) = (place, place)
        while begin > 0, isPart(bytes[begin - 1]) { begin -= 1 }
        while end < bytes.count, isPart(bytes[end]) { end += 1 }
        bytes.replaceSubrange(begin..<end, with: word())
    }

    private mutating func swapLines(_ bytes: inout [UInt8]) {
        var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
        guard lines.count > 2 else { return }
        lines.swapAt(pick(lines.count), pick(lines.count))
        bytes = Array(lines.joined(separator: [0x0A]))
    }
}
