import Host
import Postgres

/// Which database is meant, and what says so: one order for every command, and for `piste config show`.
enum DatabaseChoice {
    /// A flag, a variable or the configuration file names it.
    case named(Sourced<String>)
    /// libpq finds it by its own variables, of which one is set.
    case libpq(variable: String)
    /// Nothing names one: the private local PostgreSQL.
    case local

    /// - Parameters:
    ///   - url: the database that a flag names.
    ///   - profile: the profile that a flag names; its database is its own, whatever the environment says.
    static func find(url: String?, profile: String?) throws -> DatabaseChoice {
        if let url { return .named(Sourced(value: url, origin: .flag("--database"))) }
        if let profile { return try .named(Configuration.load().database(profile: profile)) }
        let variable = Setting.database.variable
        if let url = Environment.value(variable) {
            return .named(Sourced(value: url, origin: .variable(variable)))
        }
        let configuration = try Configuration.load()
        if let profile = Environment.value("PISTE_PROFILE") ?? configuration.standardProfile?.value {
            return try .named(configuration.database(profile: profile))
        }
        if let common = configuration.common.database { return .named(common) }
        let own = ["PGHOST", "PGSERVICE", "PGDATABASE"].first { Environment.value($0) != nil }
        return own.map { .libpq(variable: $0) } ?? .local
    }
}

extension Sourced<String> {
    /// The settings of the database that this is the address of; throws, with where it stands, when it is none.
    func connectionSettings() throws -> ConnectionSettings {
        let settings = ConnectionSettings(value)
        do {
            try settings.validate()
        } catch {
            throw CommandError(.usage, error.message, at: origin.words)
        }
        return settings
    }
}
