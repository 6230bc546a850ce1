import Tenancy
import Terminal

/// A form in which an admin says what shall be; a question follows it, and nothing is done by Enter alone.
struct EntryForm: Equatable, Sendable {
    /// What the form is for, with what holds now.
    enum Purpose: Equatable, Sendable {
        case createCompany
        case rename(urlID: String, was: String)
        case policy(urlID: String, was: CompanyPolicy)
        case addOperator
    }

    struct Field: Equatable, Sendable {
        enum Name: Equatable, Sendable {
            case name, urlID, authProvider
            case impersonation, minutes, ticket, pattern, rights
            case login, level
        }

        let name: Name
        var text: TextField
        var hint: DisplayText = ""
        /// What can be chosen with ← and →.
        var options: [String] = []
        /// Whether something else than the options can be typed.
        var isFree = true
        /// Whether the text was put there by the form and not by the user.
        var isProposed = false
    }

    struct Complaint: Error, Equatable, Sendable {
        var field: Field.Name
        var message: DisplayText
    }

    /// What is to be asked before the change is made.
    struct Question: Equatable, Sendable {
        var change: AdminChange
        var words: DisplayText
        var detail: [DisplayText]
    }

    let purpose: Purpose
    var fields: [Field]
    var focus = 0
    var complaint: Complaint?
    /// Whether something was typed or chosen in it.
    private(set) var isTouched = false
    /// The change that was sent and is not answered yet.
    var request: RequestID?

    /// The text of a field, without blanks around it.
    func text(_ name: Field.Name) -> String {
        let typed = fields.first { $0.name == name }?.text.text ?? ""
        var slice = typed[...]
        while slice.first?.isWhitespace == true { slice.removeFirst() }
        while slice.last?.isWhitespace == true { slice.removeLast() }
        return String(slice)
    }

    mutating func moveFocus(by delta: Int) {
        focus = (focus + delta + fields.count) % fields.count
    }

    /// Says what is wrong, and goes to the field where it is.
    mutating func complain(_ complaint: Complaint) {
        self.complaint = complaint
        focus = fields.firstIndex { $0.name == complaint.field } ?? focus
    }

    // MARK: Typing

    /// Takes a key for the field in focus.
    mutating func take(_ key: Key) {
        guard fields.indices.contains(focus) else { return }
        var field = fields[focus]
        switch key {
        case .left where field.chooses: field.choose(by: -1)
        case .right where field.chooses: field.choose(by: 1)
        case .character(" ") where !field.isFree: field.choose(by: 1)
        case .character(let character) where !field.isFree:
            guard let fitting = field.options.first(where: { $0.first == character }) else { return }
            field.text = TextField(fitting)
        default:
            guard field.isFree else { return }
            if case .character = key, field.isProposed, field.name != .urlID { field.text.clear() }
            guard field.text.take(key) else { return }
            field.isProposed = field.name == .urlID && field.text.isEmpty
        }
        accept(field)
    }

    mutating func paste(_ text: String) {
        guard fields.indices.contains(focus), fields[focus].isFree else { return }
        var field = fields[focus]
        if field.isProposed { field.text.clear() }
        field.text.paste(text)
        field.isProposed = false
        accept(field)
    }

    private mutating func accept(_ field: Field) {
        fields[focus] = field
        isTouched = true
        if complaint?.field == field.name { complaint = nil }
        guard field.name == .name, let index = fields.firstIndex(where: { $0.name == .urlID }),
            fields[index].isProposed
        else { return }
        fields[index].text = TextField(URLIDProposal.make(from: field.text.text), limit: 63)
        if complaint?.field == .urlID { complaint = nil }
    }
}

extension EntryForm.Field {
    /// Whether ← and → go through the options: not while something else is being typed.
    var chooses: Bool { !options.isEmpty && (!isFree || text.isEmpty || options.contains(text.text)) }

    mutating func choose(by delta: Int) {
        let count = options.count
        let index = options.firstIndex(of: text.text).map { ($0 + delta + count) % count } ?? 0
        text = TextField(options[index], limit: text.limit)
        isProposed = true
    }
}
