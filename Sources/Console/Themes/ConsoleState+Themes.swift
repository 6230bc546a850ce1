extension ConsoleState {
    /// Takes in which themes there are now; an open picker stays on the theme that it was on.
    mutating func take(themes new: [String]) {
        for index in shell.overlays.indices {
            guard case .themes(var picker) = shell.overlays[index],
                shell.themes.indices.contains(picker.selected)
            else {
                continue
            }
            picker.selected = new.firstIndex(of: shell.themes[picker.selected]) ?? 0
            shell.overlays[index] = .themes(picker)
        }
        shell.themes = new
    }
}
