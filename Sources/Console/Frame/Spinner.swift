import Terminal

/// The mark of a request that takes its time: shown after 150 ms, five pictures a second.
enum Spinner {
    static let delay: Milliseconds = 150
    static let pace: Milliseconds = 200

    private static let pictures: [DisplayText] = ["⠋", "⠙", "⠸", "⠴", "⠦", "⠇"]
    private static let plain: [DisplayText] = ["|", "/", "-", "\\"]

    /// The picture for a request that runs since `since`; nil while it is too young to be worth one.
    static func picture(since: Milliseconds, now: Milliseconds, ascii: Bool) -> DisplayText? {
        guard now - since >= delay else { return nil }
        let pictures = ascii ? plain : Self.pictures
        return pictures[Int((now - since) / pace) % pictures.count]
    }
}

extension Canvas {
    /// Says in the lower border of a list that its rows are on their way; gives the column after it.
    mutating func waiting(since: Milliseconds?, at now: Milliseconds, in area: Rect) -> Int {
        let start = area.column + 2
        guard let since, let picture = Spinner.picture(since: since, now: now, ascii: glyphs.isASCII) else {
            return start
        }
        return start
            + write(
                " " + picture + " esc cancels ", row: area.endRow - 1, column: start, style: Style(.accent))
    }
}
