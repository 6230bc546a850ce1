/// Single colours over whatever theme is chosen, as tables of a configuration file have them.
package struct ThemeChanges: Sendable {
    private(set) var sources: [ThemeSource] = []

    package init() {}

    /// Reads the table that `path` leads to; each key is a role of the theme format, each value what `[styles]` takes for it.
    ///
    /// - Parameters:
    ///   - text: the whole file.
    ///   - path: the keys on the way to the table, such as `profile`, `prod` and `colors`.
    ///   - file: what the file is called in errors.
    package init(_ text: String, path: [String], file: String) throws(ThemeError) {
        sources = [try ThemeSource(stylesOf: text, path: path, file: file)]
    }

    package var isEmpty: Bool { sources.allSatisfy(\.styles.isEmpty) }

    /// These, and over them the others.
    package func over(with others: ThemeChanges) -> ThemeChanges {
        var result = self
        result.sources += others.sources
        return result
    }

    /// One role's colours as they hold.
    package struct Line: Sendable {
        package let role: String
        package let colors: String
        package let line: Int?
    }

    /// Every role that is changed, as it is written last.
    package var lines: [Line] {
        Role.allCases.compactMap { role in
            guard let source = sources.last(where: { $0.styles[role] != nil }),
                let entry = source.styles[role]
            else { return nil }
            let colors = [entry.foreground, entry.background.map { "on \($0)" }].compactMap { $0 }
            return Line(
                role: role.rawValue, colors: colors.joined(separator: " "),
                line: source.line(of: role.rawValue, in: "styles"))
        }
    }
}
