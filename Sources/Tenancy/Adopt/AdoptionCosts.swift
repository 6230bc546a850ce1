import FoundationEssentials
import Postgres

/// What an application's slowest queries would cost without the planner's statistics, by the planner's own estimate.
public enum AdoptionCosts: Hashable, Sendable {
    /// One query, as pg_stat_statements has it.
    public struct Query: Hashable, Sendable {
        /// Its text, with `$1` and so on for what differs from call to call.
        public let text: String
        /// How often it ran.
        public let calls: Int64
        /// How long it took on the average.
        public let milliseconds: Double
        /// What the planner estimates now, in its own unit.
        public let cost: Double
        /// What it would estimate with the statistics gone.
        public let costWithout: Double
        /// Whether it would choose other ways to the rows.
        public let isOtherPlan: Bool
    }

    /// The slowest queries that touch the schema, the slowest first; empty where none was seen.
    case measured([Query])
    /// A sentence that says why nothing could be measured, and how it can.
    case unmeasured(String)
}

extension TenancyClient {
    /// Asks the planner what the slowest queries on a schema's tables cost now, and without the statistics that go when it is
    /// guarded whole; all of it in a transaction that is taken back.
    ///
    /// The queries are the application's own, as pg_stat_statements recorded them. They are planned, not run, one command each,
    /// and with the rights of whoever owns the schema.
    public func costsWithoutStatistics(
        of schema: String, map: AdoptionMap, family: SchemaFamily, most: Int = 5
    ) async throws(TenancyError) -> AdoptionCosts {
        let place = try await wire.rows(
            "SELECT pg_catalog.quote_ident(n.nspname) FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pg_stat_statements'"
        ).first?.read { row throws(PostgresError) in try row.string(0) }
        guard let place else {
            return .unmeasured(
                "pg_stat_statements is not installed here. With it in shared_preload_libraries, CREATE EXTENSION pg_stat_statements "
                    + "and a day of the application's work, this tells what its slowest queries cost without statistics."
            )
        }
        let known: [(text: String, calls: Int64, milliseconds: Double)]
        do throws(TenancyError) {
            known = try await wire.rows(
                """
                SELECT s.query, sum(s.calls)::bigint, (sum(s.total_exec_time) / sum(s.calls))::text
                FROM \(place).pg_stat_statements s
                JOIN pg_catalog.pg_roles r ON r.oid = s.userid AND NOT r.rolsuper AND r.rolname !~ '^piste_'
                WHERE s.dbid = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
                  AND s.calls > 0 AND s.query ~* '^\\s*(select|with|insert|update|delete)\\M'
                  AND pg_catalog.has_schema_privilege(s.userid, $1, 'USAGE')
                GROUP BY s.query ORDER BY sum(s.total_exec_time) / sum(s.calls) DESC LIMIT 300
                """, [.text(schema)]
            ).read { row throws(PostgresError) in
                (
                    text: try row.string(0), calls: Int64(try row.int(1)),
                    milliseconds: Double(try row.string(2)) ?? 0
                )
            }
        } catch {
            return .unmeasured("pg_stat_statements tells nothing here: \(error.message)")
        }
        try await wire.rows("BEGIN")
        var planner = Planner(wire: wire, schema: schema)
        do throws(TenancyError) {
            try await planner.begin()
            var before: [(query: (text: String, calls: Int64, milliseconds: Double), plan: Planner.Plan)] = []
            for query in known where before.count < most {
                if let plan = try await planner.plan(query.text), plan.schemas.contains(schema) {
                    before.append((query, plan))
                }
            }
            var queries: [AdoptionCosts.Query] = []
            if !before.isEmpty {
                try await planner.forget(map.narrowed(to: family).json)
                for (query, plan) in before {
                    guard let without = try await planner.plan(query.text) else { continue }
                    queries.append(
                        AdoptionCosts.Query(
                            text: query.text, calls: query.calls, milliseconds: query.milliseconds,
                            cost: plan.cost, costWithout: without.cost, isOtherPlan: plan.ways != without.ways
                        ))
                }
            }
            await planner.end()
            return .measured(queries)
        } catch {
            await planner.end()
            guard error.code != .unreachable, error.code != .cancelled else { throw error }
            return .unmeasured("What queries cost without statistics could not be measured: \(error.message)")
        }
    }
}

