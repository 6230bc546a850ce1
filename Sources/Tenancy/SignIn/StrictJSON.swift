/// A JSON value from outside, read so that no other reader could understand it differently.
///
/// No second value for a key, no lone surrogate, no broken UTF-8, no zero character, nothing behind the value, and at most
/// eight levels.
enum StrictJSON: Hashable, Sendable {
    case null
    case truth(Bool)
    case number(Double)
    case text(String)
    case array([StrictJSON])
    case object([String: StrictJSON])

    /// The members of the object that the bytes are; nil when they are none, or no strict JSON.
    static func object(_ bytes: [UInt8]) -> [String: StrictJSON]? {
        var reader = StrictJSONReader(bytes)
        guard case .object(let members)? = try? reader.document() else { return nil }
        return members
    }

    /// The text that it is; nil for anything else.
    var text: String? { if case .text(let text) = self { text } else { nil } }
    /// The number that it is; nil for anything else.
    var number: Double? { if case .number(let number) = self { number } else { nil } }
    /// The texts of the list that it is; nil for anything else.
    var texts: [String]? {
        guard case .array(let values) = self else { return nil }
        let texts = values.compactMap(\.text)
        return texts.count == values.count ? texts : nil
    }
}
