import Tenancy

/// What an admin changes about companies and operators; every one of them goes on record in PostgreSQL.
enum AdminChange: Hashable, Sendable {
    case createCompany(name: String, urlID: String, authProvider: String)
    case rename(urlID: String, name: String)
    case suspend(urlID: String)
    case resume(urlID: String)
    case setPolicy(urlID: String, PolicyChange)
    case rotateKey(urlID: String)
    case addOperator(login: String, level: Operator.Level)
    case removeOperator(login: String)

    /// The company that is changed; nil for an operator.
    var urlID: String? {
        switch self {
        case .createCompany(_, let urlID, _), .rename(let urlID, _), .suspend(let urlID),
            .resume(let urlID),
            .setPolicy(let urlID, _), .rotateKey(let urlID):
            urlID
        case .addOperator, .removeOperator: nil
        }
    }
}
