-- Guarding all: an adopted schema becomes the engine's own, and its application works in it by tickets, like any service.
--
-- Whatever is changed in the store is written down before it is done, with the statement that undoes it: `forth` is run by whoever
-- adopts, who is a superuser, since owners change; where it is NULL the engine does it itself as the tables' owner (guard_table,
-- hide_statistics). A release runs `back` of every step, the last one first. What deviates is a step and nothing else, so that an
-- adoption that is run again takes in only what was added since.

SET LOCAL ROLE piste_owner;

-- Who may call it: the engine's own definer functions. Records: nothing.
-- Privileges of one object as the statements that give them, to all but its owner; empty where there are none.
CREATE OR REPLACE FUNCTION piste.grant_statements(privileges aclitem[], place text, owner oid, columns text DEFAULT '')
RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT string_agg(format('GRANT %s ON %s TO %s%s', g.list, place, g.who,
        CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END), '; ' ORDER BY g.who, g.is_grantable)
    FROM (
        SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END AS who, a.is_grantable,
            string_agg(a.privilege_type || columns, ', ' ORDER BY a.privilege_type) AS list
        FROM aclexplode(privileges) AS a WHERE a.grantee <> owner
        GROUP BY a.grantee, a.is_grantable
    ) g
$$;

-- Who may call it: the engine's own definer functions. Trusts: the catalogs. Records: nothing.
-- What in a schema somebody has a privilege on besides its owner: the schema, its relations and their columns, as GRANT names them.
CREATE OR REPLACE FUNCTION piste.granted_places(home oid)
RETURNS TABLE (place text, relation oid, columns text, owner oid, privileges aclitem[])
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT format('SCHEMA %I', n.nspname), NULL::oid, '', n.nspowner, n.nspacl FROM pg_namespace n WHERE n.oid = home
    UNION ALL
    SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE ' ELSE 'TABLE ' END || format('%I.%I', n.nspname, c.relname), c.oid, '',
        c.relowner, c.relacl
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relnamespace = home
    UNION ALL
    SELECT format('TABLE %I.%I', n.nspname, c.relname), c.oid, format(' (%I)', a.attname), c.relowner, a.attacl
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attacl IS NOT NULL AND NOT a.attisdropped WHERE c.relnamespace = home
$$;

-- Who may call it: the engine's own definer functions. Trusts: the catalogs. Records: nothing.
-- The columns that take their default from a sequence: of such as can be an identity instead, which needs no privilege, `identity`
-- is its definition. A sequence that several columns share cannot.
CREATE OR REPLACE FUNCTION piste.sequence_defaults(home oid)
RETURNS TABLE (relation oid, place text, name text, told text, sequence oid, identity text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT c.oid, format('%I.%I', n.nspname, c.relname), a.attname::text, e.told, s.oid, CASE
        WHEN a.attnotnull AND a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)
            AND e.told ~ '^nextval\(''.*''::regclass\)$' AND s.users = 1
        THEN (
            SELECT format('SEQUENCE NAME %I.%I START %s INCREMENT %s MINVALUE %s MAXVALUE %s CACHE %s %s', n.nspname,
                'piste_' || left(md5(c.relname || '.' || a.attname), 16), q.seqstart, q.seqincrement, greatest(q.seqmin, -l.most - 1),
                least(q.seqmax, l.most), q.seqcache, CASE WHEN q.seqcycle THEN 'CYCLE' ELSE 'NO CYCLE' END)
            FROM pg_sequence q
            CROSS JOIN LATERAL (SELECT CASE a.atttypid WHEN 'int2'::regtype THEN 32767 WHEN 'int4'::regtype THEN 2147483647
                ELSE 9223372036854775807 END AS most) l
            WHERE q.seqrelid = s.oid)
        END
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    JOIN pg_attrdef f ON f.adrelid = c.oid AND f.adnum = a.attnum
    CROSS JOIN LATERAL (SELECT pg_get_expr(f.adbin, f.adrelid) AS told) e
    LEFT JOIN LATERAL (
        SELECT d.refobjid AS oid, (
            SELECT count(DISTINCT (o.adrelid, o.adnum)) FROM pg_depend u JOIN pg_attrdef o ON o.oid = u.objid
            JOIN pg_class r ON r.oid = o.adrelid AND NOT r.relispartition
            WHERE u.classid = 'pg_attrdef'::regclass AND u.refclassid = 'pg_class'::regclass AND u.refobjid = d.refobjid) AS users
        FROM pg_depend d JOIN pg_class q ON q.oid = d.refobjid AND q.relkind = 'S'
        WHERE d.classid = 'pg_attrdef'::regclass AND d.objid = f.oid AND d.refclassid = 'pg_class'::regclass LIMIT 1
    ) s ON true
    WHERE c.relnamespace = home AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND e.told LIKE '%nextval(%'
