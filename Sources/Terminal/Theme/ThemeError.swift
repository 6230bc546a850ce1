/// Why a theme cannot be used: the file, the place in it and what would be right.
package struct ThemeError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of fault it is.
    package enum Code: Hashable, Sendable { case missing, unreadable, syntax, key, value, inheritance }

    package let code: Code
    /// The file, or the name of a built-in theme.
    package let file: String
    package let line: Int?
    package let key: String?
    /// The valid key or value that is nearest to what was written.
    package let nearest: String?
    /// The fault, without the place.
    package let what: String

    init(
        _ code: Code, _ message: String, file: String, line: Int? = nil, key: String? = nil,
        nearest: String? = nil
    ) {
        self.code = code
        what = message
        self.file = file
        self.line = line
        self.key = key
        self.nearest = nearest
    }

    /// The same for a screen with little room: of the file only its name.
    package var brief: String {
        let name = file.split(separator: "/").last.map(String.init) ?? file
        return ThemeError(code, what, file: name, line: line, key: key, nearest: nearest).description
    }

    /// The file, and the line in it where one is known.
    package var place: String { line.map { "\(file):\($0)" } ?? file }

    /// For example `themes/dusk.toml:9: styles has no "selecton"; did you mean "selection"?`.
    package var description: String {
        "\(place): \(what)" + (nearest.map { "; did you mean \"\($0)\"?" } ?? "")
    }
}
