-- What was changed: every row that is written in a company's tables is recorded; its old and new values go apart.

SET LOCAL ROLE piste_owner;

-- Who may call it: the engine's own definer functions. Records: nothing.
-- The triggers that record what is written in a table, once a statement, with the names by which they know its rows.
CREATE OR REPLACE FUNCTION piste.recording_triggers()
RETURNS TABLE (called text, event text, kind smallint, rows_named text)
LANGUAGE sql IMMUTABLE
AS $$
    VALUES
        ('recorded_delete', 'DELETE', 8::smallint, 'OLD TABLE AS written'),
        ('recorded_insert', 'INSERT', 4::smallint, 'NEW TABLE AS written'),
        ('recorded_update', 'UPDATE', 16::smallint, 'OLD TABLE AS before NEW TABLE AS written')
$$;

-- Who may call it: the engine's own definer functions. Records: nothing.
-- How a record names the row with this key: `users/7`; by several columns `lines/["7", "2"]`; a longer key by its SHA-256, so that
-- no row makes a record long; the table alone where nothing names its rows.
CREATE OR REPLACE FUNCTION piste.row_name("table" text, key text)
RETURNS text
LANGUAGE sql STABLE
AS $$
    SELECT "table" || CASE
        WHEN key IS NULL THEN ''
        WHEN length(key) > 200 THEN '/sha256:' || encode(sha256(convert_to(key, 'UTF8')), 'hex')
        ELSE '/' || key END
$$;

-- Who may call it: the engine's own definer functions, whose plans take it in. Records: nothing.
-- What the columns of a key hold in a row, as `row_name` takes it: one as its text, several as a JSON array, none as NULL.
CREATE OR REPLACE FUNCTION piste.key_told(whole jsonb, key text[])
RETURNS text
LANGUAGE sql IMMUTABLE
AS $$
    SELECT CASE cardinality(key) WHEN 0 THEN NULL WHEN 1 THEN whole ->> key[1] ELSE (
        SELECT jsonb_agg(whole ->> k.name ORDER BY k.place)::text
        FROM unnest(key) WITH ORDINALITY AS k (name, place)) END
$$;

-- Who may call it: the engine's own definer functions. Trusts: the catalogs. Records: nothing.
-- How changes of a table are told: `key`, the columns that name a row (of its primary key, else of a unique index without
-- NULLs; none where one of them is redacted); `columns`, those that are told, in order; `redacted`, those
-- whose values are kept nowhere; `untold`, these and what PostgreSQL derives from others; `nested`, whether a value may have NULLs inside, which are kept then.
CREATE OR REPLACE FUNCTION piste.change_shape(
    firm uuid, relation oid, table_name text, OUT key text[], OUT columns text[], OUT redacted text[],
    OUT untold text[], OUT nested boolean)
LANGUAGE plpgsql STABLE
AS $$
BEGIN
    redacted := coalesce((
        SELECT g.redacted FROM piste.gated_table g WHERE g.company = firm AND g.table_name = change_shape.table_name), '{}');
    key := (
        SELECT array_agg(a.attname::text ORDER BY n.place)
        FROM pg_catalog.pg_index i
        CROSS JOIN LATERAL unnest(i.indkey[:i.indnkeyatts - 1]) WITH ORDINALITY AS n (number, place)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = n.number
        WHERE i.indrelid = relation AND i.indisprimary);
    key := coalesce(key, (
        SELECT k.columns
        FROM pg_catalog.pg_index i
        CROSS JOIN LATERAL (
            SELECT array_agg(a.attname::text ORDER BY n.place) AS columns, bool_and(a.attnotnull) AS never_null
            FROM unnest(i.indkey[:i.indnkeyatts - 1]) WITH ORDINALITY AS n (number, place)
            LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = n.number
        ) k
        WHERE i.indrelid = relation AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
          AND k.never_null
        ORDER BY i.indisreplident DESC, i.indexrelid
        LIMIT 1));
    IF key IS NULL OR key && redacted THEN
        key := '{}';
    END IF;
    SELECT array_agg(a.attname::text ORDER BY a.attname) FILTER (WHERE a.attgenerated = ''),
        array_agg(a.attname::text) FILTER (WHERE a.attgenerated <> '') || redacted,
        bool_or(a.atttypid >= 16384 OR a.atttypid IN ('json'::regtype, 'jsonb'::regtype, 'json[]'::regtype, 'jsonb[]'::regtype))
    INTO columns, untold, nested
    FROM pg_catalog.pg_attribute a
    WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped;
END
$$;

-- Who may call it: `record_changes`. Trusts: this transaction's own ticket, and the backend's own context. Records: nothing.
-- By which right a row of this company is being changed: the ticket's or the context's id, and for whom; NULL for a superuser.
CREATE OR REPLACE FUNCTION piste.change_author(firm uuid, OUT id uuid, OUT subject text)
LANGUAGE plpgsql
AS $$
DECLARE
    used record;
    here record;
