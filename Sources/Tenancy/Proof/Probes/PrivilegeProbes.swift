/// What PostgreSQL's own machinery offers to a reader in an open context.
enum PrivilegeProbes {
    static let all: [Probe] = [
        .reader(
            .privileges, "temporary-table", "No temporary copy outlives the gate",
            ["CREATE TEMP TABLE copy AS SELECT * FROM users"]),
        .reader(
            .privileges, "shadowing", "No temporary table takes the place of a real one",
            ["CREATE TEMP TABLE users (id int, email text)"]),
        .reader(
            .privileges, "new-table", "No table is made in public",
            ["CREATE TABLE public.copy AS SELECT * FROM users"]),
        .reader(.privileges, "new-view", "No view is made", ["CREATE VIEW v AS SELECT * FROM users"]),
        .reader(
            .privileges, "new-function", "No function of the attacker's stands on the path of the engine's",
            ["CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS 'SELECT NULL'"]),
        .reader(
            .privileges, "engine-function", "No function of the engine is replaced",
            ["CREATE OR REPLACE FUNCTION piste.whoami() RETURNS int LANGUAGE sql AS 'SELECT 1'"]),
        .reader(
            .privileges, "row-security", "Row level security is not switched off",
            ["ALTER TABLE {own}.users DISABLE ROW LEVEL SECURITY"]),
        .reader(
            .privileges, "second-policy", "No second policy opens beside the gate",
            ["CREATE POLICY more ON {own}.users USING (true)"]),
        .reader(
            .privileges, "dropped-policy", "The gate is not dropped",
            ["DROP POLICY gate_select ON {own}.users"]),
        .reader(
            .privileges, "trigger-off", "The recording trigger is not switched off",
            ["ALTER TABLE {own}.users DISABLE TRIGGER recorded_update"]),
        .reader(
            .privileges, "dropped-window", "The window is not replaced",
            ["CREATE OR REPLACE VIEW users AS SELECT * FROM {own}.users"]),
        .reader(
            .privileges, "truncate", "TRUNCATE, which no policy sees, is refused", ["TRUNCATE {own}.users"]),
        .reader(
            .privileges, "changing", "A reader changes nothing", ["UPDATE users SET status = 'suspended'"]),
        .reader(.privileges, "deleting", "A reader deletes nothing", ["DELETE FROM users"]),
        .reader(
            .privileges, "inserting", "A reader adds nothing",
            ["INSERT INTO users (email, name) VALUES ('x@x', 'x')"]),
        .reader(
            .privileges, "owner-role", "Nobody becomes the engine's owner", ["SET LOCAL ROLE piste_owner"]),
        .reader(
            .privileges, "role-maker", "Nobody becomes the maker of roles", ["SET LOCAL ROLE piste_roles"]),
        .reader(
            .privileges, "session-authorization", "Nobody becomes another login",
            ["SET LOCAL SESSION AUTHORIZATION piste_owner"]),
        .reader(.privileges, "new-role", "Nobody makes roles", ["CREATE ROLE piste_probe_mallory NOLOGIN"]),
        .reader(
            .privileges, "passing-on", "A membership is not passed on",
            ["GRANT {own}_reader TO {other}_reader"]),
        .reader(
            .privileges, "role-with-login", "A company's role gets no login",
            ["ALTER ROLE {own}_reader LOGIN"]),
        .reader(
            .privileges, "control-table", "The table of companies is not read",
            ["SELECT FROM piste.company LIMIT 0"]),
        .reader(
            .privileges, "keys", "The signing keys are not read", ["SELECT FROM piste.signing_key LIMIT 0"]),
        .reader(
            .privileges, "inner-function", "The engine's inner functions are not called",
            ["SELECT piste.grant_company_role(gen_random_uuid(), 'reader', 'nobody')"]),
        .reader(
            .privileges, "signing", "Nobody signs tokens", ["SELECT piste.signed_token('k', 'x', '{}')"]),
        .reader(
            .privileges, "statistics", "The planner's samples are not read",
            ["SELECT FROM pg_statistic LIMIT 0"]),
        .reader(
            .privileges, "passwords", "The logins' passwords are not read", ["SELECT FROM pg_authid LIMIT 0"]),
        .reader(.privileges, "large-object", "No large object is made", ["SELECT lo_create(0)"]),
        .reader(
            .privileges, "server-file", "No file of the server is read", ["SELECT pg_read_file('PG_VERSION')"]
        ),
        .reader(
            .privileges, "program", "No program of the server is run",
            ["COPY (SELECT 1) TO PROGRAM 'cat >/dev/null'"]),
        .reader(
            .privileges, "replica-role", "Triggers are not silenced",
            ["SET LOCAL session_replication_role = replica"]),
        .reader(
            .privileges, "publication", "No publication carries rows away",
            ["CREATE PUBLICATION piste_probe FOR TABLE users"]),
        .reader(
            .privileges, "default-privileges", "Nothing is granted in advance",
            ["ALTER DEFAULT PRIVILEGES FOR ROLE piste_owner GRANT SELECT ON TABLES TO PUBLIC"]),
        .reader(
            .privileges, "prepared-transaction", "No transaction is put aside with its locks",
            ["PREPARE TRANSACTION 'piste_probe'"], "55000"),
        .reader(
            .privileges, "bulk-load", "No rows are loaded past the policies",
            ["COPY users (email, name) FROM STDIN"]),
    ]
}
