-- Signing: JSON Web Tokens with HMAC-SHA-256, and random bytes.

-- pgcrypto may have been installed elsewhere before us: find it, and let only piste_owner execute what we use of it.
DO $$
DECLARE
    home name := (SELECT extnamespace::regnamespace::name FROM pg_extension WHERE extname = 'pgcrypto');
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO piste_owner', home);
    IF home = 'piste_crypto' AND (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = current_user) THEN
        EXECUTE format('REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA %I FROM PUBLIC', home);
        EXECUTE format('GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA %I TO piste_owner', home);
    END IF;
    SET LOCAL ROLE piste_owner;
    EXECUTE format($make$
        CREATE OR REPLACE FUNCTION piste.hmac_sha256(message bytea, secret bytea) RETURNS bytea
        LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
        AS $body$ SELECT %1$I.hmac(message, secret, 'sha256') $body$;

        CREATE OR REPLACE FUNCTION piste.random_bytes(how_many integer) RETURNS bytea
        LANGUAGE sql VOLATILE STRICT
        AS $body$ SELECT %1$I.gen_random_bytes(how_many) $body$;
    $make$, home);
    RESET ROLE;
END
$$;

SET LOCAL ROLE piste_owner;

-- RFC 4648, section 5, without padding.
CREATE OR REPLACE FUNCTION piste.base64url(input bytea)
RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT translate(encode(input, 'base64'), E'+/=\n', '-_')
$$;

-- NULL for whatever is not base64url (RFC 4648 section 5, no padding) of UTF-8 text that is a JSON object.
CREATE OR REPLACE FUNCTION piste.json_of_base64url(input text)
RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    decoded jsonb;
BEGIN
    IF input !~ '^[A-Za-z0-9_-]+$' THEN
        RETURN NULL;
    END IF;
    decoded := convert_from(
        decode(translate(input, '-_', '+/') || repeat('=', (4 - length(input) % 4) % 4), 'base64'), 'UTF8')::jsonb;
    RETURN CASE WHEN jsonb_typeof(decoded) = 'object' THEN decoded END;
EXCEPTION WHEN data_exception OR character_not_in_repertoire OR untranslatable_character THEN
    RETURN NULL;
END
$$;

-- Who may call it: the engine's own definer functions. Records: nothing.
-- The kind of token that a header names (RFC 8725, section 3.11): nobody takes a context token for another, or another for one.
CREATE OR REPLACE FUNCTION piste.token_type()
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT 'piste+jwt'
$$;

-- header.claims.signature
CREATE OR REPLACE FUNCTION piste.signed_token(kid text, secret bytea, claims jsonb)
RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    header   text := jsonb_build_object('alg', 'HS256', 'typ', piste.token_type(), 'kid', kid)::text;
    unsigned text := piste.base64url(convert_to(header, 'UTF8'))
        || '.' || piste.base64url(convert_to(claims::text, 'UTF8'));
BEGIN
    RETURN unsigned || '.' || piste.base64url(piste.hmac_sha256(convert_to(unsigned, 'UTF8'), secret));
END
$$;

RESET ROLE;
