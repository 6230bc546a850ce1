-- Looking at a schema that may be adopted: what it holds, which others are like it, and who reads it today. All of it from the
-- catalogs, which are open to everybody; nothing here reads a row.

SET LOCAL ROLE piste_owner;

-- Who may call it: the engine's own definer functions. Records: nothing.
-- Why a schema can be nobody's store; NULL when it can.
CREATE OR REPLACE FUNCTION piste.schema_problem(schema_name text)
RETURNS text
LANGUAGE plpgsql STABLE
AS $$
BEGIN
    RETURN CASE
        WHEN to_regnamespace(quote_ident(schema_name)) IS NULL THEN format('there is no schema %I', schema_name)
        WHEN schema_name = 'public' THEN 'the schema public is everybody''s, and no tenant''s'
        WHEN schema_name ~ '^pg_' OR schema_name IN ('information_schema', 'piste', 'piste_crypto', 'piste_shared')
            OR schema_name ~ '^[tw]_[0-9a-f]{12}$' THEN format('the schema %I is the system''s or the engine''s own', schema_name)
        WHEN EXISTS (
            SELECT FROM pg_depend d
            WHERE d.classid = 'pg_namespace'::regclass AND d.objid = to_regnamespace(quote_ident(schema_name))
              AND d.deptype = 'e') THEN format('the schema %I belongs to an extension', schema_name)
        WHEN EXISTS (SELECT FROM piste.shared_table s WHERE s.schema_name = schema_problem.schema_name)
            THEN format('the schema %I has a table that is shared', schema_name)
    END;
END
$$;

-- Who may call it: the engine's own definer functions. Trusts: the catalogs. Records: nothing.
-- The tables of a schema that could have a window, and what else looks like one: `verdict` is taken, changed or refused, and
-- `words` say what is changed or why it is refused. A partition is seen through its table.
CREATE OR REPLACE FUNCTION piste.store_tables(schema_name text)
RETURNS TABLE (relation oid, name text, kind "char", verdict text, words text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT c.oid, c.relname::text, c.relkind,
        CASE WHEN r.refused IS NOT NULL THEN 'refused' WHEN r.policed THEN 'changed' ELSE 'taken' END,
        coalesce(r.refused, CASE
            WHEN r.policed THEN 'has policies of its own: one more lets the windows'' owner read'
            WHEN c.relkind = 'm' THEN 'a materialized view: as of its last refresh'
            WHEN c.relkind = 'p' THEN 'partitioned: seen as one table' END)
    FROM pg_namespace n
    JOIN pg_depend d ON d.refclassid = 'pg_namespace'::regclass AND d.refobjid = n.oid AND d.classid = 'pg_class'::regclass
    JOIN pg_class c ON c.oid = d.objid AND c.relkind IN ('r', 'p', 'm', 'v', 'f') AND NOT c.relispartition
    CROSS JOIN LATERAL (SELECT CASE
        WHEN c.relkind = 'v' THEN 'a view: its rows are those of its tables, which have windows'
        WHEN c.relkind = 'f' THEN 'a foreign table: its rows are on another server'
        WHEN NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
            THEN 'it has no columns'
        WHEN EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND NOT p.polpermissive)
            THEN 'a restrictive policy of its own would hide rows from its window'
        END AS refused,
        -- Where all is guarded, the policies are the engine's.
        c.relrowsecurity AND NOT piste.has_gate(schema_name, format('%I.%I', n.nspname, c.relname)) AS policed) r
    WHERE n.nspname = schema_name
    ORDER BY c.relname COLLATE "C"
$$;

