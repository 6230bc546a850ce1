import Glibc
import LocalCluster
import Postgres
import Tenancy
import TestSupport

/// A cluster with companies of 100 users each, an operator, and beside them what plain PostgreSQL would use.
final class World {
    private let running: RunningCluster
    private let owner: Connection
    private let admin: TenancyClient
    private let raw: Connection
    private var companies = 0
    private var rawSchemas = 0

    init(_ running: RunningCluster) async throws {
        self.running = running
        owner = try await Connection.open(running.settings(user: RunningCluster.superuser))
        _ = try await EngineInstaller().install(on: owner)
        try await owner.run(script: "CREATE ROLE bench_admin LOGIN NOINHERIT; CREATE ROLE bench_raw LOGIN")
        for statement in [
            "SELECT piste.add_operator('bench_admin', 'admin')",
            "GRANT CONNECT, CREATE ON DATABASE piste TO bench_raw",
            "CREATE TABLE public.bench_record (at timestamptz, what text)",
            "GRANT INSERT ON public.bench_record TO bench_raw",
        ] {
            _ = try await owner.query(statement)
        }
        admin = try await TenancyClient.connect(running.settings(user: "bench_admin"))
        raw = owner
    }

    func close() async throws {
        await admin.close()
        await owner.close()
    }

    // MARK: Companies

    /// Creates companies until there are `count`, and 20 raw schemas beside the last 20 of them, in turn.
    func provision(upTo count: Int) async throws -> (piste: Samples, raw: Samples) {
        var piste = Samples()
        var plain = Samples()
        while companies < count {
            companies += 1
            let urlID = "company-\(companies)"
            let begun = ContinuousClock.now
            _ = try await admin.createCompany(
                name: "Company \(companies)", urlID: urlID, authProvider: "okta")
            let isTimed = count - companies < 20
            if isTimed { piste.add(ContinuousClock.now - begun) }
            try await fill(urlID)
            if isTimed { plain.add(try await createRaw()) }
        }
        return (piste, plain)
    }

    private func fill(_ urlID: String) async throws {
        let schema = try await owner.query(
            "SELECT schema_name FROM piste.company WHERE url_id = $1", [.text(urlID)])
        guard let home = try schema.first?.string(0) else { return }
        try await owner.run(
            script: """
                ALTER TABLE \(home).users DISABLE TRIGGER USER;
                INSERT INTO \(home).users (email, name)
                SELECT 'u' || g || '@\(urlID).example', 'User ' || g FROM generate_series(1, 100) g;
                ALTER TABLE \(home).users ENABLE TRIGGER USER;
                """)
    }

    /// The least a schema for a tenant takes: schema, role, two tables, grants by name, in one transaction.
    private func createRaw() async throws -> Duration {
        rawSchemas += 1
        let name = "raw_\(rawSchemas)"
        let begun = ContinuousClock.now
        try await raw.run(
            script: """
                BEGIN;
                CREATE SCHEMA \(name);
                CREATE ROLE \(name) NOLOGIN;
                CREATE TABLE \(name).users (
                    id serial PRIMARY KEY, email text NOT NULL, name text NOT NULL, role text NOT NULL DEFAULT 'member',
                    status text NOT NULL DEFAULT 'active', created_at timestamptz NOT NULL DEFAULT now(),
                    last_seen_at timestamptz);
                CREATE TABLE \(name).journeys (
                    id serial PRIMARY KEY, user_id int NOT NULL REFERENCES \(name).users, name text NOT NULL,
                    status text NOT NULL, step int NOT NULL, created_at timestamptz NOT NULL DEFAULT now());
                CREATE INDEX ON \(name).journeys (user_id);
                GRANT USAGE ON SCHEMA \(name) TO \(name);
                GRANT SELECT, INSERT, UPDATE, DELETE ON \(name).users, \(name).journeys TO \(name);
                COMMIT;
                """)
        let taken = ContinuousClock.now - begun
        try await raw.run(
            script: """
                INSERT INTO \(name).users (email, name)
                SELECT 'u' || g || '@raw.example', 'User ' || g FROM generate_series(1, 100) g;
                GRANT \(name) TO bench_raw;
                """)
        return taken
    }

