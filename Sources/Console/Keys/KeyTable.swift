import Terminal

/// Where a key binding holds.
enum Scope: String, CaseIterable, Sendable {
    case anywhere, companies, workspace, user, journey, audit, contexts, requests
    case operators, controlTrail, migrations, proof
    case tables, rows, row

    /// The heading in the help.
    var title: DisplayText {
        switch self {
        case .anywhere: "Anywhere"
        case .companies: "Companies"
        case .workspace: "Company"
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
        }
    }
}

/// One row of the key table: dispatch, help and the bottom line all come from it.
struct KeyBinding: Equatable, Sendable {
    var command: Command
    var keys: [Key]
    var scopes: [Scope]
    /// What the bottom line and the help call it.
    var label: DisplayText
    /// A sentence for the help and the palette.
    var meaning: DisplayText
    /// Its place in the bottom line, first ones first; nil keeps it out.
    var rank: Int?

    init(
        _ command: Command, _ keys: [Key], _ scopes: [Scope], _ label: DisplayText, _ meaning: DisplayText,
        rank: Int? = nil
    ) {
        self.command = command
        self.keys = keys
        self.scopes = scopes
        self.label = label
        self.meaning = meaning
        self.rank = rank
    }
}

/// The one table of keys.
enum KeyTable {
    private static let lists: [Scope] = [
        .companies, .workspace, .user, .journey, .audit, .contexts, .requests, .operators, .controlTrail,
        .migrations, .proof, .tables, .rows, .row,
    ]
    /// Screens whose rows can be marked, and those whose columns are chosen.
    private static let marking: [Scope] = [.companies, .workspace, .contexts, .rows]
    private static let exporting: [Scope] = [.companies, .workspace, .rows]
    private static let tabled: [Scope] =
        marking + [.audit, .requests, .operators, .controlTrail, .migrations]
    /// Screens whose lists can be filtered, and those that can be ordered.
    private static let filtering: [Scope] = [
        .companies, .workspace, .audit, .contexts, .requests, .operators, .controlTrail, .migrations, .proof,
        .tables, .rows,
    ]
    private static let ordering: [Scope] = [
        .companies, .workspace, .contexts, .requests, .operators, .tables, .rows,
    ]
    private static let inside: [Scope] = [.workspace, .user, .journey, .audit, .tables, .rows, .row]

    /// Screens where digits mean the companies that are open; inside a company they mean its views.
    private static let numbering = lists.filter { !inside.contains($0) }

    /// Screens where one key goes from company to company; among the requests it withdraws one.
    private static let switching = lists.filter { $0 != .requests }

