-- What leaves the engine about a trail: every sealed record exactly as its hash covers it, and the head for a checkpoint.

SET LOCAL ROLE piste_owner;

-- Who may call it: whoever may read the trail (piste.readable_trail). Trusts: nothing. Records: a refusal; it tells no record.
-- What there is to export: whose trail it is, where it begins and ends now, and the numbers of the first record at or after one
-- moment and of the last before another. A range that holds nothing ends before it begins.
CREATE OR REPLACE FUNCTION piste.audit_extent(
    url_id text DEFAULT NULL, since timestamptz DEFAULT NULL, until timestamptz DEFAULT NULL)
RETURNS TABLE (
    company uuid, company_url_id text, engine_version text, first_seq bigint, last_seq bigint, entries bigint,
    inside boolean, unsealed bigint, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    source record := piste.readable_trail(url_id, 'export');
    begins bigint;
BEGIN
    company := source.company;
    company_url_id := source.url_id;
    inside := source.inside;
    refusal := source.refusal;
    IF source.company IS NOT NULL THEN
        engine_version := piste.installed_version();
        SELECT t.begins_after + 1 INTO begins FROM piste.trail t WHERE t.company = source.company;
        -- Where a trail was cut but not its head, the export that ends too early shows it.
        entries := greatest(
            (SELECT max(e.seq) FROM piste.entry e WHERE e.company = source.company),
            (SELECT t.seq FROM piste.trail t WHERE t.company = source.company), 0);
        unsealed := (SELECT count(*) FROM piste.entry e WHERE e.company = source.company AND e.seq IS NULL);
        first_seq := coalesce(begins, 1);
        last_seq := entries;
        IF since IS NOT NULL THEN
            first_seq := coalesce((
                SELECT min(e.seq) FROM piste.entry e
                WHERE e.company = source.company AND e.seq IS NOT NULL AND e.at >= since), entries + 1);
        END IF;
        IF until IS NOT NULL THEN
            last_seq := coalesce((
                SELECT max(e.seq) FROM piste.entry e
                WHERE e.company = source.company AND e.seq IS NOT NULL AND e.at < until), 0);
        END IF;
    END IF;
    RETURN NEXT;
END
$$;

-- Who may call it: the engine's own definer functions. Trusts: nothing. Records: nothing.
-- Sealed records of one trail after one number, up to another, oldest first. Every value is the text that went into the
-- record's hash, the moment as whole microseconds since the epoch.
CREATE OR REPLACE FUNCTION piste.sealed_records(firm uuid, after bigint, upto bigint, most integer)
RETURNS TABLE (
    seq bigint, at_us bigint, actor text, subject text, context text, action text, resource text, detail text,
    values_hash text, previous_hash text, hash text)
LANGUAGE sql STABLE
AS $$
    SELECT r.seq, (extract(epoch FROM r.at) * 1000000)::bigint, r.actor, r.subject, r.context::text, r.action, r.resource,
        r.detail::text, encode(r.values_hash, 'hex'), encode(coalesce(
            lag(r.hash) OVER (ORDER BY r.seq),
            (SELECT b.hash FROM piste.entry b WHERE b.company = firm AND b.seq = r.seq - 1),
            (SELECT t.begins_hash FROM piste.trail t WHERE t.company = firm AND t.begins_after = r.seq - 1)), 'hex'),
        encode(r.hash, 'hex')
    FROM (
        SELECT e.* FROM piste.entry e
        WHERE e.company = firm AND e.seq IS NOT NULL AND e.seq > after AND e.seq <= upto ORDER BY e.seq LIMIT most
    ) r
    ORDER BY r.seq
$$;

-- Who may call it: whoever may read the trail (piste.readable_trail). Trusts: nothing. Records: nothing by itself: from outside
-- `declare_trail` did. Sealed records after one number, up to another, oldest first.
CREATE OR REPLACE FUNCTION piste.audit_records(
    url_id text DEFAULT NULL, after bigint DEFAULT 0, upto bigint DEFAULT NULL, "limit" integer DEFAULT 1000)
RETURNS TABLE (
    seq bigint, at_us bigint, actor text, subject text, context text, action text, resource text, detail text,
    values_hash text, previous_hash text, hash text, refusal text)
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
    RETURN QUERY
    SELECT r.*, NULL::text
    FROM piste.sealed_records(source.company, after, coalesce(upto, 9223372036854775807), "limit") AS r;
END
$$;

-- Who may call it: admin; NULL is the control trail. Trusts: session_user; the name of the key is only written down, the key
-- itself never comes here. Records: `audit.checkpoint` with what was noted and by which key; or `audit.refused`.
-- The last sealed record of the trail, for a checkpoint that is signed outside.
CREATE OR REPLACE FUNCTION piste.audit_checkpoint(url_id text, key_name text)
RETURNS TABLE (
    company uuid, company_url_id text, noted_at timestamptz, seq bigint, at_us bigint, actor text, subject text,
    context text, action text, resource text, detail text, values_hash text, previous_hash text, hash text, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    me   record := piste.me();
    firm uuid   := CASE WHEN audit_checkpoint.url_id IS NULL THEN piste.no_company()
        ELSE piste.company_of(audit_checkpoint.url_id) END;
    head record;
BEGIN
    IF coalesce(key_name !~ '^[^[:space:][:cntrl:]+]+\+[0-9a-f]{8}$' OR char_length(key_name) > 200, true) THEN
        RAISE EXCEPTION 'a key is named as in name+0a1b2c3d' USING ERRCODE = 'PT400';
    END IF;
    IF NOT me.administers OR firm IS NULL THEN
        refusal := piste.refuse(
            firm, 'audit.refused', 'audit', CASE WHEN me.administers THEN 'unknown_company' ELSE 'not_allowed' END,
            CASE WHEN me.administers THEN 'there is no company of this name' ELSE 'this is for admins' END,
            jsonb_build_object('wish', 'checkpoint', 'url_id', left(audit_checkpoint.url_id, 100)));
        RETURN NEXT;
        RETURN;
    END IF;
    SELECT r.* INTO head
    FROM piste.trail t
    CROSS JOIN LATERAL piste.sealed_records(firm, t.seq - 1, t.seq, 1) AS r
    WHERE t.company = firm AND r.hash = encode(t.hash, 'hex');
    IF head.seq IS NULL THEN
        refusal := piste.refuse(
            firm, 'audit.refused', 'audit', 'trail_broken', 'there is no record at the head of this trail',
            jsonb_build_object('wish', 'checkpoint'));
        RETURN NEXT;
        RETURN;
    END IF;
    PERFORM piste.append(firm, me.login, NULL, NULL, 'audit.checkpoint', 'audit',
        jsonb_build_object('seq', head.seq, 'hash', head.hash, 'key', key_name));
    RETURN QUERY SELECT firm, audit_checkpoint.url_id, clock_timestamp(), head.seq, head.at_us, head.actor, head.subject,
        head.context, head.action, head.resource, head.detail, head.values_hash, head.previous_hash, head.hash, NULL::text;
END
$$;

RESET ROLE;
