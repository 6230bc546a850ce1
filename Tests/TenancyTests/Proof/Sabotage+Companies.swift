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
            "company.owners", names: "acme: {acme}.journeys belongs to {carol}",
            "ALTER TABLE {acme}.journeys OWNER TO {carol}"),
        Sabotage(
            "company.relations", names: "{acme}.spy is a view with its owner's rights",
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
            "company.grants", names: "acme: SELECT on table {acme}.users is granted to {globex}_reader",
            "GRANT SELECT ON {acme}.users TO {globex}_reader"),
        Sabotage(
            "company.grants", names: "acme: SELECT on column {acme}.users.email is granted to PUBLIC",
            "GRANT SELECT (email) ON {acme}.users TO PUBLIC"),
        Sabotage(
            "company.grants", names: "TRUNCATE on table {acme}.users is granted to {acme}_writer",
            "GRANT TRUNCATE ON {acme}.users TO {acme}_writer"),
        Sabotage(
            "company.grants", names: "who may pass it on",
            "GRANT SELECT ON {acme}.users TO {acme}_reader WITH GRANT OPTION"),
        Sabotage(
            "engine.control-tables", names: "SELECT on piste.entry is granted to {acme}_reader",
            "GRANT SELECT ON piste.entry TO {acme}_reader"),
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
            "company.triggers", names: "acme: trigger recorded on table {acme}.users is switched off",
            "ALTER TABLE {acme}.users DISABLE TRIGGER recorded"),
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
