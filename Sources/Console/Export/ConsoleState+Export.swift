import Tenancy
import Terminal

extension ConsoleState {
    /// Says how an export ended.
    mutating func say(_ end: ExportEnd) { shell.notice = end.notice }

    /// How far the export is that runs.
    func exportLine(ascii: Bool) -> DisplayText? {
        guard let run = context?.export ?? companies.export else { return nil }
        let picture = Spinner.picture(since: run.since, now: shell.now, ascii: ascii) ?? " "
        let file = DisplayText(run.file).truncated(to: 30)
        return picture + " \(Figure.exact(run.rows)) rows into \(file) · esc cancels"
    }
}

extension Shell {
    /// Asks for the name of the file that rows are exported into; one with the company's, the list's and the day is proposed.
    mutating func askForFile(
        of source: Export.Source, _ list: String, _ what: DisplayText
    ) {
        let day = String(Moment.iso(standing?.now ?? serverNow).prefix(10))
        let name = [standing?.urlID, list, day].compactMap { $0 }.joined(separator: "-") + ".csv"
        ask(ExportForm(name: TextField(name, limit: 1000), source: source, what: what))
    }

    /// Asks where rows are exported to; a name that was typed for them before stands there again.
    mutating func ask(_ form: ExportForm) {
        var form = form
        if let typed = drafts.name(for: form.source) { form.name = typed }
        overlays.append(.export(form))
    }
}
