extension Command {
    /// Whether the command changes something in the database, or leads to a form that does.
    var changes: Bool {
        switch self {
        case .edit, .impersonate, .endContext, .approve, .deny, .withdraw, .createCompany, .administer,
            .addOperator, .removeOperator, .prove:
            true
        default: false
        }
    }
}
