/// A key as the user pressed it.
package enum Key: Hashable, Sendable {
    case character(Character)
    case control(Character)
    /// With Alt (Meta) held, or typed at once after escape; the backspace key is U+007F here.
    case alt(Character)
    case function(Int)
    case enter, escape, tab, backTab, backspace, delete, insert
    case up, down, left, right, home, end, pageUp, pageDown
}

/// What the terminal tells the program.
package enum InputEvent: Hashable, Sendable {
    case key(Key)
    /// A bracketed paste, whole and raw; nothing in it counts as a key.
    case paste(String)
    case resize(Size)
    case mouse(MouseEvent)
    /// The terminal is gone; nothing can be shown any more.
    case hangup
}

/// A mouse button or wheel at a position.
package struct MouseEvent: Hashable, Sendable {
    package enum Kind: Hashable, Sendable { case press, doublePress, wheelUp, wheelDown }
    package var kind: Kind
    package var position: Position

    package init(_ kind: Kind, at position: Position) {
        self.kind = kind
        self.position = position
    }
}
