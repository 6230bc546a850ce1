import Foundation
import Glibc
import Postgres
import TestSupport
import Testing

/// `piste sweep --watch --metrics`: figures that follow what was done, for a scraper and for nobody else.
struct MetricsTests {
    private func scrape(_ port: Int, _ path: String = "/metrics", _ more: [String] = []) async throws
        -> Piste.Outcome
    {
        try await Piste.run(
            program: "/usr/bin/env",
            ["curl", "-s", "-i", "--max-time", "20"] + more + ["http://127.0.0.1:\(port)\(path)"])
    }

    /// The value of a sample; nil when the page has none of that name and those labels.
    private func value(_ sample: String, _ page: Piste.Outcome) -> Double? {
        page.lines.first { $0.hasPrefix(sample + " ") }.flatMap { Double($0.dropFirst(sample.count + 1)) }
    }

    private func withWatcher(
        _ world: ServiceWorld, as login: String, _ body: (Int) async throws -> Void
    ) async throws -> Program {
        let port = Int.random(in: 40_000..<60_000)
        let watcher = RunningPiste.watcher(
            world.dsn(login), ["--every", "1", "--metrics", "127.0.0.1:\(port)"])
        #expect(
            try await eventually {
                try await scrape(port).output.contains("piste_chain_head_age_seconds{which=\"newest\"}")
            })
        try await body(port)
        return try await watcher.stop()
    }

    @Test func theFiguresFollowWhatIsDone() async throws {
        try await ServiceWorld.run { world in
            // A chain has a head once something is sealed, which a service does not do.
            try await world.owner.query("SELECT piste.seal()")
            let ended = try await withWatcher(world, as: world.shop) { port in
                let before = try await scrape(port)
                #expect(before.output.hasPrefix("HTTP/1.1 200 OK"))
                #expect(before.output.contains("text/plain; version=0.0.4"))
                #expect(value("piste_up", before) == 1)
                #expect(value("piste_contexts_live{purpose=\"service\"}", before) == 0)
                #expect(value("piste_companies{status=\"active\"}", before) == 2)
                #expect(value("piste_chain_heads", before) == 2)
                let refusals = try #require(value("piste_refusals_total{kind=\"unknown\"}", before))
                let declared = try #require(value("piste_declarations_total", before))

                let session = try await world.database.connect(as: world.shop)
                try await session.query("SELECT * FROM piste.generate_context_token('nobody')")
                let token = try await session.query("SELECT token FROM piste.generate_context_token('acme')")[
                    0
                ].string(0)
                try await session.query(
                    "SELECT * FROM piste.enter($1, 'users.read', 'users')", [.text(token)])
                for _ in 0..<3 { try await session.query("SELECT piste.declare('users.read', 'users')") }
                #expect(
                    try await eventually {
                        let page = try await scrape(port)
                        return value("piste_contexts_live{purpose=\"service\"}", page) == 1
                            && value("piste_refusals_total{kind=\"unknown\"}", page) == refusals + 1
                            && value("piste_declarations_total", page) == declared + 4
                    })
                // Tickets, by numbers that are no names.
                let tickets = try #require(value("piste_tickets_total", before))
                let till = try await world.database.connect(as: world.till)
                for _ in 1...3 {
                    try await till.query("SELECT * FROM piste.ticket('acme', 'users.read', 'users')")
                }
                let service = try await world.number("SELECT '\(world.till)'::regrole::oid::int")
                let company = try await world.owner.query(
                    "SELECT id FROM piste.company WHERE url_id = 'acme'")[0]
                    .string(0)
                #expect(
                    try await eventually {
                        let page = try await scrape(port)
                        let labels = "{service=\"\(service)\",company=\"\(company)\"}"
                        return value("piste_tickets_total", page) == tickets + 3
                            && value("piste_tickets_last_minute\(labels)", page) == 3
                    })
                // What waits in the outboxes of all companies.
                let ticket = try await till.query(
                    "SELECT ticket FROM piste.ticket('globex', 'users.use', 'users')")[0].string(0)
                try await till.query("BEGIN")
                try await till.query("SELECT piste.use($1::uuid)", [.text(ticket)])
                try await till.query("SELECT piste.enqueue('mail.welcome') FROM generate_series(1, 3)")
                try await till.query("COMMIT")
                try await till.query("SELECT piste.drain(1)")
                #expect(
                    try await eventually {
                        let page = try await scrape(port)
                        return value("piste_jobs{state=\"waiting\"}", page) == 2
                            && value("piste_jobs{state=\"leased\"}", page) == 1
                            && value("piste_jobs_oldest_age_seconds", page) ?? 0 > 0
                            && value("piste_outbox_fullest_ratio", page) ?? 0 > 0
                    })
                till.abandon()
                // Its time is over: the watcher ends it, and says so.
                try await world.owner.query(
                    "UPDATE piste.context SET expires_at = clock_timestamp() WHERE ended_at IS NULL")
                #expect(
                    try await eventually {
                        let page = try await scrape(port)
                        return value("piste_contexts_live{purpose=\"service\"}", page) == 0
                            && value("piste_sweep_actions_total{kind=\"expired\"}", page) == 1
                            && value("piste_sweeps_total", page) ?? 0 > 1
                    })
                session.abandon()
                try await expectThePage(try await scrape(port), world)
                try await expectNothingElseIsServed(port)
            }
            #expect(ended.status == 0, "\(ended)")
            #expect(ended.errors.contains("Figures are at http://127.0.0.1:"))
        }
    }

    /// Well formed, and without anybody's name.
    private func expectThePage(_ page: Piste.Outcome, _ world: ServiceWorld) async throws {
        let body = page.output.components(separatedBy: "\r\n\r\n").dropFirst().joined()
        for line in body.split(separator: "\n") where !line.hasPrefix("# HELP ") && !line.hasPrefix("# TYPE ")
        {
            #expect(
                line.wholeMatch(of: /piste_[a-z_]+(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? -?[0-9.e+-]+/)
                    != nil, "\(line)")
        }
        let names = Set(body.matches(of: /(?m)^(piste_[a-z_]+)/).map { String($0.output.1) })
        for name in names { #expect(body.contains("# TYPE \(name) "), "\(name)") }
        let home = try await world.home("acme")
        for secret in ["acme", "globex", "Acme", home, world.shop, world.till, world.bob, "User "] {
            #expect(!body.contains(secret), "\(secret)")
        }
    }

    private func expectNothingElseIsServed(_ port: Int) async throws {
        #expect(try await scrape(port, "/").output.hasPrefix("HTTP/1.1 404"))
        #expect(
            try await scrape(port, "/metrics/../etc/passwd", ["--path-as-is"]).output.hasPrefix(
                "HTTP/1.1 404"))
        #expect(
            try await scrape(port, "/metrics", ["-X", "POST", "-d", "x"]).output.hasPrefix("HTTP/1.1 405"))
        #expect(try await scrape(port, "/metrics", ["-I"]).output.hasPrefix("HTTP/1.1 200"))
        let long = "X-Long: " + String(repeating: "x", count: 20_000)
        #expect(!(try await scrape(port, "/metrics", ["-H", long]).output.contains("piste_up")))
        // Who connects and says nothing holds nobody up for good.
        let silent = (0..<12).map { _ in connect(port) }
        #expect(try await eventually { try await scrape(port).output.hasPrefix("HTTP/1.1 200") })
        for socket in silent { close(socket) }
    }

    private func connect(_ port: Int) -> Int32 {
        let made = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        _ = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(made, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return made
    }

    @Test func onlyAdminsAndServicesSeeThem() async throws {
        try await ConsoleWorld.run { world in
            for login in [world.alice, world.carol] {
                let connection = try await world.database.connect(as: login)
                for call in ["metrics()", "chain_heads()"] {
                    let rows = try await connection.query("SELECT * FROM piste.\(call)")
                    #expect(rows.count == 1)
                    #expect(try rows[0].string("refusal").hasPrefix("not_allowed"), "\(login) \(call)")
                }
                await connection.close()
                let refused = try await Piste.run([
                    "sweep", "--watch", "--metrics", "\(Int.random(in: 40_000..<60_000))", "--database",
                    world.url(login),
                ])
                #expect(refused.status == 3 && refused.narration.contains("not_allowed"), "\(refused)")
            }
            for login in [world.bob, world.shop] {
                let connection = try await world.database.connect(as: login)
                #expect(try await connection.query("SELECT * FROM piste.metrics()").count > 10)
                #expect(try await connection.query("SELECT * FROM piste.chain_heads(NULL, 2)").count == 2)
                await connection.close()
            }
        }
    }

    @Test func badAddressesAreNamed() async throws {
        try await ConsoleWorld.run { world in
            for (address, status, words) in [
                ("nowhere", Int32(2), "metrics"), ("127.0.0.1:0", 2, "metrics"),
                ("127.0.0.1:99999", 2, "metrics"),
                ("no-such-host.invalid:9187", 2, "no such address"),
                ("203.0.113.7:9187", 1, "cannot be served there"),
            ] {
                let run = try await Piste.run([
                    "sweep", "--watch", "--metrics", address, "--database", world.url(world.bob),
                ])
                #expect(run.status == status && run.narration.contains(words), "\(address): \(run)")
            }
            let lone = try await Piste.run(["sweep", "--metrics", "9187", "--database", world.url(world.bob)])
            #expect(lone.status == 2 && lone.narration.contains("--watch"), "\(lone)")
        }
    }
}
