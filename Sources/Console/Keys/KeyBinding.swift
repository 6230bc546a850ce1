import Terminal

/// One row of the key table: dispatch, help and the bottom line all come from it.
struct KeyBinding: Equatable, Sendable {
    var command: Command
    var keys: [Key]
    /// Where it holds; the table knows, whoever declares it need not say.
    var scopes: [Scope] = []
    /// What the bottom line and the help call it.
    var label: DisplayText
    /// A sentence for the help and the palette.
    var meaning: DisplayText
    /// Its place in the bottom line, first ones first; nil keeps it out.
    var rank: Int?

    init(
        _ command: Command, _ keys: [Key], _ label: DisplayText, _ meaning: DisplayText, rank: Int? = nil
    ) {
        self.command = command
        self.keys = keys
        self.label = label
        self.meaning = meaning
        self.rank = rank
    }

    /// Whether both say the same of a command, wherever they hold.
    func saysTheSame(as other: KeyBinding) -> Bool {
        var other = other
        other.scopes = scopes
        return self == other
    }
}

// MARK: What screens share

extension KeyBinding {
    static let filter = KeyBinding(
        .filter, [.character("/"), .control("s")], "filter",
        "Filter while typing: text, !text without, /expression/", rank: 2)
    static let impersonate = KeyBinding(
        .impersonate, [.character("i")], "impersonate", "Impersonate, with a written reason", rank: 4)
    static let edit = KeyBinding(
        .edit, [.character("e")], "edit", "Change what is selected (impersonating)", rank: 3)
    static let copy = KeyBinding(.copy, [.character("y")], "copy", "Copy an id or a value", rank: 8)
    static let mark = KeyBinding(
        .mark, [.character(" ")], "mark", "Mark the row, or take its mark away", rank: 9)
    static let export = KeyBinding(
        .export, [.character("x")], "export", "Write the marked rows or the whole list into a file", rank: 10)
    static let prove = KeyBinding(
        .prove, [.character("p")], "prove", "Prove this company's isolation, check by check (admin)", rank: 9)
    static let pointers = KeyBinding(
        .pointers, [.character("b")], "who points here", "List the rows of other tables that name this one",
        rank: 12)
    static let closeCompany = KeyBinding(
        .closeCompany, [.character("Q")], "close company",
        "Close this company: its context ends in the database", rank: 42)

    static func open(_ label: DisplayText, _ meaning: DisplayText, rank: Int = 1) -> KeyBinding {
        KeyBinding(.open, [.enter], label, meaning, rank: rank)
    }
}

extension [KeyBinding] {
    /// The bindings of all the parts, in their order.
    static func of(_ parts: [KeyBinding]...) -> [KeyBinding] { parts.flatMap { $0 } }

    private static var pageDownKeys: [Key] {
        [.pageDown, .control("f"), .control("v")]
    }

    /// The ways through a list, but for the page down.
    private static func ways(_ label: DisplayText?) -> [KeyBinding] {
        [
            KeyBinding(
                .down, [.down, .character("j"), .control("n")], label ?? "down", "Go down one row",
                rank: label == nil ? nil : 2),
            KeyBinding(.up, [.up, .character("k"), .control("p")], "up", "Go up one row"),
            KeyBinding(.pageUp, [.pageUp, .control("b"), .alt("v")], "page up", "Go up one page"),
            KeyBinding(.halfPageDown, [.control("d")], "half down", "Go down half a page"),
            KeyBinding(.halfPageUp, [.control("u")], "half up", "Go up half a page"),
            KeyBinding(.first, [.home, .character("g"), .alt("<")], "first", "Go to the first row"),
            KeyBinding(.last, [.end, .character("G"), .alt(">")], "last", "Go to the last row"),
        ]
    }

    /// Through rows that space marks or chooses; with a label, the bottom line names the arrows.
    static func choosing(_ label: DisplayText? = nil) -> [KeyBinding] {
        ways(label) + [KeyBinding(.pageDown, pageDownKeys, "page down", "Go down one page")]
    }

    /// Through rows that are only read, where space goes on.
    static func reading(_ label: DisplayText? = nil) -> [KeyBinding] {
        let keys: [Key] = [.pageDown, .character(" ")] + pageDownKeys.dropFirst()
        return ways(label) + [KeyBinding(.pageDown, keys, "page down", "Go down one page")]
    }

    /// Through what fits a line of text, where letters are typed.
    static var besideText: [KeyBinding] {
        [
            KeyBinding(.down, [.down, .control("n")], "choose", "Go down one row", rank: 2),
            KeyBinding(.up, [.up, .control("p")], "up", "Go up one row"),
        ]
    }

