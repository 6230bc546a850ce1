/// A regular expression that means the same in PostgreSQL and here, and takes no longer than the text is long.
///
/// Letters, `.`, `[a-z]`, `\d \w \s \b` and their opposites, `^ $`, `( )`, `|`, `* + ? {2,5}`. Small and capital letters are
/// the same. What would take PostgreSQL or this program long, such as references back to a group, is no part of it.
public struct RegularExpression: Hashable, Sendable {
    /// The most characters an expression is written with.
    static let longest = 200
    /// The most steps it comes to with all its repetitions written out.
    static let largest = 500
    /// The most that `{ }` repeats, as in PostgreSQL.
    static let mostRepeats = 255

    /// A part of an expression.
    indirect enum Part: Hashable, Sendable {
        case sequence([Part])
        case choice([Part])
        case character(Unicode.Scalar)
        case anything
        case set(CharacterSet)
        case edge(Edge)
        case repeated(Part, least: Int, most: Int?)
    }

    /// A place between characters.
    enum Edge: Hashable, Sendable { case start, end, word, noWord }

    /// Characters of which one is meant.
    struct CharacterSet: Hashable, Sendable {
        enum Member: Hashable, Sendable {
            case range(ClosedRange<Unicode.Scalar>)
            case kind(Kind, isOpposite: Bool)
        }

        var members: [Member]
        var isOpposite = false
    }

    /// What a letter after a `\` stands for.
    enum Kind: String, Hashable, Sendable { case digit = "d", word = "w", space = "s" }

    let root: Part
    let program: [Step]

    /// Reads an expression; throws a sentence that says what is wrong with it, and where.
    public init(_ text: String) throws(TenancyError) {
        var reader = ExpressionReader(text)
        root = try reader.read()
        guard Self.size(of: root) <= Self.largest else {
            throw Self.wrong("it is too large with all its repetitions written out")
        }
        program = Self.program(for: root)
    }

    static func wrong(_ why: String) -> TenancyError {
        TenancyError(.invalid, "No expression yet: \(why).")
    }

    /// The expression in PostgreSQL's words.
    package var inPostgreSQL: String { Self.text(of: root) }

    private static func text(of part: Part) -> String {
        switch part {
        case .sequence(let parts): parts.map(text(of:)).joined()
        case .choice(let parts): "(?:" + parts.map(text(of:)).joined(separator: "|") + ")"
        case .character(let scalar): literal(scalar)
        case .anything: "."
        case .set(let set): text(of: set)
        case .edge(.start): "^"
        case .edge(.end): "$"
        case .edge(.word): "\\y"
        case .edge(.noWord): "\\Y"
        case .repeated(let inner, let least, let most):
            "(?:\(text(of: inner))){\(least),\(most.map(String.init) ?? "")}"
        }
    }

    private static func text(of set: CharacterSet) -> String {
        let members = set.members.map { member in
            switch member {
            case .kind(let kind, let isOpposite):
                "\\" + (isOpposite ? kind.rawValue.uppercased() : kind.rawValue)
            case .range(let range) where range.lowerBound == range.upperBound: literal(range.lowerBound)
            case .range(let range): literal(range.lowerBound) + "-" + literal(range.upperBound)
            }
        }
        return "[" + (set.isOpposite ? "^" : "") + members.joined() + "]"
    }

    /// A character that stands for itself, whatever it would mean otherwise.
    private static func literal(_ scalar: Unicode.Scalar) -> String {
        guard scalar.isASCII, !scalar.properties.isAlphabetic, !("0"..."9").contains(scalar) else {
            return String(scalar)
        }
        let digits = String(scalar.value, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
}
