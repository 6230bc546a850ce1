import Postgres

/// What it costs that every changed row is recorded.
extension World {
    /// Eight connections that change one row a time in one company, and one that changes very many at once.
    func measureChanges(_ seconds: Int, _ report: Report) async throws {
        var rates: (piste: [Double], plain: [Double]) = ([], [])
        for _ in 0..<3 {
            rates.piste.append(
                try await round(seconds, as: "bench_shop", hot: true) { try await Self.change($0, $1) }
                    .perSecond)
            rates.plain.append(
                try await round(seconds, as: nil, hot: true) { try await Self.changePlain($0, $1) }.perSecond)
        }
        report.figure(
            "ticket, then [BEGIN, use, update, COMMIT], a second", rates.piste.middle,
            baseline: rates.plain.middle)
        report.note(
            "8 connections in one company. Baseline: a bare commit, SET ROLE, SET search_path, UPDATE")

        let home = try await owner.query("SELECT schema_name FROM piste.company WHERE url_id = 'company-1'")[
            0
        ]
        .string(0)
        try await plain.run(script: Self.twin)
        for count in [10_000, 100_000] {
            let names = ["insert", "update", "delete"]
            var laps = (piste: names.map { _ in Samples() }, plain: names.map { _ in Samples() })
            for _ in 0..<3 {
                let shop = try await connect("bench_shop")
                let taken = try await Self.bulk(shop, count, under: true)
                let base = try await Self.bulk(plain, count, under: false)
                for n in names.indices {
                    laps.piste[n].add(taken[n])
                    laps.plain[n].add(base[n])
                }
                await shop.close()
                try await owner.run(script: "VACUUM \(home).users")
                try await plain.run(script: "VACUUM twin.users")
            }
            for (n, name) in names.enumerated() {
                report.line("\(name) \(count) rows at once", laps.piste[n], baseline: laps.plain[n])
            }
        }
        report.note("baseline: a table with the same columns and indexes; a plain delete only marks its rows")
    }

    private static func change(_ place: Place, _ end: ContinuousClock.Instant) async throws -> Throughput {
        var sum = Throughput()
        while ContinuousClock.now < end {
            let ticket = try await place.connection.query(
                "SELECT ticket FROM piste.ticket('company-1', 'users.read', 'users')")[0].string(0)
            let answers = try await place.connection.pipeline([
                .init("BEGIN"), .init("SELECT piste.use($1::uuid)", [.text(ticket)]),
                .init(Self.update, [.int(Int64.random(in: 1...100)), .text(.random)]), .init("COMMIT"),
            ])
            precondition(answers[2].affected == 1)
            sum.reads += 1
        }
        return sum
    }

    private static func changePlain(
        _ place: Place, _ end: ContinuousClock.Instant
    ) async throws -> Throughput {
        var sum = Throughput()
        while ContinuousClock.now < end {
            try await place.connection.query("INSERT INTO public.bench_record VALUES (now(), 'update')")
            try await place.connection.run(script: "SET ROLE raw_1; SET search_path TO raw_1")
            let answer = try await place.connection.query(
                Self.update, [.int(Int64.random(in: 1...100)), .text(.random)])
            precondition(answer.affected == 1)
            sum.reads += 1
        }
        return sum
    }

    private static let update = "UPDATE users SET role = $2 WHERE id = $1"

    /// How long an insert, an update and a delete of so many rows take, in one transaction each.
    private static func bulk(_ connection: Connection, _ count: Int, under ticket: Bool) async throws
        -> [Duration]
    {
        var laps = Laps()
        for statement in [
            "INSERT INTO users (email, name) SELECT 'bulk' || n || '@x', 'User ' || n FROM generate_series(1, \(count)) n",
            "UPDATE users SET status = 'suspended' WHERE email LIKE 'bulk%'",
            "DELETE FROM users WHERE email LIKE 'bulk%'",
        ] {
            if ticket {
                let made = try await connection.query(
                    "SELECT ticket FROM piste.ticket('company-1', 'users.read', 'users,journeys,journey_steps', NULL, 600)"
                )
                try await connection.run(script: "BEGIN; SELECT piste.use('\(try made[0].string(0))')")
            } else {
                try await connection.run(script: "BEGIN; SET LOCAL search_path TO twin")
            }
            let answer = try await connection.query(statement)
            precondition(answer.affected == count)
            try await connection.run(script: "COMMIT")
            laps.lap()
        }
        return laps.parts
    }

    /// The users of a company without anything of Piste.
    private static let twin = """
        DROP SCHEMA IF EXISTS twin CASCADE;
        CREATE SCHEMA twin;
        CREATE COLLATION twin.human (provider = icu, locale = 'und-u-kn-true');
        CREATE TABLE twin.users (
            id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
            email varchar(254) COLLATE "C" NOT NULL UNIQUE,
            name varchar(300) COLLATE twin.human NOT NULL,
            role varchar(60) COLLATE "C" NOT NULL DEFAULT 'member',
            status varchar(16) COLLATE "C" NOT NULL DEFAULT 'active'
                CHECK (status IN ('active', 'invited', 'suspended')),
            locale varchar(35) COLLATE "C" NOT NULL DEFAULT 'en',
            created_at timestamptz NOT NULL DEFAULT now(), last_seen_at timestamptz,
            last_seen_key timestamptz NOT NULL
                GENERATED ALWAYS AS (coalesce(last_seen_at, '1970-01-01 00:00:00+00')) STORED,
            search_text text COLLATE "C" NOT NULL
                GENERATED ALWAYS AS (
                    CASE WHEN octet_length(name) = length(name) AND octet_length(email) = length(email)
                        THEN lower(translate(' ' || name || ' ' || email, '`', '''') COLLATE "C")
                        ELSE translate(
                            regexp_replace(
                                lower(normalize(translate(' ' || name || ' ' || email, '’‘ʼ`´', ''''''''''''), NFKD) COLLATE twin.human),
                                '[' || chr(768) || '-' || chr(879) || ']+', '', 'g'),
                            'øłđı', 'oldi') COLLATE "C" END) STORED);
        CREATE INDEX ON twin.users (name, id);
        CREATE TABLE twin.journeys (
            id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
            user_id bigint NOT NULL REFERENCES twin.users ON DELETE CASCADE);
        CREATE INDEX ON twin.journeys (user_id, id);
        """
}

extension String {
    /// A word that is hardly ever there already.
    fileprivate static var random: String { "role \(Int.random(in: 0..<1_000_000_000))" }
}