BEGIN
    IF current_setting('piste.ticket', true) <> '' THEN
        used := piste.ticket_here();
        IF used.company = firm THEN
            id := used.ticket;
            subject := used.subject;
            RETURN;
        END IF;
    END IF;
    here := piste.here();
    IF here.live AND here.company = firm THEN
        id := here.jti;
        subject := here.subject;
        RETURN;
    END IF;
    -- Who hides a ticket's name from its own transaction hides nothing.
    used := piste.ticket_here();
    IF used.company = firm THEN
        id := used.ticket;
        subject := used.subject;
    END IF;
END
$$;

-- Who may call it: the triggers of a company's tables. Trusts: the trigger's own facts, the backend's own context,
-- and the ticket that this transaction uses.
-- Records: `users.update` and the like on `users/7`, one a row, in the transaction of the change, with the names of the columns of
-- an update; the values that they had and have go into the company's values, but for redacted columns, whose values are kept
-- nowhere. A change outside a context can only be a superuser's, and is recorded as theirs. It works on what a whole statement
-- wrote, so that a hundred thousand rows cost a few times what they cost unrecorded.
CREATE OR REPLACE FUNCTION piste.record_changes()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET enable_nestloop = on SET jit = off SET work_mem = '32MB'
AS $$
DECLARE
    verb    CONSTANT text := TG_TABLE_NAME || '.' || lower(TG_OP);
    side    CONSTANT text := CASE TG_OP WHEN 'DELETE' THEN 'old' ELSE 'new' END;
    rows_   CONSTANT bigint := (SELECT count(*) FROM (SELECT FROM written LIMIT 2) AS w);
    firm    uuid;
    here    record;
    told    record;
    is_told boolean := false;
    was     jsonb;
    is_now  jsonb;
    columns jsonb;
    secret  jsonb;
    key     text;
    number  bigint;
BEGIN
    IF rows_ = 0 THEN
        RETURN NULL;
    END IF;
    firm := (SELECT k.id FROM piste.company k WHERE k.schema_name = TG_TABLE_SCHEMA);
    here := piste.change_author(firm);
    -- Where only agents' changes are asked for, those of the application are nobody's business.
    IF here.id IS NULL AND TG_NARGS > 0 THEN
        RETURN NULL;
    END IF;
    IF rows_ = 1 THEN
        is_now := (SELECT to_jsonb(w) FROM written w);
        SELECT g.told_key AS key, g.redacted, g.untold, g.nested INTO told
        FROM piste.gated_table g
        WHERE g.company = firm AND g.table_name = TG_TABLE_NAME
          AND g.attributes = (SELECT c.relnatts FROM pg_class c WHERE c.oid = TG_RELID);
        is_told := is_now ?& told.key;
    END IF;
    IF here.id IS NULL OR is_told IS NOT TRUE THEN
        -- A superuser, the engine at work on the table, a table that was altered by hand: how it was says nothing of how it is. For
        -- many rows it is worth the look.
        told := piste.change_shape(firm, TG_RELID, TG_TABLE_NAME);
    END IF;

    IF rows_ = 1 THEN
        -- What most changes are, by what is quicker for one.
        IF TG_OP = 'UPDATE' THEN
            was := (SELECT to_jsonb(b) FROM before b);
            SELECT jsonb_agg(v.key ORDER BY v.key COLLATE "C"),
                jsonb_build_object(
                    'old', jsonb_object_agg(v.key, was -> v.key) FILTER (WHERE v.key <> ALL (told.redacted)),
                    'new', jsonb_object_agg(v.key, v.value) FILTER (WHERE v.key <> ALL (told.redacted)))
            INTO columns, secret
            FROM jsonb_each(is_now) AS v
            WHERE v.value <> was -> v.key AND (v.key <> ALL (told.untold) OR v.key = ANY (told.redacted));
            IF columns IS NULL THEN
                RETURN NULL;
            ELSIF secret -> 'old' = 'null' THEN
                secret := NULL;
            END IF;
        ELSE
            was := CASE WHEN told.nested THEN is_now - told.untold ELSE jsonb_strip_nulls(is_now - told.untold) END;
            secret := CASE WHEN was <> '{}' THEN jsonb_build_object(side, was) END;
        END IF;
        IF cardinality(told.key) = 1 THEN
            key := is_now ->> told.key[1];
        ELSE
            key := piste.key_told(is_now, told.key);
        END IF;
        -- An assignment is worked out on the spot, where PERFORM would make a query of it.
        number := piste.append(
            firm, session_user::text, here.subject, here.id, verb, piste.row_name(TG_TABLE_NAME, key),
            CASE WHEN columns IS NOT NULL THEN jsonb_build_object('columns', columns) END, secret);
        RETURN NULL;
    END IF;

    -- A plan that was made for a few rows is used for many as well.
    PERFORM set_config('enable_nestloop', 'off', true);
    IF TG_OP = 'UPDATE' THEN
        -- Both tables have the rows in the order in which they were updated: a key may be among what was changed.
        WITH change AS MATERIALIZED (
            SELECT nextval('piste.entry_id_seq') AS id, piste.random_bytes(16) AS salt, c.columns,
                piste.row_name(TG_TABLE_NAME, n.key) AS about,
                '{"new": ' || c.new_::text || ', "old": ' || c.old_::text || '}' AS content
            FROM (SELECT row_number() OVER () AS place, to_jsonb(b) AS whole FROM before b) o
            JOIN (
                SELECT w.*, piste.key_told(w.whole, told.key) AS key
                FROM (SELECT row_number() OVER () AS place, to_jsonb(r) AS whole FROM written r) w
                OFFSET 0
            ) n USING (place)
            CROSS JOIN LATERAL (
                SELECT jsonb_agg(v.name) AS columns,
                    jsonb_object_agg(v.name, o.whole -> v.name) FILTER (WHERE v.name <> ALL (told.redacted)) AS old_,
                    jsonb_object_agg(v.name, n.whole -> v.name) FILTER (WHERE v.name <> ALL (told.redacted)) AS new_
                FROM unnest(told.columns) AS v (name)
                WHERE n.whole -> v.name <> o.whole -> v.name
            ) c
            WHERE c.columns IS NOT NULL
        ), kept AS (
            INSERT INTO piste.entry_values (company, entry, about, salt, content)
            SELECT firm, c.id, c.about, c.salt, c.content FROM change c WHERE c.content IS NOT NULL
        )
        INSERT INTO piste.entry (company, id, actor, subject, context, action, resource, detail, values_hash)
        OVERRIDING SYSTEM VALUE
        SELECT firm, c.id, session_user, here.subject, here.id, verb, c.about, jsonb_build_object('columns', c.columns),
            sha256(c.salt || convert_to(c.content, 'UTF8'))
        FROM change c;
    ELSE
        WITH change AS MATERIALIZED (
            SELECT nextval('piste.entry_id_seq') AS id, piste.random_bytes(16) AS salt,
                piste.row_name(TG_TABLE_NAME, r.key) AS about,
                '{"' || side || '": ' || nullif(r.rest::text, '{}') || '}' AS content
            FROM (
                SELECT CASE WHEN told.nested THEN w.whole - told.untold ELSE jsonb_strip_nulls(w.whole - told.untold) END AS rest,
                    piste.key_told(w.whole, told.key) AS key
                FROM (SELECT to_jsonb(r) AS whole FROM written r OFFSET 0) w
                OFFSET 0
            ) r
        ), kept AS (
            INSERT INTO piste.entry_values (company, entry, about, salt, content)
            SELECT firm, c.id, c.about, c.salt, c.content FROM change c WHERE c.content IS NOT NULL
        )
        INSERT INTO piste.entry (company, id, actor, subject, context, action, resource, values_hash)
        OVERRIDING SYSTEM VALUE
        SELECT firm, c.id, session_user, here.subject, here.id, verb, c.about,
            sha256(c.salt || convert_to(c.content, 'UTF8'))
        FROM change c;
    END IF;
    IF FOUND THEN
        PERFORM piste.announce_entry(firm, currval('piste.entry_id_seq'));
    END IF;
    RETURN NULL;
