import Terminal

extension ConsoleState {
    mutating func takePalette(_ key: Key, _ palette: PaletteState) -> [Effect] {
        var palette = palette
        let entries = paletteEntries(for: palette.field.text)
        switch key {
        case .escape: return []
        case .down, .tab, .control("n"):
            palette.selected = min(palette.selected + 1, max(0, entries.count - 1))
        case .up, .backTab, .control("p"): palette.selected = max(0, palette.selected - 1)
        case .enter:
            guard entries.indices.contains(palette.selected) else {
                say(
                    "There is no command “\(DisplayText(palette.field.text))”; ? lists the keys.",
                    .warning)
                return []
            }
            return run(entries[palette.selected].target)
        case .backspace where palette.field.isEmpty: return []
        default:
            if palette.field.take(key) { palette.selected = 0 }
        }
        overlays.append(.palette(palette))
        return []
    }

    private mutating func run(_ target: PaletteEntry.Target) -> [Effect] {
        switch target {
        case .command(let command): return perform(command)
        case .company(let urlID): return enter(urlID)
        case .theme(let name):
            theme = name
            return [.useTheme(name, keep: true)]
        case .quit: return askToQuit()
        }
    }
}
