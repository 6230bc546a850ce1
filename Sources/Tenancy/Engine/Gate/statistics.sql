-- What the planner remembers of rows.
--
-- Whoever is in a company's role may ask EXPLAIN for estimates without declaring anything, before a read and after the end of
-- a context. For a column with statistics the estimate of `email < 'm'` tells what the histogram holds, and a histogram is
-- made of real values: a hundred questions spell out an address. So the columns that hold free text have no statistics.
-- (What words a CHECK allows is no secret; numbers and moments stay, since the plans live on them.)

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

-- Who may call it: the engine's own definer functions. Trusts: the catalogs. Records: nothing.
-- The columns of free text in the gated tables of the given schemas: table, number and name.
CREATE OR REPLACE FUNCTION piste.free_text_columns(homes text[])
RETURNS TABLE (relation oid, number smallint, name text)
LANGUAGE sql STABLE
AS $$
    SELECT c.oid, a.attnum, a.attname::text
    FROM piste.relations_in(homes) AS r (oid)
    JOIN pg_catalog.pg_class c ON c.oid = r.oid AND c.relkind IN ('r', 'p') AND c.relrowsecurity
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_catalog.pg_type t ON t.oid = a.atttypid AND t.typcategory IN ('S', 'U')
    WHERE t.typname IN ('text', 'varchar', 'bpchar', 'jsonb', 'json', 'bytea')
      AND NOT EXISTS (
          SELECT FROM pg_catalog.pg_constraint k
          WHERE k.conrelid = c.oid AND k.contype = 'c' AND a.attnum = ANY (k.conkey))
$$;

-- Who may call it: the engine's own definer functions, for a schema whose tables were just made or changed. Records: nothing.
-- A column that has come under a CHECK since is no free text any more, and gets its statistics back.
CREATE OR REPLACE FUNCTION piste.hide_statistics(home text)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    changes text;
BEGIN
    FOR changes IN
        WITH free AS (
            SELECT f.relation, f.number, f.name, 0 AS target FROM piste.free_text_columns(ARRAY[home]) AS f
        ), bound AS (
            SELECT c.oid, a.attnum, a.attname::text, -1
            FROM piste.relations_in(ARRAY[home]) AS r (oid)
            JOIN pg_catalog.pg_class c ON c.oid = r.oid AND c.relkind IN ('r', 'p')
            JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
            WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attstattarget = 0
              AND NOT EXISTS (SELECT FROM free f WHERE f.relation = c.oid AND f.number = a.attnum)
        )
        SELECT format('ALTER TABLE %s %s', f.relation::regclass,
            string_agg(format('ALTER %I SET STATISTICS %s', f.name, f.target), ', ' ORDER BY f.number))
        FROM (TABLE free UNION ALL TABLE bound) AS f
        GROUP BY f.relation
    LOOP
        EXECUTE changes;
    END LOOP;
END
$$;

RESET ROLE;
