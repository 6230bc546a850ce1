-- Checking a blueprint before it touches anybody, and registering it.
--
-- A blueprint is SQL, and SQL can do anything that its owner can. So it runs as piste_owner, who is no superuser and may
-- change no role, inside a definer function, where PostgreSQL refuses SET ROLE and COMMIT; once, on a throw-away company
-- whose transaction is rolled back; and then the catalogs, the locks and the row counters of that transaction tell what it
-- did. What this cannot prevent: a superuser, who alone registers blueprints, can write SQL that knows a trial from a real
-- company, or that reaches out of the transaction by a function built for the purpose. A superuser is outside the claim;
-- the check is against mistakes. Each real company is held against the same rules when it has been migrated.

SET LOCAL ROLE piste_owner;

-- Who may call it: the engine's own definer functions. Trusts: the catalogs and piste.gated_table. Records: nothing.
-- What the privileges on the given companies' (all: NULL) objects say that they should not, and the other way round, one row
-- each. Nobody has any in a store, but for what its functions are made for; a window has those of its table's roles.
CREATE OR REPLACE FUNCTION piste.privilege_problems(firms uuid[])
RETURNS TABLE (firm uuid, problem text)
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
    WITH place AS (
        SELECT k.id, s.oid AS store, w.oid AS panes, k.schema_name, k.window_name, k.adopted IS NOT NULL AS adopted,
            coalesce(k.adopted = 'people', false) AS lent, ARRAY(
            SELECT to_regrole(piste.role_stem(k.id) || r)::oid FROM unnest(ARRAY['_reader', '_agent', '_writer']) AS r) AS own
        FROM piste.company k
        LEFT JOIN pg_namespace s ON s.nspname = k.schema_name
        LEFT JOIN pg_namespace w ON w.nspname = k.window_name
        WHERE firms IS NULL OR k.id = ANY (firms)
    ), member AS (
        SELECT p.id, p.store, p.panes, p.adopted, p.lent, c.oid, c.relname, c.relnamespace, c.relkind, c.relowner, c.relacl
        FROM place p
        JOIN pg_depend d ON d.refclassid = 'pg_namespace'::regclass AND d.refobjid IN (p.store, p.panes)
            AND d.classid = 'pg_class'::regclass
        JOIN pg_class c ON c.oid = d.objid
    ), granted AS (
        SELECT m.id, m.store, m.oid, m.relname, m.relnamespace, m.relkind, NULL::text AS column_name,
            a.grantee, a.privilege_type AS privilege, a.is_grantable
        FROM member m CROSS JOIN LATERAL aclexplode(m.relacl) AS a
        WHERE a.grantee <> m.relowner AND NOT (m.lent AND m.relnamespace = m.store)
        UNION ALL
        SELECT m.id, m.store, m.oid, m.relname, m.relnamespace, m.relkind, t.attname::text,
            a.grantee, a.privilege_type, a.is_grantable
        FROM member m
        JOIN pg_attribute t ON t.attrelid = m.oid AND t.attacl IS NOT NULL
        CROSS JOIN LATERAL aclexplode(t.attacl) AS a
        WHERE a.grantee <> m.relowner AND NOT (m.lent AND m.relnamespace = m.store)
    ), wanted AS (
        SELECT m.id, w.oid, w.relname, w.relkind, p.column_name, to_regrole(p.role)::oid AS grantee, p.privilege
        FROM member m
        -- By the catalog's own index: joined with itself, the list of all companies' relations is read once for each of them.
        JOIN pg_class w ON w.relname = m.relname AND w.relnamespace = m.panes AND w.relkind = 'v'
        CROSS JOIN LATERAL piste.window_privileges(m.id, m.oid) AS p
        WHERE m.relnamespace = m.store AND m.relkind IN ('r', 'p', 'm')
          -- A column that an adopted table was given since is in no window yet.
          AND (NOT m.adopted OR p.column_name IS NULL OR EXISTS (
              SELECT FROM pg_attribute a WHERE a.attrelid = w.oid AND a.attname = p.column_name AND NOT a.attisdropped))
    ), one_too_many AS (
        SELECT g.id, g.oid, g.relname, g.relkind, g.column_name, g.grantee, g.privilege, false AS is_grantable
        FROM granted g WHERE NOT g.is_grantable
        EXCEPT
        SELECT w.id, w.oid, w.relname, w.relkind, w.column_name, w.grantee, w.privilege, false FROM wanted w
        UNION ALL
        SELECT g.id, g.oid, g.relname, g.relkind, g.column_name, g.grantee, g.privilege, true
        FROM granted g WHERE g.is_grantable
    ), one_too_few AS (
        SELECT w.id, w.oid, w.relname, w.column_name, w.grantee, w.privilege FROM wanted w
        EXCEPT
        SELECT g.id, g.oid, g.relname, g.column_name, g.grantee, g.privilege FROM granted g
    )
    SELECT g.id, format('%s on %s %s is granted to %s%s', g.privilege,
        CASE WHEN g.column_name IS NOT NULL THEN 'column'
            WHEN g.relkind = 'S' THEN 'sequence' WHEN g.relkind = 'v' THEN 'window' ELSE 'table' END,
        g.relname || coalesce('.' || quote_ident(g.column_name), ''),
        CASE WHEN g.grantee = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(g.grantee) END,
        CASE WHEN g.is_grantable THEN ', who may pass it on' END)
    FROM one_too_many g
    UNION ALL
    SELECT w.id, format('%s on window %s is not granted to %s', w.privilege,
        w.relname || coalesce('.' || quote_ident(w.column_name), ''), pg_get_userbyid(w.grantee))
    FROM one_too_few w
    UNION ALL
    SELECT p.id, format('the schema %s may not be named by %s: piste init lets it again', p.window_name, pg_get_userbyid(r.role))
    FROM place p
    JOIN pg_namespace n ON n.oid = p.panes
    CROSS JOIN LATERAL unnest(p.own) AS r (role)
    WHERE r.role IS NOT NULL AND NOT EXISTS (
        SELECT FROM aclexplode(n.nspacl) AS a WHERE a.grantee = r.role AND a.privilege_type = 'USAGE')
    UNION ALL
    SELECT m.id, format('table %s was not put behind the gate', m.relname)
    FROM member m
    WHERE m.relnamespace = m.store AND m.relkind IN ('r', 'p') AND NOT m.adopted
      AND NOT EXISTS (SELECT FROM piste.gated_table g WHERE g.company = m.id AND g.table_name = m.relname)
    UNION ALL
    SELECT p.id, format('%s on function %s is granted to %s', a.privilege_type, f.proname,
        CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee) END)
    FROM place p
    JOIN pg_depend d ON d.refclassid = 'pg_namespace'::regclass AND d.refobjid = p.store AND d.classid = 'pg_proc'::regclass
    JOIN pg_proc f ON f.oid = d.objid
    CROSS JOIN LATERAL aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) AS a
    WHERE NOT p.adopted AND a.grantee <> f.proowner AND (a.is_grantable OR a.grantee <> ALL (p.own))
    UNION ALL
    SELECT p.id, format('%s on the schema %s is granted to %s', a.privilege_type, n.nspname,
        CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee) END)
    FROM place p
    JOIN pg_namespace n ON n.oid IN (CASE WHEN NOT p.lent THEN p.store END, p.panes)
    CROSS JOIN LATERAL aclexplode(n.nspacl) AS a
    WHERE a.grantee <> n.nspowner
      AND (a.is_grantable OR n.oid = p.store OR a.privilege_type <> 'USAGE' OR a.grantee <> ALL (p.own))
