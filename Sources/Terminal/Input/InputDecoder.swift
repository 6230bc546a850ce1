private import CTerminal

/// Makes events of what the terminal sends: a value that is fed bytes and key codes and knows nothing of ncurses.
///
/// ncurses recognises the sequences it knows. Others are swallowed whole here, so that an unknown key does not type its
/// letters into a filter.
struct InputDecoder {
    /// The most bytes that a paste keeps.
    static let pasteLimit = 64 * 1024
    /// How long a paste may pause, in milliseconds, before it counts as over: its end got lost.
    static let pasteTimeout: UInt64 = 5_000

    /// How long after a press a second one in the same place makes it a double one, in milliseconds.
    static let doublePressTime: UInt64 = 400

    private enum Sequence {
        case none, escape, single
        case control(parameters: [UInt8])
        /// The bytes that follow an old terminal's mouse sequence.
        case trail(Int)
        /// A string that the terminal answers with (OSC, DCS, SOS, PM, APC), up to BEL or ESC \.
        case string(opener: UInt8, isBegun: Bool, isEnding: Bool)
    }

    /// How long such a string may pause, in milliseconds, before it counts as over: its end got lost.
    static let stringTimeout: UInt64 = 1_000

    private var sequence = Sequence.none
    private var partial: [UInt8] = []
    private var paste: [UInt8]?
    private var time: UInt64 = 0
    private var pasteTime: UInt64 = 0
    private var stringTime: UInt64 = 0
    private var lastPress: (position: Position, time: UInt64)?

    /// True between a paste's two marks.
    var isPasting: Bool { paste != nil }

    /// Says what time it is when a round of reading begins.
    mutating func begin(at time: UInt64) {
        self.time = time
    }

    /// Reads a key code.
    mutating func feed(code: Int32, into events: inout [InputEvent]) {
        if case .escape = sequence, paste == nil, let key = KeyCodes.key(code) {
            sequence = .none
            if let key = Self.withAlt(key) { events.append(.key(key)) }
            return
        }
        abandonSequence(into: &events)
        switch code {
        case Int32(PISTE_KEY_PASTE_BEGIN): beginPaste()
        case Int32(PISTE_KEY_PASTE_END): endPaste(into: &events)
        default: if let key = KeyCodes.key(code) { events.append(.key(key)) }
        }
    }

    /// What Alt makes of a key that ncurses knows: the words' keys of a line of text.
    ///
    /// Others are nothing, rather than an escape that closes a form.
    private static func withAlt(_ key: Key) -> Key? {
        switch key {
        case .backspace: .alt("\u{7F}")
        case .delete: .alt("d")
        case .left: .alt("b")
        case .right: .alt("f")
        default: nil
        }
    }

    /// Reads a byte.
    mutating func feed(byte: UInt8, into events: inout [InputEvent]) {
        if paste != nil, time > pasteTime + Self.pasteTimeout { endPaste(into: &events) }
        if paste != nil {
            pasteTime = time
            if let count = paste?.count, count < Self.pasteLimit { paste?.append(byte) }
            return
        }
        if case .string = sequence, time > stringTime + Self.stringTimeout { sequence = .none }
        switch sequence {
        case .none: type(byte, into: &events)
        case .escape: follow(byte, into: &events)
        case .single: sequence = .none
        case .trail(let count): sequence = count > 1 ? .trail(count - 1) : .none
        case .control(let parameters): continueControl(parameters, byte, into: &events)
        case .string(let opener, _, let isEnding):
            continueString(opener, isEnding: isEnding, byte, into: &events)
        }
    }

    /// Says that nothing more is waiting: what began like a sequence was typed by hand.
    mutating func finish(into events: inout [InputEvent]) {
        // The rest of a string is on its way: nobody types so fast behind its opening.
        if case .string(_, isBegun: true, _) = sequence { return }
        abandonSequence(into: &events)
    }

    private mutating func type(_ byte: UInt8, into events: inout [InputEvent]) {
        if byte >= 0x80 || !partial.isEmpty {
            assemble(byte, into: &events)
            return
        }
        switch byte {
        case 0x1B: sequence = .escape
        case 0x0D, 0x0A: events.append(.key(.enter))
        case 0x09: events.append(.key(.tab))
        case 0x08, 0x7F: events.append(.key(.backspace))
        case 0x00: events.append(.key(.control(" ")))
        case 0x01...0x1A: events.append(.key(.control(Character(Unicode.Scalar(byte + 0x60)))))
        case 0x1C...0x1F: events.append(.key(.control(Character(Unicode.Scalar(byte + 0x40)))))
        default: events.append(.key(.character(Character(Unicode.Scalar(byte)))))
        }
    }

