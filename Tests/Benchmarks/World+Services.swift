import Postgres

/// What eight connections did in one round.
struct Throughput: Sendable {
    var reads = 0
    var rows = 0
    /// Rows of another company than the one that was entered.
    var wrong = 0

    static func + (one: Throughput, other: Throughput) -> Throughput {
        Throughput(
            reads: one.reads + other.reads, rows: one.rows + other.rows, wrong: one.wrong + other.wrong)
    }

    /// Counts a page of users whose addresses should all end like this.
    mutating func count(_ page: Rows, of domain: String) throws {
        reads += 1
        for row in page {
            rows += 1
            if try !row.string(2).hasSuffix(domain) { wrong += 1 }
        }
    }
}

extension World {
    static let connections = 8

    /// Eight connections of a service, each request in another company by a ticket; every row is checked to be of the right one.
    func measureServices(_ seconds: Int, _ report: Report) async throws {
        var (together, hot, apart, plain) = (Throughput(), Throughput(), Throughput(), Throughput())
        var rates: (together: [Double], hot: [Double], apart: [Double], plain: [Double]) = ([], [], [], [])
        for _ in 0..<3 {
            let joined = try await round(seconds, as: "bench_shop") {
                try await Self.serve($0, inOneExchange: true, $1)
            }
            let one = try await round(seconds, as: "bench_shop", hot: true) {
                try await Self.serve($0, inOneExchange: true, $1)
            }
            let single = try await round(seconds, as: "bench_shop") {
                try await Self.serve($0, inOneExchange: false, $1)
            }
            let raw = try await round(seconds, as: nil) { try await Self.servePlain($0, $1) }
            together = together + joined.0
            hot = hot + one.0
            apart = apart + single.0
            plain = plain + raw.0
            rates.together.append(joined.perSecond)
            rates.hot.append(one.perSecond)
            rates.apart.append(single.perSecond)
            rates.plain.append(raw.perSecond)
        }
        report.figure(
            "ticket, then [BEGIN, use, read 50, COMMIT], a second", rates.together.middle,
            baseline: rates.plain.middle)
        report.figure("  each statement by itself", rates.apart.middle, baseline: rates.plain.middle)
        report.figure(
            "  all in one company, beside all over the place", rates.hot.middle,
            baseline: rates.together.middle)
        let all = together + hot + apart
        report.note(
            "8 connections. Wrong rows: \(all.wrong) of \(all.rows); plain \(plain.wrong) of \(plain.rows)."
                + " Baseline: a bare commit, SET ROLE, SET search_path, SELECT")
    }

    /// What a worker needs to know.
    struct Place: Sendable {
        var connection: Connection
        var companies: Int
        var rawSchemas: Int
    }

    /// Lets eight connections work at once, all over the place or in one company.
    func round(
        _ seconds: Int, as login: String?, hot: Bool = false,
        _ work: @escaping @Sendable (Place, ContinuousClock.Instant) async throws -> Throughput
    ) async throws -> (Throughput, perSecond: Double) {
        var places: [Place] = []
        for _ in 0..<Self.connections {
            let connection =
                if let login { try await connect(login) } else { try await connectPlain() }
            places.append(
                Place(
                    connection: connection, companies: hot ? 1 : companies, rawSchemas: hot ? 1 : rawSchemas))
        }
        let begun = ContinuousClock.now
        let end = begun + .seconds(seconds)
        let sum = try await withThrowingTaskGroup(of: Throughput.self) { group in
            for place in places { group.addTask { try await work(place, end) } }
            return try await group.reduce(Throughput(), +)
        }
        let taken = (ContinuousClock.now - begun) / .seconds(1)
        for place in places { await place.connection.close() }
        return (sum, Double(sum.reads) / taken)
    }

    private static func serve(
        _ place: Place, inOneExchange: Bool, _ end: ContinuousClock.Instant
    ) async throws -> Throughput {
        var sum = Throughput()
        while ContinuousClock.now < end {
            let urlID = "company-\(Int.random(in: 1...place.companies))"
            let page = try await serve(urlID, on: place.connection, inOneExchange: inOneExchange)
            try sum.count(page, of: "@\(urlID).example")
        }
        return sum
    }

    /// One request of a service: 50 users of a company by a ticket.
    static func serve(
        _ urlID: String, on connection: Connection, inOneExchange: Bool
    ) async throws -> Rows {
        let ticket = try await connection.query(
            "SELECT ticket FROM piste.ticket($1, 'users.read', 'users')", [.text(urlID)])[0].string(0)
        let parts: [Preamble.Part] = [
            .init("BEGIN"), .init("SELECT piste.use($1::uuid)", [.text(ticket)]), .init(page),
            .init("COMMIT"),
        ]
        var answers: [Rows] = []
        if inOneExchange {
            answers = try await connection.pipeline(parts)
        } else {
            for part in parts { answers += try await connection.pipeline([part]) }
        }
        precondition(answers[2].count == 50)
        return answers[2]
    }

    private static func servePlain(
        _ place: Place, _ end: ContinuousClock.Instant
    ) async throws -> Throughput {
        var sum = Throughput()
        while ContinuousClock.now < end {
            let name = "raw_\(Int.random(in: 1...place.rawSchemas))"
            _ = try await place.connection.query("INSERT INTO public.bench_record VALUES (now(), 'read')")
            try await place.connection.run(script: "SET ROLE \(name); SET search_path TO \(name)")
            try sum.count(try await place.connection.query(Self.page), of: "@\(name).example")
        }
        return sum
    }
}
