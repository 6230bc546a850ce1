/// Reads a regular expression character by character, and says in a sentence what is wrong with it.
struct ExpressionReader {
    private let characters: [Unicode.Scalar]
    private var place = 0
    private var depth = 0

    init(_ text: String) { characters = Array(text.unicodeScalars) }

    private var next: Unicode.Scalar? { place < characters.count ? characters[place] : nil }

    private func wrong(_ why: String) -> TenancyError { RegularExpression.wrong(why) }

    mutating func read() throws(TenancyError) -> RegularExpression.Part {
        guard characters.count <= RegularExpression.longest else {
            throw wrong("it has more than \(RegularExpression.longest) characters")
        }
        let part = try readChoice()
        // The only thing that a choice stops at.
        if next == ")" { throw wrong("the ) at \(place + 1) closes nothing; \\) stands for itself") }
        return part
    }

    private mutating func readChoice() throws(TenancyError) -> RegularExpression.Part {
        var branches = [try readSequence()]
        while next == "|" {
            place += 1
            branches.append(try readSequence())
        }
        return branches.count == 1 ? branches[0] : .choice(branches)
    }

    private mutating func readSequence() throws(TenancyError) -> RegularExpression.Part {
        var parts: [RegularExpression.Part] = []
        while let character = next, character != "|", character != ")" {
            parts.append(try readRepeated())
        }
        return parts.count == 1 ? parts[0] : .sequence(parts)
    }

    private mutating func readRepeated() throws(TenancyError) -> RegularExpression.Part {
        let part = try readOne()
        guard let (least, most) = try readRepetition() else { return part }
        if case .edge = part { throw wrong("there is nothing before the repetition at \(place)") }
        // Whether it takes as much or as little as it can makes no difference to whether it is found.
        if next == "?" { place += 1 }
        if let again = next, "*+?{".unicodeScalars.contains(again) {
            throw wrong("the \(again) at \(place + 1) repeats a repetition")
        }
        return .repeated(part, least: least, most: most)
    }

    private mutating func readRepetition() throws(TenancyError) -> (least: Int, most: Int?)? {
        switch next {
        case "*":
            place += 1
            return (0, nil)
        case "+":
            place += 1
            return (1, nil)
        case "?":
            place += 1
            return (0, 1)
        case "{": return try readCount()
        default: return nil
        }
    }

    private mutating func readCount() throws(TenancyError) -> (least: Int, most: Int?) {
        let start = place + 1
        place += 1
        let least = readNumber()
        var most = least
        if next == "," {
            place += 1
            most = readNumber()
        }
        let isOpen = characters[place - 1] == ","
        guard let least, next == "}" else {
            throw wrong("the { at \(start) wants a number or two, as in {2,5}; \\{ stands for itself")
        }
        place += 1
        guard least <= RegularExpression.mostRepeats, most ?? 0 <= RegularExpression.mostRepeats else {
            throw wrong("{ } repeats \(RegularExpression.mostRepeats) times at the most")
        }
        if isOpen { return (least, nil) }
        guard let most, least <= most else {
            throw wrong("the numbers in the { } at \(start) are turned around")
        }
        return (least, most)
    }

    private mutating func readNumber() -> Int? {
        var digits = ""
        while let digit = next, ("0"..."9").contains(digit), digits.count < 6 {
            digits.unicodeScalars.append(digit)
            place += 1
        }
        return Int(digits)
    }

    private mutating func readOne() throws(TenancyError) -> RegularExpression.Part {
        let start = place + 1
        guard let character = next else { throw wrong("it ends too early") }
        place += 1
        switch character {
        case ".": return .anything
        case "^": return .edge(.start)
        case "$": return .edge(.end)
        case "[": return .set(try readSet(start))
        case "(": return try readGroup(start)
        case "\\": return try readEscape()
        case "*", "+", "?", "{": throw wrong("there is nothing before the \(character) at \(start)")
        default: return .character(character)
        }
    }

    private mutating func readGroup(_ start: Int) throws(TenancyError) -> RegularExpression.Part {
        if next == "?" {
            guard place + 1 < characters.count else { throw wrong("the ( at \(start) is not closed") }
            guard characters[place + 1] == ":" else {
                throw wrong("what begins with (?\(characters[place + 1]) is not supported")
            }
            place += 2
        }
        depth += 1
        guard depth <= 50 else { throw wrong("its groups are nested too deeply") }
        let part = try readChoice()
        depth -= 1
        guard next == ")" else { throw wrong("the ( at \(start) is not closed") }
        place += 1
        return part
    }

    private mutating func readEscape() throws(TenancyError) -> RegularExpression.Part {
        guard let character = next else { throw wrong("a character is missing after the \\ at its end") }
        place += 1
        switch character {
        case "b", "y": return .edge(.word)
        case "B", "Y": return .edge(.noWord)
        default: break
        }
        if let member = kind(character) { return .set(.init(members: [member])) }
        return .character(try readLiteral(character))
    }

    private func kind(_ character: Unicode.Scalar) -> RegularExpression.CharacterSet.Member? {
        if let kind = RegularExpression.Kind(rawValue: String(character)) {
            return .kind(kind, isOpposite: false)
        }
        if let kind = RegularExpression.Kind(rawValue: String(character).lowercased()) {
            return .kind(kind, isOpposite: true)
        }
        return nil
    }

    /// The character that an escaped one stands for.
    private func readLiteral(_ character: Unicode.Scalar) throws(TenancyError) -> Unicode.Scalar {
        switch character {
        case "t": return "\t"
        case "n": return "\n"
        case "r": return "\r"
        case "0"..."9": throw wrong("\\\(character) refers back to a group, which is not supported")
        case _ where character.properties.isAlphabetic: throw wrong("\\\(character) has no meaning")
        default: return character
        }
    }

    private mutating func readSet(_ start: Int) throws(TenancyError) -> RegularExpression.CharacterSet {
        var set = RegularExpression.CharacterSet(members: [])
        if next == "^" {
            set.isOpposite = true
            place += 1
        }
        while let character = next, character != "]" || set.members.isEmpty {
            let member = try readMember()
            guard case .range(let low) = member, next == "-", place + 1 < characters.count,
                characters[place + 1] != "]"
            else {
                set.members.append(member)
                continue
            }
            place += 1
            guard case .range(let high) = try readMember(), low.lowerBound <= high.upperBound else {
                throw wrong("a range of the [ at \(start) is turned around")
            }
            set.members.append(.range(low.lowerBound...high.upperBound))
        }
        guard next == "]" else { throw wrong("the [ at \(start) is not closed") }
        place += 1
        return set
    }

    private mutating func readMember() throws(TenancyError) -> RegularExpression.CharacterSet.Member {
        guard let character = next else { throw wrong("a [ is not closed") }
        place += 1
        if character == "[", let mark = next, ":.=".unicodeScalars.contains(mark) {
            throw wrong("[\(mark) is not supported; \\d, \\w and \\s stand for digits, letters and blanks")
        }
        guard character == "\\" else { return .range(character...character) }
        guard let escaped = next else { throw wrong("a character is missing after the \\ at its end") }
        place += 1
        if let member = kind(escaped) { return member }
        let literal = try readLiteral(escaped)
        return .range(literal...literal)
    }
}
