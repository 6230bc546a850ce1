extension Sabotage {
    static let companies = [
        Sabotage(
            "company.schemas", names: "acme: the schema {acme} belongs to {bob}",
            "ALTER SCHEMA {acme} OWNER TO {bob}"),
        Sabotage(
            "company.schemas", names: "acme: its schema {acme} is missing",
            "ALTER SCHEMA {acme} RENAME TO gone"),
        Sabotage(
            "gate.enabled-and-forced", names: "acme: row level security of table {acme}.users is not forced",
            "ALTER TABLE {acme}.users NO FORCE ROW LEVEL SECURITY"),
        Sabotage(
            "gate.enabled-and-forced",
            names: "acme: row level security of table {acme}.journeys is not enabled",
            "ALTER TABLE {acme}.journeys DISABLE ROW LEVEL SECURITY"),
        Sabotage(
            "gate.enabled-and-forced", names: "{acme}.bare is not enabled",
            "CREATE TABLE {acme}.bare (id bigint)"),
        Sabotage(
            "gate.one-policy-per-command", names: "acme: policy more on table {acme}.users is one too many",
            "CREATE POLICY more ON {acme}.users USING (true)"),
        Sabotage(
            "gate.one-policy-per-command",
            names: "acme: policy gate_select on table {acme}.users is not the gate",
            "ALTER POLICY gate_select ON {acme}.users USING (true)"),
        Sabotage(
            "gate.one-policy-per-command", names: "acme: table {acme}.users has no policy gate_delete",
            "DROP POLICY gate_delete ON {acme}.users"),
        Sabotage(
            "gate.one-policy-per-command",
            names: "acme: policy gate_select on table {acme}.users is not the gate",
            """
            DROP POLICY gate_select ON {acme}.users;
            CREATE POLICY gate_select ON {acme}.users FOR SELECT USING (clock_timestamp() < (
                SELECT piste.open_until((SELECT id FROM piste.company WHERE url_id = 'globex'), 'users')))
            """),
        Sabotage(
            "gate.one-policy-per-command",
            names: "acme: policy owner_reads on table {acme}.users is not the gate",
            "ALTER POLICY owner_reads ON {acme}.users TO PUBLIC"),
        Sabotage(
            "gate.windows", names: "acme: the schema {acme-windows} of the windows is missing",
            "ALTER SCHEMA {acme-windows} RENAME TO gone"),
        Sabotage(
            "gate.windows", names: "acme: the schema {acme-windows} of the windows belongs to {bob}",
            "ALTER SCHEMA {acme-windows} OWNER TO {bob}"),
        Sabotage(
            "gate.windows", names: "acme: table users has no window", "DROP VIEW {acme-windows}.users"),
        Sabotage(
            "gate.windows", names: "acme: window users is not the one of its table",
            """
            CREATE OR REPLACE VIEW {acme-windows}.users AS
            SELECT * FROM {acme}.users WHERE (SELECT clock_timestamp() IS NOT NULL)
            """),
        Sabotage(
            "gate.windows", names: "acme: window users is not the one of its table",
            "ALTER TABLE {acme}.users ADD COLUMN more text"),
        Sabotage(
            "gate.windows", names: "acme: window users is not the one of its table",
            """
            DO $$ BEGIN EXECUTE 'CREATE OR REPLACE VIEW {acme-windows}.users AS ' || replace(
                pg_get_viewdef('{acme-windows}.users'::regclass), quote_literal('users'), quote_literal('journeys'));
            END $$
            """),
        Sabotage(
            "gate.windows",
            names: "{acme-windows}.users: the planner does not ask the gate before a Seq Scan of the table",
            """
            CREATE OR REPLACE VIEW {acme-windows}.users AS SELECT * FROM {acme}.users
            WHERE clock_timestamp() < (SELECT piste.open_until((SELECT gen_random_uuid()), 'users'))
            """),
        Sabotage(
            "gate.windows", names: "acme: window users has options: security_barrier=true",
            "ALTER VIEW {acme-windows}.users SET (security_barrier = true)"),
        Sabotage(
            "gate.windows", names: "acme: window users has options: security_invoker=true",
            "ALTER VIEW {acme-windows}.users SET (security_invoker = true)"),
        Sabotage(
            "gate.windows", names: "acme: window users belongs to {bob} instead of piste_owner",
            "ALTER VIEW {acme-windows}.users OWNER TO {bob}"),
        Sabotage(
            "gate.windows", names: "acme: window users has a trigger, a rule or a default of its own",
            "CREATE RULE quiet AS ON DELETE TO {acme-windows}.users DO INSTEAD NOTHING"),
        Sabotage(
            "gate.windows", names: "acme: window users has a trigger, a rule or a default of its own",
            "ALTER VIEW {acme-windows}.users ALTER role SET DEFAULT 'owner'"),
        Sabotage(
            "gate.windows", names: "acme: window users has a trigger, a rule or a default of its own",
            "CREATE TRIGGER early BEFORE INSERT ON {acme-windows}.users EXECUTE FUNCTION piste.refuse_rewrite()"
        ),
        Sabotage(
            "gate.windows", names: "acme: window users cannot be written",
            "CREATE OR REPLACE VIEW {acme-windows}.users AS SELECT * FROM {acme}.users OFFSET 0"),
        Sabotage(
            "gate.windows", names: "acme: spy in the schema of the windows is no window of a table",
            "CREATE VIEW {acme-windows}.spy AS SELECT * FROM {acme}.users"),
        Sabotage(
            "gate.windows",
            names: "acme: function {acme-windows}.peek() in the schema of the windows is no window",
            "CREATE FUNCTION {acme-windows}.peek() RETURNS int LANGUAGE sql AS 'SELECT 1'"),
        Sabotage(
            "gate.function", names: "the function piste.open_until is not the gate's",
            "ALTER FUNCTION piste.open_until(uuid, text, text) STABLE"),
        Sabotage(
            "gate.function", names: "the function piste.open_until is not the gate's",
            "ALTER FUNCTION piste.open_until(uuid, text, text) PARALLEL SAFE"),
        Sabotage(
            "gate.function", names: "the function piste.open_until is not the gate's",
            "ALTER FUNCTION piste.open_until(uuid, text, text) LEAKPROOF"),
        Sabotage(
            "gate.function", names: "the function piste.open_until is not the gate's",
            "ALTER FUNCTION piste.open_until(uuid, text, text) SECURITY INVOKER"),
        Sabotage(
            "gate.function", names: "the function piste.open_until is not the gate's",
            "ALTER FUNCTION piste.open_until(uuid, text, text) RESET search_path"),
        Sabotage(
            "company.owners", names: "acme: {acme}.journeys belongs to {carol}",
            "ALTER TABLE {acme}.journeys OWNER TO {carol}"),
        Sabotage(
            "company.relations", names: "{acme}.spy is a view in the store",
            "CREATE VIEW {acme}.spy AS SELECT * FROM {acme}.users"),
        Sabotage(
            "company.relations", names: "{acme}.copy is a materialized view",
            "CREATE MATERIALIZED VIEW {acme}.copy AS SELECT 1 AS x"),
        Sabotage(
            "company.relations", names: "{globex}.child inherits from {acme}.users",
            "CREATE TABLE {globex}.child () INHERITS ({acme}.users)"),
        Sabotage(
            "company.relations", names: "{acme}.parted is partitioned",
            "CREATE TABLE {acme}.parted (id int) PARTITION BY LIST (id)"),
        Sabotage(
            "company.relations", names: "{acme}.numbered takes the default of n from a sequence",
            "CREATE TABLE {acme}.numbered (n serial)"),
        Sabotage(
            "company.grants", names: "acme: SELECT on table users is granted to {globex}_reader",
            "GRANT SELECT ON {acme}.users TO {globex}_reader"),
        Sabotage(
            "company.grants", names: "acme: SELECT on table users is granted to {acme}_reader",
            "GRANT SELECT ON {acme}.users TO {acme}_reader"),
        Sabotage(
            "company.grants", names: "acme: USAGE on sequence users_id_seq is granted to {acme}_writer",
            "GRANT USAGE ON SEQUENCE {acme}.users_id_seq TO {acme}_writer"),
        Sabotage(
            "company.grants", names: "acme: SELECT on column users.email is granted to PUBLIC",
            "GRANT SELECT (email) ON {acme}.users TO PUBLIC"),
        Sabotage(
            "company.grants", names: "TRUNCATE on table users is granted to {acme}_writer",
            "GRANT TRUNCATE ON {acme}.users TO {acme}_writer"),
        Sabotage(
            "company.grants", names: "TRIGGER on window users is granted to {acme}_writer",
            "GRANT TRIGGER ON {acme-windows}.users TO {acme}_writer"),
        Sabotage(
            "company.grants", names: "acme: UPDATE on column users.email is granted to {acme}_agent",
            "GRANT UPDATE (email) ON {acme-windows}.users TO {acme}_agent"),
        Sabotage(
            "company.grants", names: "acme: UPDATE on window users.status is not granted to {acme}_agent",
            "REVOKE UPDATE (status) ON {acme-windows}.users FROM {acme}_agent"),
        Sabotage(
            "company.grants", names: "acme: SELECT on window users is not granted to {acme}_reader",
            "REVOKE SELECT ON {acme-windows}.users FROM {acme}_reader"),
        Sabotage(
            "company.grants", names: "acme: SELECT on window users is granted to {globex}_reader",
            "GRANT SELECT ON {acme-windows}.users TO {globex}_reader"),
        Sabotage(
            "company.grants", names: "acme: table bare was not put behind the gate",
            "CREATE TABLE {acme}.bare (id bigint)"),
        Sabotage(
            "company.grants", names: "who may pass it on",
            "GRANT SELECT ON {acme-windows}.users TO {acme}_reader WITH GRANT OPTION"),
        Sabotage(
            "engine.control-tables", names: "SELECT on piste.entry is granted to {acme}_reader",
            "GRANT SELECT ON piste.entry TO {acme}_reader"),
        Sabotage(
            "company.grants", names: "USAGE on the schema {acme} is granted to {acme}_reader",
            "GRANT USAGE ON SCHEMA {acme} TO {acme}_reader"),
        Sabotage(
            "company.grants", names: "CREATE on the schema {acme-windows} is granted to {acme}_writer",
            "GRANT CREATE ON SCHEMA {acme-windows} TO {acme}_writer"),
        Sabotage(
            "company.grants", names: "USAGE on the schema {acme} is granted to {globex}_agent",
            "GRANT USAGE ON SCHEMA {acme} TO {globex}_agent"),
        Sabotage(
            "company.role-privileges", names: "acme: {acme}_reader has privileges on table public.side",
            "CREATE TABLE public.side (); GRANT SELECT ON public.side TO {acme}_reader"),
        Sabotage(
            "company.role-privileges", names: "acme: {acme}_writer owns table public.side",
            "CREATE TABLE public.side (); ALTER TABLE public.side OWNER TO {acme}_writer"),
        Sabotage(
            "company.triggers", names: "acme: trigger recorded_delete on table {acme}.users is switched off",
            "ALTER TABLE {acme}.users DISABLE TRIGGER recorded_delete"),
        Sabotage(
            "company.role-privileges", names: "acme: {acme}_reader may make temporary tables",
            "GRANT TEMPORARY ON DATABASE {database} TO PUBLIC"),
        Sabotage(
            "company.role-privileges", names: "acme: {acme}_reader may create objects in the schema public",
            "GRANT CREATE ON SCHEMA public TO PUBLIC"),
        Sabotage(
            "company.triggers",
            names: "acme: table {acme}.users has no trigger that refuses while the gate is shut",
            "DROP TRIGGER shut ON {acme}.users"),
        Sabotage(
            "company.triggers",
            names: "acme: table {acme}.users has no trigger that refuses while the gate is shut",
            "ALTER TABLE {acme}.users DISABLE TRIGGER shut"),
        Sabotage(
            "company.triggers",
            names: "acme: table {acme}.users has no trigger that refuses while the gate is shut",
            """
            CREATE OR REPLACE TRIGGER shut BEFORE INSERT OR UPDATE OR DELETE ON {acme}.users
            FOR EACH STATEMENT EXECUTE FUNCTION piste.refuse_when_shut('x', 'users')
            """),
        Sabotage(
            "engine.triggers", names: "trigger piste.entry.append_only is missing",
            "DROP TRIGGER append_only ON piste.entry"),
        Sabotage(
            "company.triggers", names: "calls suppress_redundant_updates_trigger()",
            "CREATE TRIGGER quiet BEFORE UPDATE ON {acme}.users FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()"
        ),
        Sabotage(
            "company.foreign-keys",
            names: "acme: foreign key outward of {acme}.journeys leads to {globex}.users",
            "ALTER TABLE {acme}.journeys ADD CONSTRAINT outward FOREIGN KEY (user_id) REFERENCES {globex}.users NOT VALID"
        ),
        Sabotage(
            "company.functions", names: "acme: function {acme}.peek() has its owner's rights",
            "CREATE FUNCTION {acme}.peek() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'"),
        Sabotage(
            "company.functions", names: "acme: rule quiet on {acme}.users",
            "CREATE RULE quiet AS ON UPDATE TO {acme}.users DO ALSO NOTHING"),
        Sabotage(
            "company.dependents", names: "acme: rule \"_RETURN\" on public.leak depends on {acme}.users",
            "CREATE VIEW public.leak AS SELECT * FROM {acme}.users"),
        Sabotage(
            "company.dependents", names: "globex: table public.child depends on {globex}.users",
            "CREATE TABLE public.child () INHERITS ({globex}.users)"),
        Sabotage(
            "company.statistics", names: "acme: the planner keeps samples of {acme}.users.email",
            "ALTER TABLE {acme}.users ALTER email SET STATISTICS 100"),
        Sabotage(
            "company.statistics", names: "acme: the planner keeps samples of {acme}.users.created_at",
            "ALTER TABLE {acme}.users ALTER created_at SET STATISTICS -1"),
        Sabotage(
            "company.statistics", names: "acme: the planner keeps samples of {acme}.peek.lower",
            "CREATE INDEX peek ON {acme}.users (lower(role))"),
        Sabotage(
            "company.statistics", names: "acme: the planner has samples of {acme}.users.email",
            """
            INSERT INTO {acme}.users (email, name) VALUES ('a@x.example', 'A'), ('b@x.example', 'B');
            ALTER TABLE {acme}.users ALTER email SET STATISTICS 100;
            ANALYZE {acme}.users;
            ALTER TABLE {acme}.users ALTER email SET STATISTICS 0
            """),
        Sabotage(
            "company.statistics", names: "acme: extended statistics pairs",
            "CREATE STATISTICS {acme}.pairs ON name, email FROM {acme}.users"),
        Sabotage(
            "company.adopted", names: "house: its schema old_house is gone, or was renamed",
            """
            CREATE SCHEMA old_house;
            CREATE TABLE old_house.rooms (id int PRIMARY KEY);
            SELECT piste.adopt('old_house', 'house', 'House');
            ALTER SCHEMA old_house RENAME TO new_house
            """),
        Sabotage(
            "company.keys", names: "shares a signing key with",
            "UPDATE piste.signing_key SET secret = (SELECT min(secret::text)::bytea FROM piste.signing_key)"),
        Sabotage(
            "company.keys", names: "0 signing keys are in use",
            "UPDATE piste.signing_key SET retired_at = now(), secret = NULL"),
        Sabotage(
            "contexts.limits", names: "acme: the context",
            "UPDATE piste.context SET expires_at = expires_at + interval '1 day'"),
        Sabotage(
            "company.structure", names: "acme: column {acme}.users.rogue is one too many",
            "ALTER TABLE {acme}.users ADD COLUMN rogue text"),
        Sabotage(
            "company.structure", names: "acme: index {acme}.users_by_name is missing",
            "DROP INDEX {acme}.users_by_name"),
        Sabotage(
            "company.structure", names: "acme: column {acme}.users.status is",
            "ALTER TABLE {acme}.users ALTER status DROP DEFAULT"),
        Sabotage(
            "company.blueprint", names: "acme: the ledger says blueprint 2, the company 1",
            """
            INSERT INTO piste.blueprint (version, template, growth, origin) VALUES (2, '', '', 'owner 2');
            INSERT INTO piste.migration (company, version, from_version, state, started_at, milliseconds, done_by)
            SELECT id, 2, 1, 'done', now(), 1, 'x' FROM piste.company WHERE url_id = 'acme'
            """),
    ]
}