END
$$;

-- Who may call it: the engine's own definer functions. Trusts: the catalogs. Records: nothing.
-- Whether a table has these triggers, whole and switched on.
CREATE OR REPLACE FUNCTION piste.records_changes(relation oid)
RETURNS boolean
LANGUAGE sql STABLE
AS $$
    SELECT NOT EXISTS (
        SELECT FROM piste.recording_triggers() w
        WHERE NOT EXISTS (
            SELECT FROM pg_catalog.pg_trigger t
            WHERE t.tgrelid = relation AND t.tgname = w.called AND t.tgfoid = 'piste.record_changes()'::regprocedure
              AND t.tgtype = w.kind AND t.tgenabled IN ('O', 'A') AND t.tgqual IS NULL AND t.tgattr = ''
              AND concat_ws(' ', 'OLD TABLE AS ' || t.tgoldtable, 'NEW TABLE AS ' || t.tgnewtable) = w.rows_named))
$$;

-- Who may call it: whoever installed the engine, after loading rows in bulk with the triggers off (COPY is refused to everybody else).
-- Trusts: its caller. Records: `company.load`, with what was loaded. Many rows call for the indexes of a large company.
CREATE OR REPLACE FUNCTION piste.record_load(url_id text, resource text, rows_loaded bigint)
RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    firm  uuid := (SELECT c.id FROM piste.company c WHERE c.url_id = record_load.url_id);
BEGIN
    IF firm IS NULL THEN
        RAISE EXCEPTION 'there is no company of this name' USING ERRCODE = 'PT404';
    END IF;
    IF rows_loaded >= 5000 THEN
        PERFORM piste.grow(firm);
    END IF;
    RETURN piste.append(
        firm, session_user::text, NULL, NULL, 'company.load', array_to_string(piste.resources_named(resource), ','),
        jsonb_build_object('rows', rows_loaded));
END
$$;

RESET ROLE;
