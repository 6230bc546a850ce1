import CLibpq

extension PostgresError {
    /// The error that a result carries, with the fields that the server sent.
    init(result: OpaquePointer?, fallback: String) {
        func field(_ letter: UInt8) -> String? {
            PQresultErrorField(result, Int32(letter)).map { String(cString: $0) }
        }
        let sqlState = field(UInt8(ascii: "C"))
        let severity = field(UInt8(ascii: "V")) ?? field(UInt8(ascii: "S"))
        let text = field(UInt8(ascii: "M")) ?? PQresultErrorMessage(result).map { String(cString: $0) } ?? ""
        let message = text.trimmed
        self.init(
            Self.code(severity: severity, sqlState: sqlState),
            message.isEmpty ? fallback : message,
            sqlState: sqlState,
        )
        self.severity = severity
        detail = field(UInt8(ascii: "D"))
        hint = field(UInt8(ascii: "H"))
        context = field(UInt8(ascii: "W"))
        schema = field(UInt8(ascii: "s"))
        table = field(UInt8(ascii: "t"))
        column = field(UInt8(ascii: "c"))
        constraint = field(UInt8(ascii: "n"))
    }

    /// The error of a connection that was not made, read from libpq's text in its verbose form.
    ///
    /// libpq 15 keeps the SQLSTATE of a refused connection to itself, but prints it: `FATAL:  28000: role …`.
    init(refusedConnection text: String, needsPassword: Bool) {
        let text = text.trimmed
        guard let refusal = Refusal(text) else {
            self.init(needsPassword ? .refusedByServer : .unreachable, text.isEmpty ? "no connection" : text)
            lacksPassword = needsPassword
            return
        }
        // It starts, it stops, or it has no connection free: somebody else, or the same one later, gets in.
        let isNotNow = refusal.sqlState.hasPrefix("57P0") || refusal.sqlState == "53300"
        self.init(
            isNotNow ? .unreachable : .refusedByServer,
            refusal.message,
            sqlState: refusal.sqlState,
        )
        severity = "FATAL"
    }

    private static func code(severity: String?, sqlState: String?) -> Code {
        switch (severity, sqlState) {
        case ("FATAL", _), ("PANIC", _): .connectionLost
        case (_, "57014"): .cancelled
        case (_, nil): .connectionLost
        default: .refusedByServer
        }
    }
}

/// A server's refusal inside libpq's text: `…failed: FATAL:  28000: role "x" does not exist`.
private struct Refusal {
    var sqlState: String
    var message: String

    init?(_ text: String) {
        let bytes = Array(text.utf8)
        let isStateCharacter = { (byte: UInt8) in (48...57).contains(byte) || (65...90).contains(byte) }
        for start in bytes.indices.dropLast(9)
        where bytes[start] == UInt8(ascii: ":") && bytes[start + 1] == 32 && bytes[start + 2] == 32 {
            let state = bytes[(start + 3)..<(start + 8)]
            guard state.allSatisfy(isStateCharacter), bytes[start + 8] == UInt8(ascii: ":") else { continue }
            sqlState = String(decoding: state, as: UTF8.self)
            var lines = String(decoding: bytes[(start + 9)...], as: UTF8.self)
                .split(separator: "\n").map { String($0).trimmed }
            if let last = lines.last, lines.count > 1, last.hasPrefix("LOCATION:") { lines.removeLast() }
            message = lines.joined(separator: "\n")
            return
        }
        return nil
    }
}

extension String {
    /// The text without white space at its ends.
    var trimmed: String {
        let isSpace = { (character: Character) in character.isWhitespace || character.isNewline }
        let start = drop(while: isSpace)
        return String(
            start[..<(start.lastIndex { !isSpace($0) }.map(start.index(after:)) ?? start.startIndex)])
    }
}
