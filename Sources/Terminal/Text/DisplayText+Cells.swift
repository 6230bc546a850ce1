extension DisplayText {
    /// What one cell of a text holds.
    struct Glyph: Equatable {
        let text: String
        let columns: Int
    }

    /// The text cell by cell: a spacing scalar and the zero-width ones that follow it.
    struct Glyphs: Sequence, IteratorProtocol {
        private var scalars: String.UnicodeScalarView.Iterator
        private var ahead: (scalar: Unicode.Scalar, columns: Int)?

        init(_ text: DisplayText) {
            scalars = text.string.unicodeScalars.makeIterator()
            advance()
        }

        mutating func next() -> Glyph? {
            guard let first = ahead else { return nil }
            var text = String(first.scalar)
            advance()
            while let following = ahead, following.columns == 0 {
                text.unicodeScalars.append(following.scalar)
                advance()
            }
            return Glyph(text: text, columns: first.columns)
        }

        private mutating func advance() {
            ahead = scalars.next().map { ($0, Self.columns(of: $0)) }
        }

        private static func columns(of scalar: Unicode.Scalar) -> Int {
            guard case .spacing(let columns) = ScalarClass(scalar, after: nil) else { return 0 }
            return columns
        }
    }

    var glyphs: Glyphs { Glyphs(self) }
}
