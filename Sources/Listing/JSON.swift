import Tenancy
import Text

/// JSON text that is exact data and harmless on a terminal.
///
/// What a terminal might obey or hide is written `\u0000`.
package enum JSON {
    package static func object(_ keys: [String], _ values: [Value]) -> String {
        "{" + zip(keys, values).map { JSONText.quoted($0) + ": " + text($1) }.joined(separator: ", ") + "}"
    }

    private static func text(_ value: Value) -> String {
        switch value {
        case .none: "null"
        case .text(let text): JSONText.quoted(text)
        case .number(let number): String(number)
        case .truth(let truth): truth ? "true" : "false"
        case .moment(let date): JSONText.quoted(date.exactText)
        case .json(let json): JSONText.harmless(json)
        }
    }
}
