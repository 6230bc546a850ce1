import Tenancy
import Terminal

/// The bar that says where the next query will run: drawn from what the server reported, in words as well as colour.
struct TopBar {
    private let state: ConsoleState

    init(_ state: ConsoleState) { self.state = state }

    func draw(into canvas: inout Canvas, _ area: Rect) {
        let ground: Role? = state.isImpersonating ? .impersonation : nil
        var end = area.endColumn - 1
        if let context = state.context, context.ended == nil {
            end = drawCountdown(of: context, into: &canvas, area, ground: ground)
        }
        let status = self.status
        let statusStart = max(area.column + 8, end - status.text.columns - 1)
        canvas.write(
            status.text, row: area.row, column: statusStart, width: max(0, end - 1 - statusStart),
            style: status.style.on(ground))
        var used = canvas.write(
            brand, row: area.row, column: area.column, style: Style(.title, on: ground, .bold))
        for (isSo, words) in [(state.isReadOnly, " READ-ONLY "), (state.isRecorded, " WATCHED ")]
            as [(
                Bool, DisplayText
            )] where isSo
        {
            used += canvas.write(
                words, row: area.row, column: area.column + used, style: Style(.warn, on: ground, .bold))
        }
        let start = area.column + max(1, used + (brand.isEmpty ? 0 : 1))
        let room = max(0, statusStart - start - 1)
        let place = self.place
        // A company's whole name says more than a cut one with a piece of the way after it.
        let isTight = place.way.columns > room && place.head.columns + 4 > room
        canvas.write(
            isTight ? place.head : place.way, row: area.row, column: start, width: room,
            style: Style(.text, on: ground))
        if let ground {
            canvas.restyle(area) {
                $0.ground = ground; $0.role = ground
            }
        }
    }

    private func drawCountdown(
        of context: ContextState, into canvas: inout Canvas, _ area: Rect, ground: Role?
    ) -> Int {
        let left = context.millisecondsLeft(at: state.now)
        let role = Countdown.role(left)
        // Bold on and off again would be a quarter of the bytes of every second.
        let style = Style(role, on: ground, role == .countdownOk ? [] : .bold)
        var column = area.endColumn - 6
        canvas.write(Moment.countdown(left), row: area.row, column: column, style: style)
        if area.columns >= 100 {
            column -= 11
            let share = context.lifetime == 0 ? 0 : Double(left) / Double(context.lifetime)
            canvas.bar((share * 10).rounded(.up) / 10, row: area.row, column: column, width: 10, style: style)
        }
        return column
    }

    /// The program's name; a narrow bar leaves it out for the names of who is impersonated where.
    private var brand: DisplayText { state.isImpersonating && state.size.columns < 80 ? "" : " PISTE " }

    /// Where this is: the company or the screen, and the whole way from there.
    private var place: (head: DisplayText, way: DisplayText) {
        if let screen = state.controlScreen?.screen { return (screen.heading, screen.title) }
        guard let context = state.context else { return ("", "") }
        let name = DisplayText(context.open.companyName).truncated(to: 32)
        var place = name + " ▸ " + context.tab.title
        for title in context.path.map(\.screen.title) where !title.isEmpty { place += " ▸ " + title }
        return (name, place)
    }

    private var openWords: DisplayText {
        switch state.others.count {
        case 0: "no company open"
        case 1: "1 company open"
        case let count: "\(String(count)) companies open"
        }
    }

    private var status: (text: DisplayText, style: Style) {
        if case .down(_, let attempts) = state.link, state.context == nil {
            return ("reconnecting, attempt \(String(attempts))", Style(.error))
        }
        guard let context = state.context else {
            return state.link == .connecting
                ? ("connecting to \(DisplayText(state.server.target))", .muted) : (openWords, .muted)
        }
        if context.ended != nil { return ("context ended", Style(.error)) }
        if context.isInterrupted { return ("reconnecting, same context", Style(.error)) }
        let access = DisplayText(
            context.open.access.rawValue == "read" ? "read-only" : context.open.access.rawValue)
        switch context.open.purpose {
        case .impersonation:
            let subject = DisplayText(context.open.subject ?? context.open.companyName)
            let room = subjectRoom(company: DisplayText(context.open.companyName), access: access)
            return (
                "IMPERSONATING" + (room < 6 ? "" : " " + subject.truncated(to: room)) + "  \(access)",
                Style(.impersonation).bold
            )
        case .access: return ("ACCESS  \(access)", Style(.accent))
        case .service: return ("SERVICE  \(access)", Style(.warn))
        }
    }

    /// How much of who is impersonated is shown: a quarter of the bar, unless the company's name needs some of that.
    private func subjectRoom(company: DisplayText, access: DisplayText) -> Int {
        let countdown = 7
        let words: DisplayText = "IMPERSONATING   " + access
        let left =
            state.size.columns - countdown - brand.columns - min(company.columns, 18) - words.columns - 3
        return min(left, max(16, state.size.columns / 4))
    }
}

extension ContextState.Tab {
    var title: DisplayText {
        switch self {
        case .overview: "Overview"
        case .users: "Users"
        case .journeys: "Journeys"
        case .tables: "Tables"
        case .audit: "Audit"
        }
    }
}
