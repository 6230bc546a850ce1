import FoundationEssentials
import Postgres
import Tenancy

/// Looks at the database: the server, the connection to it, the engine in it, and who is asking.
struct DatabaseExamination: Sendable {
    var target: Target

    /// What was found, and whether the database could be reached at all.
    func findings() async -> (found: [Finding], isReachable: Bool) {
        let asked = Date()
        do throws(TenancyError) {
            let client = try await TenancyClient.connect(target.settings)
            var found: [Finding] = []
            do throws(TenancyError) {
                let facts = try await client.serverFacts()
                found += server(facts) + [connection(facts), clock(facts, between: asked, and: Date())]
                if let owner = facts.strangeOwner {
                    found.append(withoutRoles(owner))
                    await client.close()
                    return (found, true)
                }
                found.append(try await disk(client))
                let identity = try await client.whoAmI()
                found += [engine(identity), login(identity)]
                found += try await client.durabilityReport().map(finding)
                // A monitor sees neither contexts nor catalogs.
                if identity.level != .monitor {
                    found += try await contexts(client, identity)
                    found += try await isolation(client, identity)
                }
                if identity.level == .admin { found.append(try await limits(client)) }
                if identity.level == .admin { found += try await admins(client) }
            } catch {
                found.append(trouble(error))
            }
            await client.close()
            return (found, true)
        } catch {
            return ([unreachable(error)], error.code != .unreachable)
        }
    }

    // MARK: The server

    private func server(_ facts: ServerFacts) -> [Finding] {
        var found = [Finding.good("server", "PostgreSQL \(facts.version)")]
        if facts.versionNumber < 150_014 {
            found[0] = .problem(
                "server", "PostgreSQL \(facts.version); the design needs 15.14 or newer",
                mend: "upgrade the server: older ones have flaws that open the gate")
        }
        if facts.isInRecovery {
            found.append(
                .problem(
                    "server",
                    "it only follows another server, so no record can be written and nothing is readable",
                    mend: "connect to the primary"))
        }
        for setting in facts.carelessSettings {
            found.append(
                .problem(
                    "durability", "\(setting): a record of a read can be lost in a crash",
                    mend: "ALTER SYSTEM RESET \(setting.prefix { $0 != " " }), and reload"))
        }
        return found
    }

    private func connection(_ facts: ServerFacts) -> Finding {
        if let encryption = facts.encryption { return .good("connection", "encrypted, \(encryption)") }
        let host = target.settings.value("host") ?? target.settings.value("hostaddr") ?? ""
        let isLocal =
            host.isEmpty || host.hasPrefix("/") || host.hasPrefix("@") || host == "localhost"
            || host.hasPrefix("127.") || host == "::1"
        return isLocal
            ? .good("connection", "plain, and never leaves this machine")
            : .warning(
                "connection", "plain, to \(host): everybody on the way reads along",
                mend: "sslmode=verify-full and the server's root certificate in the connection string")
    }

    /// The console counts down by its own monotonic clock, so a difference hurts no context; it makes records hard to compare.
    private func clock(_ facts: ServerFacts, between start: Date, and end: Date) -> Finding {
        let behind = start.timeIntervalSince(facts.time)
        let ahead = facts.time.timeIntervalSince(end)
        let difference = max(behind, ahead)
        guard difference > 2 else { return .good("clock", "the server's and this machine's agree") }
        return .warning(
            "clock", "the server is \(Int(difference)) s \(ahead > 0 ? "ahead of" : "behind") this machine",
            mend: "let both keep time with a time server; what PostgreSQL enforces follows its own clock")
    }

    private func withoutRoles(_ owner: String) -> Finding {
        .problem(
            "engine",
            "this database was restored without the cluster's roles: the engine belongs to \(owner), and none of its "
                + "companies' roles is there",
            mend:
                "restore the roles (pg_dumpall --globals-only of the old server), then the dump again into an empty database"
        )
    }

    private func disk(_ client: TenancyClient) async throws(TenancyError) -> Finding {
        guard try await client.hasRoomOnDisk() else {
            return .problem(
                "disk", "the server's disk is full: nothing can be recorded, so nothing can be read",
                mend:
                    "make room on it: old WAL of slots that nobody reads, logs, archives; then all goes on by itself"
            )
        }
        return .good("disk", "the server has room")
    }

    // MARK: The engine

    private func engine(_ identity: Identity) -> Finding {
        guard identity.engineVersion == EngineScript.version else {
            return .problem(
                "engine",
                "version \(identity.engineVersion), and this program carries \(EngineScript.version)",
                mend: "piste init, as whoever installed it: it upgrades in place")
        }
        return .good("engine", "version \(identity.engineVersion)")
    }

