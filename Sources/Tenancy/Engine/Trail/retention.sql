-- Retention: sealed records older than a signed checkpoint leave the database, and their chain goes on from it; values older
-- than an admin chose are destroyed.

SET LOCAL ROLE piste_owner;

-- Whether a note is a checkpoint of this record of this trail: its first three lines are the trail's name, the record's number
-- and its hash in base64. Who signed it is for whoever has the key to say: no key comes here.
CREATE OR REPLACE FUNCTION piste.checkpoint_named(note text, firm uuid, seq bigint, hash bytea)
RETURNS boolean
LANGUAGE sql STABLE
AS $$
    SELECT split_part(note, E'\n', 1) = 'piste/linear-hash-chain/' || firm
        AND split_part(note, E'\n', 2) = seq::text
        AND split_part(note, E'\n', 3) = encode(hash, 'base64')
$$;

-- Who may call it: admin, who has exported and verified the records and keeps the file. Trusts: session_user; that the note is a
-- checkpoint of this record's number and hash, signed outside, which its caller verified. Records: `audit.archive` with the
-- range, the hash that the chain goes on from, the note and the file's digest; or `audit.refused`.
-- Removes the records up to the checkpoint's, with their values. How many. Raises PT400 for a note that does not name the hash.
CREATE OR REPLACE FUNCTION piste.archive_trail(url_id text, upto bigint, note text, file_digest text)
RETURNS TABLE (archived bigint, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    me     record := piste.me();
    firm   piste.company;
    begins bigint;
    number bigint;
    link   bytea;
    code   text;
BEGIN
    IF archive_trail.url_id IS NULL OR coalesce(upto < 1, true) OR coalesce(file_digest !~ '^[0-9a-f]{64}$', true)
        OR coalesce(octet_length(note) NOT BETWEEN 1 AND 8192, true)
    THEN
        RAISE EXCEPTION 'say whose trail, up to which record, behind which checkpoint, and the SHA-256 of the file'
            USING ERRCODE = 'PT400';
    END IF;
    SELECT * INTO firm FROM piste.company c WHERE c.url_id = archive_trail.url_id;
    IF firm.id IS NOT NULL AND me.administers THEN
        PERFORM piste.take_turn('seal:' || firm.id);
        SELECT e.hash, e.seq, t.begins_after INTO link, number, begins
        FROM piste.trail t LEFT JOIN piste.entry e ON e.company = t.company AND e.seq = upto
        WHERE t.company = firm.id;
    END IF;
    code := CASE
        WHEN NOT me.administers THEN 'not_allowed'
        WHEN firm.id IS NULL THEN 'unknown_company'
        WHEN number IS NULL THEN 'unknown_record'
    END;
    IF code IS NOT NULL THEN
        refusal := piste.refuse(
            firm.id, 'audit.refused', 'audit', code, CASE code
                WHEN 'not_allowed' THEN 'this is for admins'
                WHEN 'unknown_company' THEN 'there is no company of this name'
                ELSE 'there is no sealed record of this number' END,
            jsonb_build_object('wish', 'archive', 'url_id', left(archive_trail.url_id, 100)));
        RETURN NEXT;
        RETURN;
    END IF;
    IF NOT piste.checkpoint_named(note, firm.id, upto, link) THEN
        RAISE EXCEPTION 'this note is not a checkpoint of record % of this trail', upto USING ERRCODE = 'PT400';
    END IF;
    UPDATE piste.trail t SET begins_after = upto, begins_hash = link, begins_note = note WHERE t.company = firm.id;
    DELETE FROM piste.entry_values v USING piste.entry e
    WHERE v.company = firm.id AND e.company = v.company AND e.id = v.entry AND e.seq <= upto;
    DELETE FROM piste.entry e WHERE e.company = firm.id AND e.seq <= upto;
    GET DIAGNOSTICS archived = ROW_COUNT;
    PERFORM piste.append(firm.id, me.login, NULL, NULL, 'audit.archive', 'audit', jsonb_build_object(
        'first', begins + 1, 'last', upto, 'hash', encode(link, 'hex'), 'file', file_digest, 'note', note));
    RETURN NEXT;
END
$$;

-- Which companies' values were looked at, when, and for how many days' keeping: a sweep looks at a few, never at all.
CREATE TABLE IF NOT EXISTS piste.values_look (
    company     uuid        PRIMARY KEY,
    days        integer     NOT NULL DEFAULT 0,
    looked_at   timestamptz NOT NULL DEFAULT '-infinity'
);

CREATE INDEX IF NOT EXISTS values_look_next ON piste.values_look (days, looked_at);

INSERT INTO piste.values_look (company) SELECT k.id FROM piste.company k ON CONFLICT DO NOTHING;

-- Who may call it: `sweep`. Trusts: the clock, and the setting `keep_values_days`. Records: `audit.expire` in the trail of each
-- company that lost values, with how many entries had them.
-- Destroys salts and texts of entries that are older than that many days: of twenty companies a sweep, each of which comes
-- again after an hour, or at once where the setting was changed or there is more to destroy. Of a company it looks at the
-- thousand oldest values by the number of their entry, which is a walk along the primary key. Numbers and times are drawn in one
-- statement, so they differ in order by a moment (or by what the clock was set back), and days are what is counted here: an
-- entry behind a younger one waits until that one is due. What somebody else holds is left to the next sweep.
CREATE OR REPLACE FUNCTION piste.sweep_values(sweeper text)
RETURNS TABLE (did text, url_id text, operator text, jti uuid, detail text)
LANGUAGE plpgsql
AS $$
#variable_conflict use_column
DECLARE
    few    CONSTANT integer     := 20;
    batch  CONSTANT integer     := 1000;
    keep   CONSTANT integer     := piste.setting_of('keep_values_days');
    begun  CONSTANT timestamptz := clock_timestamp();
    each   record;
    due    bigint[];
    gone   bigint;
BEGIN
    IF keep = 0 THEN
        RETURN;
    END IF;
    FOR each IN
        SELECT k.id, k.url_id
        FROM piste.values_look l JOIN piste.company k ON k.id = l.company
        WHERE l.company IN (
            SELECT next.company FROM (
                (SELECT o.company FROM piste.values_look o WHERE o.days < keep LIMIT few)
                UNION ALL (SELECT o.company FROM piste.values_look o WHERE o.days > keep LIMIT few)
                UNION ALL (
                    SELECT o.company FROM piste.values_look o
                    WHERE o.days = keep AND o.looked_at < begun - interval '1 hour' ORDER BY o.looked_at LIMIT few)
            ) AS next LIMIT few)
        FOR UPDATE OF l SKIP LOCKED
    LOOP
        due := ARRAY(
            SELECT o.entry
            FROM (SELECT v.entry FROM piste.entry_values v WHERE v.company = each.id ORDER BY v.entry LIMIT batch) AS o
            JOIN piste.entry e ON e.company = each.id AND e.id = o.entry
            WHERE e.at < begun - make_interval(days => keep));
        DELETE FROM piste.entry_values v
        WHERE v.company = each.id AND v.entry IN (
            SELECT o.entry FROM piste.entry_values o WHERE o.company = each.id AND o.entry = ANY (due)
            FOR UPDATE SKIP LOCKED);
        GET DIAGNOSTICS gone = ROW_COUNT;
        UPDATE piste.values_look l SET
            days = keep, looked_at = CASE WHEN cardinality(due) = batch OR gone < cardinality(due) THEN '-infinity' ELSE begun END
        WHERE l.company = each.id;
        CONTINUE WHEN gone = 0;
        PERFORM piste.append(each.id, sweeper, NULL, NULL, 'audit.expire', 'audit',
            jsonb_build_object('entries', gone, 'keep_values_days', keep));
        RETURN QUERY SELECT 'forgotten', each.url_id, NULL::text, NULL::uuid, format('the values of %s entries', gone);
    END LOOP;
END
$$;

RESET ROLE;
