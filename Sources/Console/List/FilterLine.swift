import Terminal

/// The line in which a filter is typed: it stands in a list, and takes the keys from the screen.
enum FilterLine: Layer {
    case typed

    static var bindings: [(scope: Scope, keys: [KeyBinding])] {
        [
            (
                .filterLine,
                .of(
                    [
                        KeyBinding(
                            .choose, [.enter], "keep the filter", "Open the row, or keep the filter", rank: 1)
                    ], .besideText,
                    [
                        KeyBinding(
                            .pageDown, [.pageDown, .control("v")], "page down", "Go down one page"),
                        KeyBinding(.pageUp, [.pageUp], "page up", "Go up one page"),
                        KeyBinding(
                            .keepFilter, [.tab], "keep the filter", "Keep the filter, and use the list",
                            rank: 3),
                    ], .closing("clear it", "Show the whole list again"))
            )
        ]
    }

    var scope: Scope { .filterLine }
}
