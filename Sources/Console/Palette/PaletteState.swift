import Terminal

/// The command palette: a line to type in and what fits it.
struct PaletteState: Equatable, Sendable {
    var field = TextField(limit: 200)
    var selected = 0
    /// What companies the server found, and for which argument it was asked.
    var companies: [Known] = []
    var asked: String?
    /// The question that is on its way; the answer to any other is late.
    var pending: RequestID?

    /// A company as the palette offers it.
    struct Known: Equatable, Sendable {
        var urlID: String
        var name: String
    }

    var argument: PaletteArgument? { PaletteArgument(field.text) }
}
