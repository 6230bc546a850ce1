import Tenancy
import Terminal

/// Text that a spreadsheet shows as it is: none of it is run, and none is taken for a number and changed.
package enum SpreadsheetText {
    /// A value as it stands in a cell; nothing for NULL.
    static func cell(_ value: Value) -> String? {
        switch value {
        case .none: nil
        case .text(let text): safe(text)
        case .number(let number): self.number(String(number))
        case .json(let text): number(text)
        case .truth(let truth): truth ? "true" : "false"
        case .moment(let date): safe(date.exactText)
        }
    }

    /// The text, behind an apostrophe where it would be taken for something else; what nobody sees is made visible.
    package static func safe(_ text: String) -> String {
        let shown = String(displaying: text)
        return isFormula(text) || isChangedNumber(text) ? "'" + shown : shown
    }

    /// A number as it is, as long as a spreadsheet keeps all of its digits; anything else as `safe` has it.
    package static func number(_ text: String) -> String {
        let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
        let isPlain = text.utf8.allSatisfy { (48...57).contains($0) || "-+.eE".utf8.contains($0) }
        guard isPlain, digits.first?.isNumber == true, Double(text)?.isFinite == true,
            digits.utf8.count(where: { (48...57).contains($0) }) <= mostDigits,
            digits.first != "0" || digits.count == 1 || digits.dropFirst().first == "."
        else { return safe(text) }
        return text
    }

    /// So many digits of a number are kept.
    private static let mostDigits = 15

    /// What begins a formula, in full width too, as if the spaces and invisible characters before it were not there.
    private static let beginnings: Set<Unicode.Scalar> = [
        "=", "+", "-", "@", "\t", "\r", "\n", "|", "\u{FF1D}", "\u{FF0B}", "\u{FF0D}", "\u{FF20}", "\u{2212}",
    ]

    private static func isFormula(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first(where: { !isPassedOver($0) }) else {
            return text.unicodeScalars.contains { beginnings.contains($0) }
        }
        return beginnings.contains(first) || text.unicodeScalars.first.map(beginnings.contains) == true
    }

    private static func isPassedOver(_ scalar: Unicode.Scalar) -> Bool {
        if beginnings.contains(scalar) { return false }
        return scalar.properties.isWhitespace || scalar.properties.isDefaultIgnorableCodePoint
            || [.control, .format].contains(scalar.properties.generalCategory)
    }

    /// `00123` becomes 123 and a long number loses its last digits.
    private static func isChangedNumber(_ text: String) -> Bool {
        let digits = text.utf8
        guard !digits.isEmpty, digits.allSatisfy({ (48...57).contains($0) }) else { return false }
        return (digits.first == 48 && digits.count > 1) || digits.count > mostDigits
    }
}
