import Tenancy
import Terminal

/// The form before an impersonation.
struct ImpersonationFormView {
    private let form: ImpersonationForm

    init(_ form: ImpersonationForm) { self.form = form }

    private var introduction: DisplayText {
        if form.before != nil { return "A new token; the one that is open ends as soon as it opens." }
        return form.policy?.rights == .read
            ? "Read-only, recorded under your name, ended by PostgreSQL."
            : "Read and write, recorded under your name, ended by PostgreSQL."
    }

    func draw(into canvas: inout Canvas) -> Position? {
        let area = canvas.panel(columns: 76, rows: 14)
        canvas.panelBox(
            area,
            title: "\(form.before == nil ? "Impersonate" : "Go on") · "
                + DisplayText(form.companyName).truncated(to: 40),
            role: .impersonation)
        let inner = area.inner
        var first = inner.row
        func say(_ words: DisplayText, _ style: Style) {
            for line in words.wrapped(to: inner.columns - 2).prefix(2) {
                canvas.write(line, row: first, column: inner.column + 1, style: style)
                first += 1
            }
        }
        say(introduction, .muted)
        if let policy = form.policy {
            say(policy.summary, policy.impersonation == .allowed ? .muted : Style(.warn))
        }
        first = max(first, inner.row + 2)
        var cursor: Position?
        for (offset, field) in ImpersonationForm.Field.allCases.enumerated() {
            let row = first + offset
            let isFocused = field == form.focus
            canvas.write(
                field.title, row: row, column: inner.column + 2, style: isFocused ? Style(.key).bold : .muted)
            let start = inner.column + 16
            let width = inner.columns - 18
            let text = form[field]
            let shown = DisplayText(text.text)
            if text.isEmpty {
                canvas.write(field.hint(form), row: row, column: start, width: width, style: .muted)
            }
            let before = DisplayText(String(text.text.prefix(text.cursor)))
            let shift = max(0, before.columns - width + 1)
            let tail = shift == 0 ? shown : DisplayText(String(text.text.suffix(max(1, width - 1))))
            if !text.isEmpty { canvas.write(tail, row: row, column: start, width: width, ellipsis: false) }
            if isFocused {
                canvas.write("▌", row: row, column: inner.column + 1, style: Style(.impersonation))
                cursor = Position(row: row, column: start + min(width - 1, before.columns - shift))
            }
        }
        let last = inner.endRow - 2
        if form.isAsking {
            canvas.write("Asking PostgreSQL…", row: last, column: inner.column + 2, style: .muted)
        } else if let complaint = form.complaint {
            for (offset, line) in complaint.wrapped(to: inner.columns - 4).prefix(2).enumerated() {
                canvas.write(line, row: last + offset, column: inner.column + 2, style: Style(.error))
            }
        } else {
            let words: DisplayText =
                "Type the url id \(DisplayText(form.urlID)) to confirm; ⏎ there starts it."
            let lines = words.spelledOut(where: canvas.glyphs).wrapped(to: inner.columns - 4)
            for (offset, line) in lines.prefix(2).enumerated() {
                canvas.write(line, row: last + offset, column: inner.column + 2, style: .muted)
            }
        }
        return cursor
    }
}

extension ImpersonationForm.Field {
    var title: DisplayText {
        switch self {
        case .user: "act as user"
        case .reason: "reason"
        case .ticket: "ticket"
        case .minutes: "minutes"
        case .confirmation: "confirm"
        }
    }

    func hint(_ form: ImpersonationForm) -> DisplayText {
        switch self {
        case .user: "email, or empty for the company"
        case .reason:
            form.before == nil ? "required: what the ticket asks for" : "required: why it takes longer"
        case .ticket: form.policy?.ticketHint ?? "optional"
        case .minutes: "1 to \(String(form.longest))"
        case .confirmation: "the url id, letter by letter"
        }
    }
}
