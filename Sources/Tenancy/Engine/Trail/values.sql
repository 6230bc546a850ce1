-- Values: what came from rows, beside the trail and never in it.
--
-- An entry holds sha256(salt || text) of its values; without the salt the
-- commitment tells nothing, so that destroying salt and text erases them for good, and the chain still verifies.

SET LOCAL ROLE piste_owner;

-- Who may call it: the engine's own definer functions, for a company that is being made. Records: nothing.
CREATE OR REPLACE FUNCTION piste.make_trail(firm uuid)
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO piste.trail (company, hash, begins_hash)
    VALUES (firm, piste.trail_origin(firm), piste.trail_origin(firm));
    INSERT INTO piste.trail_watch (company, channel, watched_until)
    VALUES (firm, 'piste_' || encode(piste.random_bytes(16), 'hex'), '-infinity');
    INSERT INTO piste.values_look (company) VALUES (firm);
END
$$;

-- Who may call it: the engine's own definer functions, for a company that goes. Records: nothing.
-- The company's row must be gone already: until then its entries are append-only.
CREATE OR REPLACE FUNCTION piste.drop_trail(firm uuid)
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    DELETE FROM piste.entry_values WHERE company = firm;
    DELETE FROM piste.entry WHERE company = firm;
    DELETE FROM piste.trail WHERE company = firm;
    DELETE FROM piste.trail_watch WHERE company = firm;
    DELETE FROM piste.trail_declaration WHERE company = firm;
    DELETE FROM piste.audit_anchor WHERE company = firm;
    DELETE FROM piste.values_look WHERE company = firm;
END
$$;

-- The control trail has no values.
INSERT INTO piste.trail (company, hash, begins_hash)
SELECT piste.no_company(), piste.trail_origin(piste.no_company()), piste.trail_origin(piste.no_company())
WHERE NOT EXISTS (SELECT FROM piste.trail t WHERE t.company = piste.no_company());
INSERT INTO piste.trail_watch (company, channel, watched_until)
SELECT piste.no_company(), 'piste_' || encode(piste.random_bytes(16), 'hex'), '-infinity'
WHERE NOT EXISTS (SELECT FROM piste.trail_watch w WHERE w.company = piste.no_company());

-- Who may call it: the engine's own definer functions. Trusts: the catalogs. Records: nothing.
-- The values of one entry as the given role may see them: of a change's old and new values, those of the columns that it may
-- select through its window.
CREATE OR REPLACE FUNCTION piste.visible_values(content jsonb, action text, path text, reader text)
RETURNS jsonb
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    changed CONSTANT text := substring(action FROM '^(.*)\.(?:insert|update|delete)$');
    table_  CONSTANT oid  := to_regclass(format('%I.%I', path, changed));
    allowed text[];
BEGIN
    IF changed IS NULL THEN
        RETURN content;
    END IF;
    allowed := ARRAY(
        SELECT a.attname::text FROM pg_attribute a
        WHERE a.attrelid = table_ AND a.attnum > 0 AND NOT a.attisdropped
          AND has_column_privilege(reader, table_, a.attnum, 'SELECT'));
    RETURN (
        SELECT jsonb_object_agg(side.key, (
            SELECT coalesce(jsonb_object_agg(v.key, v.value), '{}') FROM jsonb_each(side.value) AS v
            WHERE v.key = ANY (allowed)))
        FROM jsonb_each(content) AS side
        WHERE side.key IN ('old', 'new') AND jsonb_typeof(side.value) = 'object');
END
$$;

-- Who may call it: whoever holds a context and has declared the reading of `audit` in it. Trusts: the backend's own context.
-- Records: nothing; the declaration is on record already.
-- The values of so many entries of this company's trail, each with what is visible to the context's role; no row for an entry
-- that has none, or whose values were erased.
-- Raises PT401 without a context, PT410 when it has ended, PT409 when no reading of the trail is declared, PT413 for more than
-- a thousand entries.
CREATE OR REPLACE FUNCTION piste.audit_values(entries bigint[])
RETURNS TABLE (entry bigint, "values" jsonb)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    here record := piste.here();
    firm piste.company;
BEGIN
    PERFORM piste.check_in_context(here);
    IF cardinality(entries) > 1000 THEN
        RAISE EXCEPTION 'at most 1000 entries at a time' USING ERRCODE = 'PT413';
    END IF;
    IF clock_timestamp() >= piste.open_until(here.company, 'audit') THEN
        RAISE EXCEPTION 'no reading of the audit trail is declared' USING
            ERRCODE = 'PT409', HINT = 'Declare it first, and commit: declare(''audit.read'', ''audit'').';
    END IF;
    SELECT * INTO STRICT firm FROM piste.company c WHERE c.id = here.company;
    RETURN QUERY
    SELECT v.entry, piste.visible_values(
        v.content::jsonb, e.action, firm.window_name, piste.role_stem(firm.window_name) || '_' || here.role)
    FROM piste.entry_values v JOIN piste.entry e ON e.company = v.company AND e.id = v.entry
    WHERE v.company = firm.id AND v.entry = ANY (entries)
    ORDER BY v.entry;
END
$$;

-- Who may call it: admin. Trusts: session_user. Records: `audit.erase`, with the table and the row, how many entries had values
-- of it, and why; or `audit.refused`. Salt and text of every entry about this row are destroyed, and nothing brings them back
-- (but a backup made before). The chain goes on to verify. How many.
CREATE OR REPLACE FUNCTION piste.erase_values(url_id text, "table" text, id text, reason text)
RETURNS TABLE (erased bigint, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    me       record := piste.me();
    firm     piste.company;
    row_name text;
BEGIN
    IF erase_values.url_id IS NULL OR coalesce("table", '') = '' OR coalesce(erase_values.id, '') = ''
        OR coalesce(reason, '') !~ '[^[:space:][:cntrl:]]'
    THEN
        RAISE EXCEPTION 'say of which company, table and row values are erased, and why' USING ERRCODE = 'PT400';
    END IF;
    IF char_length(reason) > 1000 OR octet_length("table") > 63 OR octet_length(erase_values.id) > 1000 THEN
        RAISE EXCEPTION 'a reason has at most 1000 characters' USING ERRCODE = 'PT413';
    END IF;
    SELECT * INTO firm FROM piste.company c WHERE c.url_id = erase_values.url_id;
    IF NOT me.administers OR firm.id IS NULL THEN
        refusal := piste.refuse(
            firm.id, 'audit.refused', 'audit', CASE WHEN me.administers THEN 'unknown_company' ELSE 'not_allowed' END,
            CASE WHEN me.administers THEN 'there is no company of this name' ELSE 'this is for admins' END,
            jsonb_build_object('wish', 'erase', 'url_id', left(erase_values.url_id, 100)));
        RETURN NEXT;
        RETURN;
    END IF;
    row_name := piste.row_name("table", erase_values.id);
    DELETE FROM piste.entry_values v WHERE v.company = firm.id AND v.about = row_name;
    GET DIAGNOSTICS erased = ROW_COUNT;
    PERFORM piste.append(firm.id, me.login, NULL, NULL, 'audit.erase', row_name,
        jsonb_build_object('entries', erased, 'why', reason));
    RETURN NEXT;
END
$$;

RESET ROLE;
