/// Builds displayable text scalar by scalar; the one place that decides what may reach a terminal.
///
/// What it shows for what: control pictures (`␀` … `␟`, `␡`) for C0 and DEL, `⏎` for line breaks, the letter for a
/// regional indicator, `◌` under a combining mark that has no base, and `�` for everything else that is not a character
/// with an agreed width: C1, bidirectional controls, zero-width and other invisible characters, tags, private and
/// unassigned ones, broken UTF-8. Joiners, emoji selectors and skin tones are left out.
struct Sanitizer {
    /// Scalars read from one text; the rest is cut and an `…` says so.
    static let scalarLimit = 65_536
    /// Zero-width scalars that one cell keeps; a C library's cell holds no more.
    static let combiningLimit = 4

    private(set) var output = ""
    private(set) var columns = 0
    private var combining = 0
    private var previous: Unicode.Scalar?

    /// True when every byte is a printable ASCII character, so that nothing needs doing.
    static func isPlain(_ text: String) -> Bool {
        text.utf8.withContiguousStorageIfAvailable { bytes in
            var foreign = false
            for byte in bytes { foreign = foreign || byte &- 0x20 > 0x5E }
            return !foreign
        } ?? false
    }

    /// Reads `text` up to the limit.
    mutating func append(_ text: String) {
        var left = Self.scalarLimit
        for scalar in text.unicodeScalars {
            guard left > 0 else {
                put("…", columns: 1)
                return
            }
            left -= 1
            append(scalar)
        }
    }

    /// Reads one scalar.
    mutating func append(_ scalar: Unicode.Scalar) {
        switch ScalarClass(scalar, after: previous) {
        case .spacing(let columns): put(scalar, columns: columns)
        case .mark(let mark): put(mark, columns: 1)
        case .combining: combine(scalar)
        case .dropped: break
        }
        previous = scalar
    }

    private mutating func put(_ scalar: Unicode.Scalar, columns: Int) {
        output.unicodeScalars.append(scalar)
        self.columns += columns
        combining = 0
    }

    private mutating func combine(_ scalar: Unicode.Scalar) {
        if columns == 0 { put("◌", columns: 1) }
        guard combining < Self.combiningLimit else { return }
        combining += 1
        output.unicodeScalars.append(scalar)
    }
}