$$;

-- Who may call it: the engine's own definer functions. Trusts: the catalogs. Records: nothing.
-- Whom a grant to these roles can reach: everybody, when PUBLIC (0) is among them; else they themselves, whoever is in them by
-- one membership or several, and superusers. The owner of this database stands for the role pg_database_owner.
CREATE OR REPLACE FUNCTION piste.heirs(grantees oid[])
RETURNS SETOF oid
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    WITH RECURSIVE heir (role) AS (
        SELECT g.role FROM unnest(grantees) AS g (role)
        UNION
        SELECT b.datdba FROM pg_database b
        WHERE b.datname = current_database() AND 'pg_database_owner'::regrole = ANY (grantees)
        UNION
        SELECT m.member FROM heir h JOIN pg_auth_members m ON m.roleid = h.role
    )
    SELECT r.oid FROM pg_roles r
    WHERE 0 = ANY (grantees) OR r.rolsuper OR r.oid IN (SELECT h.role FROM heir h)
$$;

-- Who may call it: the engine's own definer functions. Trusts: the catalogs. Records: nothing.
-- What the given companies' (all: NULL) roles hold anywhere else in this database, one row each: not even a schema to create in.
-- Only whom a grant can reach is asked about: PostgreSQL works out a role's memberships anew for each that it is asked about.
CREATE OR REPLACE FUNCTION piste.role_problems(firms uuid[])
RETURNS TABLE (firm uuid, problem text)
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
    WITH place AS (
        SELECT k.id, s.oid AS store, w.oid AS panes, ARRAY(
            SELECT to_regrole(piste.role_stem(k.id) || r)::oid FROM unnest(ARRAY['_reader', '_agent', '_writer']) AS r) AS own
        FROM piste.company k
        LEFT JOIN pg_namespace s ON s.nspname = k.schema_name AND k.adopted IS NULL
        LEFT JOIN pg_namespace w ON w.nspname = k.window_name
        WHERE firms IS NULL OR k.id = ANY (firms)
    ), temporary (role) AS MATERIALIZED (
        SELECT h.role FROM pg_database b CROSS JOIN LATERAL piste.heirs(ARRAY(
            SELECT a.grantee FROM aclexplode(coalesce(b.datacl, acldefault('d', b.datdba))) AS a
            WHERE a.privilege_type = 'TEMPORARY')) AS h (role)
        WHERE b.datname = current_database() AND has_database_privilege(h.role, b.oid, 'TEMP')
    ), creating (role) AS MATERIALIZED (
        SELECT h.role FROM pg_namespace n CROSS JOIN LATERAL piste.heirs(ARRAY(
            SELECT a.grantee FROM aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) AS a
            WHERE a.privilege_type = 'CREATE')) AS h (role)
        WHERE n.nspname = 'public' AND has_schema_privilege(h.role, n.oid, 'CREATE')
    )
    SELECT p.id, format('%s %s %s %s', pg_get_userbyid(r.role), CASE d.deptype WHEN 'o' THEN 'owns'
        WHEN 'r' THEN 'is named by' ELSE 'has privileges on' END, i.type, i.identity)
    FROM place p
    CROSS JOIN LATERAL unnest(p.own) AS r (role)
    JOIN pg_shdepend d ON d.refclassid = 'pg_authid'::regclass AND d.refobjid = r.role
        AND d.dbid IN (0, (SELECT b.oid FROM pg_database b WHERE b.datname = current_database()))
    LEFT JOIN pg_class c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid
    LEFT JOIN pg_proc f ON d.classid = 'pg_proc'::regclass AND f.oid = d.objid
    CROSS JOIN LATERAL pg_identify_object(d.classid, d.objid, d.objsubid) AS i
    WHERE d.deptype <> 'a' OR NOT coalesce(
        c.relnamespace IN (p.store, p.panes) OR f.pronamespace = p.store
        OR (d.classid = 'pg_namespace'::regclass AND d.objid IN (p.store, p.panes)), false)
    UNION ALL
    SELECT p.id, format('%s may make temporary tables', pg_get_userbyid(r.role))
    FROM place p CROSS JOIN LATERAL unnest(p.own) AS r (role) JOIN temporary t ON t.role = r.role
    UNION ALL
    SELECT p.id, format('%s may create objects in the schema public', pg_get_userbyid(r.role))
    FROM place p CROSS JOIN LATERAL unnest(p.own) AS r (role) JOIN creating t ON t.role = r.role
