package import Tenancy

extension User {
    /// What is told about a user.
    package static let columns: [Column<User>] = [
        Column("id", isIdentity: true) { .number($0.id) },
        Column("name") { .text($0.name) },
        Column("email", isIdentity: true) { .text($0.email) },
        Column("role") { .text($0.role) },
        Column("status") { .text($0.status.rawValue) },
        Column("locale", isDetail: true) { .text($0.locale) },
        Column("created_at", isDetail: true) { Value($0.createdAt) },
        Column("last_seen_at", title: "LAST SEEN") { Value($0.lastSeenAt) },
    ]
}

extension Journey {
    /// What is told about a journey.
    package static let columns: [Column<Journey>] = [
        Column("id", isIdentity: true) { .number($0.id) },
        Column("user_id", isDetail: true) { Value($0.userID.map { Int($0) }) },
        Column("user_name", title: "USER") { .text($0.userName) },
        Column("name", title: "JOURNEY") { .text($0.name) },
        Column("status") { .text($0.status.rawValue) },
        Column("current_step", title: "STEP") { Value($0.currentStep) },
        Column("steps", title: "OF") { Value($0.steps) },
        Column("current_step_name", title: "AT") { Value($0.currentStepName) },
        Column("started_at", isDetail: true) { Value($0.startedAt) },
        Column("updated_at", title: "SINCE") { Value($0.updatedAt) },
    ]
}

extension Company {
    /// What is told about a company.
    package static let columns: [Column<Company>] = [
        Column("name") { .text($0.name) },
        Column("url_id", isIdentity: true) { .text($0.urlID) },
        Column("auth_provider", title: "AUTH") { .text($0.authProvider) },
        Column("status") { .text($0.status.rawValue) },
        Column("impersonation") { .text($0.policy.impersonation.rawValue) },
        Column("users_estimate", title: "≈USERS") { Value($0.estimatedUsers) },
        Column("created_at", title: "CREATED") { .moment($0.createdAt) },
    ]
}

extension AuditRecord {
    /// What is told about a record of the audit trail.
    package static let columns: [Column<AuditRecord>] = [
        Column("seq", isIdentity: true) { $0.seq.map(Value.number) ?? .none },
        Column("at") { .moment($0.at) },
        Column("actor") { .text($0.actor) },
        Column("subject") { Value($0.subject) },
        Column("context", isDetail: true) { Value($0.context) },
        Column("action") { .text($0.action) },
        Column("resource") { Value($0.resource) },
        Column("detail") { $0.detail.map(Value.json) ?? .none },
        Column("previous_hash", isDetail: true) { Value($0.previousHash) },
        Column("hash", isDetail: true) { Value($0.hash) },
    ]
}

extension TenantTable {
    /// These columns of rows that were read with them, in this order.
    package func columns(_ shown: [TableColumn], isForPeople: Bool = false) -> [Column<TableRow>] {
        shown.enumerated().map { place, column in
            Column(column.name, title: column.name, isIdentity: key.contains(column.name)) { row in
                Value(row.values[place], column.kind, isForPeople: isForPeople)
            }
        }
    }
}
