/// How every role looks.
package struct Theme: Hashable, Sendable {
    package let name: String
    private let looks: [Role: Look]

    package init(name: String, looks: [Role: Look]) {
        self.name = name
        self.looks = looks
    }

    package subscript(role: Role) -> Look { looks[role] ?? Look() }

    /// The theme of a screen that nobody has chosen one for.
    package static let standard: Theme = {
        // The text is compiled in and a test reads it; should it ever fail, the terminal's own colours are left.
        (try? ThemeLibrary(folders: []).theme(named: BuiltInThemes.standard)) ?? .plain
    }()

    /// The terminal's own colours, told apart by bold, underline and reverse.
    package static let plain = Theme(
        name: "plain",
        looks: Dictionary(
            uniqueKeysWithValues: Role.allCases.map { ($0, Look(modifiers: $0.mono)) }))
}
