/// A theme's colour, with hand-picked stand-ins for terminals that show fewer.
package struct Paint: Hashable, Sendable {
    /// The colour; nil stands for the terminal's own.
    package let rgb: RGB?
    /// The number to take of 256 colours instead of the nearest one.
    package let indexed: UInt8?
    /// The number to take of sixteen colours instead of the nearest one.
    package let ansi: UInt8?

    package init(_ rgb: RGB?, indexed: UInt8? = nil, ansi: UInt8? = nil) {
        self.rgb = rgb
        self.indexed = indexed
        self.ansi = ansi
    }

    /// The terminal's own colour.
    package static let terminal = Paint(nil)

    /// The colour's number on a terminal of this depth; -1 stands for the terminal's own.
    package func number(_ depth: ColorDepth) -> Int32 {
        switch depth {
        case .mono: return -1
        case .ansi: return (ansi ?? rgb.map { Palette.ansi($0) }).map { Int32($0) } ?? -1
        case .indexed: return (indexed ?? rgb.map { Palette.indexed($0) }).map { Int32($0) } ?? -1
        // Direct colours 0–7 are the palette's; the darkest blue that is not looks as black as black.
        case .direct: return rgb.map { max(8, Int32($0.value)) } ?? -1
        }
    }

    /// What the colour looks like on a terminal of this depth; nil when only the terminal knows.
    package func appearance(_ depth: ColorDepth) -> RGB? {
        let number = number(depth)
        guard number >= 0 else { return nil }
        return depth == .direct ? rgb : Palette.color(UInt8(number))
    }
}
