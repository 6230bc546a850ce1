-- What a company's tables look like, to whoever is inside: views have no keys that a console or an ORM could find.

SET LOCAL ROLE piste_owner;

-- Who may call it: the engine's own definer functions. Trusts: the backend's own context, or this transaction's own ticket.
-- Records: nothing. Raises PT401 outside.
-- The company that the caller is in: its store, its schema of windows, the role that the caller is in there, and its rights.
CREATE OR REPLACE FUNCTION piste.place_here(
    OUT company uuid, OUT store text, OUT windows text, OUT role_name text, OUT access text)
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    here   record := piste.here();
    ticket record;
BEGIN
    IF here.live THEN
        company := here.company;
        access := here.access;
        role_name := here.role;
    ELSE
        ticket := piste.ticket_here();
        company := ticket.company;
        access := ticket.access;
        role_name := 'writer';
    END IF;
    IF company IS NULL THEN
        RAISE EXCEPTION 'this is known inside a company only' USING
            ERRCODE = 'PT401', HINT = 'Enter one with a token, or use a ticket in this transaction.';
    END IF;
    SELECT k.schema_name, k.window_name, piste.role_stem(k.id) || '_' || place_here.role_name INTO store, windows, role_name
    FROM piste.company k WHERE k.id = place_here.company;
END
$$;

-- Who may call it: whoever is inside a company. Trusts: as place_here says. Records: nothing.
-- The company's tables, and what the caller may do with each.
CREATE OR REPLACE FUNCTION piste.tables()
RETURNS TABLE (name text, may_insert boolean, may_update boolean, may_delete boolean)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    place  record  := piste.place_here();
    writes boolean := place.access = 'read+write';
    known  text[]  := piste.resources(place.company);
BEGIN
    RETURN QUERY
    SELECT c.relname::text, writes AND has_table_privilege(place.role_name, c.oid, 'INSERT'),
        writes AND has_any_column_privilege(place.role_name, c.oid, 'UPDATE'),
        writes AND has_table_privilege(place.role_name, c.oid, 'DELETE')
    FROM pg_class c
    WHERE c.relnamespace = to_regnamespace(place.windows)
      AND piste.resource_of(c.relname) = ANY (known)
      AND has_any_column_privilege(place.role_name, c.oid, 'SELECT')
    ORDER BY c.relname;
END
$$;

-- Who may call it: every operator. Trusts: the backend's own context, or this transaction's own ticket. Records: nothing.
-- How far the company that this session is in was adopted; NULL for one that Piste made, and outside.
CREATE OR REPLACE FUNCTION piste.adopted_here()
RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (SELECT k.adopted FROM piste.company k
        WHERE k.id = coalesce((piste.here()).company, (piste.ticket_here()).company));
END
$$;

DROP FUNCTION IF EXISTS piste.played_here();

-- Who may call it: every operator. Trusts: as adopted_here does, and the map of an adoption. Records: nothing.
-- Which table and which of its columns play the users and the journeys of the adopted company that this session is in, as its
-- map says; NULL where none does.
CREATE OR REPLACE FUNCTION piste.played_here(OUT users jsonb, OUT journeys jsonb)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    SELECT a.map -> 'users', a.map -> 'journeys' INTO users, journeys
    FROM piste.adoption a WHERE a.company = coalesce((piste.here()).company, (piste.ticket_here()).company);
END
$$;

-- Who may call it: the engine's own definer functions. Trusts: the catalogs. Records: nothing. Raises PT404.
-- A company's table as it is in the store; its window must be the role's to read.
CREATE OR REPLACE FUNCTION piste.table_of(store text, windows text, role_name text, table_name text)
RETURNS oid
LANGUAGE plpgsql STABLE
AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM pg_class c
        WHERE c.relnamespace = to_regnamespace(windows) AND c.relname = table_name
          AND piste.resource_of(c.relname) = ANY (piste.resources(
              (SELECT k.id FROM piste.company k WHERE k.window_name = windows)))
          AND has_any_column_privilege(role_name, c.oid, 'SELECT'))
    THEN
        RAISE EXCEPTION 'there is no such table here' USING ERRCODE = 'PT404', HINT = 'piste.tables() lists them.';
    END IF;
    RETURN (SELECT c.oid FROM pg_class c WHERE c.relnamespace = to_regnamespace(store) AND c.relname = table_name);
