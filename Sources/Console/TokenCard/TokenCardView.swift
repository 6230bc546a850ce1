import Tenancy
import Terminal

/// The context's token: what it says, and the token itself once asked for.
struct TokenCardView {
    private let card: TokenCardState
    private let state: ConsoleState

    init(_ card: TokenCardState, state: ConsoleState) {
        self.card = card
        self.state = state
    }

    func draw(into canvas: inout Canvas) {
        guard let context = state.context else { return }
        let open = context.open
        let area = canvas.panel(columns: 84, rows: card.token == nil ? 15 : 20)
        canvas.panelBox(area, title: "Context token")
        let inner = area.inner
        var facts: [(DisplayText, DisplayText, Style)] = [
            (
                "company", "\(DisplayText(open.companyName)) (aud \(DisplayText(open.urlID)))",
                .text
            ),
            ("operator", DisplayText(open.operatorName), .text),
            ("purpose", "\(open.purpose.rawValue), \(open.access.rawValue)", .text),
            ("jti", DisplayText(open.jti), .text),
            ("expires", "\(Moment.clock(open.expiresAt)) \(Moment.zone(open.expiresAt))", .text),
            (
                "left", Moment.countdown(context.millisecondsLeft(at: state.now)),
                Style(Countdown.role(context.millisecondsLeft(at: state.now)))
            ),
        ]
        if let subject = open.subject {
            facts.insert(("acting as", DisplayText(subject), Style(.impersonation)), at: 2)
        }
        var row = Facts(facts).draw(into: &canvas, inner, row: inner.row) + 1
        if let token = card.token {
            for line in DisplayText(token).wrapped(to: max(10, inner.columns - 2)) where row < inner.endRow {
                canvas.write(
                    line, row: row, column: inner.column + 1, width: inner.columns - 2, style: Style(.accent))
                row += 1
            }
        } else {
            canvas.write("token   ●●●●●●●●●●●●●●●●", row: row, column: inner.column + 1, style: .muted)
            let note: DisplayText =
                "It works only for your login, until it expires. \(state.keys.label(of: .showToken)) shows it; the audit trail records that."
            for (offset, line) in note.wrapped(to: inner.columns - 2).enumerated()
            where row + 2 + offset < inner.endRow {
                canvas.write(line, row: row + 2 + offset, column: inner.column + 1, style: .muted)
            }
        }
    }
}
