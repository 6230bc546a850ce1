-- Whether a schema that is guarded whole is so: asked when it is adopted, and by every proof.

SET LOCAL ROLE piste_owner;

-- Who may call it: the engine's own definer functions. Trusts: the catalogs. Records: nothing.
-- Whether the gate of a table stands as guard_table makes it.
CREATE OR REPLACE FUNCTION piste.gate_stands(firm uuid, relation oid)
RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT c.relrowsecurity AND c.relforcerowsecurity AND piste.has_shut_trigger(firm, c.oid) AND piste.records_changes(c.oid)
        AND NOT EXISTS (
            SELECT FROM piste.gate_policies(firm, c.relname) AS w
            FULL JOIN (SELECT * FROM pg_policy q WHERE q.polrelid = c.oid) AS p ON p.polname = w.policy
            WHERE NOT coalesce(
                p.polpermissive AND p.polcmd::text = w.command AND p.polroles = w.roles
                AND pg_get_expr(p.polqual, p.polrelid) IS NOT DISTINCT FROM w.using_
                AND pg_get_expr(p.polwithcheck, p.polrelid) IS NOT DISTINCT FROM w.check_, false))
    FROM pg_class c WHERE c.oid = relation
$$;

-- Who may call it: `finish_adoption`, and the proof. Trusts: the catalogs and the ledger. Records: nothing.
-- What is wrong with the stores of companies that are guarded whole (of the given ones; all: NULL), a sentence each.
CREATE OR REPLACE FUNCTION piste.guarded_problems(firms uuid[])
RETURNS TABLE (firm uuid, problem text)
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
    WITH place AS MATERIALIZED (
        SELECT k.id, k.schema_name, n.oid AS store, n.nspowner, to_regnamespace(k.window_name)::oid AS panes
        FROM piste.company k JOIN pg_namespace n ON n.nspname = k.schema_name
        WHERE k.adopted = 'all' AND (firms IS NULL OR k.id = ANY (firms))
    ), owner AS (
        SELECT 'piste_owner'::regrole::oid AS oid
    ), rel AS MATERIALIZED (
        SELECT p.id, p.store, p.panes, c.oid, c.relname, c.relkind, c.relowner, c.relacl, c.relispartition
        FROM place p
        JOIN pg_depend d ON d.refclassid = 'pg_namespace'::regclass AND d.refobjid = p.store AND d.classid = 'pg_class'::regclass
        JOIN pg_class c ON c.oid = d.objid
    )
    SELECT p.id, format('the schema %I belongs to %s', p.schema_name, pg_get_userbyid(p.nspowner))
    FROM place p, owner o WHERE p.nspowner <> o.oid
    UNION ALL
    SELECT r.id, format('%s belongs to %s', r.oid::regclass, pg_get_userbyid(r.relowner)) FROM rel r, owner o WHERE r.relowner <> o.oid
    UNION ALL
    SELECT p.id, format('function %s %s', f.oid::regprocedure, CASE WHEN f.prosecdef THEN 'has its owner''s rights'
        WHEN f.proowner <> o.oid THEN 'belongs to ' || pg_get_userbyid(f.proowner) ELSE 'is written in ' || l.lanname END)
    FROM place p CROSS JOIN owner o
    JOIN pg_depend d ON d.refclassid = 'pg_namespace'::regclass AND d.refobjid = p.store AND d.classid = 'pg_proc'::regclass
    JOIN pg_proc f ON f.oid = d.objid JOIN pg_language l ON l.oid = f.prolang
    WHERE (f.prosecdef OR f.proowner <> o.oid OR l.lanname NOT IN ('sql', 'plpgsql') AND f.prokind <> 'a')
      AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_proc'::regclass AND e.objid = f.oid AND e.deptype = 'e')
    UNION ALL
    SELECT r.id, format('the gate of table %s is not whole', r.oid::regclass)
    FROM rel r WHERE r.relkind IN ('r', 'p') AND NOT piste.gate_stands(r.id, r.oid)
    UNION ALL
    SELECT r.id, format('the owner of %s has not all rights on it', r.oid::regclass)
    FROM rel r, owner o
    WHERE r.relkind IN ('r', 'p') AND NOT (
        has_table_privilege(o.oid, r.oid, 'SELECT') AND has_table_privilege(o.oid, r.oid, 'INSERT')
        AND has_table_privilege(o.oid, r.oid, 'UPDATE') AND has_table_privilege(o.oid, r.oid, 'DELETE'))
    UNION ALL
    SELECT p.id, format('column %s.%I takes its default from a sequence', d.place, d.name)
    FROM place p CROSS JOIN LATERAL piste.sequence_defaults(p.store) AS d
    UNION ALL
    -- Who owns such a function decides what it does inside.
    SELECT r.id, f.words FROM piste.foreign_code(ARRAY(SELECT r.oid FROM rel r)) AS f JOIN rel r ON r.oid = f.relation
    UNION ALL
    SELECT r.id, format('foreign key %I leads from %s to %s, outside: piste share %3$s first, without cascades', k.conname,
        k.conrelid::regclass, k.confrelid::regclass)
    FROM rel r JOIN pg_constraint k ON k.conrelid = r.oid AND k.contype = 'f'
    JOIN pg_class c ON c.oid = k.confrelid AND c.relnamespace <> r.store
    WHERE NOT piste.leads_to_shared(k.oid)
    UNION ALL
    SELECT r.id, format('foreign key %I of %s leads into the schema, to %s', k.conname, k.conrelid::regclass, k.confrelid::regclass)
    FROM rel r JOIN pg_constraint k ON k.confrelid = r.oid AND k.contype = 'f'
    JOIN pg_class c ON c.oid = k.conrelid AND c.relnamespace <> r.store
    UNION ALL
    SELECT r.id, format('rule %I on %s rewrites statements behind their back', w.rulename, r.oid::regclass)
    FROM rel r JOIN pg_rewrite w ON w.ev_class = r.oid AND w.rulename <> '_RETURN'
    UNION ALL
    SELECT r.id, format('%s inherits from %s, across schemas', i.inhrelid::regclass, i.inhparent::regclass)
    FROM rel r JOIN pg_inherits i ON r.oid IN (i.inhrelid, i.inhparent)
    JOIN pg_class c ON c.oid IN (i.inhrelid, i.inhparent) AND c.relnamespace <> r.store
    WHERE r.relkind IN ('r', 'p')
    UNION ALL
    SELECT DISTINCT r.id, format('%s, outside, reads %s: drop it, or move it', v.oid::regclass, r.oid::regclass)
    FROM rel r
    JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = r.oid AND d.classid = 'pg_rewrite'::regclass
    JOIN pg_rewrite w ON w.oid = d.objid
    JOIN pg_class v ON v.oid = w.ev_class AND v.relnamespace NOT IN (r.store, r.panes)
    WHERE r.relkind IN ('r', 'p', 'm', 'v')
    UNION ALL
    SELECT p.id, s.problem FROM place p CROSS JOIN LATERAL piste.statistics_problems(ARRAY[p.schema_name]) AS s
$$;

RESET ROLE;
