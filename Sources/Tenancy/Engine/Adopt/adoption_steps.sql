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
    PERFORM piste.check_guards(home, is_), piste.check_guards(home, wanted);
    RETURN QUERY SELECT s FROM piste.steps_back(home) AS s;
    UPDATE piste.adoption_step s SET done = false WHERE s.schema_name = home;
END
$$;

DROP FUNCTION IF EXISTS piste.check_guards(text);

-- Who may call it: the engine's own definer functions. Trusts: session_user and the catalogs. Records: nothing.
-- Raises PT426 where all is guarded and the tables are not the caller's to give away and to take back: superusers may, and whoever
-- installed the engine in a superuser's stead and has the rights of every owner in the schema.
CREATE OR REPLACE FUNCTION piste.check_guards(home text, degree text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    home_  CONSTANT oid  := to_regnamespace(quote_ident(home));
    lets   CONSTANT text := CASE WHEN current_setting('server_version_num')::integer >= 160000 THEN 'SET' ELSE 'MEMBER' END;
    owners text;
BEGIN
    IF degree <> 'all' OR (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = session_user) THEN
        RETURN;
    ELSIF NOT piste.is_installer(session_user::text) THEN
        RAISE EXCEPTION 'guarding all is for superusers and for whoever installed the engine: the tables change their owners' USING
            ERRCODE = 'PT426', HINT = 'One of them adopts; whoever owns the tables can guard them from people.';
    END IF;
    SELECT string_agg(quote_ident(pg_get_userbyid(o.owner)), ', ' ORDER BY o.owner) INTO owners
    FROM (
        SELECT n.nspowner AS owner FROM pg_namespace n WHERE n.oid = home_
        UNION SELECT c.relowner FROM pg_class c WHERE c.relnamespace = home_
        UNION SELECT t.typowner FROM pg_type t WHERE t.typnamespace = home_
        UNION SELECT p.proowner FROM pg_proc p WHERE p.pronamespace = home_
        UNION SELECT r.oid FROM piste.adoption_step s JOIN pg_roles r ON r.rolname = s.before
        WHERE s.schema_name = home AND s.privilege = 'owner' AND s.done
    ) o
    WHERE NOT (pg_has_role(session_user, o.owner, 'USAGE') AND pg_has_role(session_user, o.owner, lets));
    IF owners IS NOT NULL THEN
        RAISE EXCEPTION 'what is in the schema % belongs to %, whose rights you have not: without a superuser nobody else gives it away '
            'and takes it back', quote_ident(home), owners USING
            ERRCODE = 'PT426', HINT = format('Run first: GRANT %s TO %I%s', owners, session_user,
                CASE lets WHEN 'SET' THEN ' WITH INHERIT TRUE, SET TRUE' ELSE '' END);
    END IF;
END
$$;

-- Who may call it: whoever calls what plans statements for others to run: `adopt`, `release`, `share_table` and `stop_sharing`. It runs
-- with the caller's own rights. Trusts: nothing. Records: nothing.
-- Runs a statement; false where the caller has no right to it.
CREATE OR REPLACE FUNCTION piste.try_statement(statement text)
RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    EXECUTE statement;
    RETURN true;
EXCEPTION WHEN insufficient_privilege THEN
    RETURN false;
END
$$;

-- Who may call it: admin, in a transaction that is taken back (`piste adopt --dry-run`). Trusts: as plan_other_degree. Records: nothing.
-- What is undone before a company is guarded otherwise than it is: by its tables' owner in the store (`place` store), and by the
-- engine beside it.
CREATE OR REPLACE FUNCTION piste.undoing_statements(
    schema_name text, url_id text, name text, auth_provider text, map jsonb, degree text)
RETURNS TABLE (place text, statement text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    home text := undoing_statements.schema_name;
    firm piste.company;
BEGIN
    PERFORM piste.check_adopts();
    SELECT * INTO firm FROM piste.company k
    WHERE k.schema_name = home AND k.adopted IS NOT NULL AND k.adopted <> piste.degree_of(home, undoing_statements.degree);
    IF NOT FOUND THEN
        RETURN;
    END IF;
    RETURN QUERY SELECT 'store', s FROM piste.plan_other_degree(home, undoing_statements.url_id, undoing_statements.name,
        undoing_statements.auth_provider, undoing_statements.map, undoing_statements.degree) AS s;
    RETURN QUERY SELECT 'beside', format('DROP VIEW %I.%I', firm.window_name, c.relname)
    FROM pg_class c WHERE c.relnamespace = to_regnamespace(firm.window_name) AND c.relkind = 'v' ORDER BY c.relname COLLATE "C";
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
    PERFORM piste.check_guards(home, wanted);
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
    SELECT home, 'column', format('%I.%I', home, t.name), format('UPDATE (%I)', u.name), NULL
    FROM piste.store_tables(home) AS t
    CROSS JOIN LATERAL piste.mapped_table(plan_adoption.map, t.relation, t.name) AS m
    CROSS JOIN LATERAL unnest(m.changed) AS u (name)
    WHERE t.verdict <> 'refused' AND NOT m.hidden AND NOT has_column_privilege('piste_owner', t.relation, u.name, 'UPDATE')
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
      AND NOT EXISTS (SELECT FROM pg_trigger g WHERE g.tgrelid = t.relation AND g.tgname = r.called AND g.tgnargs = 0)
    UNION ALL
    -- What agents may change is refused when it comes too late, and recorded, whatever becomes of the application's own changes.
    SELECT home, 'agent trigger', format('%I.%I', home, t.name), r.called, NULL
    FROM piste.store_tables(home) AS t
    CROSS JOIN LATERAL piste.mapped_table(plan_adoption.map, t.relation, t.name) AS m
    CROSS JOIN (VALUES ('shut'), ('recorded_update')) AS r (called)
    WHERE t.verdict <> 'refused' AND NOT m.hidden AND m.changed <> '{}'
      AND (r.called = 'shut' OR NOT coalesce((plan_adoption.map ->> 'record')::boolean, false))
      AND NOT EXISTS (SELECT FROM pg_trigger g WHERE g.tgrelid = t.relation AND g.tgname = r.called)
    ON CONFLICT ON CONSTRAINT adoption_step_pkey DO UPDATE SET done = false, before = excluded.before;
    RETURN QUERY
    SELECT piste.step_statement(s, false), NULL::text
    FROM piste.adoption_step s
    WHERE s.schema_name = home AND NOT s.done
    ORDER BY piste.step_rank(s.kind), s.object COLLATE "C", s.privilege COLLATE "C";
END
$$;

-- Who may call it: the engine's own definer functions. Records: nothing.
-- Where a step of a schema that is guarded from people stands among the others; they are taken back the other way round.
CREATE OR REPLACE FUNCTION piste.step_rank(kind text)
RETURNS integer
LANGUAGE sql IMMUTABLE
AS $$
    SELECT array_position(ARRAY['schema', 'table', 'column', 'policy', 'trigger', 'agent trigger'], kind)
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
        WHEN 'column' THEN format(CASE WHEN back THEN 'REVOKE %s ON TABLE %s FROM piste_owner'
            ELSE 'GRANT %s ON TABLE %s TO piste_owner' END, step.privilege, step.object)
        WHEN 'policy' THEN format(CASE WHEN back THEN 'DROP POLICY %I ON %s'
            ELSE 'CREATE POLICY %I ON %s FOR SELECT TO piste_owner USING (true)' END, step.privilege, step.object)
        -- One may be there by two steps.
        ELSE CASE WHEN back THEN format('DROP TRIGGER IF EXISTS %I ON %s', step.privilege, step.object)
            WHEN step.privilege = 'shut' THEN format('CREATE TRIGGER shut BEFORE UPDATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION '
                'piste.refuse_when_shut()', step.object)
            ELSE (
                SELECT format('CREATE OR REPLACE TRIGGER %I AFTER %s ON %s REFERENCING %s FOR EACH STATEMENT EXECUTE FUNCTION '
                    'piste.record_changes(%s)', r.called, r.event, step.object, r.rows_named,
                    CASE step.kind WHEN 'trigger' THEN '' ELSE quote_literal('agents') END)
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
        WHEN 'column' THEN EXISTS (
            SELECT FROM pg_attribute a CROSS JOIN LATERAL aclexplode(a.attacl) AS g
            WHERE a.attrelid = piste.step_table(step) AND format('UPDATE (%I)', a.attname) = step.privilege
              AND g.grantee = 'piste_owner'::regrole AND g.privilege_type = 'UPDATE')
        WHEN 'policy' THEN EXISTS (
            SELECT FROM pg_policy p WHERE p.polrelid = piste.step_table(step) AND p.polname = step.privilege)
        ELSE EXISTS (
            SELECT FROM pg_trigger t WHERE t.tgrelid = piste.step_table(step) AND t.tgname = step.privilege
              AND t.tgfoid IN ('piste.record_changes()'::regprocedure, 'piste.refuse_when_shut()'::regprocedure)) END;
END
$$;

RESET ROLE;
