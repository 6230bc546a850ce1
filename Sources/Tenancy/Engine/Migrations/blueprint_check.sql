-- Checking a blueprint before it touches anybody, and registering it.
--
-- A blueprint is SQL, and SQL can do anything that its owner can. So it runs as piste_owner, who is no superuser and may
-- change no role, inside a definer function, where PostgreSQL refuses SET ROLE and COMMIT; once, on a throw-away company
-- whose transaction is rolled back; and then the catalogs, the locks and the row counters of that transaction tell what it
-- did. What this cannot prevent: a superuser, who alone registers blueprints, can write SQL that knows a trial from a real
-- company, or that reaches out of the transaction by a function built for the purpose. A superuser is outside the claim;
-- the check is against mistakes. Each real company is held against the same rules when it has been migrated.

SET LOCAL ROLE piste_owner;

-- Who may call it: the engine's own definer functions. Trusts: the catalogs. Records: nothing.
-- What is wrong with the isolation of a company's schema, in a sentence that names the object; NULL when nothing is.
-- Asks by number and index only, so that it costs the same among ten thousand companies.
CREATE OR REPLACE FUNCTION piste.structure_problem(home text)
RETURNS text
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    place     oid   := to_regnamespace(quote_ident(home));
    firm      uuid  := (SELECT k.id FROM piste.company k WHERE k.schema_name = home);
    owner     oid   := 'piste_owner'::regrole;
    reader    oid   := to_regrole(home || '_reader');
    agent     oid   := to_regrole(home || '_agent');
    writer    oid   := to_regrole(home || '_writer');
    relations oid[] := ARRAY(
        SELECT d.objid FROM pg_depend d
        WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = place AND d.classid = 'pg_class'::regclass);
    routines  oid[] := ARRAY(
        SELECT d.objid FROM pg_depend d
        WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = place AND d.classid = 'pg_proc'::regclass);
    tables    oid[] := ARRAY(
        SELECT c.oid FROM pg_class c
        WHERE c.oid = ANY (relations) AND c.relkind = 'r');
    gate      text  := '(clock_timestamp() < ( SELECT piste.open_until(' || quote_literal(firm) || '::uuid, %L::text%s) AS open_until))';
    problem   text;
