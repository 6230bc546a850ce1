import FoundationEssentials

/// What an admin decides about the tables of adopted schemas.
public struct AdoptionMap: Hashable, Sendable, Encodable {
    /// What becomes of one table.
    public struct Table: Hashable, Sendable, Encodable {
        /// The columns that readers and agents never see; nil leaves that to the columns' names.
        public var redact: [String]?
        /// Whether it gets no window.
        public var hide = false
        /// The columns that whoever impersonates may change, through the window and on record.
        public var change: [String] = []
        /// The columns of which the planner keeps samples of values where all is guarded; of the others it keeps none.
        public var statistics: [String] = []

        /// - Parameters:
        ///   - redact: nil redacts what looks like a secret by its name.
        ///   - hide: whether it gets no window.
        ///   - change: the columns that whoever impersonates may change.
        ///   - statistics: the columns whose statistics stay where all is guarded.
        public init(
            redact: [String]? = nil, hide: Bool = false, change: [String] = [], statistics: [String] = []
        ) {
            self.redact = redact
            self.hide = hide
            self.change = change
            self.statistics = statistics
        }
    }

    /// By the tables' names; those that are not named are taken as they are.
    public var tables: [String: Table] = [:]
    /// Which table and which of its columns play the company's users; empty where none does.
    public var users: [String: String] = [:]
    /// Which table and columns play its journeys.
    public var journeys: [String: String] = [:]
    /// Whether changes of rows are recorded by triggers.
    public var record = false

    /// Everything as it is, and secrets by their names.
    public init() {}

    private enum CodingKeys: CodingKey { case tables, users, journeys, record }

    /// Writes what the engine takes: a part that nothing plays is left out.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(tables, forKey: .tables)
        try container.encode(record, forKey: .record)
        if !users.isEmpty { try container.encode(users, forKey: .users) }
        if !journeys.isEmpty { try container.encode(journeys, forKey: .journeys) }
    }

    /// The map as the engine takes it.
    var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }

    /// The part of the map that concerns a family's tables: what other families have and this one lacks is no mistake.
    func narrowed(to family: SchemaFamily) -> AdoptionMap {
        let known = Dictionary(
            family.tables.map { ($0.name, Set($0.columns)) }, uniquingKeysWith: { first, _ in first })
        var map = self
        map.tables = tables.compactMap { name, table in
            known[name].map { columns in
                (name, table.narrowed(to: columns))
            }
        }.reduce(into: [:]) { $0[$1.0] = $1.1 }
        if let table = users["table"], known[table] == nil { map.users = [:] }
        if let table = journeys["table"], known[table] == nil { map.journeys = [:] }
        return map
    }

    /// What the map names that no family has, a sentence each.
    public func problems(among families: [SchemaFamily]) -> [String] {
        let columns = families.columnsByTable
        var problems: [String] = []
        for (name, table) in tables.sorted(by: { $0.key < $1.key }) {
            guard let known = columns[name] else {
                problems.append("The map names the table \(name), which none of the schemas has.")
                continue
            }
            for column in table.redact ?? [] where !known.contains(column) {
                problems.append("The map redacts \(name).\(column), and the table has no such column.")
            }
            for column in table.change where !known.contains(column) {
                problems.append(
                    "The map lets \(name).\(column) be changed, and the table has no such column.")
            }
            for column in table.statistics where !known.contains(column) {
                problems.append(
                    "The map keeps statistics of \(name).\(column), and the table has no such column.")
            }
        }
        for (part, played) in [("users", users), ("journeys", journeys)] where !played.isEmpty {
            guard let table = played["table"] else {
                problems.append("The map's \(part) do not say which table plays them.")
                continue
            }
            guard let known = columns[table] else {
                problems.append("The map's \(part) are played by \(table), which none of the schemas has.")
                continue
            }
            let roles = (part == "users" ? Self.userColumns : Self.journeyColumns).map(\.0)
            for (role, column) in played.sorted(by: { $0.key < $1.key }) where role != "table" {
                if !roles.contains(role) {
                    problems.append(
                        "The map's \(part) have no \(role): there are \(roles.joined(separator: ", ")).")
                } else if !known.contains(column) {
                    problems.append(
                        "The map's \(part) take \(role) from \(table).\(column), and there is no such column."
                    )
                }
            }
        }
        return problems
    }
}

extension AdoptionMap {
    /// What is proposed for these families: secrets redacted by their names, and the table that looks like the company's users.
    public init(proposedFor families: [SchemaFamily]) {
        for look in families.flatMap(\.tables) where look.verdict != .refused {
            let known = tables[look.name]?.redact ?? []
            tables[look.name] = Table(redact: known + look.secrets.filter { !known.contains($0) })
        }
        guard let first = families.first else { return }
        users = Self.played(first.tables, by: Self.userTables, needing: "email", Self.userColumns)
        journeys = Self.played(
            first.tables, by: ["journeys", "journey"], needing: "name", Self.journeyColumns)
    }

    private static let userTables = [
        "users", "user", "auth_user", "accounts_user", "members", "people", "customers",
    ]
    private static let userColumns = [
        ("id", ["id", "user_id", "pk"]), ("email", ["email", "email_address", "mail"]),
        ("name", ["name", "full_name", "display_name", "username", "first_name"]), ("role", ["role"]),
        ("status", ["status", "state"]), ("locale", ["locale", "language", "lang"]),
        ("created_at", ["created_at", "date_joined", "inserted_at", "created"]),
        ("last_seen_at", ["last_seen_at", "last_login", "last_sign_in_at"]),
    ]
    private static let journeyColumns = [
        ("id", ["id"]), ("user", ["user_id"]), ("name", ["name", "title"]), ("status", ["status", "state"]),
        ("started_at", ["started_at", "created_at", "created"]), ("updated_at", ["updated_at", "modified"]),
    ]

    private static func played(
        _ tables: [TableLook], by names: [String], needing needed: String, _ roles: [(String, [String])]
    ) -> [String: String] {
        for name in names {
            guard let table = tables.first(where: { $0.name == name && $0.verdict != .refused }) else {
                continue
            }
            var played = ["table": name]
            for (role, columns) in roles {
                played[role] = columns.first { table.columns.contains($0) && !table.secrets.contains($0) }
            }
            if played["id"] != nil, played[needed] != nil { return played }
        }
        return [:]
    }
}
