import Postgres
import TestSupport
import Testing

extension EngineWorld {
    /// Runs an attack, and afterwards finds every row of both companies as it was, and every trail sound.
    static func underAttack(
        on server: TestServer = TestServers.installed, _ body: (EngineWorld) async throws -> Void
    ) async throws {
        try await run(on: server) { world in
            let before = try await world.fingerprint()
            try await body(world)
            #expect(try await world.fingerprint() == before)
            try await world.expectSoundTrails()
        }
    }

    /// What both companies' rows are, in one word.
    func fingerprint() async throws -> String {
        try await owner.value(
            """
            SELECT md5(string_agg(line, '|' ORDER BY line)) FROM (
                SELECT u::text AS line FROM \(acme).users u UNION ALL SELECT u::text FROM \(globex).users u
                UNION ALL SELECT j::text FROM \(acme).journeys j UNION ALL SELECT j::text FROM \(globex).journeys j
            ) AS everything
            """)
    }

    func expectSoundTrails() async throws {
        try await owner.query("SELECT piste.seal()")
        for trail in ["'acme'", "'globex'", "NULL"] {
            let verdict = try await owner.query("SELECT ok, why FROM piste.verify_audit(\(trail))")[0]
            let why = try verdict.optionalString("why") ?? ""
            #expect(try verdict.bool("ok"), "\(trail): \(why)")
        }
    }

    /// How many records of this action the company's trail has.
    func records(_ action: String, in home: String) async throws -> Int {
        try await owner.number(
            "SELECT count(*) FROM piste_test.trail('\(home)') WHERE action = $1", [.text(action)])
    }

    /// The same session does read when it is allowed to, so that a refusal before was not the probe's own fault.
    func expectReading(_ connection: Connection, _ table: String = "users") async throws {
        try await connection.declare()
        #expect(try await connection.count(table) == Self.users)
    }
}

extension Connection {
    /// Sends statements one after the other, whatever becomes of each.
    func attempt(_ statements: String...) async {
        for sql in statements { _ = await sqlState(sql) }
    }
}
