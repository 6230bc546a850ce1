import Terminal

/// The command palette: a line to type in and what fits it.
struct PaletteState: Equatable, Sendable {
    var field = TextField(limit: 200)
    var selected = 0
}
