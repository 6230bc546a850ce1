private import CTerminal

/// Remembers what each style comes to in ncurses' terms, and defines colour pairs as they are first needed.
struct InkTable {
    /// A style in ncurses' terms.
    struct Entry {
        let modifiers: UInt32
        let pair: Int32
        /// What a blank of this style looks like: its ground, and whether its line or its text's colour shows.
        let blank: Blank
    }

    struct Blank: Equatable {
        let background: Int32
        let isMarked: Bool
    }

    private struct Colors: Hashable {
        let foreground: Int32
        let background: Int32
    }

    private let depth: ColorDepth
    private let limit: Int32
    private var theme: Theme = .plain
    private var entries: [Style: Entry] = [:]
    private var pairs: [Colors: Int32] = [:]

    init(depth: ColorDepth) {
        self.depth = depth
        limit = piste_screen_pairs()
    }

    /// Forgets the last theme and its pairs.
    mutating func begin(_ theme: Theme) {
        piste_pairs_reset()
        self.theme = theme
        entries = [:]
        pairs = [:]
    }

    subscript(style: Style) -> Entry {
        mutating get {
            if let entry = entries[style] { return entry }
            let ink = theme.ink(style, depth)
            let entry = Entry(
                modifiers: UInt32(ink.modifiers.rawValue), pair: pair(ink),
                blank: Blank(
                    background: ink.background,
                    isMarked: !ink.modifiers.isDisjoint(with: [.underline, .reverse])))
            entries[style] = entry
            return entry
        }
    }

    /// The number of a colour pair; 0, the terminal's own, when there are no more.
    private mutating func pair(_ ink: Ink) -> Int32 {
        guard ink.foreground >= 0 || ink.background >= 0 else { return 0 }
        let shown = piste_screen_colors() < 16 && depth == .ansi ? ink.inEightColors : ink
        let (foreground, background) = (shown.foreground, shown.background)
        let colors = Colors(foreground: foreground, background: background)
        if let pair = pairs[colors] { return pair }
        let pair = Int32(pairs.count + 1)
        guard pair < limit, piste_pair_define(pair, foreground, background) != 0 else { return 0 }
        pairs[colors] = pair
        return pair
    }
}
