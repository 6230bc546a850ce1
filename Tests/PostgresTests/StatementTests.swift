import Postgres
import Synchronization
import TestSupport
import Testing

struct StatementTests {
    @Test func anErrorCarriesTheServersFields() async throws {
        try await withTestDatabase { database in
            let connection = try await database.superuser()
            try await connection.run(
                script: """
                    CREATE TABLE person (name text CONSTRAINT person_name_key UNIQUE NOT NULL);
                    INSERT INTO person VALUES ('Ada');
                    """)
            let double = await #expect(throws: PostgresError.self) {
                try await connection.query("INSERT INTO person VALUES ($1)", ["Ada"])
            }
            #expect(double?.code == .refusedByServer)
            #expect(double?.sqlState == "23505")
            #expect(double?.severity == "ERROR")
            #expect(double?.constraint == "person_name_key")
            #expect(double?.table == "person")
            #expect(double?.detail == "Key (name)=(Ada) already exists.")
            #expect(double.map { "\($0)".contains("Ada") } == false)

            let missing = await #expect(throws: PostgresError.self) {
                try await connection.query("INSERT INTO person VALUES (NULL)")
            }
            #expect(missing?.sqlState == "23502")
            #expect(missing?.column == "name")
            #expect(connection.isAlive)
            await connection.close()
        }
    }

    @Test func countsWhatItTouched() async throws {
        let connection = try await TestDatabase.scratch()
        try await connection.query("CREATE TEMP TABLE lift (id int)")
        let inserted = try await connection.query("INSERT INTO lift SELECT generate_series(1, 12)")
        #expect(inserted.affected == 12)
        #expect(inserted.commandTag == "INSERT 0 12")
        #expect(inserted.isEmpty)
        #expect(try await connection.query("DELETE FROM lift WHERE id > 10").affected == 2)
        let rows = try await connection.query("SELECT id, id * 2 AS twice FROM lift ORDER BY id")
        #expect(rows.columns == ["id", "twice"])
        #expect(try rows.map { try $0.int("twice") } == Array(stride(from: 2, through: 20, by: 2)))
        #expect(try await connection.query("").isEmpty)
        await connection.close()
    }

    @Test func aRowNamesWhatItCannotGive() async throws {
        let connection = try await TestDatabase.scratch()
        let row = try await connection.query("SELECT 'x' AS letter, 2 AS number")[0]
        let unknown = #expect(throws: PostgresError.self) { try row.string("lettre") }
        #expect(unknown?.message == "no column lettre in this answer, which has: letter, number")
        let outside = #expect(throws: PostgresError.self) { try row.string(2) }
        #expect(outside?.code == .decoding)
        let text = #expect(throws: PostgresError.self) { try row.int("letter") }
        #expect(text?.message == "column letter does not hold a whole number")
        await connection.close()
    }

    @Test func noticesArriveBesideTheAnswer() async throws {
        let heard = Mutex<[Notice]>([])
        let connection = try await TestDatabase.scratch(notices: { notice in
            heard.withLock { $0.append(notice) }
        })
        try await connection.run(
            script: """
                DO $$ BEGIN
                    RAISE NOTICE 'first é';
                    RAISE WARNING USING MESSAGE = 'second', HINT = 'look', ERRCODE = '01P01';
                END $$
                """)
        let notices = heard.withLock { $0 }
        #expect(notices.map(\.message) == ["first é", "second"])
        #expect(notices.map(\.severity) == ["NOTICE", "WARNING"])
        #expect(notices.last?.hint == "look")
        #expect(notices.last?.sqlState == "01P01")
        await connection.close()
    }

    @Test func aScriptStopsAtItsFirstErrorAndUndoesTheRest() async throws {
        let connection = try await TestDatabase.scratch()
        let error = await #expect(throws: PostgresError.self) {
            try await connection.run(script: "CREATE TEMP TABLE half (x int); SELECT 1/0; SELECT 2")
        }
        #expect(error?.sqlState == "22012")
        let left = try await connection.query("SELECT to_regclass('pg_temp.half') IS NULL AS gone")
        #expect(try left[0].bool("gone"))
        await connection.close()
    }

    @Test func overlappingQueriesTakeTurns() async throws {
        let connection = try await TestDatabase.scratch()
        let answers = try await withThrowingTaskGroup(of: (Int, Int).self) { group in
            for number in 0..<100 {
                group.addTask {
                    let rows = try await connection.query("SELECT $1::int AS number", [.int(Int64(number))])
                    return (number, try rows[0].int("number"))
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.count == 100)
        #expect(answers.allSatisfy { $0.0 == $0.1 })
        await connection.close()
    }

    @Test func aLargeAnswerAndALargeParameterPass() async throws {
        let connection = try await TestDatabase.scratch()
        let rows = try await connection.query(
            "SELECT n, repeat('x', 100) AS text FROM generate_series(1, 200000) n")
        #expect(rows.count == 200_000)
        #expect(try rows[199_999].int("n") == 200_000)
        let text = String(repeating: "å", count: 4_000_000)
        #expect(try await connection.query("SELECT length($1)", [.text(text)])[0].int(0) == 4_000_000)
        await connection.close()
    }

    @Test func momentsAreReadInIsoFormWhateverTheRolePrefers() async throws {
        try await withTestDatabase { database in
            let administrator = try await database.superuser()
            let role = database.roleName("styled")
            try await administrator.run(
                script: "CREATE ROLE \(role) LOGIN; ALTER ROLE \(role) SET datestyle = 'German'")
            let connection = try await database.connect(as: role)
            let row = try await connection.query("SELECT timestamptz '2026-03-01 12:04:31Z' AS moment")[0]
            #expect(try row.timestamp("moment").description == "2026-03-01T12:04:31.000000Z")
            await connection.close()
            await administrator.close()
        }
    }

    @Test func afterCloseEveryCallIsMisuse() async throws {
        let connection = try await TestDatabase.scratch()
        await connection.close()
        await connection.close()
        #expect(!connection.isAlive)
        let error = await #expect(throws: PostgresError.self) { try await connection.query("SELECT 1") }
        #expect(error?.code == .misuse)
    }
}
