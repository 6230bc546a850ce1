import Postgres
import Tenancy
import TestSupport

/// What the same calls cost on every release of PostgreSQL that is here, side by side in one run.
///
/// Each turn goes round all servers before the next begins, so that whatever else the machine does slows them alike; the
/// baseline is the oldest release.
enum Servers {
    private struct Place {
        let release: Release
        let world: World
    }

    static func measure(_ plan: Plan, _ report: Report) async throws {
        let releases = Release.all.sorted { $0.version < $1.version }
        guard releases.count > 1 else {
            report.heading("Releases side by side")
            return report.note("not measured: one release is here; .ci/postgres make brings others")
        }
        try await open(releases[...], []) { places in
            for level in plan.levels { try await measure(places, at: level, report) }
        }
    }

    /// Starts a server of each release, all of which live until `body` ends.
    private static func open(
        _ releases: ArraySlice<Release>, _ places: [Place], _ body: ([Place]) async throws -> Void
    ) async throws {
        guard let release = releases.first else { return try await body(places) }
        try await ReleaseServer.run(release) { server in
            let world = try await World(server.running)
            try await open(releases.dropFirst(), places + [Place(release: release, world: world)], body)
            try await world.close()
        }
    }

    private static func measure(_ places: [Place], at level: Int, _ report: Report) async throws {
        report.heading("At \(level) companies, the oldest release as baseline")
        var created: [Samples] = []
        for place in places { created.append(try await place.world.provision(upTo: level).piste) }
        line("create a company", places, created, report)

        try await alternate(
            [
                "fresh token, enter, declare, 50 users", "  of this the token",
                "  entering with a declaration",
            ],
            as: "bench_admin", places, report
        ) { world, connection, turn in
            let parts = try await world.visit(turn, connection)
            return [parts[0] + parts[1] + parts[2], parts[0], parts[1]]
        }
        try await alternate(["ticket, use, 50 users"], as: "bench_shop", places, report) {
            world, connection, turn in
            var laps = Laps()
            _ = try await World.serve(world.company(turn), on: connection, inOneExchange: true)
            laps.lap()
            return laps.parts
        }
        try await alternate(["sweep"], as: "bench_admin", turns: 20, places, report) { _, connection, _ in
            try await timed { try await connection.query("SELECT * FROM piste.sweep()") }
        }
        try await alternate(
            ["add an operator", "remove the operator"], as: "bench_admin", turns: 20, places, report
        ) { _, connection, turn in
            let add = "SELECT * FROM piste.add_operator('bench_guest_\(turn)', 'viewer')"
            let remove = "SELECT * FROM piste.remove_operator('bench_guest_\(turn)')"
            return try await timed { try await connection.query(add) }
                + timed { try await connection.query(remove) }
        }
    }

    /// Does the work of each turn on all servers, and says what it took on each.
    private static func alternate(
        _ names: [String], as login: String, turns: Int = World.visited, _ places: [Place], _ report: Report,
        _ work: (World, Connection, Int) async throws -> [Duration]
    ) async throws {
        var connections: [Connection] = []
        for place in places { connections.append(try await place.world.connect(login)) }
        var samples = names.map { _ in places.map { _ in Samples() } }
        // The first turns warm up what a backend compiles and loads once.
        for turn in -3..<turns {
            for (index, place) in places.enumerated() {
                let parts = try await work(place.world, connections[index], turn + 3)
                guard turn >= 0 else { continue }
                for (name, part) in parts.enumerated() { samples[name][index].add(part) }
            }
        }
        for (name, samples) in zip(names, samples) { line(name, places, samples, report) }
        for connection in connections { await connection.close() }
    }

    private static func line(
        _ name: String, _ places: [Place], _ samples: [Samples], _ report: Report
    ) {
        for (place, own) in zip(places, samples) {
            report.line("\(name): \(place.release)", own, baseline: samples[0])
        }
    }

    private static func timed(_ work: () async throws -> Rows) async throws -> [Duration] {
        let begun = ContinuousClock.now
        _ = try await work()
        return [ContinuousClock.now - begun]
    }
}
