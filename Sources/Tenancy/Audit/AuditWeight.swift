/// How much a record asks for somebody's attention: what a SIEM calls its severity.
enum AuditWeight: Hashable, Sendable {
    /// Everyday work.
    case routine
    /// Somebody acts as somebody else, or rights, keys, policies and settings change.
    case notable
    /// Something was refused.
    case refused
    /// Something is as nobody with the right to do so could have made it.
    case incident

    init(_ action: String) {
        let parts = action.split(separator: ".", maxSplits: 1).map(String.init)
        let (thing, verb) = (parts.first ?? "", parts.dropFirst().first ?? "")
        self =
            switch (thing, verb) {
            case (_, _) where action.hasSuffix(".refused"): .refused
            case ("incident", _), (_, "migrate_failed"): .incident
            case ("impersonation", _), ("operator", _), ("key", _), ("membership", _), ("engine", _): .notable
            case ("company", "policy"), ("company", "provider"), ("company", "delete"),
                ("company", "restore"),
                ("company", "suspend"), ("company", "resume"), ("company", "export"), ("audit", "erase"),
                ("audit", "archive"), ("token", "shown"):
                .notable
            default: .routine
            }
    }

    /// The severity of the Open Cybersecurity Schema Framework.
    var ocsf: (id: Int64, name: String) {
        switch self {
        case .routine: (1, "Informational")
        case .notable: (2, "Low")
        case .refused: (3, "Medium")
        case .incident: (4, "High")
        }
    }

    /// The severity of the Common Event Format, from 0 to 10.
    var cef: String {
        switch self {
        case .routine: "3"
        case .notable: "5"
        case .refused: "6"
        case .incident: "9"
        }
    }
}
