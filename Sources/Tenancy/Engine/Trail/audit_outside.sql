-- What leaves the engine about a trail: every record exactly as its hash covers it, and the head for a checkpoint.

SET LOCAL ROLE piste_owner;

-- Who may call it: the engine's own definer functions. Trusts: session_user and the backend's own context.
-- Records: the refusal. Who may read a trail from its beginning: in a context, whoever holds it, that company's (NULL is
-- that company too); outside, an admin, any company's or (NULL) the engine's own, whose company is the zero uuid.
CREATE OR REPLACE FUNCTION piste.readable_trail(
    asked text, wish text, OUT trail text, OUT company uuid, OUT url_id text, OUT inside boolean, OUT refusal text)
LANGUAGE plpgsql
AS $$
#variable_conflict use_column
DECLARE
    me   record := piste.me();
    here record := piste.here();
    home text;
BEGIN
    SELECT c.schema_name, c.id, c.url_id INTO home, company, url_id
    FROM piste.company c WHERE c.url_id = coalesce(asked, CASE WHEN here.live THEN here.url_id END);
    inside := coalesce(here.live AND home = here.schema_name, false);
    IF inside THEN
        IF here.opened_xid IS NOT DISTINCT FROM pg_current_xact_id_if_assigned() THEN
            RAISE EXCEPTION 'the record of this context is not committed yet' USING ERRCODE = 'PT409';
        END IF;
    ELSIF NOT me.administers THEN
        refusal := piste.refuse(
            coalesce(home, 'piste'), 'audit.refused', 'audit', 'not_allowed',
            'outside a context of this company its trail is for admins',
            jsonb_build_object('wish', wish, 'url_id', left(asked, 100)));
    ELSIF asked IS NOT NULL AND home IS NULL THEN
        refusal := piste.refuse(
            'piste', 'audit.refused', 'audit', 'unknown_company', 'there is no company of this name',
            jsonb_build_object('wish', wish, 'url_id', left(asked, 100)));
    ELSIF asked IS NULL THEN
        home := 'piste';
        company := '00000000-0000-0000-0000-000000000000';
    END IF;
    trail := CASE WHEN refusal IS NULL THEN home END;
END
$$;

-- Who may call it: whoever may read the trail (see above). Trusts: nothing. Records: a refusal; it tells no record.
-- What there is to export: whose trail it is, where it ends now, and the numbers of the first record at or after one moment
-- and of the last before another. A range that holds nothing ends before it begins.
CREATE OR REPLACE FUNCTION piste.audit_extent(
    url_id text DEFAULT NULL, since timestamptz DEFAULT NULL, until timestamptz DEFAULT NULL)
