/// What an action of a trail is, apart from its words: who looked, who changed, who came, and whether it was refused.
///
/// Actions are `thing.verb`, some with the table of a company as their thing; what is new here is an activity of its own.
enum AuditVerb: Hashable, Sendable {
    case read, create, update, delete
    case suspend, resume
    /// A context was opened, or a token issued that can open one.
    case logon, ticket
    case logoff
    case other

    init(_ action: String) {
        self =
            switch action {
            case "outbox.enqueue": .create
            case "outbox.drain": .read
            case "outbox.finish": .delete
            case "context.open", "context.refused": .logon
            case "token.issue", "token.exchange", "impersonation.issue", "token.refused",
                "impersonation.refused":
                .ticket
            case _ where action.hasPrefix("context."): .logoff
            default: Self.words[action.split(separator: ".").last.map(String.init) ?? ""] ?? .other
            }
    }

    private static let words: [String: AuditVerb] = [
        "read": .read, "count": .read, "list": .read, "show": .read, "shown": .read, "export": .read,
        "sign_in": .read,
        "create": .create, "insert": .create, "add": .create, "load": .create, "checkpoint": .create,
        "restore": .create, "request": .create,
        "update": .update, "rename": .update, "suspend": .suspend, "resume": .resume,
        "policy": .update, "provider": .update, "setting": .update,
        "reactivate": .update, "level": .update, "grow": .update, "rotate": .update, "migrate": .update,
        "approve": .update, "deny": .update, "withdraw": .update, "lapse": .update,
        "delete": .delete, "purge": .delete, "remove": .delete, "revoke": .delete, "erase": .delete,
        "archive": .delete,
        "expire": .delete,
    ]
}
