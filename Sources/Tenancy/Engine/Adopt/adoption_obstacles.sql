-- What speaks against guarding a store that stays its application's, or becomes the engine's: names that clash, code that would run in
-- others' sessions, and what cannot be taken over.

SET LOCAL ROLE piste_owner;

-- Who may call it: the engine's own definer functions. Trusts: the catalogs. Records: nothing.
-- The trigger of a table that has a name of the engine's own and is none of them, in words; NULL when there is none.
CREATE OR REPLACE FUNCTION piste.trigger_clash(relation oid)
RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT format('the trigger %I of %s has a name that the engine''s own have: rename it', t.tgname, t.tgrelid::regclass)
    FROM pg_trigger t
    WHERE t.tgrelid = relation AND NOT t.tgisinternal
      AND (t.tgname = 'shut' OR t.tgname IN (SELECT r.called FROM piste.recording_triggers() AS r))
      AND t.tgfoid NOT IN ('piste.record_changes()'::regprocedure, 'piste.refuse_when_shut()'::regprocedure)
    ORDER BY t.tgname LIMIT 1
$$;

-- Who may call it: the engine's own definer functions. Trusts: the catalogs. Records: nothing.
-- Whose code would run in the session of whoever changes rows of these tables, or makes them: functions that triggers, constraints,
-- defaults and indexes call, and domains, where neither the engine nor somebody outside of the claim owns them.
CREATE OR REPLACE FUNCTION piste.foreign_code(relations oid[])
RETURNS TABLE (relation oid, words text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    WITH owner AS (
        SELECT 'piste_owner'::regrole::oid AS oid
    ), rel AS MATERIALIZED (
        SELECT r.oid FROM unnest(relations) AS r (oid)
    ), part AS MATERIALIZED (
        SELECT r.oid AS relation, 'pg_constraint'::regclass::oid AS class, k.oid AS object
        FROM rel r JOIN pg_constraint k ON k.conrelid = r.oid
        UNION ALL SELECT r.oid, 'pg_trigger'::regclass, t.oid FROM rel r JOIN pg_trigger t ON t.tgrelid = r.oid
        UNION ALL SELECT r.oid, 'pg_attrdef'::regclass, f.oid FROM rel r JOIN pg_attrdef f ON f.adrelid = r.oid
        UNION ALL SELECT r.oid, 'pg_class'::regclass, x.indexrelid FROM rel r JOIN pg_index x ON x.indrelid = r.oid
        UNION ALL
        SELECT r.oid, 'pg_constraint'::regclass, k.oid
        FROM rel r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 JOIN pg_constraint k ON k.contypid = a.atttypid
    )
    SELECT DISTINCT r.relation, format('%s of %s calls %s, which belongs to %s: give it to a superuser', i.type, r.relation::regclass,
        f.oid::regprocedure, pg_get_userbyid(f.proowner))
    FROM part r CROSS JOIN owner o
    JOIN pg_depend d ON d.classid = r.class AND d.objid = r.object AND d.refclassid = 'pg_proc'::regclass
    JOIN pg_proc f ON f.oid = d.refobjid AND f.proowner <> o.oid AND NOT piste.is_outside(f.proowner)
    CROSS JOIN LATERAL pg_identify_object(d.classid, d.objid, 0) AS i
    WHERE NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_proc'::regclass AND e.objid = f.oid AND e.deptype = 'e')
    UNION ALL
    SELECT r.oid, format('the type %s of a column of %s is a domain of %s''s: give it to a superuser', t.oid::regtype, r.oid::regclass,
        pg_get_userbyid(t.typowner))
    FROM rel r CROSS JOIN owner o
    JOIN pg_class c ON c.oid = r.oid AND c.relkind IN ('r', 'p')
    JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type t ON t.oid = a.atttypid AND t.typtype = 'd' AND t.typowner <> o.oid AND NOT piste.is_outside(t.typowner)
    WHERE NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_type'::regclass AND e.objid = t.oid AND e.deptype = 'e')
$$;

-- Who may call it: the engine's own definer functions. Trusts: the catalogs. Records: nothing.
-- Why agents may not change these columns of a table that stays its application's, in words; NULL when they may. Whatever its owner
-- hangs on it runs in the session of whoever changes a row, and changes that follow elsewhere would be on nobody's record.
CREATE OR REPLACE FUNCTION piste.agents_obstacle(relation oid, columns text[])
RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT o.words FROM (
        SELECT 1 AS rank, format('%s has policies of its own, and nobody changes rows behind them: let agents change nothing of it',
            c.oid::regclass) AS words
        FROM pg_class c WHERE c.oid = relation AND c.relrowsecurity
        UNION ALL
        SELECT 2, format('rule %I on %s rewrites statements behind their back', w.rulename, w.ev_class::regclass)
        FROM pg_rewrite w WHERE w.ev_class = relation
        UNION ALL
        SELECT 3, f.words
        FROM piste.foreign_code(ARRAY(SELECT t.relid::oid FROM pg_partition_tree(relation) AS t UNION SELECT relation)) AS f
        UNION ALL
        SELECT 4, format('foreign key %I of %s changes rows there when %s changes', k.conname, k.conrelid::regclass, a.attname)
        FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = ANY (k.confkey)
        WHERE k.confrelid = relation AND k.contype = 'f' AND k.confupdtype NOT IN ('a', 'r') AND a.attname = ANY (columns)
    ) o
    ORDER BY o.rank, o.words COLLATE "C" LIMIT 1
$$;

-- Who may call it: the engine's own definer functions. Trusts: the catalogs, and the map. Records: nothing.
-- What keeps a schema that is guarded from people from the triggers that its map asks for, and from agents' changes; NULL when
-- nothing does.
CREATE OR REPLACE FUNCTION piste.trigger_obstacle(schema_name text, map jsonb)
RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT o.words
    FROM piste.store_tables(schema_name) AS t
    CROSS JOIN LATERAL piste.mapped_table(map, t.relation, t.name) AS m
    CROSS JOIN LATERAL (SELECT CASE
        WHEN m.changed <> '{}' THEN coalesce(piste.trigger_clash(t.relation), piste.agents_obstacle(t.relation, m.changed))
        WHEN (map ->> 'record')::boolean THEN piste.trigger_clash(t.relation)
    END AS words) o
    WHERE t.verdict <> 'refused' AND NOT m.hidden AND o.words IS NOT NULL
    ORDER BY t.name COLLATE "C" LIMIT 1
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
        SELECT 4, piste.trigger_clash(c.oid) FROM pg_class c
        WHERE c.relnamespace = home AND c.relkind IN ('r', 'p') AND piste.trigger_clash(c.oid) IS NOT NULL
        UNION ALL
        SELECT 5, format('the name of table %s cannot stand in a list of foreign keys', c.oid::regclass)
        FROM pg_class c WHERE c.relnamespace = home AND c.relkind IN ('r', 'p') AND strpos(c.relname, '>') > 0
    ) o
    ORDER BY o.rank, o.words COLLATE "C" LIMIT 1
$$;

RESET ROLE;
