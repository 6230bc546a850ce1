import Postgres
import TestSupport
import Testing

/// What PostgreSQL's own machinery offers to somebody in a context.
struct PrivilegeTests {
    @Test func refusesWhatWouldOutliveOrShadowOrEscape() async throws {
        try await EngineWorld.run { world in
            let (alice, _) = try await world.inside("acme", as: world.alice)
            try await alice.declare()
            for sql in [
                "CREATE TEMP TABLE users (i int)", "CREATE TABLE x (i int)", "CREATE SCHEMA x",
                "CREATE TABLE piste.x (i int)",
                "CREATE TABLE public.x (i int)", "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
                "ALTER TABLE users DISABLE ROW LEVEL SECURITY",
                "DROP POLICY gate_select ON \(world.acme).users",
                "CREATE POLICY p ON users USING (true)", "TRUNCATE \(world.acme).users", "LOCK TABLE users",
                "SELECT * FROM \(world.acme).audit", "SELECT * FROM \(world.acme).users",
                "ALTER VIEW users SET (security_barrier)", "CREATE OR REPLACE VIEW users AS SELECT 1",
                "COPY users TO PROGRAM 'cat'", "COPY users FROM STDIN", "SELECT lo_create(0)",
                "SELECT lo_from_bytea(0, '')",
                "SELECT pg_read_file('PG_VERSION')", "SET ROLE \(world.acme)_agent",
                "SET ROLE \(world.acme)_writer",
                "SET ROLE \(world.globex)_reader", "SET ROLE piste_owner", "SET ROLE piste_roles",
                "SET ROLE piste_signal",
                "SET SESSION AUTHORIZATION \(world.bob)", "ALTER ROLE \(world.acme)_reader LOGIN",
                "ALTER ROLE \(world.acme)_reader SUPERUSER", "GRANT \(world.acme)_reader TO \(world.carol)",
                "DO $$ BEGIN PERFORM set_config('role', '\(world.globex)_reader', false); END $$",
                "UPDATE users SET status = 'active'", "DELETE FROM users",
                "SELECT nextval('piste.backend_entry')",
            ] {
                let state = await alice.sqlState(sql)
                #expect(
                    state == "42501" || (sql == "LOCK TABLE users" && state == "25P01"),
                    "\(sql): \(state ?? "done")")
            }
            try await alice.declare()
            #expect(try await alice.count("users") == EngineWorld.users)
            await alice.close()
        }
    }

    @Test func hidesTheControlTablesAndTheInnerFunctions() async throws {
        try await EngineWorld.run { world in
            let bob = try await world.connect(world.bob)
            let tables = try await world.owner.query(
                "SELECT relname FROM pg_class WHERE relnamespace = 'piste'::regnamespace AND relkind IN ('r', 'S')"
            )
            #expect(tables.count >= 10)
            for table in tables {
                #expect(await bob.sqlState("SELECT * FROM piste.\(try table.string(0))") == "42501")
            }
            let open = try await world.owner.value(
                """
                SELECT string_agg(p.proname, ' ' ORDER BY p.proname) FROM pg_proc p
                WHERE p.pronamespace = 'piste'::regnamespace AND has_function_privilege($1, p.oid, 'EXECUTE')
                """, [.text(world.bob)])
            #expect(
                open.split(separator: " ").map(String.init) == [
                    "add_operator",
                    "adopt",
                    "adopted_here",
                    "adoption_statements",
                    "archive_tables",
                    "archive_trail",
                    "audit_checkpoint",
                    "audit_days",
                    "audit_extent",
                    "audit_figures",
                    "audit_records",
                    "audit_trail",
                    "audit_values",
                    "begin_probes",
                    "chain_heads",
                    "change_probe_token",
                    "claim_request",
                    "close_own_context",
                    "columns",
                    "companies",
                    "companies_count",
                    "companies_report",
                    "company",
                    "company_provider",
                    "compare_head",
                    "contexts",
                    "create_company",
                    "decide_request",
                    "declare",
                    "declare_companies_export",
                    "declare_trail",
                    "delete_company",
                    "deletion_certificates",
                    "drain",
                    "durability_report",
                    "end_context",
                    "end_context_of",
                    "end_probes",
                    "end_share",
                    "enqueue",
                    "enter",
                    "erase_values",
                    "exchange_id_token",
                    "export_company",
                    "export_facts",
                    "export_records",
                    "finish_adoption",
                    "finish_export",
                    "finish_jobs",
                    "finish_share",
                    "fleet",
                    "forget_steps",
                    "generate_context_token",
                    "impersonate_company",
                    "inspect_token",
                    "isolation_report",
                    "jobs",
                    "leave",
                    "leave_session",
                    "left_role",
                    "let_drain",
                    "link_user",
                    "look_at_schemas",
                    "look_at_tables",
                    "metrics",
                    "migrate_company",
                    "migrations",
                    "missed",
                    "missed_reasons",
                    "next_sweep",
                    "observe_schema",
                    "open_context",
                    "open_export",
                    "open_ticket",
                    "open_until",
                    "operators",
                    "outbox",
                    "plan_adoption",
                    "plan_other_degree",
                    "plan_share",
                    "played_here",
                    "proof_facts",
                    "record_proof",
                    "record_refused_id_token",
                    "release",
                    "release_company",
                    "remove_company_provider",
                    "remove_operator",
                    "rename_company",
                    "request",
                    "requests",
                    "resume_company",
                    "role_stem_of",
                    "rotate_signing_key",
                    "schema_difference",
                    "schemas_like",
                    "seal",
                    "set_company_policy",
                    "set_company_provider",
                    "set_setting",
                    "setting",
                    "settings",
                    "share_table",
                    "shared_tables",
                    "signing_keys",
                    "stop_sharing",
                    "strip_probe_windows",
                    "suspend_company",
                    "sweep",
                    "table_keys",
                    "tables",
                    "take_role",
                    "take_windows_down",
                    "ticket",
                    "ticket_figures",
                    "try_statement",
                    "undoing_statements",
                    "use",
                    "verify_audit",
                    "watch_audit",
                    "watch_requests",
                    "whoami",
                    "withdraw_request",
                ])
            await bob.close()
        }
    }

    @Test func pinsThePathOfEveryDefinerFunctionAndGivesPublicNothing() async throws {
        try await EngineWorld.run { world in
            let loose = try await world.owner.query(
                """
                SELECT proname FROM pg_proc
                WHERE pronamespace = 'piste'::regnamespace AND prosecdef
                  AND NOT coalesce('search_path=pg_catalog, pg_temp' = ANY (proconfig), false)
                """)
            #expect(loose.count == 0)
            let open = try await world.owner.query(
                """
                SELECT p.proname FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a
                WHERE p.pronamespace IN ('piste'::regnamespace, 'piste_crypto'::regnamespace) AND a.grantee = 0
                  AND p.proname NOT LIKE '%trgm%' AND p.probin IS DISTINCT FROM '$libdir/pg_trgm'
                """)
            #expect(open.count == 0)
        }
    }

    @Test func putsOneForcedGateAndOneWindowOnEveryTenantTable() async throws {
        try await EngineWorld.run { world in
            let bare = try await world.owner.query(
                """
                SELECT relname FROM pg_class
                WHERE relnamespace = $1::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f')
                  AND NOT (relkind = 'r' AND relrowsecurity AND relforcerowsecurity)
                """, [.text(world.acme)])
            #expect(bare.count == 0)
            // One a command for everybody, and one by which the owner reads on behalf of the windows.
            let policies = try await world.owner.query(
                """
                SELECT tablename, cmd FROM pg_policies WHERE schemaname = $1
                GROUP BY tablename, cmd
                HAVING count(*) FILTER (WHERE policyname <> 'owner_reads') <> 1
                    OR bool_or(policyname = 'owner_reads' AND (roles <> '{piste_owner}' OR cmd <> 'SELECT'))
                    OR bool_or(permissive <> 'PERMISSIVE')
                """, [.text(world.acme)])
            #expect(policies.count == 0)
            let windows = try await world.owner.value(
                """
                SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class
                WHERE relnamespace = $1::regnamespace AND relkind = 'v' AND relowner = 'piste_owner'::regrole
                """, [.text(world.acme.windows)])
            #expect(windows == "journey_steps journeys users")
            #expect(
                try await world.owner.number(
                    "SELECT count(*) FROM pg_class WHERE relnamespace = $1::regnamespace",
                    [.text(world.acme.windows)]) == 3)
        }
    }

    @Test func holdsUnderParallelEnteringLeavingAndSwitching() async throws {
        try await EngineWorld.run { world in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for worker in 0..<6 {
                    group.addTask {
                        let shop = try await world.connect(world.shop)
                        for round in 0..<12 {
                            let company = (worker + round) % 2 == 0 ? "acme" : "globex"
                            let token = try await shop.token(company)
                            #expect(
                                try await shop.refusal(
                                    "enter($1, 'users.read', 'users')", [.text(token.text)]) == nil)
                            let foreign = try await shop.number(
                                "SELECT count(*) FROM users WHERE email NOT LIKE $1",
                                [.text("%@\(company).example")])
                            #expect(foreign == 0)
                            #expect(try await shop.count("users") == EngineWorld.users)
                            if round % 3 == 0 { try await shop.query("SELECT piste.leave()") }
                        }
                        try await shop.query("SELECT piste.leave()")
                        await shop.close()
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await world.memberships(world.shop) == 0)
            for company in ["acme", "globex"] {
                #expect(try await world.owner.value("SELECT ok FROM piste.verify_audit('\(company)')") == "t")
            }
        }
    }
}
