/// What may stand in the log beside an event's name: numbers, and words that the program or the engine made.
///
/// There is no field for text of anybody else, so that no tenant's data, no reason and no token can get there.
enum LogField: Sendable {
    case count(Int)
    case milliseconds(Int)
    /// A code word such as `token_expired` or `SweepCommand`; anything else is left out.
    case code(String)
    /// A context's id.
    case jti(String)

    /// The field as it is written; nil for what is not what it should be.
    var text: String? {
        switch self {
        case .count(let count): return String(count)
        case .milliseconds(let time): return "\(time)ms"
        case .code(let code):
            let isCode =
                code.utf8.count <= 40
                && code.utf8.allSatisfy {
                    $0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A || $0 == 0x5F || $0 >= 0x30 && $0 <= 0x39
                }
            return isCode && !code.isEmpty ? code : nil
        case .jti(let jti):
            let isUUID = jti.utf8.count == 36 && jti.allSatisfy { $0.isHexDigit || $0 == "-" }
            return isUUID ? jti : nil
        }
    }
}
