-- Signing keys: one in use for each company, and a record of each that was.
--
-- A retired key is a record without a secret: what it signed can be neither verified nor forged by anybody any more.
-- (PostgreSQL keeps the old version of a row until it is vacuumed, and a backup for as long as it is kept: both belong to the
-- cluster's owner, and neither helps a token, since its context has ended and its key is refused by name.)

SET LOCAL ROLE piste_owner;

-- Who may call it: admin, also for a company that is suspended. Trusts: session_user.
-- Records: `context.end` for each context and each unopened token that it ends, and `key.rotate` with both keys' kid and the
-- numbers of what ended; or `company.refused`.
-- Old tokens die at once: those that nobody opened, and the contexts that were born from them, backends and all, as when the
-- company is suspended. The old secret is destroyed. Whoever rotates at the same time takes turns at the company, so that
-- afterwards one key is in use. Nobody waits for whoever issues: what a transaction still holds is not seen here and not ended,
-- but names the old key, which opens nothing.
CREATE OR REPLACE FUNCTION piste.rotate_signing_key(url_id text)
RETURNS TABLE (kid text, retired_kid text, contexts_ended bigint, tokens_ended bigint, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    asked  record := piste.company_for_admin(rotate_signing_key.url_id, 'rotate_key');
    firm   piste.company := asked.firm;
    here   record := piste.here();
    old    text;
    fresh  text   := encode(piste.random_bytes(16), 'hex');
    opened bigint;
    issued bigint;
BEGIN
    IF asked.refusal IS NULL AND here.live AND here.company = firm.id THEN
        asked.refusal := piste.refuse(
            firm.id, 'company.refused', 'company', 'in_context', 'leave this company before you change its key',
            jsonb_build_object('wish', 'rotate_key'));
    END IF;
    IF asked.refusal IS NOT NULL THEN
        RETURN QUERY SELECT NULL::text, NULL::text, NULL::bigint, NULL::bigint, asked.refusal;
        RETURN;
    END IF;
    UPDATE piste.signing_key k
    SET secret = NULL, retired_at = clock_timestamp(), retired_by = session_user
    WHERE k.company = firm.id AND k.retired_at IS NULL
    RETURNING k.kid INTO STRICT old;
    INSERT INTO piste.signing_key (kid, company, secret, created_at)
    VALUES (fresh, firm.id, piste.random_bytes(32), clock_timestamp());
    issued := (
        SELECT count(*) FROM piste.context c
        WHERE c.company = firm.id AND c.ended_at IS NULL AND c.opened_at IS NULL AND c.expires_at > clock_timestamp());
    opened := piste.end_contexts_of(firm.id, 'the signing key was changed');
    PERFORM piste.append(firm.id, session_user::text, NULL, NULL, 'key.rotate', 'key', jsonb_build_object(
        'kid', fresh, 'retired', old, 'contexts_ended', opened, 'tokens_ended', issued));
    RETURN QUERY SELECT fresh, old, opened, issued, NULL::text;
END
$$;

-- Who may call it: admin. Trusts: session_user. Records: `company.refused` for anybody else.
-- The keys of a company, the newest first; never a secret.
CREATE OR REPLACE FUNCTION piste.signing_keys(url_id text)
RETURNS TABLE (
    kid text, algorithm text, created_at timestamptz, created_by text, retired_at timestamptz, retired_by text,
    refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    me   record := piste.me();
    firm piste.company;
    code text;
BEGIN
    IF signing_keys.url_id IS NULL THEN
        RAISE EXCEPTION 'url_id is missing' USING ERRCODE = 'PT400';
    END IF;
    SELECT * INTO firm FROM piste.company c WHERE c.url_id = signing_keys.url_id;
    code := CASE WHEN NOT me.administers THEN 'not_allowed' WHEN firm.id IS NULL THEN 'unknown_company' END;
    IF code IS NOT NULL THEN
        refusal := piste.refuse(
            firm.id, 'company.refused', 'company', code,
            CASE code WHEN 'not_allowed' THEN 'this is for admins' ELSE 'there is no company of this name' END,
            jsonb_build_object('wish', 'list_keys', 'url_id', left(signing_keys.url_id, 100)));
        RETURN NEXT;
        RETURN;
    END IF;
    RETURN QUERY
    SELECT k.kid, k.algorithm, k.created_at, k.created_by, k.retired_at, k.retired_by, NULL::text
    FROM piste.signing_key k
    WHERE k.company = firm.id
    ORDER BY k.retired_at DESC NULLS FIRST, k.created_at DESC;
END
$$;

RESET ROLE;
