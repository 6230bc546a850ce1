import Tenancy
import Terminal

/// What stands on the screen once a context is over: no row of the tenant, what ended and why, and the way on.
struct EndedView {
    enum Own: String, OwnCommand { case open, freshToken, extendImpersonation }

    /// What can be done about it, and the ways to other companies.
    static let bindings: [KeyBinding] =
        .of(
            [
                .open("go on", "Ask for a fresh token, or go back to your own context"),
                KeyBinding(
                    .back, [.escape, .character("h"), .left, .control("g")], "companies",
                    "Go back to the companies", rank: 3),
                KeyBinding(
                    .extendImpersonation, [.character("+")], "go on, with a new reason",
                    "Go on impersonating with a new token, for a new reason", rank: 2),
                KeyBinding(.freshToken, [.character("R")], "fresh token", "Ask for a fresh token"),
                .prove,
            ], .administration, .switching, .numbersInside, [.closeCompany])

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
        let (enter, more) = (
            keys.label(of: .open, in: .ended), keys.label(of: .extendImpersonation, in: .ended)
        )
        guard context.open.purpose == .impersonation else {
            return ("\(enter) asks for a fresh token", "\(keys.label(of: .back, in: .ended)) goes back")
        }
        return (
            isParked ? "\(enter) goes back to your own context" : "\(enter) asks for a token of your own",
            "\(more) goes on, with a new reason"
        )
    }
}
