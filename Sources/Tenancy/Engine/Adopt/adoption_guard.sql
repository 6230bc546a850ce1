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

-- Who may call it: `plan_adoption`. Trusts: session_user, the catalogs, and the map. Records: nothing.
-- The statement that removes what samples of values there are but for the columns that the map keeps them of. A superuser deletes
-- them. Whoever owns the tables has PostgreSQL forget them from 18 on; before that only a column that gets a type forgets its own,
-- and gets the one that it has. Where that cannot be, nothing is changed, and the error says why.
CREATE OR REPLACE FUNCTION piste.forget_samples(home text, map jsonb)
RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE WHEN NOT (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = session_user) THEN format($forget$DO $do$
DECLARE
    each record;
BEGIN
    -- Where policies hold for the owner, too, it is not told of its own samples.
    FOR each IN SELECT t.place FROM unnest(%4$L::regclass[]) AS t (place) LOOP
        EXECUTE format('ALTER TABLE %%s NO FORCE ROW LEVEL SECURITY', each.place);
    END LOOP;
    FOR each IN
        SELECT c.oid::regclass AS place, s.tablename, s.attname, s.inherited, format_type(a.atttypid, a.atttypmod)
            || coalesce((SELECT format(' COLLATE %%I.%%I', n.nspname, l.collname) FROM pg_collation l
                JOIN pg_namespace n ON n.oid = l.collnamespace JOIN pg_type t ON t.oid = a.atttypid
                WHERE l.oid = a.attcollation AND a.attcollation <> t.typcollation), '') AS type
        FROM pg_stats s
        JOIN pg_class c ON c.relname = s.tablename AND c.relnamespace = %1$L::regnamespace
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = s.attname
        WHERE s.schemaname = %2$L AND (s.tablename, s.attname) NOT IN (SELECT k.t, k.c FROM (VALUES %3$s) AS k (t, c))
          -- Before 18 a partition follows its table, and an index its columns.
          AND (c.relkind IN ('r', 'p') AND NOT c.relispartition OR current_setting('server_version_num')::integer >= 180000)
    LOOP
        IF current_setting('server_version_num')::integer >= 180000 THEN
            EXECUTE format('SELECT pg_catalog.pg_clear_attribute_stats(%%L, %%L, %%L, %%L)', %2$L, each.tablename, each.attname,
                each.inherited);
        ELSE
            -- A window in the way is made anew afterwards.
            IF %5$L <> '' THEN
                EXECUTE format('DROP VIEW IF EXISTS %%I.%%I', %5$L, each.tablename);
            END IF;
            EXECUTE format('ALTER TABLE %%s ALTER %%I TYPE %%s', each.place, each.attname, each.type);
        END IF;
    END LOOP;
    SELECT s.tablename, s.attname INTO each FROM pg_stats s
    WHERE s.schemaname = %2$L AND (s.tablename, s.attname) NOT IN (SELECT k.t, k.c FROM (VALUES %3$s) AS k (t, c)) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'samples of %%.%% are left', each.tablename, each.attname;
    END IF;
EXCEPTION WHEN OTHERS THEN
    RAISE EXCEPTION 'the planner has samples of values in the schema %%, which only a superuser removes: %%', %2$L, SQLERRM USING
        ERRCODE = 'PT422', HINT = 'Guard it from people; or have a superuser, or PostgreSQL 18, guard all.';
END
$do$ $forget$, quote_ident(home), home, coalesce((
            SELECT string_agg(format('(%L, %L)', t.name, k.name), ', ')
            FROM piste.store_tables(home) AS t CROSS JOIN LATERAL piste.kept_statistics(map, t.name) AS k (name)), format('(%L, %L)', '', '')),
        ARRAY(
            SELECT c.oid::regclass FROM pg_class c
            WHERE c.relnamespace = to_regnamespace(quote_ident(home)) AND c.relkind IN ('r', 'p') AND c.relforcerowsecurity
              AND (NOT piste.has_gate(home, format('%I.%I', home, c.relname)) OR EXISTS (
                  SELECT FROM piste.gated_table g JOIN piste.company k ON k.id = g.company AND k.schema_name = home
                  WHERE NOT g.sampled <@ ARRAY(SELECT s FROM piste.kept_statistics(map, g.table_name) AS s)))),
        coalesce((SELECT k.window_name FROM piste.company k WHERE k.schema_name = home), ''))
    ELSE format('DELETE FROM pg_catalog.pg_statistic AS s WHERE s.starelid IN ('
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
            WHERE m.kept IS NOT NULL HAVING count(*) > 0), '') END
$$;

RESET ROLE;