$$;

-- Who may call it: the engine's own definer functions. Trusts: the catalogs. Records: nothing.
-- Why a schema cannot be guarded whole, so that a release could give it back as it was; NULL when it can.
CREATE OR REPLACE FUNCTION piste.guard_obstacle(home oid)
RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT o.words FROM (
        SELECT 1 AS rank, format('column %s.%I takes its default from a sequence in a way that no identity can: %s', d.place, d.name,
            CASE WHEN d.told !~ '^nextval\(' THEN d.told ELSE 'it may be NULL, or others take theirs from it as well' END) AS words
        FROM piste.sequence_defaults(home) AS d WHERE d.identity IS NULL
        UNION ALL
        SELECT 2, format('%s: a privilege was granted by %s, who does not own it: let its owner grant it', g.place || g.columns,
            pg_get_userbyid(a.grantor))
        FROM piste.granted_places(home) AS g CROSS JOIN LATERAL aclexplode(g.privileges) AS a WHERE a.grantor <> g.owner
        UNION ALL
        SELECT 3, format('%s: its owner has not all rights on it', g.place)
        FROM piste.granted_places(home) AS g
        WHERE g.columns = '' AND g.privileges IS NOT NULL AND EXISTS (
            SELECT FROM aclexplode(acldefault(CASE left(g.place, 3) WHEN 'SCH' THEN 'n' WHEN 'SEQ' THEN 's' ELSE 'r' END::"char", g.owner))
                AS w
            WHERE w.grantee = g.owner AND NOT EXISTS (
                SELECT FROM aclexplode(g.privileges) AS a
                WHERE a.grantee = g.owner AND a.privilege_type = w.privilege_type))
        UNION ALL
        SELECT 4, format('the trigger %I of %s has a name that the engine''s own have: rename it', t.tgname, t.tgrelid::regclass)
        FROM pg_class c JOIN pg_trigger t ON t.tgrelid = c.oid AND NOT t.tgisinternal
        WHERE c.relnamespace = home
          AND (t.tgname = 'shut' OR t.tgname IN (SELECT r.called FROM piste.recording_triggers() AS r))
          AND t.tgfoid NOT IN ('piste.record_changes()'::regprocedure, 'piste.refuse_when_shut()'::regprocedure)
        UNION ALL
        SELECT 5, format('the name of table %s cannot stand in a list of foreign keys', c.oid::regclass)
        FROM pg_class c WHERE c.relnamespace = home AND c.relkind IN ('r', 'p') AND strpos(c.relname, '>') > 0
    ) o
    ORDER BY o.rank, o.words COLLATE "C" LIMIT 1
$$;

-- Who may call it: the engine's own definer functions. Trusts: the catalogs. Records: nothing.
-- The statement that makes a policy what it is.
CREATE OR REPLACE FUNCTION piste.policy_statement(policy oid)
RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT format('CREATE POLICY %I ON %s AS %s FOR %s TO %s', p.polname, p.polrelid::regclass,
        CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
        CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END, (
            SELECT string_agg(CASE r.role WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(r.role)) END, ', ' ORDER BY r.place)
            FROM unnest(p.polroles) WITH ORDINALITY AS r (role, place)))
        || coalesce(' USING (' || pg_get_expr(p.polqual, p.polrelid) || ')', '')
        || coalesce(' WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')', '')
    FROM pg_policy p WHERE p.oid = policy
$$;

