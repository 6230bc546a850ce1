import Terminal

/// How the console looks: its theme, those that there are besides, and what the terminal can draw.
struct Looks: Equatable, Sendable {
    var themes: [String]
    var theme: String
    var glyphs = Glyphs.unicode

    init(themes: [String], theme: String) {
        self.themes = themes
        self.theme = theme
    }
}
