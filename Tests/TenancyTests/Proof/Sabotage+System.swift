extension Sabotage {
    static let server = [
        Sabotage(
            "server.version", names: "the design needs 99.0 or newer",
            "CREATE OR REPLACE FUNCTION piste.oldest_server() RETURNS integer LANGUAGE sql AS 'SELECT 990000'"
        ),
        Sabotage(
            "server.flaws", names: "CVE-2999-1 is open",
            """
            CREATE OR REPLACE FUNCTION piste.known_flaws()
            RETURNS TABLE (cve text, what text, in_15 integer, in_16 integer, in_17 integer, in_18 integer)
            LANGUAGE sql AS $$ VALUES ('CVE-2999-1', 'x', 159999, 169999, 179999, 189999) $$
            """),
        Sabotage(
            "server.flaws", names: "the view pg_stats_ext is still the old one",
            """
            SET LOCAL allow_system_table_mods = on;
            DO $$ BEGIN EXECUTE 'CREATE OR REPLACE VIEW pg_catalog.pg_stats_ext AS '
                || replace(pg_get_viewdef('pg_stats_ext'::regclass), 'pg_has_role(c.relowner, ''USAGE''::text)', 'true'); END $$
            """),
        Sabotage("server.languages", names: "rogue", "CREATE LANGUAGE rogue HANDLER plpgsql_call_handler"),
        Sabotage("server.extensions", names: "dblink", "CREATE EXTENSION dblink SCHEMA public"),
        Sabotage(
            "settings.defaults", names: "row_security is set to 'off' for {alice}",
            "ALTER ROLE {alice} SET row_security = off"),
        Sabotage(
            "settings.defaults", names: "for every login",
            "ALTER DATABASE {database} SET role = 'piste_owner'"),
        Sabotage(
            "settings.defaults", names: "{acme}_reader", "ALTER ROLE {acme}_reader SET statement_timeout = 1"),
        Sabotage(
            "database.privileges", names: "TEMPORARY on the database is granted to PUBLIC",
            "GRANT TEMPORARY ON DATABASE {database} TO PUBLIC"),
        Sabotage(
            "database.privileges", names: "the engine's owner may create no schema in it",
            "REVOKE CREATE ON DATABASE {database} FROM piste_owner"),
        Sabotage(
            "database.privileges", names: "CREATE on the database is granted to {carol}",
            "GRANT CREATE ON DATABASE {database} TO {carol}"),
        Sabotage(
            "database.privileges", names: "belongs to the operator {bob}",
            "ALTER DATABASE {database} OWNER TO {bob}"),
        Sabotage("database.foreign-data", names: "rogue", "CREATE FOREIGN DATA WRAPPER rogue"),
        Sabotage(
            "database.replication", names: "publication rogue of {acme}.users",
            "CREATE PUBLICATION rogue FOR TABLE {acme}.users"),
        Sabotage(
            "database.event-triggers", names: "rogue",
            """
            CREATE FUNCTION public.listen() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
            CREATE EVENT TRIGGER rogue ON ddl_command_end EXECUTE FUNCTION public.listen()
            """),
        Sabotage("database.large-objects", names: "4711", "SELECT lo_create(4711)"),
        Sabotage(
            "database.system-objects", names: "pg_catalog.rogue",
            "CREATE FUNCTION pg_catalog.rogue() RETURNS int LANGUAGE sql AS 'SELECT 1'"),
        Sabotage(
            "database.system-objects", names: "cast", "CREATE CAST (text AS uuid) WITH INOUT AS IMPLICIT"),
        Sabotage(
            "database.system-privileges", names: "SELECT on table pg_authid is granted to {alice}",
            "GRANT SELECT ON pg_authid TO {alice}"),
        Sabotage(
            "database.system-privileges", names: "column pg_authid.rolpassword",
            "GRANT SELECT (rolpassword) ON pg_authid TO PUBLIC"),
        Sabotage(
            "database.system-privileges", names: "pg_read_file(text)",
            "GRANT EXECUTE ON FUNCTION pg_read_file(text) TO {carol}"),
        Sabotage(
            "database.system-privileges", names: "session_replication_role",
            "GRANT SET ON PARAMETER session_replication_role TO {carol}"),
        Sabotage(
            "database.system-privileges", names: "PUBLIC may execute pg_advisory_lock(bigint)",
            "GRANT EXECUTE ON FUNCTION pg_advisory_lock(bigint) TO PUBLIC"),
        Sabotage(
            "database.system-privileges", names: "function pg_try_advisory_lock(bigint)",
            "GRANT EXECUTE ON FUNCTION pg_try_advisory_lock(bigint) TO piste_owner"),
    ]

    static let surroundings = [
        Sabotage(
            "schemas.all", names: "t_0123456789ab belongs to no company", "CREATE SCHEMA t_0123456789ab"),
        Sabotage(
            "schemas.all", names: "side is open to piste_operators",
            "CREATE SCHEMA side; GRANT USAGE ON SCHEMA side TO piste_operators"),
        Sabotage(
            "schemas.all", names: "public lets operators create", "GRANT CREATE ON SCHEMA public TO PUBLIC"),
        Sabotage(
            "surroundings.relations", names: "SELECT on view public.leak is granted to {carol}",
            "CREATE VIEW public.leak AS SELECT * FROM {acme}.users; GRANT SELECT ON public.leak TO {carol}"),
        Sabotage(
            "surroundings.relations", names: "table public.side_table is granted to PUBLIC",
            "CREATE TABLE public.side_table (x int); GRANT SELECT (x) ON public.side_table TO PUBLIC"),
        Sabotage(
            "surroundings.shared", names: "rogue in piste_shared is no shared table's window",
            "CREATE VIEW piste_shared.rogue AS SELECT 1 AS x"),
        Sabotage(
            "surroundings.functions", names: "leak(text)",
            """
            CREATE FUNCTION public.leak(what text) RETURNS text LANGUAGE plpgsql SECURITY DEFINER
            AS 'BEGIN EXECUTE what INTO what; RETURN what; END'
            """),
        Sabotage(
            "surroundings.leakproof", names: "spy(text)",
            "CREATE FUNCTION public.spy(text) RETURNS boolean LANGUAGE sql LEAKPROOF AS 'SELECT true'"),
        Sabotage(
            "surroundings.default-privileges", names: "of piste_owner on tables in {acme}",
            "ALTER DEFAULT PRIVILEGES FOR ROLE piste_owner IN SCHEMA {acme} GRANT SELECT ON TABLES TO {carol}"
        ),
        Sabotage(
            "surroundings.default-privileges", names: "of postgres on functions",
            "ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO piste_operators"),
    ]
}