    /// Goes to another company and reads 50 users, on one connection as an application's backend does it.
    ///
    /// The baseline changes role and path and reads, and commits one row three times, because the records that Piste
    /// commits are the point of it.
    func switchCompanies(times: Int) async throws -> (piste: Samples, raw: Samples) {
        let plain = try await plainConnection()
        let operated = try await Connection.open(running.settings(user: "bench_admin"))
        var piste = Samples()
        var baseline = Samples()
        for turn in 0..<times {
            let urlID = company(turn)
            var begun = ContinuousClock.now
            let issued = try await operated.query(
                "SELECT token FROM piste.generate_context_token($1)", [.text(urlID)])
            let token = try issued[0].string(0)
            _ = try await operated.query(
                "SELECT refusal FROM piste.enter($1, 'users.read', 'users')", [.text(token)])
            let page = try await operated.query("SELECT id, name, email FROM users ORDER BY id LIMIT 50")
            piste.add(ContinuousClock.now - begun)
            precondition(page.count == 50)
            begun = ContinuousClock.now
            try await plainSwitch(plain, turn)
            baseline.add(ContinuousClock.now - begun)
        }
        await plain.close()
        await operated.close()
        return (piste, baseline)
    }

    /// Opens a company as the console does: a fresh token, a connection of its own, the first page.
    func openCompanies(times: Int) async throws -> (piste: Samples, raw: Samples) {
        var piste = Samples()
        var baseline = Samples()
        for turn in 0..<times {
            var begun = ContinuousClock.now
            let token = try await admin.generateContextToken(for: company(turn))
            let session = try await admin.enter(token)
            let page = try await session.users(PageRequest(.start, limit: 50))
            piste.add(ContinuousClock.now - begun)
            precondition(page.rows.count == 50)
            await session.leave()
            begun = ContinuousClock.now
            let plain = try await plainConnection()
            try await plainSwitch(plain, turn)
            baseline.add(ContinuousClock.now - begun)
            await plain.close()
        }
        return (piste, baseline)
    }

    private func company(_ turn: Int) -> String { "company-\(1 + (turn * 7919) % companies)" }

    private func plainConnection() async throws -> Connection {
        try await Connection.open(running.settings(user: "bench_raw"))
    }

    private func plainSwitch(_ plain: Connection, _ turn: Int) async throws {
        for _ in 0..<3 {
            _ = try await plain.query("INSERT INTO public.bench_record VALUES (now(), 'read')")
        }
        let name = "raw_\(1 + turn % rawSchemas)"
        try await plain.run(script: "SET ROLE \(name); SET search_path TO \(name)")
        _ = try await plain.query("SELECT id, name, email FROM users ORDER BY id LIMIT 50")
        try await plain.run(script: "RESET ROLE; RESET search_path")
    }

    // MARK: The programs

    private var url: String { "postgresql://bench_admin@/piste?host=\(running.socketDirectory)" }

    func timePsql(times: Int) throws -> Samples {
        try sampled(times) {
            let program = try ProgramOnTerminal(
                "/usr/bin/env", ["psql", "-X", url, "-c", "SELECT 'answer-' || 42"])
            return try program.shows("answer-42")
        }
    }

    func timeFirstFrame(times: Int) throws -> Samples {
        try sampled(times) { try console().firstByte() }
    }

    func timeList(times: Int) throws -> Samples {
        try sampled(times) { try console().shows("company-10") }
    }

    func timeKeys(times: Int) throws -> (samples: Samples, bytesPerKey: Int) {
        let program = try console()
        _ = try program.shows("company-10")
        try program.settle()
        let before = program.bytes
        var samples = Samples()
        for turn in 0..<times {
            // Up and down in turn, a screen's height each way, so that neither end of the list is met.
            if let taken = try program.press(turn % 20 < 10 ? "\u{1B}OB" : "\u{1B}OA") { samples.add(taken) }
        }
        return (samples, (program.bytes - before) / times)
    }

    private func console() throws -> ProgramOnTerminal {
        try ProgramOnTerminal(BuiltBinary.path, ["--database", url])
    }

    private func sampled(_ times: Int, _ body: () throws -> Duration) rethrows -> Samples {
        var samples = Samples()
        for _ in 0..<times { samples.add(try body()) }
        return samples
    }
}
