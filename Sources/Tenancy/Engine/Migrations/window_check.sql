-- Checking windows: their texts, and what the planner makes of them; and mending those of an older server.

SET LOCAL ROLE piste_owner;

-- Who may call it: the engine's own definer functions. Trusts: the catalogs, and what EXPLAIN says. Records: nothing.
-- Whether the planner asks a window's gate before it looks at the table, where that is hardest: on the nullable side of a left
-- join. The first scan that does not stand right below a one-time filter, in words; NULL when there is none.
CREATE OR REPLACE FUNCTION piste.window_plan_problem(pane oid)
RETURNS text
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    plan json;
BEGIN
    BEGIN
        EXECUTE format(
            'EXPLAIN (FORMAT JSON, COSTS OFF) SELECT FROM (VALUES (1)) AS x (a) LEFT JOIN %s ON true', pane::regclass)
        INTO plan;
        -- Gives the locks back: those of ten thousand companies are more than a server keeps.
        RAISE EXCEPTION 'the plan is known' USING ERRCODE = 'PT299';
    EXCEPTION WHEN SQLSTATE 'PT299' THEN
        NULL;
    WHEN OTHERS THEN
        RETURN format('window %s cannot be explained: %s', pane::regclass, SQLERRM);
    END;
    RETURN (
        WITH RECURSIVE node (plan, above) AS (
            SELECT plan -> 0 -> 'Plan', NULL::json
            UNION ALL
            SELECT below.plan, n.plan FROM node n CROSS JOIN LATERAL json_array_elements(n.plan -> 'Plans') AS below (plan)
        )
        SELECT format('window %s: the planner does not ask the gate before a %s of the table', pane::regclass,
            n.plan ->> 'Node Type')
        FROM node n
        WHERE n.plan ->> 'Relation Name' IS NOT NULL
          AND NOT coalesce(n.above ->> 'Node Type' = 'Result' AND n.above ->> 'One-Time Filter' IS NOT NULL, false)
        LIMIT 1);
END
$$;

-- Who may call it: the engine's own definer functions. Trusts: the catalogs. Records: nothing.
-- What is wrong with the one function that every window and every policy asks; NULL when nothing is. Were it not volatile, an
-- answer would be kept for too long; were it not unsafe in parallel, a worker would be asked, which holds no context.
CREATE OR REPLACE FUNCTION piste.gate_function_problem()
RETURNS text
LANGUAGE sql STABLE
AS $$
    SELECT 'the function piste.open_until is not the gate''s'
    WHERE NOT EXISTS (
        SELECT FROM pg_catalog.pg_proc p
        WHERE p.oid = 'piste.open_until(uuid,text,text)'::regprocedure AND p.proowner = 'piste_owner'::regrole
          AND p.provolatile = 'v' AND p.proparallel = 'u' AND p.prosecdef AND NOT p.proleakproof
          AND p.proconfig = ARRAY['search_path=pg_catalog, pg_temp'])
$$;

