package import Postgres

/// What tests look at a trail with: they are superusers, and see and spoil what nobody else can.
package enum TrailViews {
    /// Makes, in a database with the engine, `piste_test.trail(home)`, the sealed entries of the company with this store (or of
    /// `piste`, the control trail), and `piste_test.recorded(entry)`, the values
    /// of one, and `piste_test.open()`, which gives each company the views `piste_test.<store>` and
    /// `piste_test.head_<store>` onto its entries and its head.
    package static func install(on connection: Connection) async throws {
        try await connection.run(
            script: """
                CREATE SCHEMA piste_test;
                CREATE FUNCTION piste_test.trail(home text) RETURNS SETOF piste.entry LANGUAGE plpgsql AS $$
                DECLARE
                    firm uuid := coalesce(
                        (SELECT k.id FROM piste.company k WHERE k.schema_name = home), piste.no_company());
                BEGIN
                    PERFORM piste.seal_trail(firm, 'wait', 10000000);
                    RETURN QUERY SELECT e.* FROM piste.entry e WHERE e.company = firm ORDER BY e.seq;
                END $$;
                CREATE FUNCTION piste_test.recorded(e piste.entry) RETURNS jsonb LANGUAGE sql AS $$
                    SELECT v.content::jsonb FROM piste.entry_values v
                    WHERE v.company = e.company AND v.entry = e.id
                $$;
                CREATE FUNCTION piste_test.open() RETURNS void LANGUAGE plpgsql AS $$
                DECLARE
                    each record;
                BEGIN
                    FOR each IN
                        SELECT k.id, k.schema_name FROM piste.company k
                        UNION ALL SELECT piste.no_company(), 'piste'
                    LOOP
                        EXECUTE format(
                            'CREATE OR REPLACE VIEW piste_test.%I AS SELECT * FROM piste.entry WHERE company = %L',
                            each.schema_name, each.id);
                        EXECUTE format(
                            'CREATE OR REPLACE VIEW piste_test.%I AS SELECT * FROM piste.trail WHERE company = %L',
                            'head_' || each.schema_name, each.id);
                    END LOOP;
                END $$;
                """)
    }
}