    /// What the engine says of the server's standbys, its clock and its prepared transactions.
    private func finding(_ told: DurabilityFinding) -> Finding {
        Finding(
            state: Finding.State(rawValue: told.state.rawValue) ?? .problem, subject: told.subject,
            what: told.words, mend: told.mend)
    }

    private func login(_ identity: Identity) -> Finding {
        .good("login", "\(identity.operatorName), \(identity.level.rawValue)")
    }

    private func contexts(
        _ client: TenancyClient, _ identity: Identity
    ) async throws(TenancyError) -> [Finding] {
        let all = try await client.contexts(liveOnly: false)
        let stale = all.filter { $0.endedAt == nil && $0.openedAt != nil && !$0.isLive }
        let whose = identity.level == .admin ? "" : " of yours"
        guard stale.isEmpty else {
            return [
                .warning(
                    "contexts",
                    "\(stale.count)\(whose) should be over: they expired, or their backend is gone",
                    mend: "piste sweep; piste sweep --watch, any console or the demo does it by itself")
            ]
        }
        return [.good("contexts", "\(all.count { $0.isLive })\(whose) open, none stale")]
    }

    /// Where nobody is an admin (a superuser asks), nobody can be let in.
    private func admins(_ client: TenancyClient) async throws(TenancyError) -> [Finding] {
        guard try await !client.operators().contains(where: { $0.level == .admin }) else { return [] }
        return [
            .problem(
                "admin", "the engine has none, so that nobody can be registered",
                mend: "piste init --admin LOGIN, as a superuser or as the database's owner")
        ]
    }

    /// Who may take every connection, keeps everybody else out.
    private func limits(_ client: TenancyClient) async throws(TenancyError) -> Finding {
        let logins = try await client.unlimitedLogins()
        guard let first = logins.first else {
            return .good("connections", "every operator's login has a limit")
        }
        return .warning(
            "connections",
            "\(logins.joined(separator: ", ")): may take every connection of the server, and keep everybody else out",
            mend: "ALTER ROLE \(Quoted.identifier(first)) CONNECTION LIMIT 20")
    }

    /// The catalog's part of the proof, which is for admins.
    private func isolation(
        _ client: TenancyClient, _ identity: Identity
    ) async throws(TenancyError) -> [Finding] {
        guard identity.level == .admin else {
            return [.good("isolation", "not looked at: that is for an admin (--as LOGIN)")]
        }
        let checks = try await client.isolationReport(of: nil, structures: false)
        let failed = checks.filter { !$0.passed }
        guard !failed.isEmpty else {
            return [
                .good("isolation", "\(checks.count) checks of the catalogs hold; piste prove also attacks it")
            ]
        }
        return failed.map { .problem($0.id, "\($0.what): \($0.evidence)", mend: mend($0.id)) }
    }

    private func mend(_ check: String) -> String {
        switch check {
        case "database.privileges", "database.system-privileges", "operators.creating", "roles.companies",
            "roles.createrole", "company.grants", "company.role-privileges":
            return
                "piste init, as whoever installed it, gives the engine and the companies' roles what they need; "
                + "what is too much, whoever owns the database takes back"
        case "server.settings":
            return
                "piste init, as whoever installed it, sets what the database itself sets; the rest is in "
                + "postgresql.conf"
        default: break
        }
        return switch check.prefix(while: { $0 != "." }) {
        case "engine": "piste init, as whoever installed it, installs it anew"
        case "server": "in postgresql.conf, or by a newer PostgreSQL"
        case "contexts": "piste sweep"
        case "operators":
            "piste operator remove LOGIN, mend the login as whoever made it (ALTER ROLE LOGIN NOINHERIT, REVOKE what it is in), "
                + "then piste operator add LOGIN --level LEVEL"
        case "memberships":
            "piste sweep takes back what the engine granted; piste init, as whoever installed it, what somebody else did"
        case "settings": "ALTER ROLE or ALTER DATABASE … RESET what is named, as whoever owns it"
        case "company", "gate": "piste prove COMPANY tells more; piste migrate brings it to its blueprint"
        default: "have whoever owns the database take back what is named"
        }
    }

    // MARK: What went wrong

    private func trouble(_ error: TenancyError) -> Finding {
        switch error.code {
        case .engineMissing:
            .problem(
                "engine", "there is none in this database",
                mend: "piste init --admin LOGIN, as a superuser or as the database's owner")
        case .notAllowed:
            .problem(
                "login", "\(target.login) is no operator here",
                mend:
                    "an admin registers it: piste operator add \(target.login) --level support; the first admin is "
                    + "named by the database's superuser: piste init --admin LOGIN")
        default: .problem("database", error.description, mend: "the server's log says more")
        }
    }

    private func unreachable(_ error: TenancyError) -> Finding {
        .problem(
            "database", error.description,
            mend: target.local == nil
                ? "check host, port, database and login; --database, PISTE_DATABASE_URL or a profile name them"
                : "piste local status tells how it is")
    }
}
