import Tenancy
import Terminal

/// The line with every company that is open: its number, its name, its mode in words and the time it has left.
struct OpenCompaniesBar {
    /// How much of each company is told; less is told where more are open than fit.
    private enum Detail: Int, CaseIterable {
        case whole, short, minutes, numbers

        /// The blanks after each company, besides the one where the mark of the one on screen stands.
        var gap: Int { self == .numbers ? 0 : 1 }

        /// Names that are cut shorter than this say too little: rather something else is told in short.
        var leastName: Int {
            switch self {
            case .whole: 10
            case .short: 6
            case .minutes, .numbers: 2
            }
        }
    }

    private let companies: [OpenCompany]
    private let current: ContextID?
    private let now: Milliseconds

    init(_ state: ConsoleState) {
        companies = state.openCompanies
        current = state.context?.id
        now = state.now
    }

    func draw(into canvas: inout Canvas, _ area: Rect) {
        let names = companies.map { DisplayText($0.context.open.companyName) }
        let (detail, width) = fitting(names, area.columns)
        var column = area.column
        for (company, name) in zip(companies, names) {
            let start = column
            let isCurrent = company.context.id == current
            let ground: Role? = isCurrent ? .selection : nil
            canvas.write(isCurrent ? "▌" : " ", row: area.row, column: column, style: Style(.accent))
            column += 1
            let label = label(company, name, detail, width)
            column += canvas.write(
                label, row: area.row, column: column, style: labelStyle(company).on(ground))
            let time = time(company, detail)
            canvas.write(
                time, row: area.row, column: column, style: timeStyle(company).on(ground))
            column += time.columns
            if isCurrent {
                canvas.restyle(Rect(row: area.row, column: start + 1, columns: column - start - 1, rows: 1)) {
                    if $0.role == .text { $0.role = .selection }
                }
            }
            column += detail.gap
        }
    }

    /// The most that can be told in the room there is, and how wide a name may be.
    private func fitting(_ names: [DisplayText], _ room: Int) -> (Detail, Int) {
        for detail in Detail.allCases where detail != .numbers {
            for width in stride(from: 24, through: detail.leastName, by: -1)
            where needed(names, detail, width) <= room {
                return (detail, width)
            }
        }
        return (.numbers, 0)
    }

    private func needed(_ names: [DisplayText], _ detail: Detail, _ width: Int) -> Int {
        zip(companies, names).reduce(0) { sum, company in
            sum + 1 + detail.gap + label(company.0, company.1, detail, width).columns
                + time(company.0, detail).columns
        }
    }

    private func label(
        _ company: OpenCompany, _ name: DisplayText, _ detail: Detail, _ width: Int
    ) -> DisplayText {
        let number: DisplayText = "\(String(company.number))"
        guard detail != .numbers else { return number + (company.isImpersonating ? "!" : " ") }
        let mode: DisplayText =
            !company.isImpersonating ? "" : detail == .whole ? "IMPERSONATING " : "IMP "
        return number + " " + name.truncated(to: width) + " " + mode
    }

    /// What stands where the countdown does, always as wide.
    private func time(_ company: OpenCompany, _ detail: Detail) -> DisplayText {
        let isShort = detail == .minutes || detail == .numbers
        if company.context.ended != nil { return isShort ? "end" : "ended" }
        if company.context.isInterrupted { return isShort ? "…  " : "retry" }
        let left = company.context.millisecondsLeft(at: now)
        guard isShort else { return Moment.countdown(left) }
        let seconds = (left + 999) / 1000
        let text = seconds >= 60 ? "\(min(seconds / 60, 99))m" : "\(seconds)s"
        return DisplayText(text).padded(to: 3, .right)
    }

    private func labelStyle(_ company: OpenCompany) -> Style {
        if company.context.ended != nil { return .muted }
        return company.isImpersonating ? Style(.impersonation).bold : .text
    }

    private func timeStyle(_ company: OpenCompany) -> Style {
        if company.context.ended != nil || company.context.isInterrupted { return Style(.error) }
        return Style(Countdown.role(company.context.millisecondsLeft(at: now)))
    }
}
