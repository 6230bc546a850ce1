-- Control rows that nothing needs any more: contexts that have ended, requests that were decided, verifications that a later one
-- of the same trail has made needless. What they tell stands in the trails; they only grow.

SET LOCAL ROLE piste_owner;

CREATE INDEX IF NOT EXISTS context_by_end ON piste.context (ended_at) WHERE ended_at IS NOT NULL;

-- When control rows were last looked through: once an hour is enough, and anew when the setting changes or more is left.
CREATE TABLE IF NOT EXISTS piste.purge_look (
    one         boolean     PRIMARY KEY DEFAULT true CHECK (one),
    days        integer     NOT NULL DEFAULT 0,
    looked_at   timestamptz NOT NULL DEFAULT '-infinity'
);

INSERT INTO piste.purge_look DEFAULT VALUES ON CONFLICT DO NOTHING;

-- Who may call it: `sweep`. Trusts: the clock, and the setting `keep_control_days`. Records: `engine.purge` in the engine's own
-- trail, with how many rows of each kind are gone and from before when.
-- Of each kind ten thousand at most: so a sweep is short, and the next one goes on. What somebody else holds is left to it.
-- A token that is forgotten is as unknown as one that never was; it was dead before.
CREATE OR REPLACE FUNCTION piste.sweep_control(sweeper text)
RETURNS TABLE (did text, url_id text, operator text, jti uuid, detail text)
LANGUAGE plpgsql
AS $$
#variable_conflict use_column
DECLARE
    batch    CONSTANT integer     := 10000;
    keep     CONSTANT integer     := piste.setting_of('keep_control_days');
    begun    CONSTANT timestamptz := clock_timestamp();
    before   CONSTANT timestamptz := begun - make_interval(days => keep);
    contexts bigint;
    requests bigint;
    anchors  bigint;
BEGIN
    IF keep = 0 THEN
        RETURN;
    END IF;
    PERFORM FROM piste.purge_look l
    WHERE l.days <> keep OR l.looked_at < begun - interval '1 hour'
    FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    DELETE FROM piste.context c
    WHERE c.jti IN (
        SELECT o.jti FROM piste.context o
        WHERE o.ended_at < before AND NOT o.lingering
          AND NOT EXISTS (SELECT FROM piste.declaration d WHERE d.jti = o.jti)
        ORDER BY o.ended_at LIMIT batch
        FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS contexts = ROW_COUNT;
    DELETE FROM piste.request r
    WHERE r.id IN (
        SELECT o.id FROM piste.request o
        WHERE o.state NOT IN ('pending', 'approved') AND coalesce(o.ended_at, o.decided_at, o.expires_at) < before
        ORDER BY o.asked_at LIMIT batch
        FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS requests = ROW_COUNT;
    -- The last one of each trail stays: it is what a later verification is held against.
    DELETE FROM piste.audit_anchor a
    WHERE a.ctid = ANY (ARRAY(
        SELECT o.ctid FROM piste.audit_anchor o
        WHERE o.verified_at < before
          AND EXISTS (SELECT FROM piste.audit_anchor n WHERE n.company = o.company AND n.seq > o.seq)
        LIMIT batch
        FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS anchors = ROW_COUNT;
    UPDATE piste.purge_look l SET
        days = keep,
        looked_at = CASE WHEN greatest(contexts, requests, anchors) >= batch THEN '-infinity' ELSE begun END;
    IF contexts + requests + anchors > 0 THEN
        PERFORM piste.append(NULL, sweeper, NULL, NULL, 'engine.purge', 'engine', jsonb_build_object(
            'contexts', contexts, 'requests', requests, 'verifications', anchors, 'before', before,
            'keep_control_days', keep));
        RETURN QUERY SELECT 'purged', NULL::text, NULL::text, NULL::uuid, format(
            '%s contexts, %s requests and %s verifications', contexts, requests, anchors);
    END IF;
END
$$;

RESET ROLE;
