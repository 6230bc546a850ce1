import Foundation
import LocalCluster
import Postgres
import TestSupport
import Testing

/// Debian's own Python, and whether it has the driver.
private enum Psycopg {
    static let python = "/usr/bin/python3"
    static let isInstalled = FileManager.default.fileExists(atPath: "/usr/lib/python3/dist-packages/psycopg2")
}

/// A driver that knows nothing of Piste: the README's three statements, as it prints them.
@Suite(.enabled(if: Psycopg.isInstalled, "python3-psycopg2 is not installed"))
struct PsycopgTests {
    /// psycopg 2 has no `execute` on connections as psycopg 3 has; everything else is the driver's own.
    private static let prelude = """
        import sys, json, psycopg2

        class Database:
            def __init__(self, address):
                self.connection = psycopg2.connect(address)
                self.connection.autocommit = True
            def execute(self, sql, values=None):
                cursor = self.connection.cursor()
                cursor.execute(sql, values)
                return cursor

        def run(address, statements):
            names = {"db": Database(address)}
            exec(statements, names)
            return names

        address, statements = sys.argv[1], sys.stdin.read()

        """

    /// The README's example, word for word.
    private func statements() throws -> String {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(
            path: "../../../README.md")
        let readme = try String(contentsOf: file.standardizedFileURL, encoding: .utf8)
        let match = try #require(
            readme.firstMatch(of: /```python\n((?:.|\n)*?)```/), "the README has an example")
        let code = String(match.1)
        try #require(code.contains("generate_context_token") && code.contains("piste.enter"))
        try #require(code.contains("FROM users"))
        return code
    }

    private func run(_ script: String, _ world: ConsoleWorld, as login: String) async throws -> Piste.Outcome
    {
        try await Piste.run(
            program: Psycopg.python,
            [
                "-c", Self.prelude + script,
                "host=\(world.database.cluster.socketDirectory) dbname=\(world.database.name) user=\(login)",
            ], input: try statements())
    }

    @Test func threeStatementsFromTokenToRows() async throws {
        try await ConsoleWorld.run { world in
            let before = try await world.records("users.read")
            let outcome = try await run(
                """
                names = run(address, statements)
                rows = names["rows"]
                again = names["db"].execute("SELECT count(*) FROM users WHERE name = 'Ada Lovelace'").fetchone()[0]
                undeclared = names["db"].execute("SELECT count(*) FROM journeys").fetchone()[0]
                names["db"].execute("SELECT piste.declare('journeys.read', 'journeys')")
                declared = names["db"].execute("SELECT count(*) FROM journeys").fetchone()[0]
                print(json.dumps([len(rows), [r[2] for r in rows], again, undeclared, declared]))
                """, world, as: world.alice)
            #expect(outcome.status == 0, "\(outcome)")
            let answer = try #require(
                try JSONSerialization.jsonObject(with: Data(outcome.bytes)) as? [Any], "\(outcome)")
            #expect(answer[0] as? Int == 50)
            #expect((answer[1] as? [String])?.allSatisfy { $0.hasSuffix("@awesome.example") } == true)
            #expect(answer[2] as? Int == 1)
            #expect(answer[3] as? Int == 0, "what was not announced gives no row")
            #expect(answer[4] as? Int == 1)
            #expect(try await world.records("users.read") == before + 1)
            #expect(try await world.records("journeys.read") == 1)
        }
    }

    @Test func withoutAContextEveryTableIsRefused() async throws {
        try await ConsoleWorld.run { world in
            let home = try await world.home()
            let outcome = try await run(
                """
                codes = []
                home = "\(home)"
                tables = [home + "." + name for name in ("users", "journeys", "journey_steps")]
                tables += ["piste.entry", "piste.entry_values"]
                for table in tables:
                    try:
                        Database(address).execute("SELECT * FROM " + table)
                        codes.append("none")
                    except psycopg2.Error as error:
                        codes.append(error.pgcode)
                print(json.dumps(codes))
                """, world, as: world.alice)
            #expect(
                outcome.output == #"["42501", "42501", "42501", "42501", "42501"]"# + "\n", "\(outcome)")
        }
    }

    @Test func twoConnectionsTwoCompaniesAtOnce() async throws {
        try await ConsoleWorld.run { world in
            let outcome = try await run(
                """
                first = run(address, statements)
                second = run(address, statements.replace("'awesome'", "'blau'"))
                seen = []
                for turn in range(3):
                    for names in (first, second):
                        names["db"].execute("SELECT piste.declare('users.read', 'users')")
                        rows = names["db"].execute("SELECT email FROM users").fetchall()
                        seen.append([len(rows), sorted({r[0].split("@")[1] for r in rows})])
                print(json.dumps(seen))
                """, world, as: world.carol)
            let turn = #"[201, ["awesome.example"]], [201, ["blau.example"]]"#
            #expect(outcome.output == "[\(turn), \(turn), \(turn)]\n", "\(outcome)")
        }
    }

    /// The end is near when the cursor is opened: a gate that is asked once knows the moment, not what comes later.
    ///
    /// After the end: no row, through an open cursor neither, and the backend is gone after the sweep.
    @Test func afterTheEndNothingIsLeft() async throws {
        try await ConsoleWorld.run { world in
            let owner =
                "host=\(world.database.cluster.socketDirectory) dbname=\(world.database.name) user=postgres"
            let outcome = try await run(
                """
                names = run(address, statements)
                db = names["db"]
                owner = Database("\(owner)")
                owner.execute(
                    "UPDATE piste.context SET expires_at = clock_timestamp() + interval '3 seconds' WHERE ended_at IS NULL")
                db.execute("SELECT piste.declare('users.read', 'users')")
                db.connection.autocommit = False
                cursor = db.connection.cursor("held")
                cursor.itersize = 1
                cursor.execute("SELECT email FROM users")
                first = cursor.fetchmany(2)
                owner.execute(
                    "SELECT pg_sleep_until(max(expires_at) + interval '10 ms') FROM piste.context WHERE ended_at IS NULL")
                late = cursor.fetchmany(500)
                db.connection.commit()
                db.connection.autocommit = True
                rows = db.execute("SELECT email FROM users").fetchall()
                try:
                    db.execute("SELECT piste.declare('users.read', 'users')")
                    code = "none"
                except psycopg2.Error as error:
                    code = error.pgcode
                did = owner.execute("SELECT did FROM piste.sweep()").fetchall()
                try:
                    db.execute("SELECT 1")
                    end = "alive"
                except psycopg2.Error as error:
                    end = type(error).__name__
                print(json.dumps([len(first), len(late), len(rows), code, did, end]))
                """, world, as: world.alice)
            #expect(outcome.status == 0, "\(outcome)")
            let answer = try #require(
                try JSONSerialization.jsonObject(with: Data(outcome.bytes)) as? [Any], "\(outcome)")
            #expect(answer[0] as? Int == 2, "the cursor did read while it was allowed to")
            #expect(answer[1] as? Int == 0)
            #expect(answer[2] as? Int == 0)
            #expect(answer[3] as? String == "PT410")
            #expect(answer[4] as? [[String]] == [["expired"]])
            #expect(
                ["AdminShutdown", "OperationalError", "InterfaceError"].contains(answer[5] as? String ?? ""))
        }
    }

    @Test func aRefusalComesInItsColumn() async throws {
        try await ConsoleWorld.run { world in
            _ = try await world.piste("company", "suspend", "awesome")
            let outcome = try await run(
                """
                db = Database(address)
                print(db.execute("SELECT token, refusal FROM piste.generate_context_token('awesome')").fetchone())
                print(db.execute("SELECT refusal FROM piste.enter(%s)", ["no.such.token"]).fetchone()[0])
                """, world, as: world.alice)
            #expect(outcome.output.contains("(None, 'company_suspended: "), "\(outcome)")
            #expect(outcome.output.contains("token_malformed: "))
        }
    }
}
