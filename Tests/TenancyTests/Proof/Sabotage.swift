import Testing

/// Something that a superuser breaks, and the check that has to name it.
///
/// In both texts `{acme}` and `{globex}` are the companies' schemas, `{alice}`, `{bob}`, `{carol}` logins and `{database}`
/// the database. Alice is in acme.
struct Sabotage: Sendable, CustomTestStringConvertible {
    let check: String
    /// What the evidence must hold.
    let named: String
    let sql: String

    init(_ check: String, names named: String, _ sql: String) {
        self.check = check
        self.named = named
        self.sql = sql
    }

    var testDescription: String { "\(check): \(sql)" }

    /// The part of the system that is broken.
    var family: String { String(check.prefix { $0 != "." }) }
}

extension Sabotage {
    static let all: [Sabotage] = server + surroundings + roles + engine + companies

    private static let server = [
        Sabotage(
            "server.version", names: "the design needs 99.0 or newer",
            "CREATE OR REPLACE FUNCTION piste.oldest_server() RETURNS integer LANGUAGE sql AS 'SELECT 990000'"),
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
        Sabotage("settings.defaults", names: "row_security is set to 'off' for {alice}", "ALTER ROLE {alice} SET row_security = off"),
        Sabotage("settings.defaults", names: "for every login", "ALTER DATABASE {database} SET role = 'piste_owner'"),
        Sabotage("settings.defaults", names: "{acme}_reader", "ALTER ROLE {acme}_reader SET statement_timeout = 1"),
        Sabotage("database.privileges", names: "TEMPORARY on the database is granted to PUBLIC", "GRANT TEMPORARY ON DATABASE {database} TO PUBLIC"),
        Sabotage("database.privileges", names: "CREATE on the database is granted to {carol}", "GRANT CREATE ON DATABASE {database} TO {carol}"),
        Sabotage("database.privileges", names: "belongs to the operator {bob}", "ALTER DATABASE {database} OWNER TO {bob}"),
        Sabotage("database.foreign-data", names: "rogue", "CREATE FOREIGN DATA WRAPPER rogue"),
        Sabotage("database.replication", names: "publication rogue of {acme}.users", "CREATE PUBLICATION rogue FOR TABLE {acme}.users"),
        Sabotage(
            "database.event-triggers", names: "rogue",
            """
            CREATE FUNCTION public.listen() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
            CREATE EVENT TRIGGER rogue ON ddl_command_end EXECUTE FUNCTION public.listen()
            """),
        Sabotage("database.large-objects", names: "4711", "SELECT lo_create(4711)"),
        Sabotage("database.system-objects", names: "pg_catalog.rogue", "CREATE FUNCTION pg_catalog.rogue() RETURNS int LANGUAGE sql AS 'SELECT 1'"),
        Sabotage("database.system-objects", names: "cast", "CREATE CAST (text AS uuid) WITH INOUT AS IMPLICIT"),
        Sabotage("database.system-privileges", names: "SELECT on table pg_authid is granted to {alice}", "GRANT SELECT ON pg_authid TO {alice}"),
        Sabotage("database.system-privileges", names: "column pg_authid.rolpassword", "GRANT SELECT (rolpassword) ON pg_authid TO PUBLIC"),
        Sabotage("database.system-privileges", names: "pg_read_file(text)", "GRANT EXECUTE ON FUNCTION pg_read_file(text) TO {carol}"),
        Sabotage("database.system-privileges", names: "session_replication_role", "GRANT SET ON PARAMETER session_replication_role TO {carol}"),
    ]