BEGIN
    WITH gated AS (
        SELECT c.oid, c.relname::text AS name FROM pg_class c WHERE c.oid = ANY (tables)
    ), wanted (relation, policy, command, using_, check_) AS (
        SELECT g.oid, p.policy, p.command,
            CASE p.command WHEN 'a' THEN NULL WHEN 'r' THEN format(gate, g.name, '') ELSE format(gate, g.name, ', ''write''::text') END,
            CASE p.command WHEN 'a' THEN format(gate, g.name, ', ''write''::text') END
        FROM gated g
        CROSS JOIN (VALUES ('gate_select', 'r'), ('gate_insert', 'a'), ('gate_update', 'w'), ('gate_delete', 'd')) AS p (policy, command)
    ), granted (what, grantee, privilege, grantable, allowed) AS (
        SELECT format('%s %s', CASE c.relkind WHEN 'S' THEN 'sequence' WHEN 'v' THEN 'view' ELSE 'table' END, c.relname),
            a.grantee, a.privilege_type, a.is_grantable, CASE
                WHEN c.relkind = 'S' THEN a.privilege_type = 'USAGE' AND a.grantee IN (agent, writer)
                WHEN a.grantee = reader THEN a.privilege_type = 'SELECT'
                WHEN a.grantee = agent THEN a.privilege_type IN ('SELECT', 'UPDATE')
                WHEN a.grantee = writer THEN a.privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
            END
        FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) AS a WHERE c.oid = ANY (relations)
        UNION ALL
        SELECT format('column %s.%s', c.relname, t.attname), a.grantee, a.privilege_type, a.is_grantable, CASE
                WHEN a.grantee = reader THEN a.privilege_type = 'SELECT'
                WHEN a.grantee IN (agent, writer) THEN a.privilege_type IN ('SELECT', 'INSERT', 'UPDATE')
            END
        FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid CROSS JOIN LATERAL aclexplode(t.attacl) AS a
        WHERE c.oid = ANY (relations)
        UNION ALL
        SELECT 'function ' || p.proname, a.grantee, a.privilege_type, a.is_grantable, a.grantee IN (reader, agent, writer)
        FROM pg_proc p CROSS JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a
        WHERE p.oid = ANY (routines)
        UNION ALL
        SELECT 'the schema', a.grantee, a.privilege_type, a.is_grantable,
            a.grantee IN (reader, agent, writer) AND a.privilege_type = 'USAGE'
        FROM pg_namespace n CROSS JOIN LATERAL aclexplode(n.nspacl) AS a WHERE n.oid = place
    ), part (class, object) AS (
        SELECT 'pg_class'::regclass::oid, r FROM unnest(relations) AS r
        UNION ALL SELECT 'pg_class'::regclass, i.indexrelid FROM pg_index i WHERE i.indrelid = ANY (relations)
        UNION ALL SELECT 'pg_proc'::regclass, r FROM unnest(routines) AS r
        UNION ALL SELECT 'pg_constraint'::regclass, k.oid FROM pg_constraint k WHERE k.conrelid = ANY (relations)
        UNION ALL SELECT 'pg_policy'::regclass, p.oid FROM pg_policy p WHERE p.polrelid = ANY (relations)
        UNION ALL SELECT 'pg_trigger'::regclass, t.oid FROM pg_trigger t WHERE t.tgrelid = ANY (relations)
        UNION ALL SELECT 'pg_attrdef'::regclass, f.oid FROM pg_attrdef f WHERE f.adrelid = ANY (relations)
        UNION ALL SELECT 'pg_rewrite'::regclass, r.oid FROM pg_rewrite r WHERE r.ev_class = ANY (relations)
    ), outward AS (
        SELECT DISTINCT d.classid, d.objid, d.refclassid, d.refobjid
        FROM part p JOIN pg_depend d ON d.classid = p.class AND d.objid = p.object
        WHERE d.refclassid IN (
            'pg_class'::regclass, 'pg_proc'::regclass, 'pg_type'::regclass, 'pg_operator'::regclass, 'pg_opclass'::regclass,
            'pg_collation'::regclass)
    ), reached AS (
        SELECT o.*, i.schema, i.identity
        FROM outward o CROSS JOIN LATERAL pg_identify_object(o.refclassid, o.refobjid, 0) AS i
        WHERE i.schema NOT IN ('pg_catalog', home)
          AND i.identity NOT IN (
              'piste.open_until(pg_catalog.uuid,pg_catalog.text,pg_catalog.text)', 'piste.open_until(uuid,text,text)',
              'piste.record_change()', 'piste.human', 'piste.matches(text,text)',
              'piste.@~(pg_catalog.text,pg_catalog.text)', 'piste.@~(text,text)', 'piste.fragment_ops USING gin')
          AND (i.schema IN ('piste', 'piste_crypto') OR NOT EXISTS (
              SELECT FROM pg_depend e WHERE e.classid = o.refclassid AND e.objid = o.refobjid AND e.deptype = 'e'))
    ), finding (rank, words) AS (
        SELECT 1, format('%s %s has no place in a company''s schema', CASE c.relkind
            WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table' ELSE 'partitioned table' END, c.relname)
        FROM pg_class c WHERE c.oid = ANY (relations) AND c.relkind NOT IN ('r', 'i', 'S', 'v', 'c')
        UNION ALL
        SELECT 2, format('%s belongs to %s instead of piste_owner', c.relname, pg_get_userbyid(c.relowner))
        FROM pg_class c WHERE c.oid = ANY (relations) AND c.relowner <> owner
        UNION ALL
        SELECT 2, format('function %s belongs to %s instead of piste_owner', p.proname, pg_get_userbyid(p.proowner))
        FROM pg_proc p WHERE p.oid = ANY (routines) AND p.proowner <> owner
        UNION ALL
        SELECT 3, format('table %s is not logged', c.relname)
        FROM pg_class c WHERE c.oid = ANY (relations) AND c.relpersistence <> 'p'
        UNION ALL
        SELECT 3, format('table %s inherits from %s', i.inhrelid::regclass::text, i.inhparent::regclass::text)
        FROM pg_inherits i WHERE i.inhrelid = ANY (relations) OR i.inhparent = ANY (relations)
        UNION ALL
        SELECT 4, format('the name of table %s cannot be declared: take a-z, 0-9 and _, at most 48', c.relname)
        FROM pg_class c WHERE c.oid = ANY (tables) AND (c.relname !~ '^[a-z][a-z0-9_]{0,47}$' OR c.relname = 'token')
        UNION ALL
        SELECT 5, format('table %s has no gate: row level security is not %s', c.relname,
            CASE WHEN c.relrowsecurity THEN 'forced' ELSE 'enabled' END)
        FROM pg_class c
        WHERE c.oid = ANY (relations) AND c.relkind = 'r' AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
        UNION ALL
        SELECT 6, CASE
            WHEN p.oid IS NULL THEN format('table %s has no policy %s', w.relation::regclass, w.policy)
            WHEN w.policy IS NULL THEN format('policy %s on table %s is one too many', p.polname, p.polrelid::regclass)
            ELSE format('policy %s on table %s is not the gate', p.polname, p.polrelid::regclass) END
        FROM wanted w
        FULL JOIN (SELECT * FROM pg_policy r WHERE r.polrelid = ANY (relations)) p
            ON p.polrelid = w.relation AND p.polname = w.policy
        WHERE NOT coalesce(
            p.polpermissive AND p.polcmd::text = w.command
            AND p.polroles = ARRAY[0::oid]
            AND pg_get_expr(p.polqual, p.polrelid) IS NOT DISTINCT FROM w.using_
            AND pg_get_expr(p.polwithcheck, p.polrelid) IS NOT DISTINCT FROM w.check_, false)
        UNION ALL
        SELECT 7, format('%s on %s is granted to %s', g.privilege, g.what,
            CASE WHEN g.grantee = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(g.grantee) END)
        FROM granted g WHERE g.grantee <> owner AND (g.grantable OR NOT coalesce(g.allowed, false))
        UNION ALL
        SELECT 8, format('table %s is not granted to %s', c.relname, pg_get_userbyid(r))
        FROM pg_class c CROSS JOIN unnest(ARRAY[reader, agent, writer]) AS r
        WHERE c.oid = ANY (tables) AND NOT has_any_column_privilege(r, c.oid, 'SELECT')
        UNION ALL
        SELECT 9, format('table %s has no column id, by which a change is recorded', c.relname)
        FROM pg_class c
        WHERE c.oid = ANY (tables) AND NOT EXISTS (
            SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'id' AND a.attnotnull)
        UNION ALL
        SELECT 10, format('table %s has no trigger recorded, for each row of an insert, update or delete', c.relname)
        FROM pg_class c
        WHERE c.oid = ANY (tables) AND NOT EXISTS (
            SELECT FROM pg_trigger t
            WHERE t.tgrelid = c.oid AND t.tgname = 'recorded' AND t.tgfoid = 'piste.record_change()'::regprocedure
              AND t.tgtype = 29 AND t.tgenabled IN ('O', 'A') AND t.tgqual IS NULL AND t.tgattr = '')
        UNION ALL
        SELECT 10, format('a trigger of table %s is switched off', t.tgrelid::regclass)
        FROM pg_trigger t WHERE t.tgrelid = ANY (relations) AND t.tgenabled NOT IN ('O', 'A')
        UNION ALL
        SELECT 11, format('foreign key %s leads out of the schema, to %s', k.conname, k.confrelid::regclass)
        FROM pg_constraint k
        WHERE k.conrelid = ANY (relations) AND k.contype = 'f' AND k.confrelid <> ALL (relations)
        UNION ALL
        SELECT 12, format('view %s has its owner''s rights: it needs security_invoker', c.relname)
        FROM pg_class c
        WHERE c.oid = ANY (relations) AND c.relkind = 'v'
          AND NOT coalesce(c.reloptions && ARRAY['security_invoker=true', 'security_invoker=on', 'security_invoker=1'], false)
        UNION ALL
        SELECT 13, format('function %s has its owner''s rights: SECURITY DEFINER is not for companies', p.proname)
        FROM pg_proc p WHERE p.oid = ANY (routines) AND p.prosecdef
        UNION ALL
        SELECT 14, format('rule %s on %s rewrites statements behind their back', r.rulename, r.ev_class::regclass)
        FROM pg_rewrite r WHERE r.ev_class = ANY (relations) AND r.rulename <> '_RETURN'
        UNION ALL
        SELECT 15, 'the schema has default privileges'
        FROM pg_default_acl a WHERE a.defaclnamespace = place
        UNION ALL
        SELECT 16, format('%s depends on %s, outside of the schema',
            (SELECT i.identity FROM pg_identify_object(r.classid, r.objid, 0) AS i), r.identity)
        FROM reached r
    )
    SELECT f.words INTO problem FROM finding f ORDER BY f.rank, f.words COLLATE "C" LIMIT 1;
    RETURN replace(problem, home, '{schema}');
END
$$;

RESET ROLE;
