import Testing

/// Something that a superuser breaks, and the check that has to name it.
///
/// In both texts `{acme}` and `{globex}` are the companies' stores, `{acme-windows}` and `{globex-windows}` their windows,
/// `{alice}`, `{bob}`, `{carol}` logins and `{database}` the database. Alice is in acme.
struct Sabotage: Sendable, CustomTestStringConvertible {
    let check: String
    /// What the evidence must hold.
    let named: String
    let sql: String

    init(_ check: String, names named: String, _ sql: String) {
        self.check = check
        self.named = named
        self.sql = sql
    }

    var testDescription: String { "\(check): \(sql)" }

    /// The part of the system that is broken.
    var family: String { String(check.prefix { $0 != "." }) }
}

extension Sabotage {
    static let all: [Sabotage] = server + surroundings + roles + engine + companies
}
