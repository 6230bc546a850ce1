-- Archives: what leaves with an export.
--
-- An export goes through the front door: an admin's open context, a record that is committed before anything is read, and
-- the gate of every table. Its rows, its company's facts and the head of its trail come from one snapshot, so that the trail
-- in an archive ends exactly with the last change that its rows show.

SET LOCAL ROLE piste_owner;

-- Who may call it: everybody; the catalogs are readable to all. Records: nothing.
-- The tables of a company that an archive holds, in the order in which they were made: each with its plain columns and
-- with those of its primary key.
CREATE OR REPLACE FUNCTION piste.archive_tables(home text)
RETURNS TABLE (table_name text, columns text[], key text[])
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT c.relname::text,
        ARRAY(
            SELECT a.attname::text FROM pg_attribute a
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
            ORDER BY a.attnum),
        ARRAY(
            SELECT a.attname::text
            FROM pg_index i
            CROSS JOIN LATERAL unnest(i.indkey::smallint[]) WITH ORDINALITY AS k (attnum, place)
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
            WHERE i.indrelid = c.oid AND i.indisprimary
            ORDER BY k.place)
    FROM pg_class c
    WHERE c.relnamespace = to_regnamespace(quote_ident(home)) AND c.relkind = 'r'
    ORDER BY c.oid
$$;

-- Who may call it: the engine's own definer functions. Records: nothing.
-- The context that an archive is made in. Raises PT401 without one, PT410 when it has ended, PT403 for who is no admin.
CREATE OR REPLACE FUNCTION piste.exporting_here()
RETURNS record
LANGUAGE plpgsql
AS $$
DECLARE
    here record := piste.here();
BEGIN
    PERFORM piste.check_in_context(here);
    IF (piste.me()).level <> 'admin' THEN
        RAISE EXCEPTION 'only an admin exports' USING ERRCODE = 'PT403';
    END IF;
    RETURN here;
END
$$;

