import Terminal

/// Which columns are on screen, and how wide.
///
/// Where not all of them find room, those that matter least are left out, until somebody scrolls: then the first column
/// stands, and the others pass by in their order.
extension Table {
    /// The width of each column; 0 for one that is not on screen.
    func widths(in area: Rect) -> [Int] {
        let total = area.columns - 3
        let onScreen = onScreen(in: area)
        let growing = onScreen.filter { share($0) > 0 }
        let shares = growing.reduce(0) { $0 + share($1) }
        let spare = max(0, total - needed(onScreen))
        var widths = columns.indices.map { index in
            guard onScreen.contains(index) else { return 0 }
            return leastWidth(index) + (growing.contains(index) ? spare * share(index) / shares : 0)
        }
        // One that was made wider than there is room for ends at the border.
        let surplus = widths.reduce(0) { $0 + ($1 > 0 ? $1 + 1 : 0) } - total
        if surplus > 0, let widest = widths.indices.max(by: { widths[$0] < widths[$1] }) {
            widths[widest] = max(1, widths[widest] - surplus)
        }
        return widths
    }

    /// The titles of the columns that do not show all of a row: those that are not on screen, and those that cut its value.
    func missing(of cells: [Cell], in area: Rect) -> Set<String> {
        let widths = self.widths(in: area)
        return Set(
            columns.indices.filter { widths[$0] == 0 || cells[$0].text.columns > widths[$0] }
                .map { columns[$0].title.string })
    }

    /// How far the columns can be scrolled: until the last one is on screen.
    func mostShift(in area: Rect) -> Int {
        let all = chosen
        let total = area.columns - 3
        guard needed(Set(all)) > total, let first = all.first else { return 0 }
        let rest = Array(all.dropFirst())
        let room = total - leastWidth(first) - 1
        return (0..<rest.count).first { needed(Set(rest.dropFirst($0))) <= room } ?? max(0, rest.count - 1)
    }

    /// How far they are scrolled; a wider screen may have taken some of it back.
    func shift(in area: Rect) -> Int { min(shift, mostShift(in: area)) }

    /// The width of a column that grows no further.
    func leastWidth(_ index: Int) -> Int {
        if let width = shown.widths[columns[index].title.string] { return width }
        switch columns[index].width {
        case .fixed(let width): return width
        case .share(_, let least): return least
        }
    }

    private var chosen: [Int] {
        columns.indices.filter { $0 == 0 || !shown.hidden.contains(columns[$0].title.string) }
    }

    private func onScreen(in area: Rect) -> Set<Int> {
        let total = area.columns - 3
        var all = chosen
        let shift = shift(in: area)
        guard shift == 0 else {
            var onScreen: Set<Int> = Set(all.prefix(1))
            for index in all.dropFirst(1 + shift) {
                // At least one, however wide, so that scrolling always shows something.
                guard onScreen.count == 1 || needed(onScreen.union([index])) <= total else { break }
                onScreen.insert(index)
            }
            return onScreen
        }
        while needed(Set(all)) > total, all.count > 1 {
            let least = all.dropFirst().max { columns[$0].priority < columns[$1].priority }
            let victim = least.flatMap { columns[$0].priority > 0 ? $0 : nil } ?? all.last
            all.removeAll { $0 == victim }
        }
        return Set(all)
    }

    private func share(_ index: Int) -> Int {
        guard shown.widths[columns[index].title.string] == nil,
            case .share(let share, _) = columns[index].width
        else { return 0 }
        return share
    }

    private func needed(_ onScreen: Set<Int>) -> Int {
        onScreen.reduce(0) { $0 + leastWidth($1) + 1 }
    }
}
