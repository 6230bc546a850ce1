private import CTerminal

/// What the gate does with one scalar of untrusted text.
enum ScalarClass: Equatable {
    /// Begins a cell of one or two columns.
    case spacing(columns: Int)
    /// Stands above, below or inside the cell before it.
    case combining
    /// Is shown as another scalar, one column wide.
    case mark(Unicode.Scalar)
    /// Is left out: a joiner or a selector whose effect on the width no two terminals agree on.
    case dropped

    /// What stands for everything that has no picture of its own.
    static let replacement = ScalarClass.mark("\u{FFFD}")
    /// What stands for a line break.
    static let lineBreak = ScalarClass.mark("\u{23CE}")

    /// The class of a scalar that follows `previous` in its text.
    init(_ scalar: Unicode.Scalar, after previous: Unicode.Scalar?) {
        switch scalar.value {
        case 0x20...0x7E: self = .spacing(columns: 1)
        case 0x0A, 0x85, 0x2028, 0x2029: self = .lineBreak
        case 0x00...0x1F: self = Self.picture(0x2400 + scalar.value)
        case 0x7F: self = Self.picture(0x2421)
        case 0x80...0x9F, 0xAD: self = .replacement
        case 0xA0...0x2FF, 0x400...0x481, 0x2500...0x259F: self = .spacing(columns: 1)
        case 0x3041...0x3096, 0x30A1...0x30FA, 0x4E00...0x9FBF, 0xAC00...0xD7A3: self = .spacing(columns: 2)
        case 0x200D, 0xFE0F: self = .dropped
        case 0xFE00...0xFE0E, 0xE0100...0xE01EF: self = Self.selector(after: previous)
        case 0x1F1E6...0x1F1FF: self = Self.picture(0x41 + scalar.value - 0x1F1E6)
        case 0x1F3FB...0x1F3FF where previous?.properties.isEmojiModifierBase == true: self = .dropped
        default: self = Self.lookup(scalar)
        }
    }

    /// Asks the Unicode tables and the C library about a scalar that no short rule covers.
    private static func lookup(_ scalar: Unicode.Scalar) -> ScalarClass {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned:
            return .replacement
        default:
            break
        }
        guard !scalar.properties.isDefaultIgnorableCodePoint else { return .replacement }
        return switch piste_width(scalar.value) {
        case 0: .combining
        case 1: .spacing(columns: 1)
        case 2: .spacing(columns: 2)
        default: .replacement
        }
    }

    /// A variation selector right after what it selects changes nothing that a terminal shows; elsewhere it hides data.
    private static func selector(after previous: Unicode.Scalar?) -> ScalarClass {
        guard let previous, !previous.isASCII, !previous.properties.isVariationSelector else {
            return .replacement
        }
        return .dropped
    }

    private static func picture(_ value: UInt32) -> ScalarClass {
        Unicode.Scalar(value).map { .mark($0) } ?? .replacement
    }
}
