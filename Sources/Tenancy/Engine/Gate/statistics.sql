-- What the planner remembers of rows: nothing.
--
-- Whoever is in a company's role may ask EXPLAIN for estimates without declaring anything, before a read and after the end of
-- a context, and no view or policy stands before an estimate. For a column with statistics the estimate of `email < 'm'` tells
-- what the histogram holds, and a histogram is made of real values: a hundred questions spell out an address. So no column of
-- a store has statistics, nor has any expression of an index: plans live on what the indexes themselves say, and on how many
-- rows there are. A blueprint can name columns of which the samples are no secret (put_behind_gate).

SET LOCAL ROLE piste_owner;

-- Who may call it: the engine's own definer functions. Trusts: the catalogs. Records: nothing.
-- The relations of the given schemas, but for their indexes. No index of pg_class begins with the schema, and with ten
-- thousand companies it has a quarter of a million rows: what depends on a schema is found by index.
CREATE OR REPLACE FUNCTION piste.relations_in(homes text[])
RETURNS SETOF oid
LANGUAGE sql STABLE
AS $$
    SELECT d.objid
    FROM pg_catalog.pg_namespace n
    JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_namespace'::regclass AND d.refobjid = n.oid
        AND d.classid = 'pg_catalog.pg_class'::regclass
    WHERE n.nspname = ANY (homes)
$$;

-- Who may call it: the engine's own definer functions. Trusts: the catalogs and piste.gated_table. Records: nothing.
-- Each column of the given stores' tables and each expression of their indexes: in which relation and place, by which name,
-- how many samples ANALYZE would take (-1: as many as elsewhere), and how many the blueprint wants.
CREATE OR REPLACE FUNCTION piste.statistics_targets(homes text[])
RETURNS TABLE (home text, relation oid, number smallint, name text, of_index boolean, target integer, wanted integer)
LANGUAGE sql STABLE
AS $$
    SELECT n.nspname::text, a.attrelid, a.attnum, a.attname::text, i.indexrelid IS NOT NULL,
        coalesce(a.attstattarget, -1)::integer,
        CASE WHEN i.indexrelid IS NULL AND a.attname = ANY (g.sampled) THEN -1 ELSE 0 END
    FROM piste.relations_in(homes) AS r (oid)
    -- What is materialized or partitioned was adopted.
    JOIN pg_catalog.pg_class c ON c.oid = r.oid AND c.relkind IN ('r', 'p', 'm')
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN piste.company k ON k.schema_name = n.nspname
    LEFT JOIN piste.gated_table g ON g.company = k.id AND g.table_name = CASE WHEN c.relispartition
        THEN (SELECT w.relname FROM pg_catalog.pg_class w WHERE w.oid = pg_catalog.pg_partition_root(c.oid)) ELSE c.relname END
    CROSS JOIN LATERAL (
        SELECT c.oid AS attrelid, NULL::oid AS indexrelid, NULL::smallint[] AS keys
        UNION ALL
        SELECT x.indexrelid, x.indexrelid, x.indkey::smallint[] FROM pg_catalog.pg_index x
        WHERE x.indrelid = c.oid AND x.indexprs IS NOT NULL
    ) AS i
    JOIN pg_catalog.pg_attribute a ON a.attrelid = i.attrelid AND a.attnum > 0 AND NOT a.attisdropped
        AND (i.indexrelid IS NULL OR i.keys[a.attnum - 1] = 0)
$$;

-- Who may call it: the engine's own definer functions, for a store whose tables were just made or changed. Records: nothing.
-- Sets what the blueprint wants, in all of its tables and their indexes. Of a table that was just made there are no samples
-- yet; where there are some, PostgreSQL lets nobody but a superuser remove them before version 18 (structure_problem names them).
CREATE OR REPLACE FUNCTION piste.hide_statistics(home text)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    changes text;
BEGIN
    FOR changes IN
        SELECT format('ALTER %s %s %s', CASE WHEN t.of_index THEN 'INDEX' ELSE 'TABLE' END, t.relation::regclass,
            string_agg(format('ALTER COLUMN %s SET STATISTICS %s',
                CASE WHEN t.of_index THEN t.number::text ELSE quote_ident(t.name) END, t.wanted), ', ' ORDER BY t.number))
        FROM piste.statistics_targets(ARRAY[home]) AS t
        WHERE t.target <> t.wanted
        GROUP BY t.relation, t.of_index
        ORDER BY t.relation
    LOOP
        EXECUTE changes;
    END LOOP;
END
$$;

-- Who may call it: the engine's own definer functions. Trusts: the catalogs and piste.gated_table. Records: nothing.
-- What the planner keeps of the given stores against the blueprint's word, one row each: samples that will be taken, samples
-- that are there, extended statistics. What samples there are can be asked where the installation could allow it.
CREATE OR REPLACE FUNCTION piste.statistics_problems(homes text[])
RETURNS TABLE (home text, problem text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY
    SELECT t.home, format('the planner keeps samples of %s.%I', t.relation::regclass, t.name)
    FROM piste.statistics_targets(homes) AS t WHERE t.target <> t.wanted
    UNION ALL
    SELECT n.nspname::text, format('extended statistics %I', e.stxname)
    FROM pg_namespace n JOIN pg_statistic_ext e ON e.stxnamespace = n.oid WHERE n.nspname = ANY (homes);
    IF has_column_privilege('pg_statistic', 'starelid', 'SELECT') THEN
        RETURN QUERY
        SELECT t.home, format('the planner has samples of %s.%I', t.relation::regclass, t.name)
        FROM piste.statistics_targets(homes) AS t
        WHERE t.target = t.wanted AND t.wanted = 0 AND EXISTS (
            SELECT FROM pg_statistic s WHERE s.starelid = t.relation AND s.staattnum = t.number);
    END IF;
END
$$;

RESET ROLE;

-- Which columns have samples, and nothing of what is in them: only a superuser can allow it.
DO $$
BEGIN
    IF (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = current_user) THEN
        GRANT SELECT (starelid, staattnum) ON pg_catalog.pg_statistic TO piste_owner;
    END IF;
END
$$;
