-- Archives: what leaves with an export, and what comes back with a restore.
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
-- Records: `company.export`, the declaration of every table; or `company.refused`. Once it is committed, `open_export` finds
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
        jsonb_build_object('format', export_company.format, 'resources', to_jsonb(named)));
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

-- Who may call it: the engine's own definer functions. Records: nothing.
-- Whether an archive may stand for a company that is to be deleted: the code of what is wrong with it, or nothing.
CREATE OR REPLACE FUNCTION piste.archive_problem(firm uuid, digest text, OUT code text, OUT words text)
LANGUAGE plpgsql
AS $$
DECLARE
    head  bigint;
    moved boolean;
BEGIN
    head := (
        SELECT (e.detail ->> 'head')::bigint FROM piste.entry e
        WHERE e.company = firm AND e.action = 'company.export.done' AND e.detail ->> 'digest' = archive_problem.digest
        ORDER BY e.id DESC LIMIT 1);
    IF head IS NULL THEN
        code := 'unknown_archive';
        words := 'no export of this company was recorded with this digest';
        RETURN;
    END IF;
    -- A changed row is recorded with its number, as users/7; a declaration never is.
    -- Records behind the head that have left the database since cannot be asked any more.
    moved := EXISTS (
        SELECT FROM piste.entry e
        WHERE e.company = firm AND coalesce(e.seq > head, true)
          AND (e.resource LIKE '%/%' AND e.action <> 'audit.erase' OR e.action = 'company.load'))
        OR EXISTS (SELECT FROM piste.trail t WHERE t.company = firm AND t.begins_after > head);
    IF moved THEN
        code := 'archive_stale';
        words := 'rows were changed after this archive was made; export again';
    END IF;
END
$$;

-- Who may call it: whoever installed the engine, to load rows past triggers and gates, as `session_replication_role` lets a
-- superuser; it runs with the caller's own rights. Trusts: its caller. Records: nothing (whoever loaded does).
-- Opens a company's store for this transaction, which holds its tables alone until it ends. `end_load` takes what this gives:
-- the triggers that were switched off.
CREATE OR REPLACE FUNCTION piste.begin_load(home text)
RETURNS jsonb
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    opened jsonb := '[]';
    each   record;
BEGIN
    IF NOT piste.is_installer(session_user::text) THEN
        RAISE EXCEPTION 'loading is for whoever installed the engine' USING ERRCODE = '42501';
    END IF;
    FOR each IN
        SELECT c.oid::regclass AS relation, ARRAY(
            SELECT t.tgname::text FROM pg_trigger t
            WHERE t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgenabled = 'O' ORDER BY t.tgname) AS triggers
        FROM pg_class c
        WHERE c.relnamespace = to_regnamespace(quote_ident(home)) AND c.relkind = 'r' AND c.relforcerowsecurity
        ORDER BY c.oid
    LOOP
        EXECUTE format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY', each.relation)
            || coalesce((SELECT string_agg(format(', DISABLE TRIGGER %I', t.name), '') FROM unnest(each.triggers) AS t (name)), '');
        opened := opened || jsonb_build_object('relation', each.relation::text, 'triggers', to_jsonb(each.triggers));
    END LOOP;
    RETURN opened;
END
$$;

-- Who may call it: whoever called `begin_load`, in the same transaction, with what that gave. Records: nothing.
CREATE OR REPLACE FUNCTION piste.end_load(opened jsonb)
RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    each record;
BEGIN
    FOR each IN SELECT o.* FROM jsonb_to_recordset(opened) AS o (relation text, triggers text[]) LOOP
        EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', each.relation::regclass)
            || coalesce((SELECT string_agg(format(', ENABLE TRIGGER %I', t.name), '') FROM unnest(each.triggers) AS t (name)), '');
    END LOOP;
END
$$;

-- Who may call it: whoever installed the engine, in the transaction that made the company; it runs with the caller's own rights.
-- Trusts: the rows that its caller loaded, past triggers and gates. Records: nothing (`record_restore` does).
-- Finds rows that refer to nothing, and has ids go on after the highest that was ever used. Raises PT422.
CREATE OR REPLACE FUNCTION piste.check_restored(home text, last_ids jsonb)
RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    each    record;
    orphans bigint;
