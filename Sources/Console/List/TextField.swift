/// A line of text being typed, with a cursor; graphemes count as one.
struct TextField: Equatable, Sendable {
    private(set) var text = ""
    private var fromEnd = 0
    var limit = 500

    init(_ text: String = "", limit: Int = 500) {
        self.text = text
        self.limit = limit
    }

    /// The cursor's place in characters.
    var cursor: Int { text.count - fromEnd }
    var isEmpty: Bool { text.isEmpty }

    mutating func insert(_ more: String) {
        let room = limit - text.count
        guard room > 0 else { return }
        let index = text.index(text.endIndex, offsetBy: -fromEnd)
        text.insert(contentsOf: more.prefix(room), at: index)
    }

    mutating func deleteBackward() {
        guard cursor > 0 else { return }
        text.remove(at: text.index(text.endIndex, offsetBy: -fromEnd - 1))
    }

    mutating func deleteForward() {
        guard fromEnd > 0 else { return }
        text.remove(at: text.index(text.endIndex, offsetBy: -fromEnd))
        fromEnd -= 1
    }

    mutating func deleteWord() {
        while cursor > 0, character(before: cursor) == " " { deleteBackward() }
        while cursor > 0, character(before: cursor) != " " { deleteBackward() }
    }

    mutating func deleteWordForward() {
        let start = cursor
        moveToWordEnd()
        while cursor > start { deleteBackward() }
    }

    mutating func deleteToStart() {
        text.removeFirst(cursor)
    }

    mutating func deleteToEnd() {
        text.removeLast(fromEnd)
        fromEnd = 0
    }

    mutating func clear() {
        text = ""
        fromEnd = 0
    }

    mutating func move(by delta: Int) {
        fromEnd = min(max(0, fromEnd - delta), text.count)
    }

    mutating func moveToWordStart() {
        while cursor > 0, character(before: cursor) == " " { move(by: -1) }
        while cursor > 0, character(before: cursor) != " " { move(by: -1) }
    }

    mutating func moveToWordEnd() {
        while fromEnd > 0, character(before: cursor + 1) == " " { move(by: 1) }
        while fromEnd > 0, character(before: cursor + 1) != " " { move(by: 1) }
    }

    mutating func moveToStart() { fromEnd = text.count }
    mutating func moveToEnd() { fromEnd = 0 }

    private func character(before place: Int) -> Character {
        text[text.index(text.startIndex, offsetBy: place - 1)]
    }
}
