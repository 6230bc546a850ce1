import FoundationEssentials
import Tenancy
import Terminal

/// The users of a company, with the selected one beside the list where there is room.
struct UsersView {
    private let users: UsersScreen
    private let state: ConsoleState

    static let columns = [
        Column(title: "NAME", width: .share(3, least: 16), sort: User.Sort.name.rawValue),
        Column(title: "EMAIL", width: .share(6, least: 26), sort: User.Sort.email.rawValue),
        Column(title: "STATUS", width: .fixed(9), priority: 1, sort: User.Sort.status.rawValue),
        Column(title: "ROLE", width: .fixed(8), priority: 3, sort: User.Sort.role.rawValue),
        Column(
            title: "LAST SEEN", width: .fixed(10), priority: 2, isRight: true,
            sort: User.Sort.lastSeenAt.rawValue, startsAscending: false),
        Column(
            title: "CREATED", width: .fixed(16), priority: 4, sort: User.Sort.createdAt.rawValue,
            startsAscending: false),
    ]

    init(_ users: UsersScreen, state: ConsoleState) {
        self.users = users
        self.state = state
    }

    func draw(into canvas: inout Canvas, _ layout: Layout) -> Position? {
        let list = users.list
        var box = ListBox(list, area: layout.list, state: state)
        box.title = "Users · by \(users.sort.title)\(users.ascending ? "" : " ↓")"
        box.syntax = Filter.syntaxWithStatus
        if list.meaning.text.isEmpty {
            box.total = list.total.map(Figure.count)
            box.exactTotal = list.total.flatMap { $0.isExact ? $0.value : nil }
        }
        let cursor = box.drawFrame(into: &canvas)
        var table = state.table(.users)
        table.rows = box.visible(list).map(cells)
        table.selected = box.selectedOffset(list)
        table.marks = box.marks(list)
        table.empty = list.emptyWords(of: "users", state)
        table.draw(into: &canvas, box.inner)
        if let preview = layout.preview {
            canvas.box(preview, title: "User", style: state.borderStyle, titleStyle: state.titleStyle)
            if let user = list.selected {
                let inner = preview.inner
                let missing = table.missing(of: cells(user), in: box.inner)
                let row = UserFacts.preview(user, missing, at: state.serverNow)
                    .draw(into: &canvas, inner, row: inner.row + 1)
                if row + 1 < inner.endRow {
                    let hint: DisplayText = "⏎ shows the journeys."
                    canvas.write(
                        hint.spelledOut(where: canvas.glyphs), row: row + 1, column: inner.column + 1,
                        width: inner.columns - 2, style: .muted)
                }
            }
        }
        return cursor
    }

    private func cells(_ user: User) -> [Table.Cell] {
        [
            Table.Cell(DisplayText(user.name)),
            Table.Cell(DisplayText(user.email)),
            Table.Cell(DisplayText(user.status.rawValue), user.status.style),
            Table.Cell(DisplayText(user.role), .muted),
            Table.Cell(user.lastSeenAt.map { Moment.age($0, at: state.serverNow) } ?? "never", .muted),
            Table.Cell(user.createdAt.map(Moment.minute) ?? "", .muted),
        ]
    }
}

/// The facts of a user.
enum UserFacts {
    /// All of them, as the user's own screen shows them.
    static func all(_ user: User, at now: Date) -> WrappedFacts {
        WrappedFacts([
            ("email", DisplayText(user.email), .text), role(user), status(user), locale(user), created(user),
            lastSeen(user, now), id(user),
        ])
    }

    /// Who it is, and what a list does not show whole, in the columns `missing`.
    static func preview(_ user: User, _ missing: Set<String>, at now: Date) -> WrappedFacts {
        // Addresses are cut here and there: a line that came and went would move all the others.
        var facts: [Fact] = [
            ("name", DisplayText(user.name), .text), ("email", DisplayText(user.email), .text),
        ]
        if missing.contains("ROLE") { facts.append(role(user)) }
        if missing.contains("STATUS") { facts.append(status(user)) }
        facts.append(locale(user))
        if missing.contains("CREATED") { facts.append(created(user)) }
        if missing.contains("LAST SEEN") { facts.append(lastSeen(user, now)) }
        return WrappedFacts(facts + [id(user)])
    }

    private typealias Fact = (DisplayText, DisplayText, Style)

    private static func role(_ user: User) -> Fact { ("role", DisplayText(user.role), .text) }
    private static func status(_ user: User) -> Fact {
        ("status", DisplayText(user.status.rawValue), user.status.style)
    }
    private static func locale(_ user: User) -> Fact { ("locale", DisplayText(user.locale), .text) }
    private static func created(_ user: User) -> Fact {
        ("created", user.createdAt.map(Moment.minute) ?? "", .text)
    }
    private static func lastSeen(_ user: User, _ now: Date) -> Fact {
        ("last seen", user.lastSeenAt.map { Moment.ago($0, at: now) } ?? "never", .text)
    }
    private static func id(_ user: User) -> Fact { ("id", DisplayText(String(user.id)), .text) }
}

extension User.Status {
    var style: Style {
        switch self {
        case .active: .text
        case .invited: Style(.accent)
        case .suspended: Style(.error)
        default: .text
        }
    }
}

extension User.Sort {
    var title: String {
        switch self {
        case .name: "name"
        case .email: "email"
        case .status: "status"
        case .role: "role"
        case .createdAt: "created"
        case .lastSeenAt: "last seen"
        }
    }
}
