package import Postgres
import Synchronization
import Tenancy

/// The engine on servers that a test may kill: a company with rows, an admin and a viewer.
package struct DurabilityWorld: Sendable {
    package let servers: ReplicatedServers
    package static let users = 20

    /// Runs `body` with a primary that has the engine, and standbys that follow it: copies of what is there, or (`early`) from
    /// before the engine came.
    package static func run<Value>(
        standbys: Int, early: Bool = false, isolation: isolated (any Actor)? = #isolation,
        _ body: (DurabilityWorld) async throws -> Value
    ) async throws -> Value {
        try await ReplicatedServers.run(standbys: standbys) { servers in
            if early { try await servers.follow() }
            let owner = try await servers.primary.connect()
            _ = try await EngineInstaller().install(on: owner)
            try await owner.query(
                "SELECT piste.add_operator('bob', 'admin'), piste.add_operator('carol', 'viewer')")
            let home = try await owner.query(
                "SELECT schema_name FROM piste.create_company('Acme', 'acme', 'okta')")[0].string(0)
            try await owner.query(
                """
                INSERT INTO \(home).users (email, name)
                SELECT 'u' || n || '@acme.example', 'User ' || n FROM generate_series(1, \(users)) AS n
                """)
            // What nobody flushes stays in memory for long: that is what a crash takes.
            try await owner.query("ALTER SYSTEM SET wal_writer_delay = '10s'")
            try await owner.query("SELECT pg_reload_conf()")
            await owner.close()
            if standbys > 0, !early { try await servers.follow() }
            return try await body(DurabilityWorld(servers: servers))
        }
    }

    /// A connection of the viewer in a context of the company.
    package func enter(on server: ServerUnderTest? = nil) async throws -> Connection {
        let connection = try await (server ?? servers.primary).connect(as: "carol")
        let token = try await connection.query("SELECT token FROM piste.generate_context_token('acme')")[0]
        try await connection.query("SELECT * FROM piste.enter($1)", [.text(try token.string(0))])
        return connection
    }

    /// Which of the declarations that carry a number are on record at this server.
    package func recorded(on server: ServerUnderTest, from least: Int = 0) async throws -> Set<Int> {
        let owner = try await server.connect()
        let rows = try await owner.query(
            "SELECT (detail ->> 'n')::int FROM piste.entry WHERE (detail ->> 'n')::int >= $1",
            [.int(Int64(least))])
        let numbers = try rows.map { try $0.int(0) }
        await owner.close()
        return Set(numbers)
    }

    /// Puts a guard in the place of the engine's that marks every record and makes sure of nothing: the control.
    package func loosenGuard() async throws {
        let owner = try await servers.primary.connect()
        try await owner.query(
            """
            CREATE OR REPLACE FUNCTION piste.guard_record() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
            SET search_path = pg_catalog, pg_temp AS $$
            BEGIN
                IF NOT NEW.sync THEN
                    UPDATE piste.declaration d SET sync = true, settled = true WHERE d.pid = NEW.pid;
                END IF;
                RETURN NULL;
            END $$
            """)
        await owner.close()
    }

    /// How often rows were read, and how often the record of it is missing afterwards.
    package struct Outcome: Sendable {
        package var read = 0
        package var lost = 0
        /// From the kills until the server took connections again, altogether.
        package var downtime = Duration.zero

        package init() {}
    }

    /// Clients read as fast as they can and the server is killed under them, again and again.
    ///
    /// One of them is honest; the others switch off `synchronous_commit`, each at another moment.
    package func kill(_ rounds: Int, from first: Int = 0) async throws -> Outcome {
        var outcome = Outcome()
        for round in 0..<rounds {
            let numbers = Numbers()
            try await withThrowingTaskGroup { group in
                for (client, mischief) in Mischief.allCases.enumerated() {
                    let connection = try await enter()
                    let base = ((first + round) * 8 + client) * 100_000
                    group.addTask {
                        var number = base
                        while true {
                            number += 1
                            guard let rows = try? await connection.read(number, mischief) else { break }
                            if rows > 0 { numbers.add(number) }
                        }
                        await connection.close()
                    }
                }
                // Until each of them is at work.
                _ = try await eventually { numbers.all.count > 3 }
                try await Task.sleep(for: .milliseconds(Int.random(in: 0...40)))
                let begun = ContinuousClock.now
                try await servers.primary.kill()
                try await group.waitForAll()
                try await servers.primary.start()
                outcome.downtime += ContinuousClock.now - begun
            }
            let kept = try await recorded(on: servers.primary, from: (first + round) * 800_000)
            let read = numbers.all
            outcome.read += read.count
            outcome.lost += read.count { !kept.contains($0) }
        }
        return outcome
    }

    /// What several clients count together.
    private final class Numbers: Sendable {
        private let list = Mutex<[Int]>([])

        var all: [Int] { list.withLock { $0 } }

        func add(_ number: Int) {
            list.withLock { $0.append(number) }
        }
    }

    /// What a client does so that its record need not be durable.
    package enum Mischief: String, CaseIterable, Sendable {
        case none
        case before = "SET synchronous_commit = off"
        case after = "SET LOCAL synchronous_commit = off"
    }
}

extension Connection {
    /// Declares a reading under a number, and reads: how many rows there were.
    package func read(_ number: Int, _ mischief: DurabilityWorld.Mischief = .none) async throws -> Int {
        try await query("BEGIN")
        if mischief == .before { try await query(mischief.rawValue) }
        try await query(
            "SELECT piste.declare('users.read', 'users', jsonb_build_object('n', $1::int))",
            [.int(Int64(number))])
        if mischief == .after { try await query(mischief.rawValue) }
        try await query("COMMIT")
        return try await query("SELECT count(*) FROM users")[0].int(0)
    }
}
