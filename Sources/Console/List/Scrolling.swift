/// Where the window of a list begins once its selection moved.
enum Scrolling {
    /// A selection that left the window comes back in its middle.
    ///
    /// Beside another pane a terminal cannot scroll a list: every line of it is written anew. Once for half a window
    /// of steps that stays within what a slow link carries; once for each step it would not.
    static func top(_ top: Int, showing selected: Int, of count: Int, height: Int) -> Int {
        let height = max(1, height)
        let isInside = (top..<top + height).contains(selected)
        return min(max(0, isInside ? top : selected - height / 2), max(0, count - height))
    }
}