-- Who may call it: the engine's own definer functions. Trusts: the catalogs. Records: nothing.
-- The columns that look like secrets by their names: of a table's texts, those with the word password, passphrase, token,
-- secret, session, key, digest, salt or otp in them. Numbers, moments and foreign keys are none, and a plain `key` that names the
-- table's rows is one only where the table is about such things.
CREATE OR REPLACE FUNCTION piste.secret_columns(relation oid)
RETURNS text[]
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(array_agg(a.attname::text ORDER BY a.attnum), '{}')
    FROM pg_attribute a
    JOIN pg_class c ON c.oid = a.attrelid
    JOIN pg_type t ON t.oid = a.atttypid
    CROSS JOIN LATERAL (
        SELECT regexp_split_to_array(lower(regexp_replace(n, '([a-z0-9])([A-Z])', '\1_\2', 'g')), '[^a-z0-9]+') AS list,
            place
        FROM (VALUES (a.attname::text, 'column'), (c.relname::text, 'table')) AS v (n, place)
    ) words
    WHERE words.place = 'column' AND a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped
      AND t.typcategory NOT IN ('N', 'B', 'D', 'T')
      AND words.list && ARRAY['password', 'passwd', 'passphrase', 'pwd', 'token', 'tokens', 'secret', 'secrets', 'session',
          'sessionid', 'apikey', 'key', 'keys', 'digest', 'salt', 'otp']
      AND NOT EXISTS (
          SELECT FROM pg_constraint k WHERE k.conrelid = relation AND k.contype = 'f' AND a.attnum = ANY (k.conkey))
      AND NOT (a.attname IN ('key', 'Key') AND lower(c.relname) !~ '(token|session|secret|credential|api)')
$$;

-- Who may call it: the engine's own definer functions. Trusts: the catalogs. Records: nothing.
-- A schema's structure, one line an object, in words that do not hold its name: two schemas of one application give the same.
-- PostgreSQL prints every name of it with the schema's before it, which is taken away. Owners and privileges are not structure.
CREATE OR REPLACE FUNCTION piste.schema_lines(schema_name text)
RETURNS SETOF text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    home   CONSTANT oid  := to_regnamespace(quote_ident(schema_name));
    -- The schema's name where a word begins, with its dot.
    prefix CONSTANT text := '(^|[^[:alnum:]_$"])' || regexp_replace(quote_ident(schema_name) || '.', '([^[:alnum:]_])', '\\\1', 'g');
BEGIN
    RETURN QUERY
    WITH inside AS MATERIALIZED (
        SELECT d.classid, d.objid FROM pg_catalog.pg_depend d
        WHERE d.refclassid = 'pg_catalog.pg_namespace'::regclass AND d.refobjid = home
    ), rel AS MATERIALIZED (
        SELECT c.oid, c.relname, c.relkind, c.relpersistence, c.relispartition, c.relrowsecurity
        FROM inside i JOIN pg_catalog.pg_class c ON c.oid = i.objid
        WHERE i.classid = 'pg_catalog.pg_class'::regclass AND c.relkind IN ('r', 'p', 'm', 'v', 'f')
    ), whole AS MATERIALIZED (
        -- What guarding all made otherwise is told as it was.
        SELECT s.object, s.privilege, s.before AS was FROM piste.adoption_step s
        WHERE s.schema_name = schema_lines.schema_name AND s.kind = 'whole table' AND s.done
          AND (s.privilege = 'gate' OR s.privilege LIKE 'identity %')
    ), line (text) AS (
        SELECT format('table %I: kind %s%s%s', r.relname, r.relkind, CASE r.relpersistence WHEN 'p' THEN '' ELSE ', not logged' END,
            CASE WHEN w.was LIKE 't%' OR r.relrowsecurity AND w.was IS NULL THEN ', row security' ELSE '' END)
        FROM rel r
        LEFT JOIN whole w ON w.object = format('%I.%I', schema_name, r.relname) AND w.privilege = 'gate'
        WHERE NOT r.relispartition
        UNION ALL
        SELECT format('column %I.%I: %s', r.relname, a.attname, concat_ws(' ', format_type(a.atttypid, a.atttypmod),
            CASE WHEN a.attnotnull THEN 'not null' END, CASE WHEN a.attidentity <> '' AND w.was IS NULL THEN 'identity' END,
            CASE WHEN a.attgenerated <> '' THEN 'generated' END,
            'default ' || coalesce(w.was, (SELECT pg_get_expr(f.adbin, f.adrelid) FROM pg_catalog.pg_attrdef f
                WHERE f.adrelid = a.attrelid AND f.adnum = a.attnum))))
        FROM rel r JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN whole w ON w.object = format('%I.%I', schema_name, r.relname) AND w.privilege = 'identity ' || a.attname
        WHERE NOT r.relispartition
        UNION ALL
        SELECT format('constraint %I.%I: %s', r.relname, k.conname, pg_get_constraintdef(k.oid))
        FROM rel r JOIN pg_catalog.pg_constraint k ON k.conrelid = r.oid WHERE NOT r.relispartition AND k.contype <> 'n'
        UNION ALL
        SELECT format('index %s', pg_get_indexdef(x.indexrelid))
        FROM rel r JOIN pg_catalog.pg_index x ON x.indrelid = r.oid WHERE NOT r.relispartition
        UNION ALL
        SELECT format('trigger %s', pg_get_triggerdef(t.oid))
        FROM rel r JOIN pg_catalog.pg_trigger t ON t.tgrelid = r.oid
        WHERE NOT t.tgisinternal AND NOT r.relispartition
          AND t.tgfoid NOT IN ('piste.record_changes()'::regprocedure, 'piste.refuse_when_shut()'::regprocedure)
        UNION ALL
        SELECT format('view %I: %s', r.relname, pg_get_viewdef(r.oid)) FROM rel r WHERE r.relkind IN ('v', 'm')
        UNION ALL
        SELECT format('function %s: %s', p.oid::regprocedure, md5(regexp_replace(p.prosrc, prefix, '\1', 'g')))
        FROM inside i JOIN pg_catalog.pg_proc p ON p.oid = i.objid WHERE i.classid = 'pg_catalog.pg_proc'::regclass
        UNION ALL
        SELECT format('type %s: %s', t.oid::regtype, (
            SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder)
            FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid))
        FROM inside i JOIN pg_catalog.pg_type t ON t.oid = i.objid
        WHERE i.classid = 'pg_catalog.pg_type'::regclass AND t.typtype IN ('e', 'd') AND t.typrelid = 0
    )
    SELECT n.told FROM line l CROSS JOIN LATERAL (SELECT regexp_replace(l.text, prefix, '\1', 'g') COLLATE "C" AS told) n
    ORDER BY n.told;