END
$$;

-- Who may call it: the engine's own definer functions. Trusts: the catalogs. Records: nothing.
-- Whether a role may read a column through the window: what is redacted for it is nowhere to be seen.
CREATE OR REPLACE FUNCTION piste.shows(windows text, role_name text, table_name text, column_name name)
RETURNS boolean
LANGUAGE sql STABLE
AS $$
    SELECT EXISTS (
        SELECT FROM pg_catalog.pg_class w
        JOIN pg_catalog.pg_attribute a ON a.attrelid = w.oid AND a.attname = column_name AND NOT a.attisdropped
        WHERE w.relnamespace = to_regnamespace(windows) AND w.relname = table_name
          AND has_column_privilege(role_name, w.oid, a.attnum, 'SELECT'))
$$;

-- Who may call it: whoever is inside a company. Trusts: as place_here says. Records: nothing. Raises PT404.
-- The columns of a table that the caller sees, in their order. `filled` tells who fills it when the caller does not:
-- 'default', 'identity' or 'generated'.
CREATE OR REPLACE FUNCTION piste.columns("table" text)
RETURNS TABLE (name text, type text, nullable boolean, filled text, may_update boolean)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    place record := piste.place_here();
    asked oid    := piste.table_of(place.store, place.windows, place.role_name, "table");
    shown oid    := (
        SELECT c.oid FROM pg_class c WHERE c.relnamespace = to_regnamespace(place.windows) AND c.relname = "table");
BEGIN
    RETURN QUERY
    SELECT a.attname::text, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull,
        CASE WHEN a.attidentity <> '' THEN 'identity' WHEN a.attgenerated <> '' THEN 'generated'
            WHEN a.atthasdef THEN 'default' END,
        place.access = 'read+write' AND has_column_privilege(place.role_name, shown, a.attname::text, 'UPDATE')
    FROM pg_attribute a
    WHERE a.attrelid = asked AND a.attnum > 0 AND NOT a.attisdropped AND piste.shows(place.windows, place.role_name, "table", a.attname)
    ORDER BY a.attnum;
END
$$;

-- Who may call it: whoever is inside a company. Trusts: as place_here says. Records: nothing. Raises PT404.
-- The keys of a table: its primary key first, then what else is unique, then the tables that it names. A key with a column
-- that the caller does not see is left out.
CREATE OR REPLACE FUNCTION piste.table_keys("table" text)
RETURNS TABLE (name text, kind text, columns text[], names_table text, names_columns text[])
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    place record := piste.place_here();
    asked oid    := piste.table_of(place.store, place.windows, place.role_name, "table");
BEGIN
    RETURN QUERY
    SELECT k.conname::text, CASE k.contype WHEN 'p' THEN 'primary' WHEN 'u' THEN 'unique' ELSE 'foreign' END,
        ARRAY(
            SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY AS n (number, place)
            JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = n.number ORDER BY n.place),
        (SELECT c.relname::text FROM pg_class c WHERE c.oid = k.confrelid),
        CASE WHEN k.contype = 'f' THEN ARRAY(
            SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY AS n (number, place)
            JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = n.number ORDER BY n.place) END
    FROM pg_constraint k
    WHERE k.conrelid = asked AND k.contype IN ('p', 'u', 'f')
      AND NOT EXISTS (
          SELECT FROM pg_attribute a
          WHERE a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey) AND NOT piste.shows(place.windows, place.role_name, "table", a.attname))
    ORDER BY position(k.contype IN 'puf'), k.conname;
END
$$;

RESET ROLE;
