import Postgres
import TestSupport
import Testing

/// Whoever publishes the database stops nothing in it.
struct PublicationTests {
    @Test func goesOnBesideAPublicationOfEverything() async throws {
        try await EngineWorld.run { world in
            try await world.owner.query("CREATE PUBLICATION everything FOR ALL TABLES")
            let (alice, jti) = try await world.inImpersonation("acme", as: world.alice)
            try await world.expectReading(alice)
            try await alice.query("UPDATE users SET status = 'suspended' WHERE id = 1")
            let bob = try await world.connect(world.bob)
            for call in [
                "create_company('Initech', 'initech', 'okta')", "rename_company('initech', 'Initech Two')",
                "set_company_policy('initech', 'denied', NULL, NULL, NULL, NULL)",
                "suspend_company('initech')",
                "resume_company('initech')", "rotate_signing_key('initech')",
                "set_setting('ticket_rate', '9')",
                "set_setting('ticket_rate', NULL)", "end_context('\(jti)', 'enough')", "verify_audit('acme')",
                "suspend_company('initech')",
                "delete_company('initech', 'initech')",
            ] {
                #expect(try await bob.refusal(call) == nil, "\(call)")
            }
            #expect(await bob.sqlState("SELECT * FROM piste.sweep()") == nil)
            // Its control: a table without an identity is one that a publication stops.
            try await world.owner.query("ALTER TABLE piste.setting REPLICA IDENTITY NOTHING")
            #expect(
                await world.owner.sqlState("SELECT * FROM piste.set_setting('ticket_rate', '8')") == "55000")
            await bob.close()
            await alice.close()
        }
    }

    @Test func givesEveryTableAnIdentity() async throws {
        try await EngineWorld.run { world in
            let without = """
                SELECT string_agg(c.oid::regclass::text, ' ') FROM pg_class c
                JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname ~ '^(piste|t_[0-9a-f]{12}$)'
                WHERE c.relkind IN ('r', 'p') AND c.relpersistence = 'p' AND c.relreplident <> 'f'
                  AND pg_get_replica_identity_index(c.oid) IS NULL
                """
            #expect(try await world.owner.value(without) == "")
            // Partitions too, and a key that PostgreSQL cannot use for it.
            try await world.owner.query(
                """
                SET ROLE piste_owner;
                """)
            try await world.owner.run(
                script: """
                    CREATE TABLE \(world.acme).parts (id int, at date) PARTITION BY RANGE (at);
                    CREATE TABLE \(world.acme).parts_1 PARTITION OF \(world.acme).parts FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
                    CREATE TABLE \(world.acme).late (id int PRIMARY KEY DEFERRABLE);
                    RESET ROLE;
                    """)
            let three = ["late", "parts", "parts_1"].map { "\(world.acme).\($0)" }
            #expect(
                try await world.owner.value(without).split(separator: " ").map(String.init).sorted() == three)
            try await world.owner.query("SELECT piste.identify_rows_in('\(world.acme)')")
            #expect(try await world.owner.value(without) == "")
        }
    }
}
