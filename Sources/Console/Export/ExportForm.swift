import Terminal

/// Asks for the name of the file that an export goes into.
struct ExportForm: Equatable, Sendable {
    var name: TextField
    var source: Export.Source
    /// What will be written, in words.
    var what: DisplayText
    var complaint: DisplayText?

    var format: ExportFormat { ExportFormat(of: name.text) }

    /// What is written: the rows that are marked, else those that fit, else all.
    static func words(
        _ marked: Int, _ one: DisplayText, _ many: DisplayText, _ filter: String
    ) -> DisplayText {
        if marked == 1 { return "The marked \(one)." }
        if marked > 1 { return "The \(Figure.exact(marked)) marked \(many)." }
        return filter.isEmpty ? "All \(many) of the list." : "All \(many) that fit “\(DisplayText(filter))”."
    }

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