-- Who may call it: the engine's own definer functions. Trusts: the catalogs. Records: nothing.
-- What is wrong with the windows of the given companies (all: NULL), one row each. Page by page: what the planner takes for a
-- few companies it joins row by row.
CREATE OR REPLACE FUNCTION piste.window_problems(firms uuid[])
RETURNS TABLE (firm uuid, problem text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    page uuid[];
BEGIN
    FOR page IN
        SELECT array_agg(n.id) FROM (
            SELECT k.id, row_number() OVER () AS number FROM piste.company k WHERE firms IS NULL OR k.id = ANY (firms)
        ) n GROUP BY n.number / 50
    LOOP
        RETURN QUERY SELECT p.firm, p.problem FROM piste.window_problems_of(page) AS p;
    END LOOP;
END
$$;

-- Who may call it: `window_problems`. Trusts: the catalogs. Records: nothing.
-- A window of another text, owner or kind, a table without one, whatever else lies in the schema of the windows.
CREATE OR REPLACE FUNCTION piste.window_problems_of(firms uuid[])
RETURNS TABLE (firm uuid, problem text)
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
    WITH place AS (
        SELECT k.id, s.oid AS store, w.oid AS panes, k.window_name, k.adopted IS NOT NULL AS adopted,
            coalesce(k.adopted = 'people', false) AS lent
        FROM piste.company k
        LEFT JOIN pg_namespace s ON s.nspname = k.schema_name
        LEFT JOIN pg_namespace w ON w.nspname = k.window_name
        WHERE k.id = ANY (firms)
    ), stored AS (
        SELECT p.id, p.panes, p.adopted, p.lent OR c.relkind = 'm' AS is_read, c.oid, c.relname
        FROM place p
        JOIN pg_depend d ON d.refclassid = 'pg_namespace'::regclass AND d.refobjid = p.store AND d.classid = 'pg_class'::regclass
        JOIN pg_class c ON c.oid = d.objid AND (c.relkind IN ('r', 'p') OR c.relkind = 'm' AND p.adopted)
    ), pane AS (
        SELECT p.id, p.store, c.oid, c.relname, c.relkind, c.relowner, c.reloptions
        FROM place p
        JOIN pg_depend d ON d.refclassid = 'pg_namespace'::regclass AND d.refobjid = p.panes AND d.classid = 'pg_class'::regclass
        JOIN pg_class c ON c.oid = d.objid
    ), paired AS (
        SELECT s.id, s.adopted, s.is_read, s.oid AS relation, w.oid AS pane, s.relname, w.reloptions
        FROM stored s JOIN pane w ON w.id = s.id AND w.relname = s.relname AND w.relkind = 'v'
    )
    SELECT p.id, format('the schema %s of the windows is missing', p.window_name) FROM place p WHERE p.panes IS NULL
    UNION ALL
    SELECT p.id, format('the schema %s of the windows belongs to %s', p.window_name, pg_get_userbyid(n.nspowner))
    FROM place p JOIN pg_namespace n ON n.oid = p.panes WHERE n.nspowner <> 'piste_owner'::regrole
    UNION ALL
    SELECT s.id, format('table %s has no window', s.relname)
    -- What an application adds to an adopted store waits for the next adoption, and is out of everybody's reach until then.
    FROM stored s WHERE NOT s.adopted AND NOT EXISTS (SELECT FROM paired p WHERE p.id = s.id AND p.relation = s.oid)
    UNION ALL
    SELECT w.id, format('%s in the schema of the windows is no window of a table', w.relname)
    FROM pane w WHERE NOT EXISTS (SELECT FROM paired p WHERE p.pane = w.oid)
    UNION ALL
    SELECT w.id, format('window %s belongs to %s instead of piste_owner', w.relname, pg_get_userbyid(w.relowner))
    FROM pane w WHERE w.relowner <> 'piste_owner'::regrole
    UNION ALL
    SELECT p.id, format('window %s is not the one of its table', p.relname)
    FROM paired p
    WHERE piste.window_made(p.pane) IS DISTINCT FROM piste.window_text(p.id, p.relation)
      AND NOT (p.adopted AND EXISTS (
          SELECT FROM piste.gated_table g
          WHERE g.company = p.id AND g.table_name = p.relname AND g.made = piste.window_made(p.pane)))
    UNION ALL
    SELECT p.id, format('window %s has options: %s', p.relname, array_to_string(p.reloptions, ', '))
    FROM paired p WHERE p.reloptions IS NOT NULL
    UNION ALL
    SELECT p.id, format('window %s cannot be written', p.relname)
    FROM paired p WHERE NOT p.is_read AND pg_relation_is_updatable(p.pane, false) & 28 <> 28
    UNION ALL
    SELECT p.id, format('window %s has a trigger, a rule or a default of its own', p.relname)
    FROM paired p
    WHERE EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = p.pane)
       OR EXISTS (SELECT FROM pg_rewrite r WHERE r.ev_class = p.pane AND r.rulename <> '_RETURN')
       OR EXISTS (SELECT FROM pg_attrdef f WHERE f.adrelid = p.pane)
    UNION ALL
    SELECT p.id, q.problem FROM paired p CROSS JOIN LATERAL (SELECT piste.window_plan_problem(p.pane)) AS q (problem)
    WHERE q.problem IS NOT NULL
    UNION ALL
    -- Row types come with their views.
    SELECT p.id, format('%s %s in the schema of the windows is no window', i.type, i.identity)
    FROM place p
    JOIN pg_depend d ON d.refclassid = 'pg_namespace'::regclass AND d.refobjid = p.panes AND d.classid <> 'pg_class'::regclass
    CROSS JOIN LATERAL pg_identify_object(d.classid, d.objid, d.objsubid) AS i
$$;

-- Who may call it: the installation. Trusts: the catalogs. Records: nothing.
-- A database that came from a server before 16 by a dump or an upgrade has windows without the line that holds the gate in its
-- place from 16 on. Makes those anew, and no others: what is otherwise is left for structure_problem to name. How many there
-- were.
CREATE OR REPLACE FUNCTION piste.mend_windows()
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    mended bigint := 0;
    each   record;
BEGIN
    FOR each IN
        SELECT k.id, s.relation
        FROM piste.gated_table g
        JOIN piste.company k ON k.id = g.company
        CROSS JOIN LATERAL (
            SELECT piste.store_table(k.schema_name, g.table_name) AS relation,
                piste.window_made(to_regclass(format('%I.%I', k.window_name, g.table_name))) AS made
        ) AS s
        CROSS JOIN LATERAL piste.window_text(k.id, s.relation) AS w (wanted)
        WHERE s.made <> w.wanted
          AND s.made = regexp_replace(w.wanted, 'WHERE .*? IN [(] SELECT true[)][)] AND ', 'WHERE (')
    LOOP
        PERFORM piste.make_window(each.id, each.relation);
        mended := mended + 1;
    END LOOP;
    RETURN mended;
END
$$;

RESET ROLE;