    private static let surroundings = [
        Sabotage("schemas.all", names: "t_0123456789ab belongs to no company", "CREATE SCHEMA t_0123456789ab"),
        Sabotage("schemas.all", names: "side is open to piste_operators", "CREATE SCHEMA side; GRANT USAGE ON SCHEMA side TO piste_operators"),
        Sabotage("schemas.all", names: "public lets operators create", "GRANT CREATE ON SCHEMA public TO PUBLIC"),
        Sabotage(
            "surroundings.relations", names: "SELECT on view public.leak is granted to {carol}",
            "CREATE VIEW public.leak AS SELECT * FROM {acme}.users; GRANT SELECT ON public.leak TO {carol}"),
        Sabotage(
            "surroundings.relations", names: "table public.side_table is granted to PUBLIC",
            "CREATE TABLE public.side_table (x int); GRANT SELECT (x) ON public.side_table TO PUBLIC"),
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
            "ALTER DEFAULT PRIVILEGES FOR ROLE piste_owner IN SCHEMA {acme} GRANT SELECT ON TABLES TO {carol}"),
        Sabotage(
            "surroundings.default-privileges", names: "of postgres on functions",
            "ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO piste_operators"),
    ]

    private static let roles = [
        Sabotage("roles.superusers", names: "the operator {bob} is a superuser", "ALTER ROLE {bob} SUPERUSER"),
        Sabotage("roles.bypass", names: "rogue bypasses row level security", "CREATE ROLE rogue LOGIN BYPASSRLS"),
        Sabotage("roles.createrole", names: "rogue can create roles", "CREATE ROLE rogue LOGIN CREATEROLE"),
        Sabotage("roles.predefined", names: "rogue is in pg_read_all_data", "CREATE ROLE rogue LOGIN; GRANT pg_read_all_data TO rogue"),
        Sabotage("memberships.engine", names: "{bob} is in piste_owner", "GRANT piste_owner TO {bob}"),
        Sabotage("memberships.engine", names: "rogue is in piste_operators", "CREATE ROLE rogue LOGIN; GRANT piste_operators TO rogue"),
        Sabotage("memberships.companies", names: "{carol} is in {globex}_writer of globex without an open context", "GRANT {globex}_writer TO {carol}"),
        Sabotage("memberships.companies", names: "{alice} is in {acme}_writer", "GRANT {acme}_writer TO {alice}"),
        Sabotage("memberships.companies", names: "{alice} may put others into {acme}_reader", "GRANT {acme}_reader TO {alice} WITH ADMIN OPTION"),
        Sabotage("roles.companies", names: "{acme}_reader can log in", "ALTER ROLE {acme}_reader LOGIN"),
        Sabotage("roles.companies", names: "{acme}_agent is in {globex}_reader", "GRANT {globex}_reader TO {acme}_agent"),
        Sabotage("roles.companies", names: "{acme}_writer has an attribute", "ALTER ROLE {acme}_writer CREATEDB"),
        Sabotage("roles.companies", names: "{acme}_agent of acme is missing", "ALTER ROLE {acme}_agent RENAME TO gone_agent"),
        Sabotage("operators.attributes", names: "{carol} can create databases", "ALTER ROLE {carol} CREATEDB"),
        Sabotage("operators.attributes", names: "{carol} inherits", "ALTER ROLE {carol} INHERIT"),
        Sabotage("operators.attributes", names: "{carol} is a superuser", "ALTER ROLE {carol} SUPERUSER"),
        Sabotage("operators.attributes", names: "{carol} can replicate", "ALTER ROLE {carol} REPLICATION"),
        Sabotage("operators.memberships", names: "{carol} is in rogue", "CREATE ROLE rogue; GRANT rogue TO {carol}"),
        Sabotage("operators.memberships", names: "{carol} is in pg_monitor", "GRANT pg_monitor TO {carol}"),
        Sabotage("operators.memberships", names: "{carol} is in the operator {bob}", "GRANT {bob} TO {carol}"),
        Sabotage("operators.privileges", names: "{carol} has privileges on table {globex}.users", "GRANT SELECT ON {globex}.users TO {carol}"),
        Sabotage(
            "operators.privileges", names: "piste.random_bytes",
            "GRANT EXECUTE ON FUNCTION piste.random_bytes(integer) TO {carol}"),
        Sabotage("operators.privileges", names: "{carol} owns table public.mine", "CREATE TABLE public.mine (); ALTER TABLE public.mine OWNER TO {carol}"),
        Sabotage("operators.privileges", names: "{carol} may grant EXECUTE", "GRANT EXECUTE ON FUNCTION piste.whoami() TO {carol} WITH GRANT OPTION"),
        Sabotage("operators.creating", names: "{carol} may create temporary tables", "GRANT TEMPORARY ON DATABASE {database} TO {carol}"),
        Sabotage("operators.creating", names: "{carol} may create objects in public", "GRANT CREATE ON SCHEMA public TO {carol}"),
    ]

    private static let engine = [
        Sabotage("engine.manifest", names: "there is no manifest", "DELETE FROM piste.manifest"),
        Sabotage(
            "engine.manifest", names: "is not the one that the control trail names",
            "UPDATE piste.manifest SET definition = '{}' WHERE object = 'piste.whoami()'"),
        Sabotage("engine.tables", names: "column piste.context.rogue was not installed", "ALTER TABLE piste.context ADD COLUMN rogue text"),
        Sabotage("engine.tables", names: "index piste.company_by_name is missing", "DROP INDEX piste.company_by_name"),
        Sabotage("engine.tables", names: "table piste.signing_key was changed: owner is {bob}", "ALTER TABLE piste.signing_key OWNER TO {bob}"),
        Sabotage(
            "engine.functions", names: "piste.open_until(uuid,text,text) was changed: its text is another",
            """
            CREATE OR REPLACE FUNCTION piste.open_until(company uuid, resource text, command text DEFAULT 'read')
            RETURNS timestamptz LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
            AS $$ SELECT 'infinity'::timestamptz $$
            """),
        Sabotage("engine.functions", names: "function piste.rogue() was not installed", "CREATE FUNCTION piste.rogue() RETURNS int LANGUAGE sql AS 'SELECT 1'"),
        Sabotage("engine.functions", names: "privileges is", "GRANT EXECUTE ON FUNCTION piste.append_all(text, text, text, uuid, text[], text[], jsonb[]) TO piste_operators"),
        Sabotage("engine.functions", names: "function piste.sweep() is missing", "DROP FUNCTION piste.sweep()"),
        Sabotage("engine.triggers", names: "trigger piste.audit.append_only was changed: enabled is D", "ALTER TABLE piste.audit DISABLE TRIGGER append_only"),
        Sabotage(
            "engine.triggers", names: "rule piste.audit.quiet was not installed",
            "CREATE RULE quiet AS ON INSERT TO piste.audit DO INSTEAD NOTHING"),
        Sabotage("engine.roles", names: "role piste_owner was changed: login is true", "ALTER ROLE piste_owner LOGIN"),
        Sabotage("engine.roles", names: "role piste_signal was changed: memberships", "GRANT pg_read_all_data TO piste_signal"),
        Sabotage("engine.roles", names: "schema piste was changed: privileges", "GRANT CREATE ON SCHEMA piste TO piste_operators"),
        Sabotage("engine.other-objects", names: "piste.rogue", "CREATE TYPE piste.rogue AS ENUM ('a')"),
        Sabotage("engine.definer-paths", names: "piste.declare(text,text,jsonb) runs with the rights of piste_owner on the path of its caller", "ALTER FUNCTION piste.declare(text, text, jsonb) RESET search_path"),
        Sabotage("engine.definer-paths", names: "on the path public", "ALTER FUNCTION piste.whoami() SET search_path = public"),
        Sabotage("engine.public", names: "PUBLIC may execute piste.close_own_context()", "GRANT EXECUTE ON FUNCTION piste.close_own_context() TO PUBLIC"),
        Sabotage("engine.public", names: "PUBLIC has SELECT on piste.company", "GRANT SELECT ON piste.company TO PUBLIC"),
        Sabotage("engine.public", names: "PUBLIC has USAGE on the schema piste_crypto", "GRANT USAGE ON SCHEMA piste_crypto TO PUBLIC"),
        Sabotage("engine.control-tables", names: "SELECT on piste.signing_key is granted to {bob}", "GRANT SELECT ON piste.signing_key TO {bob}"),
        Sabotage("engine.control-tables", names: "piste.signing_key.secret is granted to piste_operators", "GRANT SELECT (secret) ON piste.signing_key TO piste_operators"),
        Sabotage("engine.belongings", names: "public.rogue belongs to piste_owner", "CREATE TABLE public.rogue (); ALTER TABLE public.rogue OWNER TO piste_owner"),
        Sabotage("engine.blueprints", names: "blueprint 2 (engine 2) is not the text", "UPDATE piste.blueprint SET template = template || '-- and more' WHERE version = 2"),
    ]

    private static let companies = [
        Sabotage("company.schemas", names: "acme: the schema {acme} belongs to {bob}", "ALTER SCHEMA {acme} OWNER TO {bob}"),
        Sabotage("company.schemas", names: "acme: its schema {acme} is missing", "ALTER SCHEMA {acme} RENAME TO gone"),
        Sabotage("gate.enabled-and-forced", names: "acme: row level security of table {acme}.users is not forced", "ALTER TABLE {acme}.users NO FORCE ROW LEVEL SECURITY"),
        Sabotage("gate.enabled-and-forced", names: "acme: row level security of table {acme}.journeys is not enabled", "ALTER TABLE {acme}.journeys DISABLE ROW LEVEL SECURITY"),
        Sabotage("gate.enabled-and-forced", names: "{acme}.bare is not enabled", "CREATE TABLE {acme}.bare (id bigint)"),
        Sabotage("gate.one-policy-per-command", names: "acme: policy more on table {acme}.users is one too many", "CREATE POLICY more ON {acme}.users USING (true)"),
        Sabotage("gate.one-policy-per-command", names: "acme: policy gate_select on table {acme}.users is not the gate", "ALTER POLICY gate_select ON {acme}.users USING (true)"),
        Sabotage("gate.one-policy-per-command", names: "acme: table {acme}.users has no policy gate_delete", "DROP POLICY gate_delete ON {acme}.users"),
        Sabotage(
            "gate.one-policy-per-command", names: "acme: policy gate_select on table {acme}.users is not the gate",
            """
            DROP POLICY gate_select ON {acme}.users;
            CREATE POLICY gate_select ON {acme}.users FOR SELECT USING (clock_timestamp() < (
                SELECT piste.open_until((SELECT id FROM piste.company WHERE url_id = 'globex'), 'users')))
            """),
        Sabotage("company.owners", names: "acme: {acme}.journeys belongs to {carol}", "ALTER TABLE {acme}.journeys OWNER TO {carol}"),
        Sabotage("company.relations", names: "{acme}.spy is a view with its owner's rights", "CREATE VIEW {acme}.spy AS SELECT * FROM {acme}.users"),
        Sabotage("company.relations", names: "{acme}.copy is a materialized view", "CREATE MATERIALIZED VIEW {acme}.copy AS SELECT 1 AS x"),
        Sabotage("company.relations", names: "{globex}.child inherits from {acme}.users", "CREATE TABLE {globex}.child () INHERITS ({acme}.users)"),
        Sabotage("company.relations", names: "{acme}.parted is partitioned", "CREATE TABLE {acme}.parted (id int) PARTITION BY LIST (id)"),
        Sabotage("company.grants", names: "acme: SELECT on table {acme}.users is granted to {globex}_reader", "GRANT SELECT ON {acme}.users TO {globex}_reader"),
        Sabotage("company.grants", names: "acme: SELECT on column {acme}.users.email is granted to PUBLIC", "GRANT SELECT (email) ON {acme}.users TO PUBLIC"),
        Sabotage("company.grants", names: "TRUNCATE on table {acme}.users is granted to {acme}_writer", "GRANT TRUNCATE ON {acme}.users TO {acme}_writer"),
        Sabotage("company.grants", names: "who may pass it on", "GRANT SELECT ON {acme}.users TO {acme}_reader WITH GRANT OPTION"),
        Sabotage("company.grants", names: "SELECT on table {acme}.audit is granted to {acme}_reader", "GRANT SELECT ON {acme}.audit TO {acme}_reader"),
        Sabotage("company.grants", names: "USAGE on the schema {acme} is granted to {globex}_agent", "GRANT USAGE ON SCHEMA {acme} TO {globex}_agent"),
        Sabotage("company.role-privileges", names: "acme: {acme}_reader has privileges on table public.side", "CREATE TABLE public.side (); GRANT SELECT ON public.side TO {acme}_reader"),
        Sabotage("company.role-privileges", names: "acme: {acme}_writer owns table public.side", "CREATE TABLE public.side (); ALTER TABLE public.side OWNER TO {acme}_writer"),
        Sabotage("company.triggers", names: "acme: trigger recorded on table {acme}.users is switched off", "ALTER TABLE {acme}.users DISABLE TRIGGER recorded"),
        Sabotage("company.triggers", names: "acme: table {acme}.audit has no trigger that keeps it append-only", "DROP TRIGGER append_only ON {acme}.audit"),
        Sabotage("company.triggers", names: "calls suppress_redundant_updates_trigger()", "CREATE TRIGGER quiet BEFORE UPDATE ON {acme}.users FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()"),
        Sabotage(
            "company.foreign-keys", names: "acme: foreign key outward of {acme}.journeys leads to {globex}.users",
            "ALTER TABLE {acme}.journeys ADD CONSTRAINT outward FOREIGN KEY (user_id) REFERENCES {globex}.users NOT VALID"),
        Sabotage("company.functions", names: "acme: function {acme}.peek() has its owner's rights", "CREATE FUNCTION {acme}.peek() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'"),
        Sabotage("company.functions", names: "acme: rule quiet on {acme}.users", "CREATE RULE quiet AS ON UPDATE TO {acme}.users DO ALSO NOTHING"),
        Sabotage("company.dependents", names: "acme: rule \"_RETURN\" on public.leak depends on {acme}.users", "CREATE VIEW public.leak AS SELECT * FROM {acme}.users"),
        Sabotage(
            "company.dependents", names: "globex: table public.child depends on {globex}.users",
            "CREATE TABLE public.child () INHERITS ({globex}.users)"),
        Sabotage("company.statistics", names: "acme: the planner keeps samples of {acme}.users.email", "ALTER TABLE {acme}.users ALTER email SET STATISTICS 100"),
        Sabotage("company.keys", names: "shares a signing key with", "UPDATE piste.signing_key SET secret = (SELECT min(secret::text)::bytea FROM piste.signing_key)"),
        Sabotage("company.keys", names: "0 signing keys are in use", "UPDATE piste.signing_key SET retired_at = now()"),
        Sabotage("contexts.limits", names: "acme: the context", "UPDATE piste.context SET expires_at = expires_at + interval '1 day'"),
        Sabotage("company.structure", names: "acme: column {acme}.users.rogue is one too many", "ALTER TABLE {acme}.users ADD COLUMN rogue text"),
        Sabotage("company.structure", names: "acme: index {acme}.users_by_name is missing", "DROP INDEX {acme}.users_by_name"),
        Sabotage("company.structure", names: "acme: column {acme}.users.status is", "ALTER TABLE {acme}.users ALTER status DROP DEFAULT"),
        Sabotage(
            "company.blueprint", names: "acme: the ledger says blueprint 2, the company 1",
            """
            UPDATE piste.company SET blueprint_version = 1 WHERE url_id = 'acme';
            INSERT INTO piste.migration (company, version, from_version, state, started_at, milliseconds, done_by)
            SELECT id, 2, 1, 'done', now(), 1, 'x' FROM piste.company WHERE url_id = 'acme'
            """),
    ]
}