    static var scrolling: [KeyBinding] {
        [
            KeyBinding(
                .scrollRight, [.character("l"), .right], "scroll right",
                "Show the columns that find no room; the first one stands"),
            KeyBinding(.scrollLeft, [.character("h"), .left], "scroll left", "Go back to the first columns"),
        ]
    }
    static var ordering: [KeyBinding] {
        [
            KeyBinding(.sort, [.character("s")], "sort", "Order by the next column", rank: 12),
            KeyBinding(.reverseSort, [.character("S")], "reverse", "Turn the order around"),
        ]
    }
    static var columns: [KeyBinding] {
        [
            KeyBinding(
                .columns, [.character("c")], "columns", "Show, hide, widen and order by columns", rank: 53)
        ]
    }

    private static var refreshing: [KeyBinding] {
        [
            KeyBinding(.refresh, [.character("r")], "refresh", "Read again", rank: 30)
        ]
    }
    /// One key goes from company to company; among the requests it withdraws one.
    static var switching: [KeyBinding] {
        [
            KeyBinding(
                .nextCompany, [.character("w")], "switch", "Go to the next company that is open", rank: 4),
            KeyBinding(
                .previousCompany, [.character("W")], "switch back", "Go to the open company before this one"),
        ]
    }
    static var administration: [KeyBinding] {
        [
            KeyBinding(
                .adminMenu, [.character("m")], "admin", "List what an admin can do here, by its keys",
                rank: 65)
        ]
    }

    /// What every screen over the companies has; digits mean the companies that are open.
    static var outside: [KeyBinding] {
        .of(
            refreshing,
            [
                KeyBinding(
                    .openCompany, (1...OpenCompany.most).map { .character(Character(String($0))) },
                    "open company", "Go to the open company with this number")
            ])
    }

    /// What every screen inside a company has; digits mean its views.
    static var inside: [KeyBinding] {
        .of(
            [
                KeyBinding(
                    .extendImpersonation, [.character("+")], "more time",
                    "Go on impersonating with a new token, for a new reason", rank: 6)
            ], administration,
            [
                .prove,
                KeyBinding(.overview, [.character("1")], "overview", "Show the overview"),
                KeyBinding(.users, [.character("2")], "users", "Show the users"),
                KeyBinding(.journeys, [.character("3")], "journeys", "Show the journeys"),
                KeyBinding(.tables, [.character("4")], "tables", "Show every table of the company"),
                KeyBinding(.audit, [.character("5")], "audit", "Show the audit trail"),
                KeyBinding(
                    .auditPane, [.character("a")], "audit pane", "Show or hide the audit pane", rank: 20),
                KeyBinding(
                    .auditFull, [.character("A")], "audit trail", "Show the audit trail on the whole screen"),
            ], refreshing,
            [
                KeyBinding(
                    .freshToken, [.character("R")], "fresh token", "Replace the context by a fresh one",
                    rank: 31),
                KeyBinding(.tokenCard, [.character("t")], "token", "Show the token card", rank: 25),
                KeyBinding(.pause, [.character("Z")], "pause", "Pause or resume live updates"),
                KeyBinding(
                    .historyBack, [.character("[")], "screen before", "Go to the screen before this one"),
                KeyBinding(.historyForward, [.character("]")], "screen after", "Go forward again"),
            ], switching, numbersInside, [.closeCompany])
    }

    /// Digits mean the views there; with Alt they mean the companies that are open.
    static var numbersInside: [KeyBinding] {
        [
            KeyBinding(
                .openCompany, (1...OpenCompany.most).map { .alt(Character(String($0))) }, "open company",
                "Go to the open company with this number")
        ]
    }

    /// On the screens that lie flat in a company, one key goes from tab to tab.
    static var tabs: [KeyBinding] {
        [
            KeyBinding(.nextTab, [.tab], "next tab", "Go to the next tab", rank: 7),
            KeyBinding(.previousTab, [.backTab], "tab before", "Go to the tab before"),
        ]
    }

    // MARK: What lies over a screen

    /// The way out of what lies over a screen; the first key is the one that the bottom line names.
    static func closing(
        _ label: DisplayText, by keys: [Key] = [], _ meaning: DisplayText = "Close it; nothing is changed"
    ) -> [KeyBinding] {
        [KeyBinding(.close, [.escape, .control("g")] + keys, label, meaning, rank: 60)]
    }

    /// From field to field of a form.
    static var fields: [KeyBinding] {
        [
            KeyBinding(.nextField, [.tab, .down], "next field", "Go to the next field", rank: 1),
            KeyBinding(.previousField, [.backTab, .up], "field before", "Go to the field before"),
        ]
    }
}
