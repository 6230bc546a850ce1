-- The steps of an adoption: what has to be done in a schema by whoever may, written down with what undoes it.

SET LOCAL ROLE piste_owner;

DROP FUNCTION IF EXISTS piste.plan_adoption(text, text, text, text, jsonb);

-- Who may call it: the engine's own definer functions. Trusts: piste.company. Records: nothing.
-- How far a schema is to be guarded: as was asked, else as it is, else from people. Raises PT400 for what is no degree.
CREATE OR REPLACE FUNCTION piste.degree_of(home text, asked text)
RETURNS text
LANGUAGE plpgsql STABLE
AS $$
BEGIN
    IF asked NOT IN ('people', 'all') THEN
        RAISE EXCEPTION 'a company is guarded from people or all, and not %', piste.told(asked) USING ERRCODE = 'PT400';
    END IF;
    RETURN coalesce(asked, (SELECT k.adopted FROM piste.company k WHERE k.schema_name = home), 'people');
END
$$;

-- Who may call it: admin, and `adopt` does before it plans. Trusts: session_user and the ledger. Records: nothing.
-- What takes back whatever another degree did in the store, statement by statement: nothing, unless a company is adopted to another
-- degree than it has. The ledger forgets these steps, in the same transaction.
CREATE OR REPLACE FUNCTION piste.plan_other_degree(
    schema_name text, url_id text, name text, auth_provider text, map jsonb, degree text)
RETURNS SETOF text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    home   text := plan_other_degree.schema_name;
    is_    text := (SELECT k.adopted FROM piste.company k WHERE k.schema_name = home);
    wanted text := piste.degree_of(home, plan_other_degree.degree);
BEGIN
    -- What is in the way is refused by `plan_adoption`, which has the words.
    IF is_ IS NULL OR is_ = wanted OR NOT (piste.me()).administers OR (
        piste.adoption_problem(home, plan_other_degree.url_id, plan_other_degree.name, plan_other_degree.auth_provider,
            plan_other_degree.map, 'all')).code <> 'not_guardable'
    THEN
        RETURN;
    END IF;
    PERFORM piste.check_guards(is_), piste.check_guards(wanted);
    RETURN QUERY SELECT s FROM piste.steps_back(home) AS s;
    UPDATE piste.adoption_step s SET done = false WHERE s.schema_name = home;
END
$$;

-- Who may call it: the engine's own definer functions. Trusts: session_user. Records: nothing.
-- Raises PT426 where all is guarded and the caller is no superuser: tables change their owners.
CREATE OR REPLACE FUNCTION piste.check_guards(degree text)
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    IF degree = 'all' AND NOT (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = session_user) THEN
        RAISE EXCEPTION 'guarding all is for superusers: the tables change their owners' USING
            ERRCODE = 'PT426', HINT = 'A superuser adopts; whoever owns the tables can guard them from people.';
    END IF;
END
$$;

-- Who may call it: admin, and `adopt` does. Trusts: session_user and the catalogs. Records: `company.refused`.
-- What has to be done in the store by its owner before it can be adopted, statement by statement; or a refusal. Writes down what is
-- missing and how the privileges were, for the ledger.
CREATE OR REPLACE FUNCTION piste.plan_adoption(
    schema_name text, url_id text, name text, auth_provider text, map jsonb, degree text)
RETURNS TABLE (statement text, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    home    text   := plan_adoption.schema_name;
    wanted  text   := piste.degree_of(home, plan_adoption.degree);
    problem record := piste.adoption_problem(
        home, plan_adoption.url_id, plan_adoption.name, plan_adoption.auth_provider, plan_adoption.map, wanted);
BEGIN
    IF problem.code IS NOT NULL THEN
        RETURN QUERY SELECT NULL::text, piste.refuse(NULL, 'company.refused', 'company', problem.code, problem.words,
            jsonb_build_object('wish', 'adopt', 'url_id', left(plan_adoption.url_id, 100), 'schema', left(home, 100)));
        RETURN;
    END IF;
    PERFORM piste.check_guards(wanted);
    DELETE FROM piste.adoption_step s WHERE s.schema_name = home AND NOT s.done;
    IF wanted = 'all' THEN
        PERFORM piste.plan_guard(home);
        RETURN QUERY
        SELECT s.forth, NULL::text FROM piste.adoption_step s
        WHERE s.schema_name = home AND NOT s.done AND s.forth IS NOT NULL
        ORDER BY s.place, s.object COLLATE "C", s.privilege COLLATE "C";
        RETURN QUERY SELECT piste.forget_samples(home, plan_adoption.map), NULL::text;
        RETURN;
    END IF;
    INSERT INTO piste.adoption_step (schema_name, kind, object, privilege, before)
    SELECT home, 'schema', quote_ident(home), 'USAGE', n.nspacl::text
    FROM pg_namespace n WHERE n.nspname = home AND NOT has_schema_privilege('piste_owner', n.oid, 'USAGE')
    UNION ALL
    SELECT home, 'table', format('%I.%I', home, t.name), 'SELECT', c.relacl::text
    FROM piste.store_tables(home) AS t JOIN pg_class c ON c.oid = t.relation
    CROSS JOIN LATERAL piste.mapped_table(plan_adoption.map, t.relation, t.name) AS m
    WHERE t.verdict <> 'refused' AND NOT m.hidden AND NOT has_table_privilege('piste_owner', t.relation, 'SELECT')
    UNION ALL
    SELECT home, 'policy', format('%I.%I', home, t.name), 'piste_owner_reads', NULL
    FROM piste.store_tables(home) AS t
    CROSS JOIN LATERAL piste.mapped_table(plan_adoption.map, t.relation, t.name) AS m
    WHERE t.verdict = 'changed' AND NOT m.hidden
      AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = t.relation AND p.polname = 'piste_owner_reads')
    UNION ALL
    SELECT home, 'trigger', format('%I.%I', home, t.name), r.called, NULL
    FROM piste.store_tables(home) AS t
    CROSS JOIN LATERAL piste.mapped_table(plan_adoption.map, t.relation, t.name) AS m
    CROSS JOIN piste.recording_triggers() AS r
    WHERE (plan_adoption.map ->> 'record')::boolean AND t.verdict <> 'refused' AND NOT m.hidden AND t.kind IN ('r', 'p')
      AND NOT EXISTS (SELECT FROM pg_trigger g WHERE g.tgrelid = t.relation AND g.tgname = r.called)
    ON CONFLICT ON CONSTRAINT adoption_step_pkey DO UPDATE SET done = false, before = excluded.before;
    RETURN QUERY
    SELECT piste.step_statement(s, false), NULL::text
    FROM piste.adoption_step s
    WHERE s.schema_name = home AND NOT s.done
    ORDER BY array_position(ARRAY['schema', 'table', 'policy', 'trigger'], s.kind), s.object COLLATE "C", s.privilege COLLATE "C";
