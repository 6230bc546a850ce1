import LocalCluster
import Postgres

/// What plain PostgreSQL would use: a schema and a role for each tenant, in a database of its own.
extension World {
    static let plainDatabase = "plain"
    /// How many companies, and how many raw schemas, a connection is taken through.
    static let visited = 200

    func connectPlain() async throws -> Connection {
        try await Connection.open(running.settings(user: "bench_raw", database: Self.plainDatabase))
    }

    func commitOne(_ connection: Connection) async throws {
        _ = try await connection.query("INSERT INTO public.bench_record VALUES (now(), 'read')")
    }

    func readPlain(_ connection: Connection, _ turn: Int) async throws {
        let name = "raw_\(1 + turn % rawSchemas)"
        try await connection.run(script: "SET ROLE \(name); SET search_path TO \(name)")
        _ = try await connection.query(Self.page)
    }

    /// The least a schema for a tenant takes: schema, role, two tables, grants by name, in one transaction.
    func createRaw() async throws -> Duration {
        rawSchemas += 1
        let name = "raw_\(rawSchemas)"
        let begun = ContinuousClock.now
        try await plain.run(
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
        try await plain.run(
            script: """
                INSERT INTO \(name).users (email, name)
                SELECT 'u' || g || '@\(name).example', 'User ' || g FROM generate_series(1, 100) g;
                GRANT \(name) TO bench_raw;
                """)
        return taken
    }
}