    static let bindings: [KeyBinding] = [
        KeyBinding(
            .open, [.enter], [.companies], "open",
            "Enter with a fresh token, or go to it where it is open", rank: 1),
        KeyBinding(.open, [.enter], [.workspace, .tables, .rows], "open", "Open what is selected", rank: 1),
        KeyBinding(
            .open, [.enter], [.row], "follow", "Go to the row that the column names", rank: 1),
        KeyBinding(
            .open, [.enter, .character("l"), .right], [.user], "open", "Open what is selected", rank: 1),
        KeyBinding(
            .scrollRight, [.character("l"), .right], tabled, "scroll right",
            "Show the columns that find no room; the first one stands"),
        KeyBinding(
            .scrollLeft, [.character("h"), .left], tabled, "scroll left", "Go back to the first columns"),
        KeyBinding(.open, [.enter], [.audit, .controlTrail], "detail", "Show the whole record", rank: 1),
        KeyBinding(.open, [.enter], [.proof], "evidence", "Show the whole evidence", rank: 1),
        KeyBinding(
            .back, [.escape, .character("h"), .left, .control("g")], [.anywhere], "back",
            "Cancel what is running, else go back",
            rank: 60),
        KeyBinding(
            .filter, [.character("/"), .control("s")], filtering, "filter",
            "Filter while typing: text, !text without, /expression/", rank: 2),
        KeyBinding(.sort, [.character("s")], ordering, "sort", "Order by the next column", rank: 12),
        KeyBinding(.reverseSort, [.character("S")], ordering, "reverse", "Turn the order around"),
        KeyBinding(
            .impersonate, [.character("i")], [.companies, .workspace, .user, .journey], "impersonate",
            "Impersonate, with a written reason", rank: 4),
        KeyBinding(
            .edit, [.character("e")], [.user, .journey], "edit", "Change what is selected (impersonating)",
            rank: 3),
        KeyBinding(
            .extendImpersonation, [.character("+")], inside, "more time",
            "Go on impersonating with a new token, for a new reason", rank: 6),
        KeyBinding(
            .endImpersonation, [.character("E")], [.anywhere], "end impersonation", "End the impersonation",
            rank: 5),
        KeyBinding(
            .copy, [.character("y")],
            [
                .companies, .workspace, .user, .journey, .audit, .contexts, .controlTrail, .migrations,
                .proof,
                .tables, .rows, .row,
            ],
            "copy",
            "Copy an id or a value",
            rank: 8),
        KeyBinding(
            .mark, [.character(" ")], marking, "mark", "Mark the row, or take its mark away", rank: 9),
        KeyBinding(
            .export, [.character("x")], exporting, "export",
            "Write the marked rows or the whole list into a file", rank: 10),
        KeyBinding(
            .columns, [.character("c")], tabled, "columns", "Show, hide, widen and order by columns",
            rank: 53),
        KeyBinding(
            .endContext, [.character("x")], [.contexts], "end it", "End the selected context", rank: 1),
        KeyBinding(
            .approve, [.character("a")], [.requests], "approve",
            "Approve the selected request, with a reason",
            rank: 1),
        KeyBinding(
            .deny, [.character("x")], [.requests], "deny", "Deny the selected request, with a reason", rank: 2
        ),
        KeyBinding(
            .open, [.enter], [.requests], "begin", "Begin what was approved for you", rank: 3),
        KeyBinding(
            .withdraw, [.character("w")], [.requests], "withdraw", "Withdraw a request of your own", rank: 4),
        KeyBinding(
            .createCompany, [.character("n")], [.companies], "create", "Create a company (admin)", rank: 6),
        KeyBinding(
            .administer, [.character("e")], [.companies], "administer",
            "Rename, suspend, resume, policy, signing key (admin)", rank: 7),
        KeyBinding(
            .adminMenu, [.character("m")], [.companies], "admin",
            "List what an admin can do here, by its keys",
            rank: 5),
        KeyBinding(
            .adminMenu, [.character("m")], lists.filter { $0 != .companies }, "admin",
            "List what an admin can do here, by its keys", rank: 65),
        KeyBinding(
            .prove, [.character("p")],
            [.companies, .workspace, .user, .journey, .audit, .proof, .tables, .rows, .row], "prove",
            "Prove this company's isolation, check by check (admin)", rank: 9),
        KeyBinding(
            .operators, [.character("O")], [.anywhere], "operators", "List who may work here (admin)",
            rank: 62),
        KeyBinding(
            .addOperator, [.character("n")], [.operators], "add", "Add an operator, or change a level",
            rank: 1),
        KeyBinding(
            .removeOperator, [.character("x")], [.operators], "remove", "Remove the selected operator",
            rank: 2),
        KeyBinding(
            .controlTrail, [.character("L")], [.anywhere], "control trail",
            "Show what the engine recorded of itself (admin)", rank: 63),
        KeyBinding(
            .migrations, [.character("M")], [.anywhere], "migrations",
            "Show each company's blueprint, and what failed (admin)", rank: 64),
        KeyBinding(
            .nextTab, [.tab], [.migrations], "state", "List the companies in the next state", rank: 2),
        KeyBinding(
            .previousTab, [.backTab], [.migrations], "state before", "List the companies in the state before"),
        KeyBinding(
            .nextTab, [.tab], [.workspace, .tables, .rows, .row], "next tab", "Go to the next tab", rank: 7),
        KeyBinding(
            .previousTab, [.backTab], [.workspace, .tables, .rows, .row], "tab before", "Go to the tab before"
        ),
        KeyBinding(.overview, [.character("1")], inside, "overview", "Show the overview"),
        KeyBinding(.users, [.character("2")], inside, "users", "Show the users"),
        KeyBinding(.journeys, [.character("3")], inside, "journeys", "Show the journeys"),
        KeyBinding(.tables, [.character("4")], inside, "tables", "Show every table of the company"),
        KeyBinding(.audit, [.character("5")], inside, "audit", "Show the audit trail"),
        KeyBinding(
            .frequency, [.character("F")], [.rows], "count", "Count how often the values of a column occur",
            rank: 11),
        KeyBinding(
            .pointers, [.character("b")], [.rows, .row], "who points here",
            "List the rows of other tables that name this one", rank: 12),
        KeyBinding(
            .auditPane, [.character("a")], inside, "audit pane", "Show or hide the audit pane", rank: 20),
        KeyBinding(
            .auditFull, [.character("A")], inside, "audit trail", "Show the audit trail on the whole screen"),
        KeyBinding(.refresh, [.character("r")], lists, "refresh", "Read again", rank: 30),
        KeyBinding(
            .freshToken, [.character("R")], inside, "fresh token", "Replace the context by a fresh one",
            rank: 31),
        KeyBinding(.tokenCard, [.character("t")], inside, "token", "Show the token card", rank: 25),
        KeyBinding(.pause, [.character("Z")], inside, "pause", "Pause or resume live updates"),
        KeyBinding(
            .historyBack, [.character("[")], inside, "screen before", "Go to the screen before this one"),
        KeyBinding(
            .historyForward, [.character("]")], inside, "screen after", "Go forward again"),
        KeyBinding(
            .companies, [.character("0")], [.anywhere], "companies",
            "List the companies; those that are open stay open", rank: 39),
        KeyBinding(
            .nextCompany, [.character("w")], switching, "switch", "Go to the next company that is open",
            rank: 4),
        KeyBinding(
            .previousCompany, [.character("W")], switching, "switch back",
            "Go to the open company before this one"),
        KeyBinding(
            .openCompany, (1...OpenCompany.most).map { .character(Character(String($0))) }, numbering,
            "open company", "Go to the open company with this number"),
        KeyBinding(
            .openCompany, (1...OpenCompany.most).map { .alt(Character(String($0))) }, inside,
            "open company", "Go to the open company with this number"),
        KeyBinding(
            .closeCompany, [.character("Q")], inside + [.companies], "close company",
            "Close this company: its context ends in the database", rank: 42),
        KeyBinding(.lastCompany, [.character("-")], [.anywhere], "last company", "Go to the company before"),
        KeyBinding(
            .contexts, [.character("C")], [.anywhere], "contexts", "List the contexts that are open", rank: 40
        ),
        KeyBinding(
            .requests, [.character("P")], [.anywhere], "requests",
            "List the requests that wait for an approval",
            rank: 41),
        KeyBinding(.down, [.down, .character("j"), .control("n")], lists, "down", "Go down one row"),
        KeyBinding(.up, [.up, .character("k"), .control("p")], lists, "up", "Go up one row"),
        KeyBinding(
            .pageDown, [.pageDown, .control("f"), .control("v")], marking, "page down", "Go down one page"),
        KeyBinding(
            .pageDown, [.pageDown, .character(" "), .control("f"), .control("v")],
            lists.filter { !marking.contains($0) },
            "page down", "Go down one page"),
        KeyBinding(.pageUp, [.pageUp, .control("b"), .alt("v")], lists, "page up", "Go up one page"),
        KeyBinding(.halfPageDown, [.control("d")], lists, "half down", "Go down half a page"),
        KeyBinding(.halfPageUp, [.control("u")], lists, "half up", "Go up half a page"),
        KeyBinding(.first, [.home, .character("g"), .alt("<")], lists, "first", "Go to the first row"),
        KeyBinding(.last, [.end, .character("G"), .alt(">")], lists, "last", "Go to the last row"),
        KeyBinding(
            .palette, [.character(":")], [.anywhere], "command", "Run a command by its name", rank: 50),
        KeyBinding(.help, [.character("?"), .function(1)], [.anywhere], "help", "Show the keys", rank: 51),
        KeyBinding(.themes, [.character("T")], [.anywhere], "themes", "Choose a theme", rank: 52),
        KeyBinding(.quit, [.character("q")], [.anywhere], "quit", "Go back, or quit", rank: 61),
        KeyBinding(.redraw, [.control("l")], [.anywhere], "redraw", "Draw the screen anew"),
        KeyBinding(.suspend, [.control("z")], [.anywhere], "suspend", "Put Piste into the background"),
    ]
}
