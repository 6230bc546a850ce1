/// What a program wrote to its terminal, judged byte by byte against what a console may say at all.
struct TerminalStream {
    /// Everything that is neither printable text nor a sequence that ncurses draws with.
    private(set) var faults: [String] = []
    /// The texts that were handed to the clipboard, as they were encoded.
    private(set) var copied: [String] = []

    /// The kinds of sequences that draw: moving, erasing, inserting, colours, modes, the region of scrolling.
    private static let drawing = Set("ABCDGHJKLMPSTX@bdhlmr".unicodeScalars)
    /// The modes that may be switched: cursor, alternate screen, mouse, pastes, insertion, wrapping.
    private static let modes: Set<String> = [
        "?1", "?7", "?12", "?25", "?1000", "?1006", "?1049", "?2004", "4",
    ]

    init(_ bytes: [UInt8]) {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            faults = ["this is not UTF-8"]
            return
        }
        var rest = text.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            switch scalar.value {
            case 0x1B: escape(&rest)
            case 0x08, 0x09, 0x0A, 0x0D: break
            default: if !Self.isPrintable(scalar) { faults.append("U+" + String(scalar.value, radix: 16)) }
            }
        }
    }

    private mutating func escape(_ rest: inout Substring.UnicodeScalarView) {
        guard let kind = rest.popFirst() else { return }
        switch kind {
        case "[": control(&rest)
        case "]": command(&rest)
        case "(", ")": _ = rest.popFirst()
        case "=", ">", "7", "8", "M": break
        default: faults.append("ESC \(kind)")
        }
    }

    private mutating func control(_ rest: inout Substring.UnicodeScalarView) {
        var parameters = ""
        while let next = rest.popFirst() {
            guard !(0x40...0x7E).contains(next.value) else {
                let isMode = next == "h" || next == "l"
                let isKnown = isMode ? parameters.split(separator: ";").allSatisfy(Self.isMode) : true
                let isDrawing =
                    Self.drawing.contains(next) && (isMode || !parameters.contains("?")) && isKnown
                // The terminal's title is put aside and taken back by its own description.
                let isTitle = next == "t" && ["22;0;0", "23;0;0"].contains(parameters)
                if !isDrawing && !isTitle { faults.append("CSI \(parameters)\(next)") }
                return
            }
            guard (0x30...0x3F).contains(next.value) else {
                faults.append("CSI \(parameters) with U+" + String(next.value, radix: 16))
                return
            }
            parameters.unicodeScalars.append(next)
        }
    }

    private static func isMode(_ parameter: Substring) -> Bool {
        modes.contains(String(parameter)) || modes.contains("?" + parameter)
    }

    /// The one command to the terminal itself that is allowed: a text for the clipboard, encoded.
    private mutating func command(_ rest: inout Substring.UnicodeScalarView) {
        var said = ""
        while let next = rest.popFirst(), next != "\u{7}" {
            said.unicodeScalars.append(next)
            if said.unicodeScalars.count > 100_000 { break }
        }
        let encoded = said.dropFirst(5)
        let isEncoded = encoded.unicodeScalars.allSatisfy {
            $0.properties.isAlphabetic && $0.isASCII || "0123456789+/=".unicodeScalars.contains($0)
        }
        guard said.hasPrefix("52;c;"), isEncoded else {
            faults.append("OSC \(said.prefix(40))")
            return
        }
        copied.append(String(encoded))
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned:
            false
        default: !scalar.properties.isDefaultIgnorableCodePoint
        }
    }
}
