package import Postgres

/// Runs every hostile probe in throw-away companies beside a real one, and removes them, whatever happens.
package struct ProbeRun: Sendable {
    private let settings: ConnectionSettings
    private let beside: String?
    private let lost: Set<String>

    /// - Parameter beside: the url id of the real company that is attacked too, never read with success.
    /// - Parameter lost: the probes that cannot hold here, and are left out by name.
    package init(_ settings: ConnectionSettings, beside: String?, without lost: Set<String> = []) {
        self.settings = settings
        self.beside = beside
        self.lost = lost
    }

    static let probes =
        SessionProbes.all + WindowProbes.all + ExpiryProbes.all + PrivilegeProbes.all + TokenProbes.all
        + SignInProbes.all
        + ImpersonationProbes.all
        + AuditProbes.all + NameProbes.all + OutboxProbes.all
        + HoldProbes.all + FloodProbes.all

    /// How many there are.
    package static var count: Int { probes.count }

    /// Runs them one after the other; `each` hears of every one.
    package func run(each: @Sendable (ProbeOutcome) -> Void = { _ in }) async throws(TenancyError)
        -> [ProbeOutcome]
    {
        let wire = try await Wire.open(settings, inContext: false, lost: { _ in })
        do throws(TenancyError) {
            let outcomes = try await run(on: wire, each)
            await Self.clean(wire.connection)
            return outcomes
        } catch {
            await Self.clean(wire.connection)
            throw error
        }
    }

    private func run(
        on wire: Wire, _ each: @Sendable (ProbeOutcome) -> Void
    ) async throws(TenancyError) -> [ProbeOutcome] {
        let begun = try await wire.answer("SELECT * FROM piste.begin_probes()")
        var real: (String, String)?
        if let beside {
            // An adopted company keeps its store's name; its roles and windows are named like everybody's.
            real = try await wire.rows(
                "SELECT url_id, coalesce(piste.role_stem_of(url_id), schema_name) FROM piste.company($1)",
                [.text(beside)]
            )
            .read { row throws(PostgresError) in (try row.string(0), try row.string(1)) }.first
        }
        let stage = try begun.read { row throws(PostgresError) in
            ProbeStage(
                settings, control: ProbeSession(connection: wire.connection),
                own: (try row.string("url_id"), try row.string("schema_name")),
                other: (try row.string("neighbour_url_id"), try row.string("neighbour_schema_name")),
                real: real)
        }
        var outcomes: [ProbeOutcome] = []
        for probe in Self.probes where !lost.contains(probe.id) {
            if Task.isCancelled { break }
            let outcome = await Self.outcome(of: probe, on: stage)
            outcomes.append(outcome)
            each(outcome)
        }
        await stage.close()
        if Task.isCancelled { throw TenancyError(.cancelled, "The proof was interrupted.") }
        return outcomes
    }

    /// How often a probe is run whose control is not let through, or that held somebody up: a server that is busy may need a
    /// second look, and what really holds somebody up does so each time.
    private static let attempts = 3

    private static func outcome(of probe: Probe, on stage: ProbeStage) async -> ProbeOutcome {
        var outcome = await tried(probe, on: stage)
        for _ in 1..<attempts where !outcome.passed && !Task.isCancelled {
            // What was let through once stands.
            guard outcome.isRefused || outcome.holdsUp || !outcome.wasTried else { break }
            outcome = await tried(probe, on: stage)
        }
        return outcome
    }

    private static func tried(_ probe: Probe, on stage: ProbeStage) async -> ProbeOutcome {
        let result: Probe.Result
        do {
            result = try await probe.run(stage)
        } catch {
            // What the attack needs could not be had: nothing is shown, and so nothing is proved.
            let words = (error as? PostgresError)?.description ?? "\(error)"
            result = Probe.Result(answer: .notTried(words), control: .notTried(words), holds: false)
        }
        return ProbeOutcome(
            id: probe.id, family: probe.family, what: probe.what, attack: stage.filled(probe.attack),
            expected: probe.expected, answer: result.answer.description, control: stage.filled(probe.control),
            controlAnswer: result.control.description, controlHolds: result.holds,
            holdsUp: result.answer.holdsUp, wasTried: result.answer.wasTried)
    }

    /// Removes the throw-away companies; also when the task was cancelled, which is why it is a task of its own.
    private static func clean(_ connection: Connection) async {
        await Task.detached {
            _ = try? await connection.query("ROLLBACK", deadline: .seconds(10))
            _ = try? await connection.query("SELECT piste.end_probes()", deadline: .seconds(60))
            await connection.close()
        }.value
    }
}
