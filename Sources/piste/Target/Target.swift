import LocalCluster
import Postgres
import Tenancy

/// The database that a command works on, and as whom.
struct Target: Sendable {
    var settings: ConnectionSettings
    /// The private cluster, when it is that.
    var local: RunningCluster?

    /// Who and where, fit for any screen.
    var displayName: String {
        guard local != nil else { return settings.displayName }
        return "\(settings.value("user") ?? "?")@local"
    }

    /// The login.
    var login: String { settings.value("user") ?? "?" }

    /// The database of a command that changes something; refused where piste is set to read-only.
    static func findForChange(
        _ options: DatabaseOptions, localLogin: String = DemoLogins.standard
    ) throws -> Target {
        try Settings(url: options.database, profile: options.profile)
            .requireChangesAllowed(remedy: "PISTE_READ_ONLY=0 lets this one command")
        return try find(options, localLogin: localLogin)
    }

    /// The database that the options, the environment and the configuration file name, in this order; else the
    /// private cluster, which is made and started where need be.
    static func find(_ options: DatabaseOptions, localLogin: String = DemoLogins.standard) throws -> Target {
        (try? Settings(url: options.database, profile: options.profile))?.useTimezone()
        if let target = try named(options) { return target }
        return try LocalPreparation.target(login: options.login ?? localLogin)
    }

    /// The same without making or starting anything; nil when the private cluster is meant and does not run.
    static func present(
        _ options: DatabaseOptions, localLogin: String = DemoLogins.standard
    ) throws -> Target? {
        if let target = try named(options) { return target }
        guard let running = LocalCluster.standard.running() else { return nil }
        return Target(settings: running.settings(user: options.login ?? localLogin), local: running)
    }

    private static func named(_ options: DatabaseOptions) throws -> Target? {
        let settings: ConnectionSettings
        switch try DatabaseChoice.find(url: options.database, profile: options.profile) {
        case .named(let database): settings = try database.connectionSettings()
        case .libpq: settings = ConnectionSettings()
        case .local: return nil
        }
        return Target(settings: settings.with(user: options.login))
    }

    /// Opens the control connection; on the private cluster, after making up for what it lacks.
    ///
    /// `lost` hears at once when the server ended it.
    func connect(
        lost: @escaping @Sendable (TenancyError) -> Void = { _ in }
    ) async throws(TenancyError) -> TenancyClient {
        do {
            return try await TenancyClient.connect(settings, lost: lost)
        } catch {
            guard let local, LocalPreparation.mends(error, for: login) else { throw error }
            try await LocalPreparation.prepare(local)
            return try await TenancyClient.connect(settings, lost: lost)
        }
    }
}

extension Target {
    /// Runs the body with the control connection, closes it, and adds the database's name to what goes wrong.
    func withClient<Value: Sendable>(
        _ body: @escaping @Sendable (TenancyClient) async throws -> Value
    ) throws -> Value {
        do {
            return try waitFor {
                let client = try await connect()
                do {
                    let value = try await StandbyWatch(settings: settings).watching { try await body(client) }
                    await client.close()
                    return value
                } catch {
                    await client.close()
                    throw error
                }
            }
        } catch {
            throw CommandError(error, at: displayName) ?? error
        }
    }
}

extension Target {
    /// Runs the body in a context of the company on one connection, and leaves it, whatever happens.
    func inside<Value: Sendable>(
        _ company: String, minutes: Int = 5, _ body: @escaping @Sendable (TenantSession) async throws -> Value
    ) throws -> Value {
        do {
            return try waitFor {
                try await StandbyWatch(settings: settings).watching {
                    try await open(company, minutes).leaving(after: body)
                }
            }
        } catch {
            throw CommandError(error, at: "\(displayName), company \(company)") ?? error
        }
    }

    private func open(_ company: String, _ minutes: Int) async throws(TenancyError) -> TenantSession {
        do {
            return try await TenantSession.open(company: company, minutes: minutes, settings)
        } catch {
            guard let local, LocalPreparation.mends(error, for: login) else { throw error }
            try await LocalPreparation.prepare(local)
            return try await TenantSession.open(company: company, minutes: minutes, settings)
        }
    }
}