RETURNS TABLE (
    company uuid, company_url_id text, engine_version text, first_seq bigint, last_seq bigint, entries bigint,
    inside boolean, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    source record := piste.readable_trail(url_id, 'export');
BEGIN
    company := source.company;
    company_url_id := source.url_id;
    inside := source.inside;
    refusal := source.refusal;
    IF source.trail IS NOT NULL THEN
        SELECT v.version INTO engine_version FROM piste.engine_version v ORDER BY v.applied_at DESC LIMIT 1;
        -- Where a trail was cut but not its head, the export that ends too early shows it.
        EXECUTE format(
            'SELECT greatest((SELECT max(a.seq) FROM %1$I.audit a), (SELECT max(h.seq) FROM %1$I.audit_head h), 0)',
            source.trail)
        INTO entries;
        first_seq := 1;
        last_seq := entries;
        IF since IS NOT NULL THEN
            EXECUTE format('SELECT min(a.seq) FROM %I.audit a WHERE a.at >= $1', source.trail)
            INTO first_seq USING since;
            first_seq := coalesce(first_seq, entries + 1);
        END IF;
        IF until IS NOT NULL THEN
            EXECUTE format('SELECT max(a.seq) FROM %I.audit a WHERE a.at < $1', source.trail)
            INTO last_seq USING until;
            last_seq := coalesce(last_seq, 0);
        END IF;
    END IF;
    RETURN NEXT;
END
$$;

-- Who may call it: whoever may read the trail (see above). Trusts: nothing. Records: an admin's reading from outside, as
-- `audit.read` in the trail that was read, and in the server's log, which no rollback can reach.
-- Oldest first: the records after one number, up to another. Every value is the text that went into the record's hash, the
-- moment as whole microseconds since the epoch.
CREATE OR REPLACE FUNCTION piste.audit_records(
    url_id text DEFAULT NULL, after bigint DEFAULT 0, upto bigint DEFAULT NULL, "limit" integer DEFAULT 1000)
RETURNS TABLE (
    seq bigint, at_us bigint, actor text, subject text, context text, action text, resource text, detail text,
    previous_hash text, hash text, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    source record;
BEGIN
    IF coalesce("limit" NOT BETWEEN 1 AND 10000, true) OR after IS NULL THEN
        RAISE EXCEPTION 'limit must be from 1 to 10000, and after a number' USING ERRCODE = 'PT400';
    END IF;
    source := piste.readable_trail(url_id, 'export');
    IF source.refusal IS NOT NULL THEN
        refusal := source.refusal;
        RETURN NEXT;
        RETURN;
    END IF;
    IF NOT source.inside AND source.trail <> 'piste' THEN
        RAISE LOG 'piste: % exports the audit trail of %', session_user, source.trail;
        PERFORM piste.append(source.trail, session_user::text, NULL, NULL, 'audit.read', 'audit',
            jsonb_strip_nulls(jsonb_build_object('export', true, 'after', after, 'upto', upto, 'limit', "limit")));
    END IF;
    RETURN QUERY EXECUTE format(
        'SELECT seq, (extract(epoch FROM at) * 1000000)::bigint, actor, subject, context::text, action, resource, '
        '    detail::text, encode(previous_hash, ''hex''), encode(hash, ''hex''), NULL::text '
        'FROM %I.audit WHERE seq > $1 AND seq <= $2 ORDER BY seq LIMIT $3', source.trail)
    USING after, coalesce(upto, 9223372036854775807), "limit";
END
$$;

-- Who may call it: admin; NULL is the engine's own trail. Trusts: session_user; the name of the key is only written down,
-- the key itself never comes here. Records: `audit.checkpoint` with what was noted and by which key, right after the record
-- that is noted; or `audit.refused`.
-- The record at the head of the trail, for a checkpoint that is signed outside.
CREATE OR REPLACE FUNCTION piste.audit_checkpoint(url_id text, key_name text)
RETURNS TABLE (
    company uuid, company_url_id text, noted_at timestamptz, seq bigint, at_us bigint, actor text, subject text,
    context text, action text, resource text, detail text, previous_hash text, hash text, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    me    record := piste.me();
    trail text   := CASE WHEN audit_checkpoint.url_id IS NULL THEN 'piste' ELSE piste.trail_of(audit_checkpoint.url_id) END;
    head  record;
BEGIN
    IF coalesce(key_name !~ '^[^[:space:][:cntrl:]+]+\+[0-9a-f]{8}$' OR char_length(key_name) > 200, true) THEN
        RAISE EXCEPTION 'a key is named as in name+0a1b2c3d' USING ERRCODE = 'PT400';
    END IF;
    IF NOT me.administers OR trail IS NULL THEN
        refusal := piste.refuse(
            coalesce(trail, 'piste'), 'audit.refused', 'audit',
            CASE WHEN me.administers THEN 'unknown_company' ELSE 'not_allowed' END,
            CASE WHEN me.administers THEN 'there is no company of this name' ELSE 'this is for admins' END,
            jsonb_build_object('wish', 'checkpoint', 'url_id', left(audit_checkpoint.url_id, 100)));
        RETURN NEXT;
        RETURN;
    END IF;
    PERFORM piste.lock_trail(trail);
    EXECUTE format(
        'SELECT a.seq, (extract(epoch FROM a.at) * 1000000)::bigint AS at_us, a.actor, a.subject, '
        '    a.context::text AS context, a.action, a.resource, a.detail::text AS detail, '
        '    encode(a.previous_hash, ''hex'') AS previous_hash, encode(a.hash, ''hex'') AS hash '
        'FROM %1$I.audit_head h JOIN %1$I.audit a ON a.seq = h.seq AND encode(a.hash, ''hex'') = h.hash', trail)
    INTO head;
    IF head.seq IS NULL THEN
        refusal := piste.refuse(
            trail, 'audit.refused', 'audit', 'trail_broken', 'there is no record at the head of this trail',
            jsonb_build_object('wish', 'checkpoint'));
        RETURN NEXT;
        RETURN;
    END IF;
    PERFORM piste.append(trail, me.login, NULL, NULL, 'audit.checkpoint', 'audit',
        jsonb_build_object('seq', head.seq, 'hash', head.hash, 'key', key_name));
    RETURN QUERY SELECT
        coalesce(
            (SELECT c.id FROM piste.company c WHERE c.url_id = audit_checkpoint.url_id),
            '00000000-0000-0000-0000-000000000000'),
        audit_checkpoint.url_id, clock_timestamp(), head.seq, head.at_us, head.actor, head.subject, head.context,
        head.action, head.resource, head.detail, head.previous_hash, head.hash, NULL::text;
END
$$;

RESET ROLE;
