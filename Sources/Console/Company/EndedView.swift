import Tenancy
import Terminal

/// What stands on the screen once a context is over: no row of the tenant, what ended and why, and the way on.
struct EndedView {
    private let context: ContextState
    private let ended: ContextState.Ended
    /// Whether the plain context is still there that an impersonation was started from.
    private let isParked: Bool
    private let keys: Keymap

    init(_ context: ContextState, _ ended: ContextState.Ended, isParked: Bool, keys: Keymap) {
        self.context = context
        self.ended = ended
        self.isParked = isParked
        self.keys = keys
    }

    func draw(into canvas: inout Canvas, _ area: Rect) {
        canvas.box(area, title: "Context ended", style: Style(.error), titleStyle: Style(.error).bold)
        let inner = area.inner
        let what: DisplayText =
            context.open.purpose == .impersonation
            ? "The impersonation in \(DisplayText(context.open.companyName)) has ended."
            : "The context for \(DisplayText(context.open.companyName)) has ended."
        var row = inner.row + max(1, inner.rows / 4)
        for (index, line) in ([what] + DisplayText(ended.why).wrapped(to: max(10, inner.columns - 6)))
            .enumerated()
        {
            canvas.write(
                line, row: row, column: inner.column + 3, width: inner.columns - 4,
                style: index == 0 ? Style(.text).bold : .text)
            row += 1
        }
        row += 1
        canvas.write(
            "Every row of the company has left this screen.", row: row, column: inner.column + 3,
            style: .muted)
        row += 2
        let (first, second) = (ways.0.spelledOut(where: canvas.glyphs), ways.1)
        let line = first + " · " + second
        let isOneLine = line.columns <= inner.columns - 4
        for words in isOneLine ? [line] : [first, second] {
            canvas.write(words, row: row, column: inner.column + 3, style: Style(.accent))
            row += 1
        }
    }

    private var ways: (DisplayText, DisplayText) {
        let (enter, more) = (keys.label(of: .open), keys.label(of: .extendImpersonation))
        guard context.open.purpose == .impersonation else {
            return ("\(enter) asks for a fresh token", "esc goes back")
        }
        return (
            isParked ? "\(enter) goes back to your own context" : "\(enter) asks for a token of your own",
            "\(more) goes on, with a new reason"
        )
    }
}
