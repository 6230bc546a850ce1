import CLibpq

/// Which server and database to reach, and as whom; it never prints a password.
package struct ConnectionSettings: Sendable, Hashable {
    private var conninfo: String
    /// What wins over the connection string, by libpq's keyword.
    private var overrides: [String: String] = [:]

    /// Takes `postgresql://…`, `host=… dbname=…` or a database's name; what is missing comes from libpq's own
    /// variables (`PGHOST`, `PGUSER`, …).
    package init(_ conninfo: String = "") {
        self.conninfo = conninfo
    }

    /// The same settings with some of them replaced.
    package func with(
        user: String? = nil,
        database: String? = nil,
        password: String? = nil,
        applicationName: String? = nil,
        connectTimeout: Int? = nil,
        options: String? = nil
    ) -> ConnectionSettings {
        var settings = self
        settings.overrides["user"] = user ?? overrides["user"]
        settings.overrides["dbname"] = database ?? overrides["dbname"]
        settings.overrides["password"] = password ?? overrides["password"]
        settings.overrides["application_name"] = applicationName ?? overrides["application_name"]
        settings.overrides["connect_timeout"] =
            connectTimeout.map(String.init) ?? overrides["connect_timeout"]
        settings.overrides["options"] = options ?? overrides["options"]
        return settings
    }

    /// The value that libpq would use for a keyword, for instance `host`; nil for secrets and where libpq has
    /// none.
    package func value(_ keyword: String) -> String? {
        guard keyword != "password", keyword != "sslpassword" else { return nil }
        return effective[keyword]
    }

    /// Whether the connection string itself has a password in it.
    package var hasPassword: Bool { explicit?["password"] != nil }

    /// Who and where, fit for any screen: `alice@db.example/shop`, `alice@/run/piste/shop`.
    package var displayName: String {
        let values = effective
        let user = values["user"] ?? "?"
        let host = values["host"] ?? values["hostaddr"] ?? "localhost"
        let port = values["port"].map { $0 == "5432" ? "" : ":\($0)" } ?? ""
        return "\(user)@\(host)\(port)/\(values["dbname"] ?? user)"
    }

    /// Says what is wrong with the connection string, without quoting any of it that may be secret.
    package func validate() throws(PostgresError) {
        guard isConnectionString, explicit == nil else { return }
        throw PostgresError(
            .misuse, "the connection string cannot be read; it looks like postgresql://host/database")
    }
}

extension ConnectionSettings {
    /// Keywords and values in the order in which libpq lets later ones win.
    var keywords: [(String, String)] {
        let defaults = [
            ("fallback_application_name", "piste"), ("keepalives_idle", "30"), ("keepalives_interval", "10"),
            ("keepalives_count", "3"),
        ]
        return defaults + [("dbname", conninfo)] + overrides.sorted { $0.key < $1.key }
            + [("client_encoding", "UTF8")]
    }

    /// The seconds that a connection may take to be made; nil for no limit.
    var timeLimit: Duration? {
        guard let text = effective["connect_timeout"], let seconds = Int(text) else { return .seconds(10) }
        return seconds > 0 ? .seconds(seconds) : nil
    }

    private var isConnectionString: Bool {
        conninfo.utf8.contains(UInt8(ascii: "=")) || conninfo.hasPrefix("postgresql://")
            || conninfo.hasPrefix("postgres://")
    }

    /// What the connection string itself says; nil when libpq cannot read it.
    private var explicit: [String: String]? {
        guard isConnectionString else { return conninfo.isEmpty ? [:] : ["dbname": conninfo] }
        var complaint: UnsafeMutablePointer<CChar>?
        defer { PQfreemem(complaint) }
        guard let options = PQconninfoParse(conninfo, &complaint) else { return nil }
        defer { PQconninfoFree(options) }
        return Self.values(options)
    }

    private var effective: [String: String] {
        var values: [String: String] = [:]
        if let defaults = PQconndefaults() {
            values = Self.values(defaults)
            PQconninfoFree(defaults)
        }
        values.merge(explicit ?? [:]) { $1 }
        values.merge(overrides) { $1 }
        return values
    }

    private static func values(_ options: UnsafeMutablePointer<PQconninfoOption>) -> [String: String] {
        var values: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val, value.pointee != 0 {
                values[String(cString: keyword)] = String(cString: value)
            }
            option += 1
        }
        return values
    }
}

extension ConnectionSettings: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { displayName }
    package var debugDescription: String { displayName }
    /// Hides the stored connection string from `dump` and from test reports.
    package var customMirror: Mirror { Mirror(self, children: ["name": displayName]) }
}
