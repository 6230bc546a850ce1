-- What is left of a company that was deleted: the certificate of its end, and the archive that it names.

SET LOCAL ROLE piste_owner;

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
