extension ConsoleState {
    /// Takes in which themes there are now; an open picker stays on the theme that it was on.
    mutating func take(themes new: [String]) {
        for index in overlays.indices {
            guard case .themes(var picker) = overlays[index], themes.indices.contains(picker.selected) else {
                continue
            }
            picker.selected = new.firstIndex(of: themes[picker.selected]) ?? 0
            overlays[index] = .themes(picker)
        }
        themes = new
    }
}