/// The planner, asked for generic plans of queries whose values are not known.
private struct Planner {
    /// What is looked at in a plan.
    struct Plan {
        var cost = 0.0
        var schemas: Set<String> = []
        /// The nodes, with what they read.
        var ways: [String] = []
    }

    private struct Node: Decodable {
        let type: String
        let cost: Double
        let schema: String?
        let relation: String?
        let index: String?
        let below: [Node]?

        enum CodingKeys: String, CodingKey {
            case type = "Node Type"
            case cost = "Total Cost"
            case schema = "Schema"
            case relation = "Relation Name"
            case index = "Index Name"
            case below = "Plans"
        }

        func add(to plan: inout Plan) {
            if let schema { plan.schemas.insert(schema) }
            plan.ways.append([type, relation, index].compactMap(\.self).joined(separator: " "))
            for node in below ?? [] { node.add(to: &plan) }
        }
    }

    private struct Answer: Decodable {
        let plan: Node

        enum CodingKeys: String, CodingKey { case plan = "Plan" }
    }

    let wire: Wire
    let schema: String
    private var prepared: [String] = []
    private var owner = ""

    init(wire: Wire, schema: String) {
        self.wire = wire
        self.schema = schema
    }

    mutating func begin() async throws(TenancyError) {
        owner =
            try await wire.rows(
                "SELECT pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(n.nspowner)) FROM pg_catalog.pg_namespace n WHERE n.nspname = $1",
                [.text(schema)]
            ).first?.read { row throws(PostgresError) in try row.string(0) } ?? "NONE"
        try await wire.rows("SET LOCAL plan_cache_mode = force_generic_plan")
        try await wire.rows("SET LOCAL search_path TO \(Quoted.identifier(schema)), public")
    }

    /// The plan of a query; nil for what cannot be planned here.
    ///
    /// It is prepared by itself, since PostgreSQL takes one command that way, and no other that hides in a text.
    mutating func plan(_ text: String) async throws(TenancyError) -> Plan? {
        let name = "piste_asked_\(prepared.count + 1)"
        try await wire.rows("SAVEPOINT asked")
        do throws(TenancyError) {
            try await wire.rows("SET LOCAL ROLE \(owner)")
            try await wire.rows("PREPARE \(name) AS \(text)")
            prepared.append(name)
            let count =
                try await wire.rows(
                    "SELECT pg_catalog.cardinality(p.parameter_types) FROM pg_catalog.pg_prepared_statements p WHERE p.name = $1",
                    [.text(name)]
                ).first?.read { row throws(PostgresError) in try row.int(0) } ?? 0
            let values = count == 0 ? "" : "(\(repeatElement("NULL", count: count).joined(separator: ", ")))"
            let json = try await wire.rows(
                "EXPLAIN (VERBOSE, FORMAT JSON) EXECUTE \(name)\(values)", deadline: .seconds(10)
            ).first?.read { row throws(PostgresError) in try row.string(0) }
            try await wire.rows("ROLLBACK TO asked")
            guard let json,
                let answer = try? JSONDecoder().decode([Answer].self, from: Data(json.utf8)).first
            else { return nil }
            var plan = Plan(cost: answer.plan.cost)
            answer.plan.add(to: &plan)
            return plan
        } catch {
            guard error.sqlState != nil else { throw error }
            try await wire.rows("ROLLBACK TO asked")
            return nil
        }
    }

    /// Has the planner know what it knows of a schema that is guarded whole, until the transaction ends.
    func forget(_ map: String) async throws(TenancyError) {
        let statement = try await wire.rows(
            "SELECT piste.forget_samples($1, $2::jsonb)", [.text(schema), .text(map)]
        ).first?.read { row throws(PostgresError) in try row.string(0) }
        if let statement { try await wire.rows(statement) }
    }

    /// Takes everything back.
    mutating func end() async {
        _ = try? await wire.rows("ROLLBACK")
        for name in prepared { _ = try? await wire.rows("DEALLOCATE \(name)") }
        prepared = []
    }
}