    private mutating func follow(_ byte: UInt8, into events: inout [InputEvent]) {
        switch byte {
        case UInt8(ascii: "["): sequence = .control(parameters: [])
        case UInt8(ascii: "O"): sequence = .single
        case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "X"), UInt8(ascii: "^"), UInt8(ascii: "_"):
            sequence = .string(opener: byte, isBegun: false, isEnding: false)
            stringTime = time
        case 0x08, 0x20...0x7F:
            // A terminal sends Alt as an escape before the key; whoever reads it may take it for two keys.
            sequence = .none
            let character = Character(Unicode.Scalar(byte == 0x08 ? 0x7F : byte))
            events.append(.key(.alt(character)))
        default:
            sequence = .none
            events.append(.key(.escape))
            type(byte, into: &events)
        }
    }

    private mutating func continueString(
        _ opener: UInt8, isEnding: Bool, _ byte: UInt8, into events: inout [InputEvent]
    ) {
        stringTime = time
        switch byte {
        case UInt8(ascii: "\\") where isEnding: sequence = .none
        case _ where isEnding: follow(byte, into: &events)
        case 0x1B: sequence = .string(opener: opener, isBegun: true, isEnding: true)
        // BEL ends it, and so do CAN and SUB.
        case 0x07, 0x18, 0x1A: sequence = .none
        default: sequence = .string(opener: opener, isBegun: true, isEnding: false)
        }
    }

    private mutating func continueControl(
        _ parameters: [UInt8], _ byte: UInt8, into events: inout [InputEvent]
    ) {
        switch byte {
        case 0x20...0x3F where parameters.count < 32:
            sequence = .control(parameters: parameters + [byte])
        case UInt8(ascii: "~") where parameters == Array("200".utf8):
            sequence = .none
            beginPaste()
        case UInt8(ascii: "M") where parameters.isEmpty:
            sequence = .trail(3)
        case UInt8(ascii: "M") where parameters.first == UInt8(ascii: "<"):
            sequence = .none
            press(parameters.dropFirst(), into: &events)
        case 0x40...0x7E:
            sequence = .none
        default:
            sequence = .none
            type(byte, into: &events)
        }
    }

    /// Reads what a mouse button did: its number, the column and the row, both from 1.
    private mutating func press(_ parameters: ArraySlice<UInt8>, into events: inout [InputEvent]) {
        let numbers = parameters.split(separator: UInt8(ascii: ";")).map {
            Int(String(decoding: $0, as: UTF8.self))
        }
        guard numbers.count == 3, let button = numbers[0], let column = numbers[1], let row = numbers[2],
            column > 0, row > 0
        else { return }
        let position = Position(row: row - 1, column: column - 1)
        switch button {
        case 0:
            let isDouble =
                lastPress.map { $0.position == position && time - $0.time < Self.doublePressTime } ?? false
            lastPress = isDouble ? nil : (position, time)
            events.append(.mouse(MouseEvent(isDouble ? .doublePress : .press, at: position)))
        case 64: events.append(.mouse(MouseEvent(.wheelUp, at: position)))
        case 65: events.append(.mouse(MouseEvent(.wheelDown, at: position)))
        default: break
        }
    }

    private mutating func abandonSequence(into events: inout [InputEvent]) {
        defer { sequence = .none }
        switch sequence {
        case .none, .trail: return
        case .escape: events.append(.key(.escape))
        case .single: events += [.key(.escape), .key(.character("O"))]
        case .control(let parameters):
            events.append(.key(.escape))
            // More than the bracket cannot have been typed so fast.
            if parameters.isEmpty { events.append(.key(.character("["))) }
        case .string(let opener, let isBegun, _):
            if !isBegun { events.append(.key(.alt(Character(Unicode.Scalar(opener))))) }
        }
    }

    /// Collects the bytes of a character, which may come in pieces; what is not UTF-8 is dropped.
    private mutating func assemble(_ byte: UInt8, into events: inout [InputEvent]) {
        if byte & 0xC0 != 0x80, !partial.isEmpty {
            partial = []
            type(byte, into: &events)
            return
        }
        partial.append(byte)
        let expected: Int
        switch partial[0] {
        case 0xC2...0xDF: expected = 2
        case 0xE0...0xEF: expected = 3
        case 0xF0...0xF4: expected = 4
        default:
            partial = []
            return
        }
        guard partial.count == expected else { return }
        let text = String(validating: partial, as: UTF8.self)
        partial = []
        guard let scalar = text?.unicodeScalars.first, scalar.value >= 0xA0 else { return }
        events.append(.key(.character(Character(scalar))))
    }

    private mutating func beginPaste() {
        guard paste == nil else { return }
        paste = []
        pasteTime = time
    }

    private mutating func endPaste(into events: inout [InputEvent]) {
        guard let bytes = paste else { return }
        paste = nil
        var text = String(decoding: bytes, as: UTF8.self)
        // A limit may have cut the last character in half.
        if bytes.count == Self.pasteLimit, text.unicodeScalars.last == "\u{FFFD}" {
            text.unicodeScalars.removeLast()
        }
        events.append(.paste(text))
    }
}