-- Who may call it: an admin, in a context. Trusts: session_user and the backend's own context.
-- Records: `company.export`, the declaration of every table, with how many jobs wait, which no archive holds (they are on their way
-- out, and a restored company must not do them again); or `company.refused`. Once it is committed, `open_export` finds
-- the gates open, for ten seconds. The number of the record, or a refusal.
CREATE OR REPLACE FUNCTION piste.export_company(format text DEFAULT 'jsonl')
RETURNS TABLE (seq bigint, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    here  record := piste.here();
    named text[];
BEGIN
    IF coalesce(export_company.format NOT IN ('jsonl', 'csv'), true) THEN
        RAISE EXCEPTION 'a format is jsonl or csv' USING ERRCODE = 'PT400';
    END IF;
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
        RAISE EXCEPTION 'a context is used in READ COMMITTED only' USING ERRCODE = 'PT409';
    END IF;
    IF here.live AND (piste.me()).level <> 'admin' THEN
        RETURN QUERY SELECT NULL::bigint, piste.refuse(
            here.company, 'company.refused', 'company', 'not_allowed', 'only an admin exports',
            jsonb_build_object('wish', 'export'));
        RETURN;
    END IF;
    here := piste.exporting_here();
    IF (SELECT k.adopted FROM piste.company k WHERE k.id = here.company) IS NOT NULL THEN
        RETURN QUERY SELECT NULL::bigint, piste.refuse(
            here.company, 'company.refused', 'company', 'company_adopted',
            'this company was adopted: pg_dump writes its application''s tables down', jsonb_build_object('wish', 'export'));
        RETURN;
    END IF;
    named := ARRAY(SELECT t.table_name FROM piste.archive_tables(here.schema_name) t) || ARRAY['audit'];
    seq := piste.append(
        here.company, session_user::text, here.subject, here.jti, 'company.export', 'company',
        jsonb_build_object(
            'format', export_company.format, 'resources', to_jsonb(named),
            'jobs_waiting', (SELECT count(*) FROM piste.job j WHERE j.company = here.company)));
    PERFORM piste.note_declaration(here.jti, here.company, named);
    RETURN NEXT;
END
$$;

-- Who may call it: an admin, in a context. Trusts: the backend's own context. Records: nothing; it tells what every operator
-- may see of a company, and where its trail stands.
-- Stable, so that it reads with the snapshot of the statement that calls it.
CREATE OR REPLACE FUNCTION piste.export_facts(
    OUT company uuid, OUT schema_name text, OUT expires_at timestamptz, OUT head_seq bigint, OUT head_hash text,
    OUT facts jsonb, OUT last_ids jsonb, OUT engine_version text, OUT window_name text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    here record := piste.exporting_here();
BEGIN
    company := here.company;
    schema_name := here.schema_name;
    expires_at := here.expires_at;
    SELECT to_jsonb(c) - ARRAY['schema_name', 'window_name', 'search_text', 'grown', 'tokens_since'], c.window_name
    INTO STRICT facts, window_name
    FROM piste.company c WHERE c.id = here.company;
    SELECT t.seq, encode(t.hash, 'hex') INTO STRICT head_seq, head_hash FROM piste.trail t WHERE t.company = here.company;
    SELECT coalesce(
        jsonb_strip_nulls(jsonb_object_agg(s.relname || '.' || a.attname, pg_sequence_last_value(q.oid))), '{}')
    INTO last_ids
    FROM pg_class q
    JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = q.oid AND d.deptype IN ('a', 'i')
    JOIN pg_class s ON s.oid = d.refobjid
    JOIN pg_attribute a ON a.attrelid = s.oid AND a.attnum = d.refobjsubid
    WHERE q.relkind = 'S' AND q.relnamespace = to_regnamespace(quote_ident(schema_name));
    engine_version := piste.installed_version();
END
$$;

-- Who may call it: an admin, in a context, after `export_company` is committed and in a transaction that stays open. It runs
-- with the caller's own rights: what the windows do not give, it does not give; redacted columns stay where they are, unless
-- the caller is in the writer's role. Records: nothing.
-- One row for each table: its columns, its first row, and a cursor with the others, each a line of text with its end. It is
-- stable, so that every cursor has the snapshot of the one statement that calls it; and it takes the first row of each at
-- once, because that is when a gate is asked. A gate that is closed by then raises PT410: it must not look like an empty table.
-- The session's TimeZone, DateStyle and IntervalStyle shape the text: UTC, ISO and postgres are what a restore expects.
CREATE OR REPLACE FUNCTION piste.open_export(format text DEFAULT 'jsonl')
RETURNS TABLE (
    table_name text, columns text[], cursor_name text, first_line text, company uuid, head_seq bigint, head_hash text,
    expires_at timestamptz, facts jsonb, last_ids jsonb, engine_version text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    here record := piste.export_facts();
    each record;
    rows refcursor;
    line text;
BEGIN
    IF coalesce(open_export.format NOT IN ('jsonl', 'csv'), true) THEN
        RAISE EXCEPTION 'a format is jsonl or csv' USING ERRCODE = 'PT400';
    END IF;
    FOR each IN
        SELECT t.table_name, t.key, ARRAY(
            SELECT c.name FROM unnest(t.columns) WITH ORDINALITY AS c (name, place)
            WHERE has_column_privilege(format('%I.%I', here.window_name, t.table_name), c.name, 'SELECT')
            ORDER BY c.place) AS columns
        FROM piste.archive_tables(here.schema_name) AS t
    LOOP
        rows := 'export_' || each.table_name;
        OPEN rows NO SCROLL FOR EXECUTE format(
            'SELECT %s || E''\n'' AS line FROM (SELECT %s FROM %I.%I%s) AS r',
            CASE WHEN open_export.format = 'jsonl' THEN 'row_to_json(r)::text' ELSE (
                SELECT string_agg(
                    format('coalesce(''"'' || replace(r.%1$I::text, ''"'', ''""'') || ''"'', '''')', c.name),
                    ' || '','' || ' ORDER BY c.place)
                FROM unnest(each.columns) WITH ORDINALITY AS c (name, place)) END,
            (SELECT string_agg(quote_ident(c.name), ', ' ORDER BY c.place)
             FROM unnest(each.columns) WITH ORDINALITY AS c (name, place)),
            here.window_name, each.table_name,
            (SELECT ' ORDER BY ' || string_agg(quote_ident(k.name), ', ' ORDER BY k.place)
             FROM unnest(each.key) WITH ORDINALITY AS k (name, place)));
        FETCH rows INTO line;
        RETURN QUERY SELECT each.table_name, each.columns, rows::text, line, here.company, here.head_seq, here.head_hash,
            here.expires_at, here.facts, here.last_ids, here.engine_version;
    END LOOP;
    -- A declaration only grows older: a gate that is still open was open when the first row was taken.
    FOR each IN SELECT * FROM piste.archive_tables(here.schema_name) LOOP
        IF piste.open_until(here.company, each.table_name) <= clock_timestamp() THEN
            RAISE EXCEPTION 'the gate of % is closed: no export of it was declared within the last ten seconds',
                each.table_name USING ERRCODE = 'PT410', HINT = 'Ask for a fresh token.';
        END IF;
    END LOOP;
END
$$;

-- Who may call it: an admin, in a context. Trusts: the backend's own context. Records: nothing: `company.export` did.
-- The company's sealed records from the oldest on, up to a number, as their hashes cover them: `at_us` is whole microseconds
-- since the epoch, `detail` the text of the jsonb. Whoever writes the archive makes lines of them (the trail's own format).
CREATE OR REPLACE FUNCTION piste.export_records(after bigint, upto bigint, "limit" integer DEFAULT 1000)
RETURNS TABLE (
    seq bigint, at_us bigint, actor text, subject text, context text, action text, resource text, detail text,
    values_hash text, previous_hash text, hash text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    here record := piste.exporting_here();
BEGIN
    IF coalesce("limit" NOT BETWEEN 1 AND 10000, true) THEN
        RAISE EXCEPTION 'limit must be from 1 to 10000' USING ERRCODE = 'PT400';
    END IF;
    RETURN QUERY SELECT r.* FROM piste.sealed_records(here.company, after, upto, "limit") AS r;
END
$$;

-- Who may call it: an admin, in the context in which they exported. Trusts: that the caller wrote an archive with this digest.
-- Records: `company.export.done`, with the archive's SHA-256, its rows, and the last record of the trail that is in it.
CREATE OR REPLACE FUNCTION piste.finish_export(digest text, head bigint, "rows" jsonb)
RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    here    record := piste.exporting_here();
    started boolean;
BEGIN
    IF coalesce(digest !~ '^[0-9a-f]{64}$' OR jsonb_typeof("rows") <> 'object' OR octet_length("rows"::text) > 8192, true) THEN
        RAISE EXCEPTION 'a digest is 64 hexadecimal digits, rows an object of numbers by table' USING ERRCODE = 'PT400';
    END IF;
    started := EXISTS (
            SELECT FROM piste.entry e
            WHERE e.company = here.company AND coalesce(e.seq <= head, true) AND e.context = here.jti AND e.action = 'company.export')
        AND head <= (SELECT t.seq FROM piste.trail t WHERE t.company = here.company);
    IF started IS NOT TRUE THEN
        RAISE EXCEPTION 'no export began in this context before that record' USING ERRCODE = 'PT409';
    END IF;
    RETURN piste.append(
        here.company, session_user::text, here.subject, here.jti, 'company.export.done', 'company',
        jsonb_build_object('digest', digest, 'head', head, 'rows', "rows"));
END
$$;

RESET ROLE;
