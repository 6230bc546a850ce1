-- Adopting: a schema that was there before becomes a company's store, under its own name and as it is. Guarded from people, its
-- tables stay their owner's; what is made is beside them: roles, and windows of which the gate is the same as everywhere. Guarded
-- whole, they are the engine's own until they are released (Adopt/adoption_guard).
--
-- What only the tables' owner may do is done with the rights of whoever adopts; the engine writes down beforehand what was missing,
-- and so knows what a release has to take back.

SET LOCAL ROLE piste_owner;

DROP FUNCTION IF EXISTS piste.finish_adoption(text, text, text, text, jsonb);
DROP FUNCTION IF EXISTS piste.adopt(text, text, text, text, jsonb);

-- Who may call it: admin, and `adopt` does. Trusts: session_user, the catalogs, and the plan that was written down.
-- Records: `company.create`, the first record of the company's own trail; and `company.adopt`, each time.
-- Makes of a schema, of which the windows' owner may read the tables by now (all of which are its own, where all is guarded), a
-- company: or makes its windows anew as its tables are now, where it is one. `did` is adopted, renewed or unchanged. All of it or
-- nothing: raises PT426 where rights are missing, with the statements that give them; and what `plan_adoption` refuses.
CREATE OR REPLACE FUNCTION piste.finish_adoption(
    schema_name text, url_id text, name text, auth_provider text, map jsonb, degree text, OUT id uuid, OUT did text,
    OUT windows bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    me      record := piste.me();
    home    text   := finish_adoption.schema_name;
    wanted  text   := piste.degree_of(home, finish_adoption.degree);
    problem record := piste.adoption_problem(
        home, finish_adoption.url_id, finish_adoption.name, finish_adoption.auth_provider, finish_adoption.map, wanted);
    mark    text   := encode(piste.random_bytes(6), 'hex');
    pane    text;
    stem    text;
    missing text;
    was     text;
    made    bigint := 0;
    each    record;
    seen    oid[];
    left_   jsonb;
BEGIN
    IF problem.code IS NOT NULL THEN
        RAISE EXCEPTION '%', problem.words USING ERRCODE = 'PT422';
    END IF;
    PERFORM piste.check_guards(home, wanted);
    IF piste.is_guarded(home) <> (wanted = 'all') THEN
        RAISE EXCEPTION 'the schema % is %', quote_ident(home),
            CASE wanted WHEN 'all' THEN 'not the engine''s own yet' ELSE 'the engine''s own still' END
            USING ERRCODE = 'PT426', HINT = 'piste.adopt does what has to be done before.';
    END IF;
    -- Which tables have windows, and which have none.
    SELECT coalesce(array_agg(t.relation ORDER BY t.name) FILTER (WHERE w.shown), '{}'),
        jsonb_agg(t.name ORDER BY t.name) FILTER (WHERE NOT w.shown)
    INTO seen, left_
    FROM piste.store_tables(home) AS t
    CROSS JOIN LATERAL piste.mapped_table(finish_adoption.map, t.relation, t.name) AS m
    CROSS JOIN LATERAL (SELECT t.verdict <> 'refused' AND NOT m.hidden AS shown) w;
    SELECT string_agg(format('GRANT SELECT ON %I.%I TO piste_owner', home, c.relname), '; ' ORDER BY c.relname) INTO missing
    FROM pg_class c WHERE c.oid = ANY (seen) AND NOT has_table_privilege('piste_owner', c.oid, 'SELECT');
    missing := concat_ws('; ', CASE WHEN NOT has_schema_privilege('piste_owner', home, 'USAGE')
        THEN format('GRANT USAGE ON SCHEMA %I TO piste_owner', home) END, missing);
    missing := concat_ws('; ', nullif(missing, ''), (
        SELECT string_agg(piste.step_statement(s, false), '; ' ORDER BY s.object) FROM piste.adoption_step s
        WHERE s.schema_name = home AND s.kind IN ('column', 'policy', 'trigger', 'agent trigger') AND NOT s.done AND NOT piste.step_stands(s)));
    IF missing <> '' THEN
        RAISE EXCEPTION 'the tables of the schema % are not yours to open to the windows'' owner', quote_ident(home) USING
            ERRCODE = 'PT426', HINT = format('A superuser or their owner (%s) adopts; or runs first: %s',
                (SELECT string_agg(DISTINCT pg_get_userbyid(c.relowner), ', ') FROM pg_class c
                 WHERE c.relnamespace = to_regnamespace(quote_ident(home)) AND c.relkind IN ('r', 'p', 'm')), left(missing, 2000));
    END IF;
    -- The ledger: what this transaction did, and nothing that was there before.
    UPDATE piste.adoption_step s SET done = true WHERE s.schema_name = home AND NOT s.done AND piste.step_stands(s);

    SELECT k.id, k.window_name, CASE k.adopted WHEN wanted THEN 'unchanged' ELSE 'renewed' END, k.adopted INTO id, pane, did, was
    FROM piste.company k WHERE k.schema_name = home;
    IF id IS NULL THEN
        id := gen_random_uuid();
        did := 'adopted';
        pane := 'w_' || mark;
        INSERT INTO piste.company (id, url_id, name, auth_provider, schema_name, window_name, adopted)
        VALUES (id, finish_adoption.url_id, finish_adoption.name, finish_adoption.auth_provider, home, pane, wanted);
        INSERT INTO piste.signing_key (kid, company, secret)
        VALUES (encode(piste.random_bytes(16), 'hex'), id, piste.random_bytes(32));
        PERFORM piste.make_trail(id), piste.create_company_roles(id);
        stem := piste.role_stem(pane);
        EXECUTE format('CREATE SCHEMA %I', pane);
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I, %I, %I', pane, stem || '_reader', stem || '_agent', stem || '_writer');
        DELETE FROM piste.observed_schema o WHERE o.schema_name = home;
        -- Every trail begins with whose it is.
        PERFORM piste.append(id, me.login, NULL, NULL, 'company.create', 'company', jsonb_build_object(
            'company', id, 'url_id', finish_adoption.url_id, 'name', finish_adoption.name,
            'auth_provider', finish_adoption.auth_provider, 'adopted', home));
    ELSIF was <> wanted THEN
        -- Tickets belong to one degree, contexts to both; whoever works by one is at its end.
        PERFORM piste.end_rights_of(id, 'the company is guarded otherwise now');
        DELETE FROM piste.lease l WHERE l.company = id;
        UPDATE piste.company k SET adopted = wanted WHERE k.id = finish_adoption.id;
    END IF;
    INSERT INTO piste.adoption AS a (company, map, adopted_by) VALUES (id, finish_adoption.map, me.login)
    ON CONFLICT (company) DO UPDATE SET map = excluded.map;

    -- Windows of tables that are gone, renamed or hidden now.
    FOR each IN
        SELECT c.relname FROM pg_class c
        WHERE c.relnamespace = to_regnamespace(pane) AND c.relkind = 'v'
          AND NOT EXISTS (SELECT FROM pg_class t WHERE t.oid = ANY (seen) AND t.relname = c.relname)
    LOOP
        EXECUTE format('DROP VIEW %I.%I', pane, each.relname);
        made := made + 1;
    END LOOP;
    DELETE FROM piste.gated_table g
    WHERE g.company = id AND NOT EXISTS (SELECT FROM pg_class t WHERE t.oid = ANY (seen) AND t.relname = g.table_name);
    FOR each IN
        SELECT t.relation, t.name, m.redacted, m.changed, k.statistics, g.table_name IS NOT NULL AND g.redacted = m.redacted
            AND g.agent_columns = m.changed AND g.sampled = k.statistics AND coalesce(was = wanted, false)
            AND pg_get_viewdef(to_regclass(format('%I.%I', pane, t.name))) IS NOT DISTINCT FROM piste.window_text(id, t.relation)
            AS stands, to_regclass(format('%I.%I', pane, t.name)) IS NOT NULL AS shown
        FROM (SELECT c.oid AS relation, c.relname::text AS name FROM pg_class c WHERE c.oid = ANY (seen)) t
        CROSS JOIN LATERAL piste.mapped_table(finish_adoption.map, t.relation, t.name) AS m
        CROSS JOIN LATERAL (SELECT CASE wanted WHEN 'all' THEN ARRAY(
            SELECT c FROM piste.kept_statistics(finish_adoption.map, t.name) AS c) ELSE '{}' END AS statistics) k
        LEFT JOIN piste.gated_table g ON g.company = id AND g.table_name = t.name
        ORDER BY t.name
    LOOP
        windows := coalesce(windows, 0) + 1;
        CONTINUE WHEN each.stands;
        INSERT INTO piste.gated_table AS g (company, table_name, agent_columns, redacted, sampled)
        VALUES (id, each.name, each.changed, each.redacted, each.statistics)
        ON CONFLICT ON CONSTRAINT gated_table_pkey DO UPDATE
        SET agent_columns = excluded.agent_columns, redacted = excluded.redacted, sampled = excluded.sampled;
        -- Privileges on columns that are redacted now are taken with the window.
        IF each.shown THEN
            EXECUTE format('DROP VIEW %I.%I', pane, each.name);
        END IF;
        PERFORM piste.make_window(id, each.relation);
        made := made + 1;
    END LOOP;
    IF wanted = 'all' THEN
        -- Partitions and what has no window as well: nothing of the store is anybody's.
        FOR each IN
            SELECT c.oid FROM pg_class c
            WHERE c.relnamespace = to_regnamespace(quote_ident(home)) AND c.relkind IN ('r', 'p') AND NOT piste.gate_stands(id, c.oid)
        LOOP
            PERFORM piste.guard_table(id, each.oid);
            made := made + 1;
        END LOOP;
        PERFORM piste.hide_statistics(home);
        UPDATE piste.adoption_step s SET done = true WHERE s.schema_name = home AND NOT s.done;
        SELECT g.problem INTO missing FROM piste.guarded_problems(ARRAY[id]) AS g ORDER BY g.problem LIMIT 1;
        IF missing IS NOT NULL THEN
            RAISE EXCEPTION 'the schema % cannot be guarded whole: %', quote_ident(home), missing USING ERRCODE = 'PT422';
        END IF;
    END IF;
    IF did = 'unchanged' AND made > 0 THEN
        did := 'renewed';
    END IF;
    SELECT p.problem INTO missing FROM (
        SELECT w.problem FROM piste.window_problems(ARRAY[id]) AS w
        UNION ALL SELECT g.problem FROM piste.privilege_problems(ARRAY[id]) AS g
        UNION ALL SELECT r.problem FROM piste.role_problems(ARRAY[id]) AS r) p
    LIMIT 1;
    IF missing IS NOT NULL THEN
        RAISE EXCEPTION 'the schema % cannot be guarded: %', quote_ident(home), missing USING ERRCODE = 'PT422';
    END IF;
    IF did <> 'unchanged' THEN
        -- What services knew of its tables is looked up again.
        UPDATE piste.company k SET revision = k.revision + 1 WHERE k.id = finish_adoption.id;
        PERFORM piste.append(id, me.login, NULL, NULL, 'company.adopt', 'company', jsonb_strip_nulls(jsonb_build_object(
            'company', id, 'url_id', finish_adoption.url_id, 'name', finish_adoption.name, 'schema', home, 'guard', wanted,
            'guarded_before', was, 'did', did, 'windows', windows, 'without_window', left_,
            'redacted', (SELECT jsonb_object_agg(g.table_name, g.redacted) FROM piste.gated_table g
                WHERE g.company = id AND g.redacted <> '{}'),
            'changed_by_agents', (SELECT jsonb_object_agg(g.table_name, g.agent_columns) FROM piste.gated_table g
                WHERE g.company = id AND g.agent_columns <> '{}'))));
    END IF;
END
$$;

-- Who may call it: admin, who owns the tables or is superuser, or for whom their owner granted it before. It runs with the caller's
-- own rights, so that PostgreSQL asks whether the tables are theirs. Trusts: nothing but what its parts say.
-- Records: as they do.
-- Adopts a schema as the store of a company: in one transaction, all of it or nothing, and nothing is copied. With `degree` people
-- the application keeps its login and its tables; with all they are the engine's own, and it works by tickets; without one it is
-- as it was, or people. Run again, it takes in what was changed since.
CREATE OR REPLACE FUNCTION piste.adopt(
    schema_name text, url_id text, name text, auth_provider text DEFAULT 'application', map jsonb DEFAULT '{}',
    degree text DEFAULT NULL)
RETURNS TABLE (id uuid, did text, windows bigint, refusal text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    each  record;
    done  record;
    began boolean := false;
BEGIN
    FOR each IN
        SELECT s AS statement FROM piste.plan_other_degree(
            adopt.schema_name, adopt.url_id, adopt.name, adopt.auth_provider, adopt.map, adopt.degree) AS s
    LOOP
        EXECUTE each.statement;
        began := true;
    END LOOP;
    FOR each IN
        SELECT p.statement, p.refusal FROM piste.plan_adoption(
            adopt.schema_name, adopt.url_id, adopt.name, adopt.auth_provider, adopt.map, adopt.degree) AS p
    LOOP
        IF each.refusal IS NOT NULL THEN
            IF began THEN
                RAISE EXCEPTION '%', each.refusal USING ERRCODE = 'PT422';
            END IF;
            RETURN QUERY SELECT NULL::uuid, NULL::text, NULL::bigint, each.refusal;
            RETURN;
        END IF;
        -- Of what the caller has no right to, the other half says what is missing.
        PERFORM piste.try_statement(each.statement);
    END LOOP;
    done := piste.finish_adoption(
        adopt.schema_name, adopt.url_id, adopt.name, adopt.auth_provider, adopt.map, adopt.degree);
    RETURN QUERY SELECT done.id, done.did, done.windows, NULL::text;
END
$$;

-- Who may call it: admin. Trusts: session_user and the catalogs. Records: `company.observe` in the engine's own trail.
-- Writes down whose schema it is, and changes nothing: the proof names it, with those who read it today.
CREATE OR REPLACE FUNCTION piste.observe_schema(schema_name text, url_id text, name text)
RETURNS TABLE (did text, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    me      record := piste.me();
    problem record := piste.adoption_problem(
        observe_schema.schema_name, observe_schema.url_id, observe_schema.name, 'application', '{}', 'people');
BEGIN
    did := 'unchanged';
    IF problem.code NOT IN ('no_tables', 'open_to_operators') THEN
        refusal := piste.refuse(NULL, 'company.refused', 'company', problem.code, problem.words, jsonb_build_object(
            'wish', 'observe', 'url_id', left(observe_schema.url_id, 100), 'schema', left(observe_schema.schema_name, 100)));
        did := NULL;
    ELSIF NOT EXISTS (SELECT FROM piste.company k WHERE k.schema_name = observe_schema.schema_name) THEN
        INSERT INTO piste.observed_schema AS o (schema_name, url_id, name, observed_by)
        VALUES (observe_schema.schema_name, observe_schema.url_id, observe_schema.name, me.login)
        ON CONFLICT (schema_name) DO UPDATE SET url_id = excluded.url_id, name = excluded.name
        WHERE (o.url_id, o.name) IS DISTINCT FROM (excluded.url_id, excluded.name);
        IF FOUND THEN
            did := 'observed';
            PERFORM piste.append(NULL, me.login, NULL, NULL, 'company.observe', 'company', jsonb_build_object(
                'url_id', observe_schema.url_id, 'name', observe_schema.name, 'schema', observe_schema.schema_name));
        END IF;
    END IF;
    RETURN NEXT;
END
$$;

-- Who may call it: admin. Trusts: session_user, the ledger and the catalogs. Records: nothing.
-- Every statement that made an adopted company what it is, in order: those in the store by its owner (`place` store), and the
-- engine's own beside it.
CREATE OR REPLACE FUNCTION piste.adoption_statements(url_id text)
RETURNS TABLE (place text, statement text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    firm piste.company;
    stem text;
BEGIN
    PERFORM piste.check_adopts();
    SELECT * INTO firm FROM piste.company k WHERE k.url_id = adoption_statements.url_id AND k.adopted IS NOT NULL;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    stem := piste.role_stem(firm.window_name);
    RETURN QUERY
    SELECT 'store', piste.step_statement(s, false) FROM piste.adoption_step s
    WHERE s.schema_name = firm.schema_name AND s.done AND piste.step_statement(s, false) IS NOT NULL
    ORDER BY s.place, piste.step_rank(s.kind), s.object COLLATE "C", s.privilege COLLATE "C";
    IF firm.adopted = 'all' THEN
        RETURN QUERY SELECT 'store', piste.forget_samples(firm.schema_name, a.map) FROM piste.adoption a WHERE a.company = firm.id;
        RETURN QUERY
        SELECT 'store', s.statement
        FROM pg_class c
        CROSS JOIN LATERAL (
            SELECT 1 AS place, format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', c.oid::regclass) AS statement
            UNION ALL SELECT 2, piste.policy_statement(p.oid) FROM pg_policy p WHERE p.polrelid = c.oid
            UNION ALL
            SELECT 3, pg_get_triggerdef(t.oid) FROM pg_trigger t
            WHERE t.tgrelid = c.oid AND t.tgfoid IN ('piste.record_changes()'::regprocedure, 'piste.refuse_when_shut()'::regprocedure)
            UNION ALL
            SELECT 4, format('ALTER TABLE %s REPLICA IDENTITY FULL', c.oid::regclass) WHERE c.relreplident = 'f'
        ) s
        WHERE c.relnamespace = to_regnamespace(quote_ident(firm.schema_name)) AND c.relkind IN ('r', 'p')
        ORDER BY c.relname COLLATE "C", s.place, s.statement COLLATE "C";
        RETURN QUERY
        SELECT 'store', format('ALTER %s %s %s', CASE WHEN t.of_index THEN 'INDEX' ELSE 'TABLE' END, t.relation::regclass,
            string_agg(format('ALTER COLUMN %s SET STATISTICS %s',
                CASE WHEN t.of_index THEN t.number::text ELSE quote_ident(t.name) END, t.wanted), ', ' ORDER BY t.number))
        FROM piste.statistics_targets(ARRAY[firm.schema_name]) AS t
        GROUP BY t.relation, t.of_index
        ORDER BY t.relation::regclass::text COLLATE "C";
    END IF;
    RETURN QUERY
    SELECT 'beside', format('CREATE ROLE %I NOLOGIN IN ROLE piste_operators', stem || r)
    FROM unnest(ARRAY['_reader', '_agent', '_writer']) AS r;
    RETURN QUERY SELECT 'beside', format('CREATE SCHEMA %I AUTHORIZATION piste_owner', firm.window_name);
    RETURN QUERY SELECT 'beside', format('GRANT USAGE ON SCHEMA %I TO %I, %I, %I', firm.window_name,
        stem || '_reader', stem || '_agent', stem || '_writer');
    RETURN QUERY
    SELECT 'beside', w.statement
    FROM piste.gated_table g
    CROSS JOIN LATERAL (SELECT format('%I.%I', firm.window_name, g.table_name) AS pane) p
    CROSS JOIN LATERAL (
        SELECT 1 AS place, format('CREATE VIEW %s AS%s', p.pane, rtrim(pg_get_viewdef(to_regclass(p.pane)), ';')) AS statement
        UNION ALL
        SELECT 2, format('GRANT %s ON %s TO %I', string_agg(
            q.privilege || coalesce(' (' || quote_ident(q.column_name) || ')', ''), ', ' ORDER BY q.column_name), p.pane, q.role)
        FROM piste.window_privileges(firm.id, piste.store_table(firm.schema_name, g.table_name)) AS q
        GROUP BY q.role
    ) w
    WHERE g.company = firm.id
    ORDER BY g.table_name COLLATE "C", w.place, w.statement COLLATE "C";
END
$$;

RESET ROLE;
