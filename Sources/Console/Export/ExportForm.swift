import Terminal

/// Asks for the name of the file that an export goes into.
struct ExportForm: Equatable, Sendable {
    var name: TextField
    var source: Export.Source
    /// What will be written, in words.
    var what: DisplayText
    var complaint: DisplayText?

    var format: ExportFormat { ExportFormat(of: name.text) }

    /// Gives the name the ending of the other form.
    mutating func switchFormat() {
        var stem = name.text
        for ending in [".json", ".csv"] where stem.lowercased().hasSuffix(ending) {
            stem.removeLast(ending.count)
            break
        }
        name = TextField(stem + (format == .csv ? ".json" : ".csv"), limit: name.limit)
    }
}
