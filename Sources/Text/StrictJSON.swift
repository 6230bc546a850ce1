/// A JSON value from outside, read so that no other reader could understand it differently.
///
/// No second value for a key, no lone surrogate, no broken UTF-8, no zero character, nothing behind the value, and at most
/// eight levels.
package enum StrictJSON: Hashable, Sendable {
    case null
    case truth(Bool)
    case number(Double)
    case text(String)
    case array([StrictJSON])
    case object([String: StrictJSON])

    /// The members of the object that the bytes are; nil when they are none, or no strict JSON.
    package static func object(_ bytes: [UInt8]) -> [String: StrictJSON]? {
        var reader = StrictJSONReader(bytes)
        guard case .object(let members)? = try? reader.document() else { return nil }
        return members
    }

    /// What is wrong with bytes that are no strict JSON object, in a sentence without its full stop.
    package static func problem(_ bytes: [UInt8]) -> String {
        guard !bytes.starts(with: [0xEF, 0xBB, 0xBF]) else { return "it begins with a byte order mark" }
        var reader = StrictJSONReader(bytes)
        guard (try? reader.document()) == nil else { return "it is no JSON object" }
        return "it is no strict JSON (each member once, at most eight levels): byte \(reader.position + 1)"
    }

    /// The text that it is; nil for anything else.
    package var text: String? { if case .text(let text) = self { text } else { nil } }
    /// The number that it is; nil for anything else.
    package var number: Double? { if case .number(let number) = self { number } else { nil } }
    /// The texts of the list that it is; nil for anything else.
    package var texts: [String]? {
        guard case .array(let values) = self else { return nil }
        let texts = values.compactMap(\.text)
        return texts.count == values.count ? texts : nil
    }
}
