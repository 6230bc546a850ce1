import Postgres
import TestSupport
import Testing

extension Connection {
    /// What `missed` answers, each table with the reason.
    var missed: [String] {
        get async throws {
            try await query("SELECT resource || ': ' || why AS line FROM piste.missed_reasons() ORDER BY 1")
                .map {
                    try $0.string(0)
                }
        }
    }

    /// A ticket for a company's tables, committed by itself.
    func ticket(
        _ company: String, _ tables: String = "users", action: String = "users.read", _ more: String = ""
    ) async throws -> String {
        let row = try await query(
            "SELECT * FROM piste.ticket($1, $2, $3\(more.isEmpty ? "" : ", " + more))",
            [.text(company), .text(action), .text(tables)])[0]
        guard try row.isNull("refusal") else { throw Refused(text: try row.string("refusal")) }
        return try row.string("ticket")
    }

    /// The refusal's code word; nil when there is a ticket.
    func ticketRefusal(
        _ company: String, _ tables: String = "users", action: String = "users.read", _ more: String = ""
    ) async throws -> String? {
        try await refusal(
            "ticket($1, $2, $3\(more.isEmpty ? "" : ", " + more))",
            [.text(company), .text(action), .text(tables)])
    }

    /// The SQLSTATE of a `use` that is refused; nil when the ticket is in use now.
    func use(_ ticket: String) async -> String? {
        await sqlState("SELECT piste.use($1::uuid)", [.text(ticket)])
    }

    /// Begins a transaction and uses a ticket in it.
    func begin(using ticket: String) async -> String? {
        await attempt("BEGIN")
        return await use(ticket)
    }

    /// What one transaction with this ticket reads, which is then committed; nil when it cannot be used.
    func reads(with ticket: String, _ sql: String = "SELECT min(email) FROM users") async throws -> String? {
        guard await begin(using: ticket) == nil else {
            await attempt("ROLLBACK")
            return nil
        }
        let answer = try await value(sql)
        try await query("COMMIT")
        return answer
    }
}

extension EngineWorld {
    /// Rows are theirs who asked for them, and a ticket still opens: what was refused before was not the probe's own fault.
    func expectTickets(_ connection: Connection, _ company: String = "acme") async throws {
        let ticket = try await connection.ticket(company)
        #expect(try await connection.reads(with: ticket)?.hasSuffix("@\(company).example") == true)
        #expect(await connection.sqlState("SELECT * FROM users") == "42P01")
    }

    /// Companies beside the two, with three rows each.
    func addCompanies(_ names: [String]) async throws {
        for name in names {
            let home = try await owner.value(
                "SELECT schema_name FROM piste.create_company('C', $1, 'okta')", [.text(name)])
            try await owner.query(
                """
                INSERT INTO \(home).users (email, name)
                SELECT 'u' || n || '@\(name).example', 'User ' || n FROM generate_series(1, 3) AS n
                """)
        }
    }

    func leases(_ login: String) async throws -> Int {
        try await owner.number("SELECT count(*) FROM piste.lease WHERE login = $1", [.text(login)])
    }

    /// How many entries of the company's trail belong to this ticket.
    func entries(of ticket: String, _ condition: String = "true") async throws -> Int {
        try await owner.number(
            "SELECT count(*) FROM piste.entry WHERE context = $1::uuid AND \(condition)", [.text(ticket)])
    }
}
