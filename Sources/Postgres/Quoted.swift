/// Names and texts made safe to stand inside SQL, for statements that take no parameters.
package enum Quoted {
    package static func identifier(_ name: String) -> String {
        "\"" + doubled(name, ["\""]) + "\""
    }

    /// A text literal that reads the same whatever `standard_conforming_strings` says.
    package static func literal(_ text: String) -> String {
        let quoted = "'" + doubled(text, ["'", "\\"]) + "'"
        return text.unicodeScalars.contains("\\") ? " E" + quoted : quoted
    }

    /// Goes scalar by scalar: a quote with a combining mark is one character to Swift, but a quote to the
    /// server.
    private static func doubled(_ text: String, _ special: Set<Unicode.Scalar>) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            result.append(scalar)
            if special.contains(scalar) { result.append(scalar) }
        }
        return String(result)
    }
}
