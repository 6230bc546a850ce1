import Tenancy

/// The logins of the local cluster: one of each level.
enum DemoLogins {
    static let standard = "alice"
    static let admin = "bob"

    static let all: [(login: String, level: Operator.Level)] = [
        ("bob", .admin), ("alice", .support), ("carol", .viewer), ("shop", .service),
    ]
}
