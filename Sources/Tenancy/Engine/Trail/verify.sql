-- Proving a trail.

SET LOCAL ROLE piste_owner;

-- Who may call it: admin; NULL is the control trail. Trusts: nothing in the trail; every sealed record is hashed again, and
-- every value that is still there is held against its commitment.
-- Records: an anchor (number and hash of the last record) when the trail is sound, or `audit.refused`.
-- Finds a changed, removed, inserted or exchanged record, a trail that was cut, and one that was rewritten, head and all,
-- after it had been verified before. What it cannot find alone is a rewrite by a superuser who also removes the anchors:
-- that is what checkpoints kept outside are for. `unsealed` tells how many entries have no place in the chain yet, and
-- `begins_after` the number of the last record that was archived (0: none was).
CREATE OR REPLACE FUNCTION piste.verify_audit(url_id text)
RETURNS TABLE (
    ok boolean, entries bigint, first_bad bigint, why text, unsealed bigint, begins_after bigint, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    me   record := piste.me();
    firm uuid   := CASE WHEN verify_audit.url_id IS NULL THEN piste.no_company()
        ELSE piste.company_of(verify_audit.url_id) END;
    last record;
    bad  bigint;
BEGIN
    IF NOT me.administers OR firm IS NULL THEN
        refusal := piste.refuse(
            firm, 'audit.refused', 'audit', CASE WHEN me.administers THEN 'unknown_company' ELSE 'not_allowed' END,
            CASE WHEN me.administers THEN 'there is no company of this name' ELSE 'this is for admins' END,
            jsonb_build_object('wish', 'verify', 'url_id', left(verify_audit.url_id, 100)));
        RETURN NEXT;
        RETURN;
    END IF;
    WITH head AS (
        SELECT t.* FROM piste.trail t WHERE t.company = firm
    ), origin AS (
        SELECT coalesce(h.begins_after, 0) AS seq, coalesce(h.begins_hash, piste.trail_origin(firm)) AS hash,
            h.company IS NOT NULL AS has_head
        FROM (VALUES (1)) AS one LEFT JOIN head h ON true
    ), sealed AS (
        SELECT e.seq, e.hash FROM piste.entry e WHERE e.company = firm AND e.seq IS NOT NULL
    ), record AS (
        SELECT e AS entry, e.seq, e.hash, e.action, e.detail,
            lag(e.seq, 1, o.seq) OVER trail AS seq_before, lag(e.hash, 1, o.hash) OVER trail AS hash_before
        FROM piste.entry e CROSS JOIN origin o
        WHERE e.company = firm AND e.seq IS NOT NULL
        WINDOW trail AS (ORDER BY e.seq)
    ), finding AS (
        SELECT CASE WHEN r.seq > r.seq_before + 1 THEN r.seq_before + 1 ELSE r.seq END AS seq,
            CASE
                WHEN r.seq <> r.seq_before + 1 THEN 'a record is missing'
                WHEN r.hash IS DISTINCT FROM piste.entry_hash(r.hash_before, r.seq, r.entry)
                    THEN 'the record does not match its hash, or does not follow the one before'
                WHEN r.seq = 1 AND firm <> piste.no_company()
                    AND (r.action <> 'company.create' OR r.detail ->> 'company' IS DISTINCT FROM firm::text)
                    THEN 'this is the trail of another company'
            END AS why
        FROM record r
        UNION ALL
        SELECT least(h.seq, coalesce(max(s.seq), h.begins_after)) + 1, CASE
            WHEN h.seq > coalesce(max(s.seq), h.begins_after) THEN 'the end of the trail is missing'
            WHEN h.seq < max(s.seq) THEN 'there are records after the end of the trail' END
        FROM head h LEFT JOIN sealed s ON true
        GROUP BY h.seq, h.begins_after
        UNION ALL
        SELECT h.seq, 'the last record is not the one at the head of the trail'
        FROM head h JOIN sealed s USING (seq)
        WHERE h.hash <> s.hash
        UNION ALL
        SELECT 1, 'the head of the trail is missing'
        FROM origin o WHERE NOT o.has_head
        UNION ALL
        SELECT h.begins_after + 1, 'the trail does not go on from the checkpoint behind which it was archived'
        FROM head h
        WHERE h.begins_after > 0
          AND piste.checkpoint_named(h.begins_note, firm, h.begins_after, h.begins_hash) IS NOT TRUE
        UNION ALL
        SELECT p.seq, format('the trail is not the one that was verified at %s', p.verified_at)
        FROM piste.audit_anchor p LEFT JOIN sealed s USING (seq) CROSS JOIN origin o
        WHERE p.company = firm AND p.seq > o.seq AND p.hash IS DISTINCT FROM s.hash
    ), first AS (
        SELECT f.seq, f.why FROM finding f WHERE f.why IS NOT NULL ORDER BY f.seq LIMIT 1
    ), tail AS (
        SELECT s.seq, s.hash FROM sealed s ORDER BY s.seq DESC LIMIT 1
    )
    SELECT (SELECT count(*) FROM sealed) AS entries, first.seq AS first_bad, first.why, tail.seq, tail.hash,
        (SELECT o.seq FROM origin o) AS begins_after,
        (SELECT count(*) FROM piste.entry e WHERE e.company = firm AND e.seq IS NULL) AS unsealed
    INTO STRICT last
    FROM (VALUES (1)) AS one LEFT JOIN first ON true LEFT JOIN tail ON true;
    IF last.why IS NULL AND firm <> piste.no_company() THEN
        bad := piste.first_bad_values(firm);
        IF bad IS NOT NULL THEN
            last.first_bad := bad;
            last.why := 'the values of the record do not match its commitment';
        END IF;
    END IF;
    IF last.why IS NULL AND last.seq IS NOT NULL THEN
        INSERT INTO piste.audit_anchor (company, seq, hash, verified_by)
        VALUES (firm, last.seq, last.hash, me.login)
        ON CONFLICT DO NOTHING;
    END IF;
    ok := last.why IS NULL;
    entries := last.entries;
    first_bad := last.first_bad;
    why := last.why;
    unsealed := last.unsealed;
    begins_after := last.begins_after;
    RETURN NEXT;
END
$$;

-- Who may call it: the engine's own definer functions. Trusts: nothing. Records: nothing.
-- The number of the first sealed record whose values are there and are not what it committed to; NULL when there is none.
-- Planned for this company each time: a plan for any would look through all values once one company has most of them.
CREATE OR REPLACE FUNCTION piste.first_bad_values(firm uuid)
RETURNS bigint
LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_custom_plan
AS $$
BEGIN
    RETURN (
        SELECT min(coalesce(e.seq, 0))
        FROM piste.entry_values v LEFT JOIN piste.entry e ON e.company = v.company AND e.id = v.entry
        WHERE v.company = firm AND (e.id IS NULL OR e.seq IS NOT NULL)
          AND e.values_hash IS DISTINCT FROM sha256(v.salt || convert_to(v.content, 'UTF8')));
END
$$;

RESET ROLE;