-- Who may call it: `plan_adoption`. Trusts: the catalogs. Records: nothing (the ledger is its work).
-- Writes down what has to be done in a schema until it is guarded whole, and how each of it is undone.
CREATE OR REPLACE FUNCTION piste.plan_guard(home text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    place_ CONSTANT oid := to_regnamespace(quote_ident(home));
    owner_ CONSTANT oid := 'piste_owner'::regrole;
BEGIN
    INSERT INTO piste.adoption_step (schema_name, kind, object, privilege, before, place, forth, back)
    WITH rel AS MATERIALIZED (
        SELECT c.oid, format('%I.%I', home, c.relname) AS called, c.relkind, c.relowner, c.relrowsecurity, c.relforcerowsecurity,
            c.relreplident, c.relpersistence
        FROM pg_class c
        WHERE c.relnamespace = place_ AND NOT EXISTS (
            SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
    ), step (kind, object, privilege, before, place, forth, back) AS (
        -- What the windows' owner was granted before would be lost in its ownership.
        SELECT CASE WHEN g.relation IS NULL THEN 'whole' ELSE 'whole table' END,
            CASE WHEN g.relation IS NULL THEN g.place ELSE substr(g.place, strpos(g.place, ' ') + 1) END,
            'lent' || g.columns, g.privileges::text, 5,
            format('REVOKE ALL%s ON %s FROM piste_owner', g.columns, g.place),
            piste.grant_statements(ARRAY(
                SELECT makeaclitem(a.grantee, a.grantor, a.privilege_type, a.is_grantable)
                FROM aclexplode(g.privileges) AS a WHERE a.grantee = owner_), g.place, g.owner, g.columns)
        FROM piste.granted_places(place_) AS g
        WHERE g.owner <> owner_ AND EXISTS (SELECT FROM aclexplode(g.privileges) AS a WHERE a.grantee = owner_)
        UNION ALL
        SELECT 'whole', format('SCHEMA %I', home), 'owner', pg_get_userbyid(n.nspowner), 10,
            format('ALTER SCHEMA %I OWNER TO piste_owner', home), format('ALTER SCHEMA %I OWNER TO %I', home, pg_get_userbyid(n.nspowner))
        FROM pg_namespace n WHERE n.oid = place_ AND n.nspowner <> owner_
        UNION ALL
        SELECT 'whole table', r.called, 'owner', pg_get_userbyid(r.relowner), 20,
            format('ALTER %s %s OWNER TO piste_owner', k.word, r.called),
            format('ALTER %s %s OWNER TO %I', k.word, r.called, pg_get_userbyid(r.relowner))
        FROM rel r
        CROSS JOIN LATERAL (SELECT CASE r.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS word) k
        WHERE r.relkind IN ('r', 'p', 'm', 'v', 'f', 'S') AND r.relowner <> owner_
          -- A column's own sequence goes with its table.
          AND NOT EXISTS (
              SELECT FROM pg_depend d
              WHERE r.relkind = 'S' AND d.classid = 'pg_class'::regclass AND d.objid = r.oid AND d.refobjsubid > 0
                AND d.deptype IN ('a', 'i'))
        UNION ALL
        SELECT 'whole', format('TYPE %s', t.oid::regtype), 'owner', pg_get_userbyid(t.typowner), 21,
            format('ALTER TYPE %s OWNER TO piste_owner', t.oid::regtype),
            format('ALTER TYPE %s OWNER TO %I', t.oid::regtype, pg_get_userbyid(t.typowner))
        FROM pg_type t LEFT JOIN pg_class c ON c.oid = t.typrelid
        WHERE t.typnamespace = place_ AND t.typowner <> owner_
          AND (t.typtype IN ('e', 'd', 'r') OR t.typtype = 'c' AND c.relkind = 'c')
          AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e')
        UNION ALL
        SELECT 'whole', format('ROUTINE %s', p.oid::regprocedure), o.privilege,
            CASE o.privilege WHEN 'owner' THEN pg_get_userbyid(p.proowner) END, o.place,
            format('ALTER ROUTINE %s %s', p.oid::regprocedure, CASE o.privilege WHEN 'owner' THEN 'OWNER TO piste_owner'
                ELSE 'SECURITY INVOKER' END),
            format('ALTER ROUTINE %s %s', p.oid::regprocedure, CASE o.privilege
                WHEN 'owner' THEN format('OWNER TO %I', pg_get_userbyid(p.proowner)) ELSE 'SECURITY DEFINER' END)
        FROM pg_proc p
        -- A definer's rights would be the engine's: it never has both.
        CROSS JOIN (VALUES ('definer', 19), ('owner', 22)) AS o (privilege, place)
        WHERE p.pronamespace = place_ AND CASE o.privilege WHEN 'owner' THEN p.proowner <> owner_ ELSE p.prosecdef END
          AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
        UNION ALL
        SELECT CASE WHEN g.relation IS NULL THEN 'whole' ELSE 'whole table' END,
            CASE WHEN g.relation IS NULL THEN g.place ELSE substr(g.place, strpos(g.place, ' ') + 1) END,
            'granted' || g.columns, g.privileges::text, 30,
            (SELECT string_agg(format('REVOKE ALL%s ON %s FROM %s CASCADE', g.columns, g.place,
                CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END), '; ')
             FROM (SELECT DISTINCT e.grantee FROM aclexplode(g.privileges) AS e WHERE e.grantee NOT IN (g.owner, owner_)) a),
            CASE WHEN g.owner <> owner_ THEN piste.grant_statements(ARRAY(
                SELECT makeaclitem(a.grantee, a.grantor, a.privilege_type, a.is_grantable)
                FROM aclexplode(g.privileges) AS a WHERE a.grantee <> owner_), g.place, g.owner, g.columns) END
        FROM piste.granted_places(place_) AS g
        WHERE EXISTS (SELECT FROM aclexplode(g.privileges) AS a WHERE a.grantee NOT IN (g.owner, owner_))
        UNION ALL
        SELECT 'whole table', r.called, 'comment ' || p.polname, NULL, 39, NULL,
            format('COMMENT ON POLICY %I ON %s IS %L', p.polname, r.called, obj_description(p.oid, 'pg_policy'))
        FROM rel r JOIN pg_policy p ON p.polrelid = r.oid
        WHERE obj_description(p.oid, 'pg_policy') IS NOT NULL AND NOT piste.has_gate(home, r.called)
        UNION ALL
        SELECT 'whole table', r.called, 'policy ' || p.polname, NULL, 40,
            format('DROP POLICY %I ON %s', p.polname, r.called),
            CASE WHEN NOT piste.has_gate(home, r.called) THEN piste.policy_statement(p.oid) END
        FROM rel r JOIN pg_policy p ON p.polrelid = r.oid
        WHERE NOT piste.has_gate(home, r.called) OR p.polname NOT IN (SELECT g.policy FROM piste.gate_policies(NULL, '') AS g)
        UNION ALL
        SELECT 'whole table', d.place, 'identity ' || d.name, d.told, 50,
            format('ALTER TABLE %1$s ALTER %2$I DROP DEFAULT; ALTER TABLE %1$s ALTER %2$I ADD GENERATED BY DEFAULT AS IDENTITY (%3$s); '
                'SELECT pg_catalog.setval(%4$L::regclass, o.last_value, o.is_called) FROM %5$s AS o',
                d.place, d.name, d.identity, s.made, d.sequence::regclass),
            format('SELECT pg_catalog.setval(%5$L::regclass, o.last_value, o.is_called) FROM %4$s AS o; '
                'ALTER TABLE %1$s ALTER %2$I DROP IDENTITY; ALTER TABLE %1$s ALTER %2$I SET DEFAULT %3$s',
                d.place, d.name, d.told, s.made, d.sequence::regclass::text)
        FROM piste.sequence_defaults(place_) AS d
        CROSS JOIN LATERAL (SELECT split_part(substr(d.identity, 15), ' START ', 1) AS made) s
        WHERE d.identity IS NOT NULL
        UNION ALL
        SELECT 'whole table', t.relation::regclass::text, 'statistics ' || min(t.number), string_agg(t.number::text, ','), 60, NULL,
            format('ALTER %s %s %s', CASE WHEN t.of_index THEN 'INDEX' ELSE 'TABLE' END, t.relation::regclass,
                string_agg(format('ALTER COLUMN %s SET STATISTICS %s',
                    CASE WHEN t.of_index THEN t.number::text ELSE quote_ident(t.name) END, t.target), ', ' ORDER BY t.number))
        FROM piste.statistics_targets(ARRAY[home]) AS t
        WHERE t.target <> t.wanted AND NOT EXISTS (
            SELECT FROM piste.adoption_step s
            WHERE s.schema_name = plan_guard.home AND s.object = t.relation::regclass::text AND s.privilege LIKE 'statistics %'
              AND t.number::text = ANY (string_to_array(s.before, ',')))
        GROUP BY t.relation, t.of_index
        UNION ALL
        SELECT 'whole table', r.called, 'replica identity', r.relreplident::text, 70, NULL,
            format('ALTER TABLE %s REPLICA IDENTITY %s', r.called, CASE r.relreplident WHEN 'n' THEN 'NOTHING' ELSE 'DEFAULT' END)
        FROM rel r
        WHERE r.relkind IN ('r', 'p') AND r.relpersistence = 'p' AND r.relreplident IN ('d', 'n')
          AND pg_get_replica_identity_index(r.oid) IS NULL
        UNION ALL
        SELECT 'whole table', r.called, 'gate', concat_ws(',', r.relrowsecurity, r.relforcerowsecurity), 80, NULL, (
                SELECT string_agg(format('DROP TRIGGER IF EXISTS %I ON %s', w.called, r.called), '; ')
                FROM (SELECT t.called FROM piste.recording_triggers() AS t UNION ALL SELECT 'shut') w
            ) || '; ' || (
                SELECT string_agg(format('DROP POLICY IF EXISTS %I ON %s', p.policy, r.called), '; ')
                FROM piste.gate_policies(NULL, '') AS p
            ) || format('; ALTER TABLE %s %s ROW LEVEL SECURITY, %s ROW LEVEL SECURITY', r.called,
                CASE WHEN r.relrowsecurity THEN 'ENABLE' ELSE 'DISABLE' END,
                CASE WHEN r.relforcerowsecurity THEN 'FORCE' ELSE 'NO FORCE' END)
        FROM rel r WHERE r.relkind IN ('r', 'p') AND NOT piste.has_gate(home, r.called)
    )
    SELECT home, s.kind, s.object, s.privilege, s.before, s.place, s.forth, s.back FROM step s
    -- What was made otherwise while it is guarded is mended; a release still gives back what was there before.
    ON CONFLICT ON CONSTRAINT adoption_step_pkey DO UPDATE SET forth = excluded.forth, done = false WHERE excluded.forth IS NOT NULL;
END
$$;

-- Who may call it: `plan_adoption`. Trusts: the catalogs, and the map. Records: nothing.
-- The statement that removes what samples of values there are but for the columns that the map keeps them of: a superuser's.
CREATE OR REPLACE FUNCTION piste.forget_samples(home text, map jsonb)
RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT format('DELETE FROM pg_catalog.pg_statistic AS s WHERE s.starelid IN ('
        'SELECT c.oid FROM pg_catalog.pg_class AS c WHERE c.relnamespace = %L::regnamespace)', quote_ident(home))
        || coalesce((
            SELECT format(' AND (s.starelid, s.staattnum) NOT IN (SELECT a.attrelid, a.attnum FROM pg_catalog.pg_attribute AS a '
                'WHERE %s)', string_agg(format('a.attrelid IN (SELECT %s) AND a.attname IN (%s)', p.members, m.kept), ' OR '))
            FROM piste.store_tables(home) AS t
            CROSS JOIN LATERAL (
                SELECT string_agg(quote_literal(k.name), ', ') AS kept FROM piste.kept_statistics(map, t.name) AS k (name)) AS m
            CROSS JOIN LATERAL (SELECT CASE t.kind WHEN 'p'
                THEN format('p.relid FROM pg_catalog.pg_partition_tree(%L::regclass) AS p', t.relation::regclass)
                ELSE format('%L::regclass::oid', t.relation::regclass) END AS members) p
            WHERE m.kept IS NOT NULL HAVING count(*) > 0), '')
$$;

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
    ), part AS MATERIALIZED (
        SELECT r.id, r.oid AS relation, 'pg_constraint'::regclass::oid AS class, k.oid AS object
        FROM rel r JOIN pg_constraint k ON k.conrelid = r.oid
        UNION ALL SELECT r.id, r.oid, 'pg_trigger'::regclass, t.oid FROM rel r JOIN pg_trigger t ON t.tgrelid = r.oid
        UNION ALL SELECT r.id, r.oid, 'pg_attrdef'::regclass, f.oid FROM rel r JOIN pg_attrdef f ON f.adrelid = r.oid
        UNION ALL SELECT r.id, r.oid, 'pg_class'::regclass, x.indexrelid FROM rel r JOIN pg_index x ON x.indrelid = r.oid
        UNION ALL
        SELECT r.id, r.oid, 'pg_constraint'::regclass, k.oid
        FROM rel r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 JOIN pg_constraint k ON k.contypid = a.atttypid
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
    SELECT DISTINCT r.id, format('%s of %s calls %s, which belongs to %s: give it to a superuser', i.type, r.relation::regclass,
        f.oid::regprocedure, pg_get_userbyid(f.proowner))
    FROM part r CROSS JOIN owner o
    JOIN pg_depend d ON d.classid = r.class AND d.objid = r.object AND d.refclassid = 'pg_proc'::regclass
    JOIN pg_proc f ON f.oid = d.refobjid AND f.proowner <> o.oid
    JOIN pg_roles w ON w.oid = f.proowner AND NOT w.rolsuper
    CROSS JOIN LATERAL pg_identify_object(d.classid, d.objid, 0) AS i
    WHERE NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_proc'::regclass AND e.objid = f.oid AND e.deptype = 'e')
    UNION ALL
    SELECT r.id, format('the type %s of a column of %s is a domain of %s''s: give it to a superuser', t.oid::regtype, r.oid::regclass,
        pg_get_userbyid(t.typowner))
    FROM rel r CROSS JOIN owner o
    JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type t ON t.oid = a.atttypid AND t.typtype = 'd' AND t.typowner <> o.oid
    JOIN pg_roles w ON w.oid = t.typowner AND NOT w.rolsuper
    WHERE r.relkind IN ('r', 'p')
      AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_type'::regclass AND e.objid = t.oid AND e.deptype = 'e')
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