$$;

-- Who may call it: the engine's own definer functions. Trusts: the catalogs. Records: nothing.
-- Whether a table has the trigger that refuses to write while the gate is shut: whole, switched on, and asking for this table.
CREATE OR REPLACE FUNCTION piste.has_shut_trigger(firm uuid, relation oid)
RETURNS boolean
LANGUAGE sql STABLE
AS $$
    SELECT EXISTS (
        SELECT FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
        WHERE t.tgrelid = relation AND t.tgname = 'shut' AND t.tgfoid = 'piste.refuse_when_shut()'::regprocedure
          AND t.tgtype = 30 AND t.tgenabled IN ('O', 'A') AND t.tgqual IS NULL AND t.tgattr = ''
          AND encode(t.tgargs, 'hex') = encode(convert_to(firm::text, 'UTF8'), 'hex') || '00'
              || encode(convert_to(piste.resource_of(c.relname), 'UTF8'), 'hex') || '00')
$$;

-- Who may call it: the engine's own definer functions. Trusts: the catalogs. Records: nothing.
-- What is wrong with the isolation of a company's two schemas, a sentence each that names the object, the gravest first.
-- Asks by number and index only, so that it costs the same among ten thousand companies.
CREATE OR REPLACE FUNCTION piste.structure_findings(home text)
RETURNS SETOF text
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    place     oid   := to_regnamespace(quote_ident(home));
    firm      uuid  := (SELECT k.id FROM piste.company k WHERE k.schema_name = home);
    owner     oid   := 'piste_owner'::regrole;
    pane      text  := (SELECT k.window_name FROM piste.company k WHERE k.schema_name = home);
    relations oid[] := ARRAY(
        SELECT d.objid FROM pg_depend d
        WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = place AND d.classid = 'pg_class'::regclass);
    routines  oid[] := ARRAY(
        SELECT d.objid FROM pg_depend d
        WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = place AND d.classid = 'pg_proc'::regclass);
    tables    oid[] := ARRAY(
        SELECT c.oid FROM pg_class c
        WHERE c.oid = ANY (relations) AND c.relkind = 'r');
