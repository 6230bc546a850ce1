extension ListState {
    /// Marks the selected row, or takes its mark away; says whether there was one.
    mutating func toggleMark() -> Bool {
        guard let selected else { return false }
        if let index = marked.firstIndex(where: { $0.id == selected.id }) {
            marked.remove(at: index)
        } else {
            marked.append(selected)
        }
        return true
    }

    /// Takes every mark away; says whether there was one.
    mutating func clearMarks() -> Bool {
        defer { marked = [] }
        return !marked.isEmpty
    }

    /// Replaces marked rows by what was just read of them.
    mutating func refreshMarks(_ rows: [Row]) {
        guard !marked.isEmpty else { return }
        let fresh = Dictionary(rows.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        marked = marked.map { fresh[$0.id] ?? $0 }
    }
}
