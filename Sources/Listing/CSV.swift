import Tenancy
import Terminal

/// Comma-separated values: exact as RFC 4180 has them with plain line feeds, or for a spreadsheet program.
package enum CSV {
    /// For whom a line is written.
    package enum Reader: Sendable {
        /// A program: every value as it is, nothing for NULL, and `""` for an empty text.
        case program
        /// A spreadsheet, which runs what looks like a formula and takes bytes for some old alphabet: texts that it would run
        /// or change begin with an apostrophe, characters that nobody sees are made visible, lines end in CR LF.
        case spreadsheet
    }

    /// What a file for a spreadsheet begins with, so that it is read as UTF-8.
    package static let byteOrderMark = "\u{FEFF}"

    /// One line, without its line feed; where it is `gated`, for a terminal, control characters are made visible.
    package static func line(
        _ values: [Value], for reader: Reader = .program, gated: Bool = false
    ) -> String {
        switch reader {
        case .program: values.map { exact($0, gated) }.joined(separator: ",")
        case .spreadsheet:
            values.map { SpreadsheetText.cell($0).map(quoted) ?? "" }.joined(separator: ",") + "\r"
        }
    }

    private static func exact(_ value: Value, _ gated: Bool) -> String {
        switch value {
        case .none: ""
        case .text(let text), .json(let text): quoted(gated ? String(displaying: text) : text)
        case .number(let number): String(number)
        case .truth(let truth): truth ? "true" : "false"
        case .moment(let date): date.exactText
        }
    }

    /// An empty text is quoted, so that it differs from no text.
    private static func quoted(_ text: String) -> String {
        let special: Set<UInt8> = [0x22, 0x2c, 0x0a, 0x0d]
        guard
            text.isEmpty || text.utf8.contains(where: special.contains) || text.hasPrefix(" ")
                || text.hasSuffix(" ")
        else { return text }
        var result = "\""
        for scalar in text.unicodeScalars {
            if scalar == "\"" { result.unicodeScalars.append("\"") }
            result.unicodeScalars.append(scalar)
        }
        return result + "\""
    }
}