BEGIN
    RETURN QUERY
    WITH wanted (relation, policy, command, roles, using_, check_) AS (
        SELECT c.oid, p.* FROM pg_class c CROSS JOIN LATERAL piste.gate_policies(firm, c.relname) AS p WHERE c.oid = ANY (tables)
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
          -- Keys are asked for by themselves.
          AND NOT (o.refclassid = 'pg_class'::regclass AND piste.is_shared(o.refobjid))
          AND i.identity NOT IN (
              'piste.open_until(pg_catalog.uuid,pg_catalog.text,pg_catalog.text)', 'piste.open_until(uuid,text,text)',
              'piste.record_changes()', 'piste.refuse_when_shut()', 'piste.human',
              'piste_crypto.gin_trgm_ops USING gin')
          AND (i.schema IN ('piste', 'piste_crypto') OR NOT EXISTS (
              SELECT FROM pg_depend e WHERE e.classid = o.refclassid AND e.objid = o.refobjid AND e.deptype = 'e'))
    ), finding (rank, words) AS (
        SELECT 1, format('%s %s has no place in a company''s schema', CASE c.relkind
            WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table'
            ELSE 'partitioned table' END, c.relname)
        FROM pg_class c WHERE c.oid = ANY (relations) AND c.relkind NOT IN ('r', 'i', 'S', 'c')
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
            p.polpermissive AND p.polcmd::text = w.command AND p.polroles = w.roles
            AND pg_get_expr(p.polqual, p.polrelid) IS NOT DISTINCT FROM w.using_
            AND pg_get_expr(p.polwithcheck, p.polrelid) IS NOT DISTINCT FROM w.check_, false)
        UNION ALL
        SELECT 7, q.problem FROM piste.privilege_problems(ARRAY[firm]) AS q
        UNION ALL
        SELECT 7, q.problem FROM piste.role_problems(ARRAY[firm]) AS q
        UNION ALL
        SELECT 8, q.problem FROM piste.window_problems(ARRAY[firm]) AS q
        UNION ALL
        SELECT 8, q.problem FROM (SELECT piste.gate_function_problem()) AS q (problem) WHERE q.problem IS NOT NULL
        UNION ALL
        SELECT 8, q.problem FROM piste.statistics_problems(ARRAY[home]) AS q
        UNION ALL
        SELECT 9, format('table %s has not the triggers that record every insert, update and delete', c.relname)
        FROM pg_class c WHERE c.oid = ANY (tables) AND NOT piste.records_changes(c.oid)
        UNION ALL
        SELECT 10, format('table %s has no trigger shut, for each statement of an insert, update or delete', c.relname)
        FROM pg_class c WHERE c.oid = ANY (tables) AND NOT piste.has_shut_trigger(firm, c.oid)
        UNION ALL
        SELECT 10, format('a trigger of table %s is switched off', t.tgrelid::regclass)
        FROM pg_trigger t WHERE t.tgrelid = ANY (relations) AND t.tgenabled NOT IN ('O', 'A')
        UNION ALL
        SELECT 11, format('foreign key %s leads out of the schema, to %s', k.conname, k.confrelid::regclass)
        FROM pg_constraint k
        WHERE k.conrelid = ANY (relations) AND k.contype = 'f' AND k.confrelid <> ALL (relations) AND NOT piste.leads_to_shared(k.oid)
        UNION ALL
        SELECT 12, format('column %s.%s takes its default from a sequence: make it an identity', f.adrelid::regclass, a.attname)
        FROM pg_attrdef f JOIN pg_attribute a ON a.attrelid = f.adrelid AND a.attnum = f.adnum
        WHERE f.adrelid = ANY (tables) AND pg_get_expr(f.adbin, f.adrelid) LIKE '%nextval(%'
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
    SELECT replace(replace(f.words, home, '{schema}'), pane, '{window}') FROM finding f ORDER BY f.rank, f.words COLLATE "C";
END
$$;

-- Who may call it: the engine's own definer functions. Trusts: the catalogs. Records: nothing.
-- The first of these; NULL when there is none.
CREATE OR REPLACE FUNCTION piste.structure_problem(home text)
RETURNS text
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT f FROM piste.structure_findings(home) WITH ORDINALITY AS p (f, place) ORDER BY p.place LIMIT 1
$$;

RESET ROLE;
