/// What a row of a table must be, in one column or in any that is shown.
public struct RowCondition: Hashable, Sendable {
    /// How a value is looked at.
    public enum Test: Hashable, Sendable {
        /// The text is in the value; small and capital letters are the same, and so are letters with and without accents.
        case contains(String)
        case equals(String)
        case isLess(String)
        case isLessOrEqual(String)
        case isGreater(String)
        case isGreaterOrEqual(String)
        case isNull
        case fits(RegularExpression)
    }

    /// The column; nil for any of those that are shown.
    public let column: String?
    /// What the value must be.
    public let test: Test
    /// Whether the rows are meant that are not so.
    public let isInverse: Bool

    /// Asks one thing of a row.
    public init(_ column: String?, _ test: Test, isInverse: Bool = false) {
        self.column = column
        self.test = test
        self.isInverse = isInverse
    }
}

/// All that is asked of the rows of a table.
public struct RowFilter: Hashable, Sendable {
    /// The syntax in one line, to be told where a filter is typed.
    public static let syntax =
        "text · column:text · column=value · < <= > >= · column:null · !not · \"two words\" · /expression/"

    /// Each must hold.
    public let conditions: [RowCondition]

    /// Admits every row.
    public static let all = RowFilter([])

    /// Asks all of this.
    public init(_ conditions: [RowCondition]) {
        self.conditions = conditions
    }

    /// The rows of the key's table that name a row with these values.
    ///
    /// Nil when one of them is NULL: such a row is named by none.
    public init?(rowsNaming values: [TableValue], by key: ForeignKey) {
        self.init(key.columns, values)
    }

    /// The row that the values of a key's columns name; nil when one of them is NULL.
    public init?(rowNamedBy values: [TableValue], by key: ForeignKey) {
        self.init(key.referencedColumns, values)
    }

    private init?(_ columns: [String], _ values: [TableValue]) {
        guard columns.count == values.count else { return nil }
        var conditions: [RowCondition] = []
        for (column, value) in zip(columns, values) {
            guard let text = value.text, value.isWhole else { return nil }
            conditions.append(RowCondition(column, .equals(text)))
        }
        self.conditions = conditions
    }

    /// Reads what was typed for a table; throws a sentence that says what is wrong with it.
    ///
    /// A word that names no column of the table is text to look for, whatever signs are in it.
    public init(_ typed: String, for table: TenantTable) throws(TenancyError) {
        var conditions: [RowCondition] = []
        for word in Self.words(of: typed) {
            conditions.append(try Self.condition(word, table))
        }
        self.conditions = conditions
    }

    /// A word as it was typed: what stood in quotes is marked, so that it is taken as it is.
    private struct Word {
        var text = ""
        /// Where the quoted part began, in characters.
        var quotedFrom: Int?
    }

    private static func words(of typed: String) -> [Word] {
        var words: [Word] = []
        var word = Word()
        var isQuoted = false
        var isExpression = false
        for character in typed {
            switch character {
            case "\"" where !isExpression:
                isQuoted.toggle()
                if isQuoted, word.quotedFrom == nil { word.quotedFrom = word.text.count }
            case " " where !isQuoted && !isExpression:
                if !word.text.isEmpty || word.quotedFrom != nil { words.append(word) }
                word = Word()
            case "/" where !isQuoted && (word.text.isEmpty || word.text == "!") && !isExpression:
                isExpression = true
                word.text.append(character)
            case "/" where isExpression && !word.text.hasSuffix("\\"):
                isExpression = false
                word.text.append(character)
            default: word.text.append(character)
            }
        }
        if !word.text.isEmpty || word.quotedFrom != nil { words.append(word) }
        return words
    }

    private static let signs = ["<=", ">=", "!=", ":", "=", "<", ">"]

    private static func condition(_ word: Word, _ table: TenantTable) throws(TenancyError) -> RowCondition {
        var text = word.text[...]
        let isInverse = text.count > 1 && text.first == "!" && word.quotedFrom != 0
        if isInverse { text.removeFirst() }
        let quotedFrom = word.quotedFrom.map { $0 - (isInverse ? 1 : 0) }
        if text.first == "/", text.count > 1, quotedFrom != 0 {
            text.removeFirst()
            if text.last == "/", !text.dropLast().hasSuffix("\\") { text.removeLast() }
            return RowCondition(nil, .fits(try RegularExpression(String(text))), isInverse: isInverse)
        }
        guard let (column, sign, value) = split(text, table), (quotedFrom ?? .max) >= column.name.count else {
            return RowCondition(nil, .contains(String(text)), isInverse: isInverse)
        }
        guard !column.isRedacted else {
            throw TenancyError(.invalid, "The column \(column.name) is redacted: it cannot be asked for.")
        }
        if value == "null", quotedFrom == nil, sign == ":" || sign == "=" || sign == "!=" {
            return RowCondition(column.name, .isNull, isInverse: isInverse != (sign == "!="))
        }
        let test: RowCondition.Test =
            switch sign {
            case "<": .isLess(value)
            case "<=": .isLessOrEqual(value)
            case ">": .isGreater(value)
            case ">=": .isGreaterOrEqual(value)
            case ":" where column.kind.isReadAsText: .contains(value)
            default: .equals(value)
            }
        return RowCondition(column.name, test, isInverse: isInverse != (sign == "!="))
    }

    /// A column, a sign and a value; nil where the word does not begin with a column and a sign.
    ///
    /// Where one column's name begins another's, the longest that fits is meant.
    private static func split(
        _ text: Substring, _ table: TenantTable
    ) -> (column: TableColumn, sign: String, value: String)? {
        let fitting = table.columns.filter { text.hasPrefix($0.name) }.sorted {
            $0.name.count > $1.name.count
        }
        for column in fitting {
            let rest = text.dropFirst(column.name.count)
            guard let sign = signs.first(where: { rest.hasPrefix($0) }), rest.count > sign.count else {
                continue
            }
            return (column, sign, String(rest.dropFirst(sign.count)))
        }
        return nil
    }
}

extension ValueKind {
    /// Whether people look for a part of such a value, and not for all of it.
    var isReadAsText: Bool {
        switch self {
        case .text, .json, .array, .range, .composite, .network, .geometry, .other: true
        case .number, .boolean, .uuid, .choice, .moment, .localMoment, .date, .time, .interval, .bytes: false
        }
    }

    /// Whether this text can be a part of such a value at all; spares reading columns in which it never is.
    func canContain(_ text: String) -> Bool {
        func consists(of letters: String) -> Bool { text.lowercased().allSatisfy(letters.contains) }
        return switch self {
        case .text, .json, .array, .range, .composite, .choice, .network, .geometry, .other, .interval: true
        case .number: consists(of: "0123456789.-+einfaty$,")
        case .boolean: consists(of: "truefals")
        case .uuid: consists(of: "0123456789abcdef-")
        case .moment, .localMoment, .date, .time: consists(of: "0123456789-:.+ infitybc")
        case .bytes: false
        }
    }
}
