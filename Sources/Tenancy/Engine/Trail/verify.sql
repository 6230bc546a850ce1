-- Proving a trail, and following it live.

SET LOCAL ROLE piste_owner;

-- Who may call it: admin; NULL is the engine's own trail. Trusts: nothing in the trail; every record is hashed again.
-- Records: an anchor (number and hash of the last record) when the trail is sound, or `audit.refused`.
-- Finds a changed, removed, inserted or exchanged record, a trail that was cut, and one that was rewritten, head and all,
-- after it had been verified before. What it cannot find alone is a rewrite by a superuser who also removes the anchors:
-- that is what checkpoints kept outside are for.
CREATE OR REPLACE FUNCTION piste.verify_audit(url_id text)
RETURNS TABLE (ok boolean, entries bigint, first_bad bigint, why text, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    me    record := piste.me();
    trail text   := CASE WHEN verify_audit.url_id IS NULL THEN 'piste' ELSE piste.trail_of(verify_audit.url_id) END;
    owner uuid   := coalesce(
        (SELECT c.id FROM piste.company c WHERE c.url_id = verify_audit.url_id), '00000000-0000-0000-0000-000000000000');
    last  record;
BEGIN
    IF NOT me.administers OR trail IS NULL THEN
        refusal := piste.refuse(
            coalesce(trail, 'piste'), 'audit.refused', 'audit',
            CASE WHEN me.administers THEN 'unknown_company' ELSE 'not_allowed' END,
            CASE WHEN me.administers THEN 'there is no company of this name' ELSE 'this is for admins' END,
            jsonb_build_object('wish', 'verify', 'url_id', left(verify_audit.url_id, 100)));
        RETURN NEXT;
        RETURN;
    END IF;
    EXECUTE format($query$
        WITH record AS (
            SELECT a.*,
                lag(a.seq, 1, 0::bigint) OVER trail AS seq_before,
                lag(a.hash, 1, decode(repeat('00', 32), 'hex')) OVER trail AS hash_before
            FROM %1$I.audit a
            WINDOW trail AS (ORDER BY a.seq)
        ), finding AS (
            SELECT CASE WHEN r.seq > r.seq_before + 1 THEN r.seq_before + 1 ELSE r.seq END AS seq,
                CASE
                    WHEN r.seq <> r.seq_before + 1 THEN 'a record is missing'
                    WHEN r.previous_hash IS DISTINCT FROM r.hash_before THEN 'the record does not follow the one before'
                    WHEN r.hash IS DISTINCT FROM piste.audit_hash(
                        r.previous_hash, r.seq, r.at, r.actor, r.subject, r.context, r.action, r.resource, r.detail)
                        THEN 'the record does not match its hash'
                    WHEN r.seq = 1 AND $1 <> '00000000-0000-0000-0000-000000000000'
                        AND (r.action <> 'company.create' OR r.detail ->> 'company' IS DISTINCT FROM $1::text)
                        THEN 'this is the trail of another company'
                END AS why
            FROM record r
            UNION ALL
            SELECT least(h.seq, coalesce(max(a.seq), 0)) + 1, CASE
                WHEN h.seq > coalesce(max(a.seq), 0) THEN 'the end of the trail is missing'
                WHEN h.seq < max(a.seq) THEN 'there are records after the end of the trail' END
            FROM %1$I.audit_head h LEFT JOIN %1$I.audit a ON true
            GROUP BY h.seq
            UNION ALL
            SELECT h.seq, 'the last record is not the one at the head of the trail'
            FROM %1$I.audit_head h JOIN %1$I.audit a USING (seq)
            WHERE h.hash <> encode(a.hash, 'hex')
            UNION ALL
            SELECT 1, 'the head of the trail is missing'
            WHERE (SELECT count(*) FROM %1$I.audit_head) <> 1
            UNION ALL
            SELECT p.seq, format('the trail is not the one that was verified at %%s', p.verified_at)
            FROM piste.audit_anchor p LEFT JOIN %1$I.audit a USING (seq)
            WHERE p.company = $1 AND p.hash IS DISTINCT FROM a.hash
        ), first AS (
            SELECT f.seq, f.why FROM finding f WHERE f.why IS NOT NULL ORDER BY f.seq LIMIT 1
        ), tail AS (
            SELECT a.seq, a.hash FROM %1$I.audit a ORDER BY a.seq DESC LIMIT 1
        )
        SELECT (SELECT count(*) FROM %1$I.audit) AS entries, first.seq AS first_bad, first.why, tail.seq, tail.hash
        FROM (VALUES (1)) AS one LEFT JOIN first ON true LEFT JOIN tail ON true
        $query$, trail)
    INTO STRICT last USING owner;
    IF last.why IS NULL AND last.seq IS NOT NULL THEN
        INSERT INTO piste.audit_anchor (company, seq, hash, verified_by)
        VALUES (owner, last.seq, last.hash, me.login)
        ON CONFLICT DO NOTHING;
    END IF;
    ok := last.why IS NULL;
    entries := last.entries;
    first_bad := last.first_bad;
    why := last.why;
    RETURN NEXT;
END
$$;

-- Who may call it: in a context, whoever holds it, for that company; outside, an admin for any. Trusts: session_user.
-- Records: nothing. NULL when it is not allowed.
-- The channel on which new records of the trail are announced for so many seconds: LISTEN on it, and ask again in time.
-- The announcement is the record's number and nothing else. NOTIFY makes commits wait for each other, so nothing is
-- announced while nobody watches.
CREATE OR REPLACE FUNCTION piste.watch_audit(seconds integer DEFAULT 60, url_id text DEFAULT NULL)
RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    me      record := piste.me();
    here    record := piste.here();
    trail   text   := CASE WHEN url_id IS NULL THEN coalesce(here.schema_name, 'piste') ELSE piste.trail_of(url_id) END;
    channel text;
BEGIN
    IF coalesce(seconds NOT BETWEEN 1 AND 3600, true) THEN
        RAISE EXCEPTION 'seconds must be from 1 to 3600' USING ERRCODE = 'PT400';
    END IF;
    IF trail IS NULL OR NOT (me.administers OR (here.live AND trail = here.schema_name)) THEN
        RETURN NULL;
    END IF;
    EXECUTE format(
        'UPDATE %I.audit_head SET '
        '    channel = CASE WHEN watched_until > clock_timestamp() THEN channel ELSE $1 END, '
        '    watched_until = greatest(watched_until, clock_timestamp() + make_interval(secs => $2)) '
        'RETURNING channel', trail)
    INTO channel USING 'piste_' || encode(piste.random_bytes(16), 'hex'), seconds;
    RETURN channel;
END
$$;

RESET ROLE;
