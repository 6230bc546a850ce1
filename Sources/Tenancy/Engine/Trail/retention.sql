-- Retention: sealed records older than a signed checkpoint leave the database, and their chain goes on from it.

SET LOCAL ROLE piste_owner;

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
    me   record := piste.me();
    firm piste.company;
    head record;
    code text;
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
        SELECT e.hash, e.seq, t.begins_after INTO head
        FROM piste.trail t LEFT JOIN piste.entry e ON e.company = t.company AND e.seq = upto
        WHERE t.company = firm.id;
    END IF;
    code := CASE
        WHEN NOT me.administers THEN 'not_allowed'
        WHEN firm.id IS NULL THEN 'unknown_company'
        WHEN head.seq IS NULL THEN 'unknown_record'
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
    -- The third line of a checkpoint is the record's hash in base64, the second its number.
    IF split_part(note, E'\n', 2) <> upto::text OR split_part(note, E'\n', 3) <> encode(head.hash, 'base64')
        OR split_part(note, E'\n', 1) <> 'piste/linear-hash-chain/' || firm.id
    THEN
        RAISE EXCEPTION 'this note is not a checkpoint of record % of this trail', upto USING ERRCODE = 'PT400';
    END IF;
    UPDATE piste.trail t SET begins_after = upto, begins_hash = head.hash, begins_note = note WHERE t.company = firm.id;
    DELETE FROM piste.entry_values v USING piste.entry e
    WHERE v.company = firm.id AND e.company = v.company AND e.id = v.entry AND e.seq <= upto;
    DELETE FROM piste.entry e WHERE e.company = firm.id AND e.seq <= upto;
    GET DIAGNOSTICS archived = ROW_COUNT;
    PERFORM piste.append(firm.id, me.login, NULL, NULL, 'audit.archive', 'audit', jsonb_build_object(
        'first', head.begins_after + 1, 'last', upto, 'hash', encode(head.hash, 'hex'), 'file', file_digest, 'note', note));
    RETURN NEXT;
END
$$;

RESET ROLE;
