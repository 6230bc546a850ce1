-- Stores: how a company's tables come to lie behind the gate.

SET LOCAL ROLE piste_owner;

-- Who may call it: blueprints, as piste_owner; the one place where a table is put behind the gate. Trusts: its caller.
-- Records: nothing of its own; what it was told of the columns stays in piste.gated_table.
-- For a table of a company's store: the row gate, the triggers, the window, and what each role may do there. Whoever
-- impersonates may change `agent_columns`; readers and agents do not see those that are `redacted`; of those that are
-- `sampled` PostgreSQL keeps statistics, by which estimates tell what values there are. Run again, it makes what is missing.
-- While a blueprint runs, the windows wait for its end: they would stand in the way of a column that is changed further down.
-- Raises PT404 when there is no such table in a company's store, PT422 for a column that is not there.
CREATE OR REPLACE FUNCTION piste.put_behind_gate(
    store text, table_name text, agent_columns text[] DEFAULT '{}', redacted text[] DEFAULT '{}',
    sampled text[] DEFAULT '{}')
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    firm     uuid := (SELECT k.id FROM piste.company k WHERE k.schema_name = store);
    relation oid  := to_regclass(format('%I.%I', store, table_name));
BEGIN
    IF firm IS NULL OR relation IS NULL THEN
        RAISE EXCEPTION 'there is no table % in the store of a company', table_name USING ERRCODE = 'PT404';
    END IF;
    INSERT INTO piste.gated_table AS g (company, table_name, agent_columns, redacted, sampled)
    VALUES (
        firm, put_behind_gate.table_name, put_behind_gate.agent_columns, put_behind_gate.redacted, put_behind_gate.sampled)
    ON CONFLICT ON CONSTRAINT gated_table_pkey DO UPDATE SET
        agent_columns = excluded.agent_columns, redacted = excluded.redacted, sampled = excluded.sampled;
    PERFORM piste.guard_table(firm, relation);
    IF NOT piste.at_work() THEN
        PERFORM piste.make_window(firm, relation), piste.hide_statistics(store);
    END IF;
END
$$;

-- Who may call it: the engine's own definer functions, for a company that is written down already. Records: nothing.
-- The two schemas of a company: the store, which nobody else enters, and the windows, which its three roles may name.
-- Raises PT426 where the engine may make none: a dump without -C does not hold what the database itself grants.
CREATE OR REPLACE FUNCTION piste.make_schemas(firm uuid)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    store text := (SELECT k.schema_name FROM piste.company k WHERE k.id = firm);
    place text := (SELECT k.window_name FROM piste.company k WHERE k.id = firm);
    stem  text := piste.role_stem(firm);
BEGIN
    IF NOT has_database_privilege('piste_owner', current_database(), 'CREATE') THEN
        RAISE EXCEPTION 'the engine may create no schema in the database %', current_database() USING
            ERRCODE = 'PT426', HINT = 'piste init, as the database''s superuser, lets it again; a restore without -C needs that.';
    END IF;
    EXECUTE format('CREATE SCHEMA %I', store);
    EXECUTE format('CREATE SCHEMA %I', place);
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I, %I, %I', place, stem || '_reader', stem || '_agent', stem || '_writer');
END
$$;

-- Who may call it: the engine's own definer functions, for a company whose schemas and roles are there. Trusts: the template,
-- which was tried before it was registered. Records: nothing (the caller does).
CREATE OR REPLACE FUNCTION piste.build_store(firm uuid, home text, template text)
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM piste.begin_work('a blueprint');
    EXECUTE piste.filled(template, firm, home);
    PERFORM piste.end_work();
    PERFORM piste.make_windows(firm);
END
$$;

RESET ROLE;
