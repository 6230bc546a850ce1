import Listing
import Tenancy
import Terminal

extension MenuState {
    /// A user of a list: every cell, the row, and the marked rows.
    static func copying(_ user: User, marked: [User], record: AuditRecord?) -> MenuState {
        var menu = copying(user, journey: nil, record: record)
        menu.items += [
            Item(key: "s", label: "status", choice: .copy(user.status.rawValue, what: "the status")),
            Item(key: "o", label: "role", choice: .copy(user.role, what: "the role")),
            Item(key: "l", label: "locale", choice: .copy(user.locale, what: "the locale")),
            Item(
                key: "c", label: "created",
                choice: .copy(user.createdAt?.exactText ?? "", what: "the time of creation")),
        ]
        if let seen = user.lastSeenAt {
            menu.items.append(
                Item(
                    key: "t", label: "last seen", choice: .copy(seen.exactText, what: "the last time seen"))
            )
        }
        menu.addRows(user, marked, User.columns)
        return menu
    }

    /// A journey of a list: every cell, the row, and the marked rows.
    static func copying(_ journey: Journey, marked: [Journey], record: AuditRecord?) -> MenuState {
        var menu = copying(nil, journey: journey, record: record)
        menu.items += [
            Item(
                key: "u", label: "user id",
                choice: .copy(journey.userID.map(String.init) ?? "", what: "the user's id")),
            Item(key: "w", label: "user", choice: .copy(journey.userName, what: "the user's name")),
            Item(key: "n", label: "journey", choice: .copy(journey.name, what: "the journey's name")),
            Item(key: "s", label: "status", choice: .copy(journey.status.rawValue, what: "the status")),
            Item(key: "t", label: "step", choice: .copy(journey.currentStepName ?? "", what: "the step")),
        ]
        menu.addRows(journey, marked, Journey.columns)
        return menu
    }

    /// A company of the list: every cell, the row, and the marked rows.
    static func copying(_ company: Company, marked: [Company]) -> MenuState {
        var menu = MenuState(
            title: "Copy",
            items: [
                Item(key: "u", label: "url id", choice: .copy(company.urlID, what: "the url id")),
                Item(key: "n", label: "name", choice: .copy(company.name, what: "the name")),
                Item(
                    key: "p", label: "sign-in",
                    choice: .copy(company.authProvider, what: "the sign-in provider")),
                Item(key: "s", label: "status", choice: .copy(company.status.rawValue, what: "the status")),
            ])
        menu.addRows(company, marked, Company.columns)
        return menu
    }

    /// The row and the marked rows; where some are marked, they are what is meant first.
    mutating func addRows<Row>(_ row: Row, _ marked: [Row], _ columns: [Listing.Column<Row>]) {
        items.append(
            Item(
                key: "r", label: "the row", choice: .copy(TabSeparated.text([row], columns), what: "the row"))
        )
        guard !marked.isEmpty else { return }
        let count = marked.count == 1 ? "the marked row" : "\(marked.count) marked rows"
        items.append(
            Item(
                key: "m", label: DisplayText(count),
                choice: .copy(TabSeparated.text(marked, columns), what: count)))
        selected = items.count - 1
    }
}
