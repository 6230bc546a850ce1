import Terminal

/// Where the parts of a screen lie; the update asks it for the height of lists, the views for rectangles.
struct Layout: Equatable, Sendable {
    static let leastSize = Size(columns: 60, rows: 16)

    let top: Rect
    /// The line with the companies that are open; only while one of them is not on screen.
    let openCompanies: Rect?
    /// The line that names the company's tabs with their keys.
    let tabs: Rect?
    let bottom: Rect
    let body: Rect
    /// The list, or the whole body of screens without one.
    let list: Rect
    let preview: Rect?
    let auditPane: Rect?

    static func hasRoom(_ size: Size) -> Bool {
        size.columns >= leastSize.columns && size.rows >= leastSize.rows
    }

    init(_ state: ConsoleState) {
        var rest = Rect(row: 0, column: 0, columns: state.size.columns, rows: state.size.rows)
        top = rest.takeTop(1)
        openCompanies = state.others.isEmpty ? nil : rest.takeTop(1)
        bottom = rest.takeBottom(1)
        let isInside = state.top == nil && state.context != nil && state.context?.ended == nil
        tabs = isInside ? rest.takeTop(1) : nil
        let hasPane =
            isInside && state.showsAuditPane && rest.rows >= 16
            && state.context?.screen.map { type(of: $0.screen).hasAuditPane } == true
        auditPane = hasPane ? rest.takeBottom(min(12, max(5, rest.rows / 4))) : nil
        body = rest
        var left = rest
        switch state.arrangement {
        case .listOverDetail where rest.rows >= 16:
            preview = left.takeBottom(8)
            list = left
        case .listOverEvidence where rest.rows >= 16:
            preview = left.takeBottom(min(12, rest.rows / 3))
            list = left
        case .listBesidePreview where rest.columns >= 96:
            list = left.takeLeft(rest.columns * 58 / 100)
            preview = left
        case .list, .listOverDetail, .listOverEvidence, .listBesidePreview:
            list = rest
            preview = nil
        }
    }

    /// The rows of a list inside its border and below its header.
    var listRows: Int { max(1, list.rows - 3) }
}

/// Where the parts of a screen lie.
enum Arrangement: Sendable {
    case list
    /// The selected row beside the list, where there is room.
    case listBesidePreview
    /// The selected row below the list, where there is room.
    case listOverDetail
    /// The same, with more room for it.
    case listOverEvidence
}

extension ConsoleState {
    var arrangement: Arrangement {
        if let screen = controlScreen { return type(of: screen.screen).arrangement }
        return context?.screen.map { type(of: $0.screen).arrangement } ?? .list
    }
}