BEGIN
    FOR each IN
        SELECT f.conname, f.conrelid::regclass AS child, f.confrelid::regclass AS parent,
            string_agg(format('p.%I = c.%I', q.attname, a.attname), ' AND ') AS joined,
            string_agg(format('c.%I IS NOT NULL', a.attname), ' AND ') AS given
        FROM pg_constraint f
        CROSS JOIN LATERAL unnest(f.conkey, f.confkey) AS k (child, parent)
        JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = k.child
        JOIN pg_attribute q ON q.attrelid = f.confrelid AND q.attnum = k.parent
        WHERE f.contype = 'f' AND f.connamespace = to_regnamespace(quote_ident(home))
        GROUP BY f.oid, f.conname, f.conrelid, f.confrelid
    LOOP
        EXECUTE format(
            'SELECT count(*) FROM %s c WHERE %s AND NOT EXISTS (SELECT FROM %s p WHERE %s)',
            each.child, each.given, each.parent, each.joined)
        INTO orphans;
        IF orphans > 0 THEN
            RAISE EXCEPTION '% rows break %', orphans, each.conname USING ERRCODE = 'PT422';
        END IF;
    END LOOP;
    FOR each IN
        SELECT q.oid::regclass AS sequence, s.oid::regclass AS owner, s.relname, a.attname
        FROM pg_class q
        JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = q.oid AND d.deptype IN ('a', 'i')
        JOIN pg_class s ON s.oid = d.refobjid
        JOIN pg_attribute a ON a.attrelid = s.oid AND a.attnum = d.refobjsubid
        WHERE q.relkind = 'S' AND q.relnamespace = to_regnamespace(quote_ident(home))
    LOOP
        EXECUTE format(
            'SELECT setval($1, t.id) FROM (SELECT greatest(max(%I), $2) AS id FROM %s) AS t WHERE t.id > 0',
            each.attname, each.owner)
        USING each.sequence, (last_ids ->> (each.relname || '.' || each.attname))::bigint;
    END LOOP;
END
$$;

-- Who may call it: whoever installed the engine, in the transaction that made the company and loaded its rows. Trusts: its caller.
-- Records: `company.restore`, with the archive's digest, the company that it came from, the head of that one's trail, and the
-- policy: what the old company did not allow, the new one does not allow either. Many rows call for the indexes of a large
-- company.
CREATE OR REPLACE FUNCTION piste.record_restore(url_id text, detail jsonb, rows_loaded bigint, facts jsonb)
RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    firm   piste.company;
    policy text[];
BEGIN
    SELECT * INTO firm FROM piste.company c WHERE c.url_id = record_restore.url_id;
    IF firm.id IS NULL THEN
        RAISE EXCEPTION 'there is no company of this name' USING ERRCODE = 'PT404';
    END IF;
    -- The columns of the policy that both this engine and the archive know.
    policy := ARRAY(
        SELECT a.attname::text FROM pg_attribute a
        WHERE a.attrelid = 'piste.company'::regclass AND NOT a.attisdropped AND facts ? a.attname
          AND a.attname IN (
              'impersonation', 'impersonation_minutes', 'ticket_required', 'ticket_pattern', 'impersonation_access')
        ORDER BY a.attnum);
    IF cardinality(policy) > 0 THEN
        EXECUTE format(
            'UPDATE piste.company c SET %s FROM jsonb_populate_record(NULL::piste.company, $1) AS p WHERE c.id = $2',
            (SELECT string_agg(format('%1$I = p.%1$I', k.name), ', ') FROM unnest(policy) AS k (name)))
        USING facts, firm.id;
    END IF;
    IF rows_loaded >= 5000 THEN
        PERFORM piste.grow(firm.id);
    END IF;
    RETURN piste.append(
        firm.id, session_user::text, NULL, NULL, 'company.restore', 'company',
        detail || jsonb_build_object('rows_loaded', rows_loaded, 'policy', (
            SELECT coalesce(jsonb_object_agg(f.key, f.value), '{}') FROM jsonb_each(facts) AS f WHERE f.key = ANY (policy))));
END
$$;

-- Who may call it: the engine's own definer functions. Records: nothing.
-- A sealed record of the control trail as a certificate: all that its hash covers, as text that anybody can hash again.
CREATE OR REPLACE FUNCTION piste.certificate_of(entry bigint)
RETURNS json
LANGUAGE sql STABLE
AS $$
    SELECT json_build_object('certificate', a.action, 'states', a.detail, 'record', row_to_json(r))
    FROM piste.entry a
    CROSS JOIN LATERAL piste.sealed_records(a.company, a.seq - 1, a.seq, 1) AS r
    WHERE a.company = piste.no_company() AND a.id = certificate_of.entry
$$;

-- Who may call it: admin. Trusts: session_user. Records: `company.refused` for anybody else.
-- The certificates of the companies of this url_id that were deleted, the last one first: for whoever lost the one that
-- `delete_company` gave.
CREATE OR REPLACE FUNCTION piste.deletion_certificates(url_id text)
RETURNS TABLE (certificate json, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    IF deletion_certificates.url_id IS NULL THEN
        RAISE EXCEPTION 'url_id is missing' USING ERRCODE = 'PT400';
    END IF;
    IF NOT (piste.me()).administers THEN
        RETURN QUERY SELECT NULL::json, piste.refuse(
            NULL, 'company.refused', 'company', 'not_allowed', 'this is for admins',
            jsonb_build_object('wish', 'certificate', 'url_id', left(deletion_certificates.url_id, 100)));
        RETURN;
    END IF;
    RETURN QUERY
    SELECT piste.certificate_of(a.id), NULL::text
    FROM piste.entry a
    WHERE a.company = piste.no_company() AND a.action = 'company.delete'
      AND a.detail ->> 'url_id' = deletion_certificates.url_id
    ORDER BY a.id DESC;
END
$$;

RESET ROLE;
