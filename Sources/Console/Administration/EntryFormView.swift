import Terminal

/// A form of an admin: fields below each other, and what is wrong right below the field it concerns.
struct EntryFormView {
    private let form: EntryForm
    private static let fieldColumn = 19

    init(_ form: EntryForm) { self.form = form }

    func draw(into canvas: inout Canvas) -> Position? {
        let area = canvas.panel(columns: 76, rows: form.fields.count + 9)
        canvas.panelBox(area, title: form.title)
        let inner = area.inner
        var cursor: Position?
        var row = inner.row
        for line in form.introduction.wrapped(to: inner.columns - 2).prefix(2) {
            canvas.write(line, row: row, column: inner.column + 1, style: .muted)
            row += 1
        }
        row = max(row, inner.row + 2)
        for (index, field) in form.fields.enumerated() where row < inner.endRow - 1 {
            if let place = draw(field, isFocused: index == form.focus, row: row, into: &canvas, inner) {
                cursor = place
            }
            row += 1
            guard let complaint = form.complaint, complaint.field == field.name else { continue }
            let width = inner.columns - Self.fieldColumn - 2
            for line in complaint.message.wrapped(to: width).prefix(2) where row < inner.endRow - 1 {
                canvas.write(
                    line, row: row, column: inner.column + Self.fieldColumn, width: width,
                    style: Style(.error))
                row += 1
            }
        }
        let chooses = form.fields.indices.contains(form.focus) && !form.fields[form.focus].isFree
        let last: DisplayText =
            form.request != nil
            ? "Asking PostgreSQL…"
            : chooses
                ? "← → or space choose; ⏎ goes on, and asks first."
                : "⏎ goes on, and asks before anything is done."
        canvas.write(
            last.spelledOut(where: canvas.glyphs), row: inner.endRow - 1, column: inner.column + 2,
            width: inner.columns - 4, style: .muted)
        return cursor
    }

    private func draw(
        _ field: EntryForm.Field, isFocused: Bool, row: Int, into canvas: inout Canvas, _ inner: Rect
    ) -> Position? {
        canvas.write(
            field.name.title, row: row, column: inner.column + 2, style: isFocused ? Style(.key).bold : .muted
        )
        if isFocused { canvas.write("▌", row: row, column: inner.column + 1, style: Style(.accent)) }
        let start = inner.column + Self.fieldColumn
        let width = inner.columns - Self.fieldColumn - 2
        guard field.isFree else {
            drawOptions(of: field, row: row, column: start, width: width, into: &canvas)
            return nil
        }
        let text = field.text
        if text.isEmpty { canvas.write(field.hint, row: row, column: start, width: width, style: .muted) }
        let before = DisplayText(String(text.text.prefix(text.cursor)))
        let shift = max(0, before.columns - width + 1)
        let shown = shift == 0 ? text.text : String(text.text.suffix(max(1, width - 1)))
        let used = canvas.write(DisplayText(shown), row: row, column: start, width: width, ellipsis: false)
        if isFocused, field.chooses, used + 4 < width {
            canvas.write(
                "← → for others, or type it", row: row, column: start + used + 3, width: width - used - 3,
                style: .muted)
        }
        return isFocused ? Position(row: row, column: start + min(width - 1, before.columns - shift)) : nil
    }

    private func drawOptions(
        of field: EntryForm.Field, row: Int, column: Int, width: Int, into canvas: inout Canvas
    ) {
        let end = column + width
        let needed = field.options.reduce(-1) { $0 + DisplayText($1).columns + 3 }
        var column = column
        // What is chosen is on screen, also where not all of them are.
        var options = field.options[...]
        while let chosen = options.firstIndex(of: field.text.text), chosen > options.startIndex,
            options[...chosen].reduce(0, { $0 + DisplayText($1).columns + 2 }) > width
        {
            options.removeFirst()
        }
        for option in options {
            let isChosen = option == field.text.text
            column += canvas.write(
                isChosen ? "[\(DisplayText(option))]" : " \(DisplayText(option)) ", row: row, column: column,
                width: end - column, style: isChosen ? Style(.text).bold : .muted)
            column += needed > width ? 0 : 1
        }
    }
}
