import Terminal

extension ConsoleState {
    mutating func openColumns() -> [Effect] {
        guard let listScreen else { return [] }
        overlays.append(.columns(ColumnsState(screen: listScreen)))
        return []
    }

    /// `space` shows or hides a column; what is chosen holds for this list until the program ends.
    mutating func takeColumns(_ key: Key, _ columns: ColumnsState) -> [Effect] {
        var columns = columns
        let all = columns.screen.columns
        switch key {
        case .escape, .character("q"), .character("c"), .left: return []
        case .down, .character("j"): columns.selected = min(columns.selected + 1, all.count - 1)
        case .up, .character("k"): columns.selected = max(0, columns.selected - 1)
        case .character(" "), .enter:
            let title = all[columns.selected].title.string
            if columns.selected == 0 {
                say("The first column always stands: it says whose row it is.", .warning)
            } else if columnsOff[columns.screen]?.contains(title) == true {
                columnsOff[columns.screen]?.remove(title)
            } else {
                columnsOff[columns.screen, default: []].insert(title)
            }
        default: break
        }
        overlays.append(.columns(columns))
        return []
    }
}
