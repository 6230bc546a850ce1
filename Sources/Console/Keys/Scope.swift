import Terminal

/// Where a key binding holds: anywhere, on a screen, or in what lies over one.
enum Scope: String, CaseIterable, Sendable {
    case anywhere, companies, overview, users, journeys, user, journey, audit, contexts, requests
    case operators, controlTrail, migrations, proof
    case tables, rows, row
    case ended
    case filterLine
    case help, helpSearch, palette, themes, columns, menu, pick
    case record, evidence, frequency, token, waiting
    case question, reason, typedName, impersonation, form, export, value

    /// The heading in the help.
    var title: DisplayText {
        switch self {
        case .anywhere: "Anywhere"
        case .companies: "Companies"
        case .overview: "Overview"
        case .users: "Users"
        case .journeys: "Journeys"
        case .user: "User"
        case .journey: "Journey"
        case .audit: "Audit trail"
        case .contexts: "Contexts"
        case .requests: "Requests"
        case .operators: "Operators"
        case .controlTrail: "Control trail"
        case .migrations: "Migrations"
        case .proof: "Proof"
        case .tables: "Tables"
        case .rows: "Rows"
        case .row: "Row"
        case .ended: "Context that has ended"
        case .filterLine: "Filter line"
        case .help: "Help"
        case .helpSearch: "Search in the help"
        case .palette: "Command palette"
        case .themes: "Theme picker"
        case .columns: "Columns"
        case .menu: "Menu"
        case .pick: "List to choose from"
        case .record: "Audit record"
        case .evidence: "Evidence"
        case .frequency: "Values of a column"
        case .token: "Token card"
        case .waiting: "Wait for an approval"
        case .question: "Question"
        case .reason: "Question with a reason"
        case .typedName: "Question with a name to type"
        case .impersonation: "Impersonation form"
        case .form: "Form of an admin"
        case .export: "Export form"
        case .value: "Value of a row"
        }
    }

    /// Whether it is the place of something that takes all the keys: what holds anywhere does not hold there.
    var isOverScreen: Bool { KeyTable.overScreens.contains(self) }

    /// Whether letters are text there.
    var takesText: Bool {
        switch self {
        case .filterLine, .helpSearch, .palette, .reason, .typedName, .impersonation, .form, .export, .value:
            true
        default: false
        }
    }
}