END
$$;

-- Who may call it: the engine's own definer functions. Trusts: the catalogs. Records: nothing.
-- Who reads at least one table of a schema today, without any right of Piste's: owners and whoever was granted it, but for
-- superusers and the engine's own roles.
CREATE OR REPLACE FUNCTION piste.schema_readers(home oid)
RETURNS text[]
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(array_agg(DISTINCT CASE o.role WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(o.role)::text END), '{}')
    FROM pg_depend d
    JOIN pg_class c ON c.oid = d.objid AND c.relkind IN ('r', 'p', 'm', 'v', 'f')
    JOIN pg_namespace n ON n.oid = home
    CROSS JOIN LATERAL (
        SELECT c.relowner AS role
        UNION
        SELECT a.grantee FROM aclexplode(c.relacl) AS a
        WHERE a.privilege_type = 'SELECT' AND (n.nspowner = a.grantee OR EXISTS (
            SELECT FROM aclexplode(n.nspacl) AS s
            WHERE s.grantee IN (0, a.grantee) AND s.privilege_type = 'USAGE'))
    ) o
    WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = home AND d.classid = 'pg_class'::regclass
      AND o.role <> 'piste_owner'::regrole
      AND NOT EXISTS (SELECT FROM pg_roles r WHERE r.oid = o.role AND r.rolsuper)
$$;

-- Who may call it: `isolation_report`. Trusts: the catalogs. Records: nothing.
-- What to say of a schema that is nobody's store: its tables, and who reads them today.
CREATE OR REPLACE FUNCTION piste.outside_words(home oid)
RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE WHEN t.number > 0 THEN format(' and not under Piste%s: %s tables, which %s',
        (SELECT format(' (observed as %s)', o.url_id) FROM pg_namespace n JOIN piste.observed_schema o ON o.schema_name = n.nspname
         WHERE n.oid = home),
        t.number, coalesce(nullif(array_to_string(piste.schema_readers(home), ', '), '') || ' may read today', 'superusers read'))
        ELSE '' END
    FROM (
        SELECT count(*) AS number FROM pg_class c
        WHERE c.relnamespace = home AND c.relkind IN ('r', 'p', 'm') AND NOT c.relispartition
    ) t
$$;

