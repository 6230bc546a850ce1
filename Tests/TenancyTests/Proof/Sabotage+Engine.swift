extension Sabotage {
    static let engine = [
        Sabotage("engine.manifest", names: "there is no manifest", "DELETE FROM piste.manifest"),
        Sabotage(
            "engine.manifest", names: "is not the one that the control trail names",
            "UPDATE piste.manifest SET definition = '{}' WHERE object = 'piste.whoami()'"),
        Sabotage(
            "engine.tables", names: "column piste.context.rogue was not installed",
            "ALTER TABLE piste.context ADD COLUMN rogue text"),
        Sabotage(
            "engine.tables", names: "index piste.company_by_name is missing",
            "DROP INDEX piste.company_by_name"),
        Sabotage(
            "engine.tables", names: "table piste.signing_key was changed: owner is {bob}",
            "ALTER TABLE piste.signing_key OWNER TO {bob}"),
        Sabotage(
            "engine.functions", names: "piste.open_until(uuid,text,text) was changed: its text is another",
            """
            CREATE OR REPLACE FUNCTION piste.open_until(company uuid, resource text, command text DEFAULT 'read')
            RETURNS timestamptz LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
            AS $$ SELECT 'infinity'::timestamptz $$
            """),
        Sabotage(
            "engine.functions", names: "function piste.rogue() was not installed",
            "CREATE FUNCTION piste.rogue() RETURNS int LANGUAGE sql AS 'SELECT 1'"),
        Sabotage(
            "engine.functions", names: "privileges is",
            "GRANT EXECUTE ON FUNCTION piste.append_all(uuid, text, text, uuid, text[], text[], jsonb[]) TO piste_operators"
        ),
        Sabotage(
            "engine.functions", names: "function piste.sweep() is missing", "DROP FUNCTION piste.sweep()"),
        Sabotage(
            "engine.triggers", names: "trigger piste.entry.append_only was changed: enabled is D",
            "ALTER TABLE piste.entry DISABLE TRIGGER append_only"),
        Sabotage(
            "engine.triggers", names: "rule piste.entry.quiet was not installed",
            "CREATE RULE quiet AS ON INSERT TO piste.entry DO INSTEAD NOTHING"),
        Sabotage(
            "engine.roles", names: "role piste_owner was changed: login is true",
            "ALTER ROLE piste_owner LOGIN"),
        Sabotage(
            "engine.roles", names: "role piste_signal was changed: memberships",
            "GRANT pg_read_all_data TO piste_signal"),
        Sabotage(
            "engine.roles", names: "schema piste was changed: privileges",
            "GRANT CREATE ON SCHEMA piste TO piste_operators"),
        Sabotage("engine.other-objects", names: "piste.rogue", "CREATE TYPE piste.rogue AS ENUM ('a')"),
        Sabotage(
            "engine.definer-paths",
            names:
                "piste.declare(text,text,jsonb) runs with the rights of piste_owner on the path of its caller",
            "ALTER FUNCTION piste.declare(text, text, jsonb) RESET search_path"),
        Sabotage(
            "engine.definer-paths", names: "on the path public",
            "ALTER FUNCTION piste.whoami() SET search_path = public"),
        Sabotage(
            "engine.public", names: "PUBLIC may execute piste.close_own_context()",
            "GRANT EXECUTE ON FUNCTION piste.close_own_context() TO PUBLIC"),
        Sabotage(
            "engine.public", names: "PUBLIC has SELECT on piste.company",
            "GRANT SELECT ON piste.company TO PUBLIC"),
        Sabotage(
            "engine.public", names: "PUBLIC has USAGE on the schema piste_crypto",
            "GRANT USAGE ON SCHEMA piste_crypto TO PUBLIC"),
        Sabotage(
            "engine.control-tables", names: "SELECT on piste.signing_key is granted to {bob}",
            "GRANT SELECT ON piste.signing_key TO {bob}"),
        Sabotage(
            "engine.control-tables", names: "piste.signing_key.secret is granted to piste_operators",
            "GRANT SELECT (secret) ON piste.signing_key TO piste_operators"),
        Sabotage(
            "engine.belongings", names: "public.rogue belongs to piste_owner",
            "CREATE TABLE public.rogue (); ALTER TABLE public.rogue OWNER TO piste_owner"),
        Sabotage(
            "engine.blueprints", names: "blueprint 1 (engine 1) is not the text",
            "UPDATE piste.blueprint SET template = template || '-- and more' WHERE version = 1"),
    ]
}
