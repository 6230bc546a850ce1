import Postgres
import TestSupport
import Testing

/// What a company's tables look like from inside.
struct ShapeTests {
    @Test func byTicket() async throws {
        try await EngineWorld.run { world in
            let till = try await world.connect(world.till)
            #expect(await till.begin(using: try await till.ticket("acme", "*")) == nil)
            let tables = try await till.query("SELECT * FROM piste.tables()")
            #expect(try tables.map { try $0.string("name") } == ["journey_steps", "journeys", "users"])
            #expect(
                try tables.allSatisfy {
                    try $0.bool("may_insert") && $0.bool("may_update") && $0.bool("may_delete")
                })
            let columns = try await till.query("SELECT * FROM piste.columns('users')")
            #expect(try columns[0].string("name") == "id" && columns[0].string("filled") == "identity")
            #expect(try columns[1].string("type") == "character varying(254)" && !columns[1].bool("nullable"))
            let keys = try await till.query("SELECT * FROM piste.table_keys('journey_steps')")
            #expect(
                try keys.map { "\(try $0.string("kind")) \(try $0.string("columns"))" }
                    == ["primary {id}", "unique {journey_id,position}", "foreign {journey_id}"])
            #expect(
                try keys[2].string("names_table") == "journeys" && keys[2].string("names_columns") == "{id}")
            await till.attempt("SAVEPOINT s")
            for table in ["audit", "nothing", "pg_class", "users; --"] {
                #expect(await till.sqlState("SELECT * FROM piste.columns($1)", [.text(table)]) == "PT404")
                await till.attempt("ROLLBACK TO s")
                #expect(await till.sqlState("SELECT * FROM piste.table_keys($1)", [.text(table)]) == "PT404")
                await till.attempt("ROLLBACK TO s")
            }
            try await till.query("ROLLBACK")
            await till.close()
        }
    }

    @Test func inAContext() async throws {
        try await EngineWorld.run { world in
            let (alice, _) = try await world.inside("acme", as: world.alice)
            let tables = try await alice.query("SELECT * FROM piste.tables()")
            #expect(tables.count == 3)
            #expect(try tables.allSatisfy { try !$0.bool("may_update") })
            #expect(try await alice.query("SELECT * FROM piste.table_keys('journeys')").count == 2)
            try await alice.query("SELECT piste.leave()")
            #expect(await alice.sqlState("SELECT * FROM piste.tables()") == "PT401")
            await alice.close()
            let (agent, _) = try await world.inImpersonation("acme", as: world.alice)
            let changeable = try await agent.value(
                "SELECT string_agg(name, ',') FROM piste.columns('users') WHERE may_update")
            #expect(changeable == "status")
            await agent.close()
        }
    }
}
