import Terminal

/// What was typed into forms that were left by `esc`, so that nothing typed is lost; it ends with the program.
struct Drafts: Equatable, Sendable {
    /// A reason that was typed for something that was not done.
    struct Reason: Equatable, Sendable {
        var subject: ConfirmState.Subject
        var text: TextField
    }

    /// The most of each kind that are remembered.
    private static let most = 20

    /// The impersonation that was being written, by the company's url id.
    var impersonations: [String: ImpersonationForm] = [:]
    private var forms: [EntryForm] = []
    private var reasons: [Reason] = []
    private var exports: [Export.Source: TextField] = [:]

    /// What was typed into a form for the same, or the form as it is.
    func taken(up form: EntryForm) -> EntryForm { forms.first { $0.purpose == form.purpose } ?? form }

    mutating func keep(_ form: EntryForm) {
        forget(form.purpose)
        var form = form
        form.complaint = nil
        forms.append(form)
        forms.removeFirst(max(0, forms.count - Self.most))
    }

    /// It was sent, and done.
    mutating func forget(_ purpose: EntryForm.Purpose) { forms.removeAll { $0.purpose == purpose } }

    /// The reason that was typed for the same, or an empty line.
    func reason(for subject: ConfirmState.Subject) -> TextField? {
        reasons.first { $0.subject == subject }?.text
    }

    mutating func keep(_ text: TextField?, for subject: ConfirmState.Subject) {
        reasons.removeAll { $0.subject == subject }
        guard let text, !text.isEmpty else { return }
        reasons.append(Reason(subject: subject, text: text))
        reasons.removeFirst(max(0, reasons.count - Self.most))
    }

    /// The file's name that was typed for the same rows.
    func name(for source: Export.Source) -> TextField? { exports[source] }

    mutating func keep(_ name: TextField?, for source: Export.Source) {
        if exports.count >= Self.most { exports = [:] }
        exports[source] = name
    }
}