-- Who may call it: admin. Trusts: session_user and the catalogs. Records: `company.refused` for anybody else.
-- One row for each of the given schemas that is there: whose it is, what it holds, the digest of its structure (equal for equal
-- schemas), who reads it, and why it cannot be adopted (NULL: it can). `url_id` and `adopted` are those of the company that it is.
CREATE OR REPLACE FUNCTION piste.look_at_schemas(schemas text[])
RETURNS TABLE (
    schema_name text, owner text, tables bigint, rows_estimate bigint, bytes bigint, structure text, readers text[],
    problem text, url_id text, adopted text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    PERFORM piste.check_adopts();
    RETURN QUERY
    SELECT n.nspname::text, pg_get_userbyid(n.nspowner)::text, t.number, t.rows_, t.bytes,
        (SELECT encode(sha256(convert_to(coalesce(string_agg(l, E'\n'), ''), 'UTF8')), 'hex')
         FROM piste.schema_lines(n.nspname::text) AS l),
        piste.schema_readers(n.oid), piste.schema_problem(n.nspname::text), coalesce(k.url_id, o.url_id),
        CASE WHEN k.id IS NOT NULL THEN coalesce(k.adopted, 'native') WHEN o.url_id IS NOT NULL THEN 'observe' END
    FROM pg_namespace n
    LEFT JOIN piste.company k ON k.schema_name = n.nspname
    LEFT JOIN piste.observed_schema o ON o.schema_name = n.nspname
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE NOT c.relispartition) AS number,
            coalesce(sum(greatest(c.reltuples, 0)) FILTER (WHERE c.relkind <> 'p'), 0)::bigint AS rows_,
            coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint AS bytes
        FROM pg_class c WHERE c.relnamespace = n.oid AND c.relkind IN ('r', 'p', 'm')
    ) t
    WHERE n.nspname = ANY (schemas)
    ORDER BY n.nspname;
END
$$;

-- Who may call it: the engine's own definer functions. Trusts: session_user. Records: nothing. Raises PT403.
CREATE OR REPLACE FUNCTION piste.check_adopts()
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    IF NOT (piste.me()).administers THEN
        RAISE EXCEPTION 'adopting is for admins' USING ERRCODE = 'PT403';
    END IF;
END
$$;

-- Who may call it: admin. Trusts: session_user and the catalogs. Records: nothing.
-- The schemas whose names fit: `*` and `%` stand for anything, every other character for itself. None of the system's, the
-- engine's or a native company's.
CREATE OR REPLACE FUNCTION piste.schemas_like(pattern text)
RETURNS SETOF text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM piste.check_adopts();
    RETURN QUERY
    SELECT n.nspname::text FROM pg_namespace n
    WHERE n.nspname LIKE replace(replace(replace(pattern, '\', '\\'), '_', '\_'), '*', '%')
      AND piste.schema_problem(n.nspname::text) IS NULL
    ORDER BY n.nspname;
END
$$;

-- Who may call it: admin. Trusts: session_user and the catalogs. Records: nothing.
-- The first difference between two schemas, in words; NULL when there is none.
CREATE OR REPLACE FUNCTION piste.schema_difference(schema_name text, like_schema text)
RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM piste.check_adopts();
    RETURN (
        WITH mine AS (SELECT l FROM piste.schema_lines(schema_name) AS l),
            theirs AS (SELECT l FROM piste.schema_lines(like_schema) AS l)
        SELECT CASE d.side WHEN 'mine' THEN 'has ' ELSE 'lacks ' END || left(d.l, 300)
        FROM (
            SELECT 'mine' AS side, m.l FROM mine m WHERE m.l NOT IN (SELECT t.l FROM theirs t)
            UNION ALL
            SELECT 'theirs', t.l FROM theirs t WHERE t.l NOT IN (SELECT m.l FROM mine m)
        ) d
        -- A table says more than its columns.
        ORDER BY position('table' IN split_part(d.l, ' ', 1)) = 0, split_part(d.l, ':', 1) COLLATE "C", d.side LIMIT 1);
END
$$;

-- Who may call it: admin. Trusts: session_user and the catalogs. Records: nothing.
-- Table by table what would become of a schema: `verdict` taken, changed or refused, with the words for it, and the columns that
-- look like secrets.
CREATE OR REPLACE FUNCTION piste.look_at_tables(schema_name text)
RETURNS TABLE (name text, kind text, verdict text, words text, columns text[], secrets text[])
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    PERFORM piste.check_adopts();
    RETURN QUERY
    SELECT t.name, CASE t.kind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table' WHEN 'm' THEN 'materialized view'
            WHEN 'v' THEN 'view' ELSE 'foreign table' END,
        t.verdict, t.words, ARRAY(
            SELECT a.attname::text FROM pg_attribute a
            WHERE a.attrelid = t.relation AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum),
        CASE WHEN t.verdict <> 'refused' THEN piste.secret_columns(t.relation) ELSE '{}' END
    FROM piste.store_tables(look_at_tables.schema_name) AS t;
END
$$;

RESET ROLE;
