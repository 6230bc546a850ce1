/// Text as people compare it, here: as `FoldedText` compares it in PostgreSQL, for lists that are filtered where they are.
enum FoldedWords {
    /// A text in small letters, without accents, with one kind of apostrophe.
    static func folded(_ text: String) -> String {
        let small = text.lowercased()
        guard !small.utf8.allSatisfy({ $0 < 0x80 }) else { return small.replacing("`", with: "'") }
        var folded = String.UnicodeScalarView()
        for scalar in small.unicodeScalars where !isAccent(scalar) { folded.append(bare(scalar)) }
        return String(folded)
    }

    /// Whether it is put on the letter before it.
    private static func isAccent(_ scalar: Unicode.Scalar) -> Bool { (0x300...0x36F).contains(scalar.value) }

    private static func bare(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        switch scalar {
        case "’", "‘", "ʼ", "`", "´": "'"
        case _ where scalar.value < 0x80: scalar
        case "ı": "i"
        case "й": "и"
        case "ё": "е"
        case "ї": "і"
        case "ў": "у"
        case "\u{FF01}"..."\u{FF5E}": Unicode.Scalar(scalar.value - 0xFEE0) ?? scalar
        default: named(scalar) ?? scalar
        }
    }

    /// The letter that a letter with something on it is made of, by its name: e for “latin small letter e with acute”.
    private static func named(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
        guard let name = scalar.properties.name else { return nil }
        let words = name.split(separator: " ")
        guard let with = words.firstIndex(of: "WITH") else { return nil }
        return letters[words[..<with].joined(separator: " ")]
    }

    /// The small letters that others are made of, by their names.
    private static let letters: [String: Unicode.Scalar] = {
        var letters: [String: Unicode.Scalar] = [:]
        for value in Array(0x61...0x7A) + Array(0x3B1...0x3C9) + Array(0x430...0x45F) as [UInt32] {
            guard let scalar = Unicode.Scalar(value), let name = scalar.properties.name else { continue }
            letters[name] = scalar
        }
        return letters
    }()
}