END
$$;

-- Who may call it: the engine's own definer functions. Records: nothing.
-- The statement that does a step, or takes it back.
CREATE OR REPLACE FUNCTION piste.step_statement(step piste.adoption_step, back boolean)
RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE
        WHEN step.kind LIKE 'whole%' THEN CASE WHEN back THEN step.back ELSE step.forth END
        ELSE CASE step.kind
        WHEN 'schema' THEN format(CASE WHEN back THEN 'REVOKE %s ON SCHEMA %s FROM piste_owner'
            ELSE 'GRANT %s ON SCHEMA %s TO piste_owner' END, step.privilege, step.object)
        WHEN 'table' THEN format(CASE WHEN back THEN 'REVOKE %s ON TABLE %s FROM piste_owner'
            ELSE 'GRANT %s ON TABLE %s TO piste_owner' END, step.privilege, step.object)
        WHEN 'policy' THEN format(CASE WHEN back THEN 'DROP POLICY %I ON %s'
            ELSE 'CREATE POLICY %I ON %s FOR SELECT TO piste_owner USING (true)' END, step.privilege, step.object)
        ELSE CASE WHEN back THEN format('DROP TRIGGER %I ON %s', step.privilege, step.object)
            ELSE (
                SELECT format('CREATE TRIGGER %I AFTER %s ON %s REFERENCING %s FOR EACH STATEMENT EXECUTE FUNCTION '
                    'piste.record_changes()', r.called, r.event, step.object, r.rows_named)
                FROM piste.recording_triggers() AS r WHERE r.called = step.privilege) END
        END END
$$;

-- Who may call it: the engine's own definer functions. Trusts: the catalogs. Records: nothing.
-- The table that a step is about; NULL when it is gone.
CREATE OR REPLACE FUNCTION piste.step_table(step piste.adoption_step)
RETURNS oid
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT c.oid FROM pg_namespace n JOIN pg_class c ON c.relnamespace = n.oid
    WHERE n.nspname = step.schema_name AND format('%I.%I', n.nspname, c.relname) = step.object
$$;

-- Who may call it: the engine's own definer functions. Trusts: the catalogs. Records: nothing.
-- Whether a schema that was there before is the engine's own now.
CREATE OR REPLACE FUNCTION piste.is_guarded(home text)
RETURNS boolean
LANGUAGE sql STABLE
AS $$
    SELECT EXISTS (
        SELECT FROM pg_catalog.pg_namespace n
        WHERE n.nspname = home AND n.nspowner = (SELECT r.oid FROM pg_catalog.pg_roles r WHERE r.rolname = 'piste_owner'))
$$;

-- Who may call it: the engine's own definer functions. Trusts: the catalogs. Records: nothing.
-- Whether what a step does is there now.
CREATE OR REPLACE FUNCTION piste.step_stands(step piste.adoption_step)
RETURNS boolean
LANGUAGE plpgsql STABLE
AS $$
BEGIN
    RETURN CASE step.kind
        -- What is guarded whole stands until its schema is its owner's again.
        WHEN 'whole' THEN step.done AND piste.is_guarded(step.schema_name)
        WHEN 'whole table' THEN step.done AND piste.is_guarded(step.schema_name)
        WHEN 'schema' THEN EXISTS (
            SELECT FROM pg_namespace n CROSS JOIN LATERAL aclexplode(n.nspacl) AS a
            WHERE n.nspname = step.schema_name AND a.grantee = 'piste_owner'::regrole AND a.privilege_type = step.privilege)
        WHEN 'table' THEN EXISTS (
            SELECT FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) AS a
            WHERE c.oid = piste.step_table(step) AND a.grantee = 'piste_owner'::regrole AND a.privilege_type = step.privilege)
        WHEN 'policy' THEN EXISTS (
            SELECT FROM pg_policy p WHERE p.polrelid = piste.step_table(step) AND p.polname = step.privilege)
        ELSE EXISTS (
            SELECT FROM pg_trigger t WHERE t.tgrelid = piste.step_table(step) AND t.tgname = step.privilege
              AND t.tgfoid = 'piste.record_changes()'::regprocedure) END;
END
$$;

RESET ROLE;
