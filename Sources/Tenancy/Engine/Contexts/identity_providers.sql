-- The identity providers of the companies: what can be one, whose they are, whom a number at one of them stands for.

SET LOCAL ROLE piste_owner;

-- Who may call it: the engine's own definer functions, and the table's own checks. Trusts: nothing. Records: nothing.
-- Whether it is an address that nobody on the way can change: https, or http on this very machine.
CREATE OR REPLACE FUNCTION piste.is_safe_address(address text)
RETURNS boolean
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT char_length(address) <= 500 AND (
        (address COLLATE "C") ~ '^https://([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|[[][0-9A-Fa-f:.]+[]])(:[0-9]{1,5})?(/[!-~]*)?$'
        OR (address COLLATE "C") ~ '^http://(127[.]0[.]0[.]1|localhost|[[]::1])(:[0-9]{1,5})?(/[!-~]*)?$')
        AND coalesce(substring(address COLLATE "C" FROM '^[a-z]+://(?:[[][^]]*[]]|[^/:]*):([0-9]+)')::integer, 1) BETWEEN 1 AND 65535
$$;

-- Who may call it: the engine's own definer functions, and the table's own checks. Trusts: nothing. Records: nothing.
-- What is wrong with a set of public keys (RFC 7517); NULL when nothing is.
CREATE OR REPLACE FUNCTION piste.key_set_problem(jwks jsonb)
RETURNS text
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    each   jsonb;
    usable integer := 0;
BEGIN
    IF jwks IS NULL THEN
        RETURN NULL;
    ELSIF octet_length(jwks::text) > 65536 THEN
        RETURN 'it is longer than 65536 bytes';
    ELSIF jsonb_typeof(jwks) <> 'object' OR jsonb_typeof(jwks -> 'keys') IS DISTINCT FROM 'array' THEN
        RETURN 'it has no array of keys';
    END IF;
    FOR each IN SELECT k FROM jsonb_array_elements(jwks -> 'keys') AS k LOOP
        IF jsonb_typeof(each) <> 'object' THEN
            RETURN 'one of its keys is no object';
        ELSIF each ?| ARRAY['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'] THEN
            RETURN 'it holds a private key, and only public ones belong here';
        END IF;
        usable := usable + coalesce(
            each ->> 'kty' = 'RSA' OR each ->> 'kty' = 'EC' AND each ->> 'crv' IN ('P-256', 'P-384')
            OR each ->> 'kty' = 'OKP' AND each ->> 'crv' = 'Ed25519', false)::integer;
    END LOOP;
    RETURN CASE WHEN usable = 0 THEN 'it has neither an RSA key nor one on the curves P-256, P-384 and Ed25519' END;
END
$$;

-- Who may call it: the engine's own definer functions, and the table's own checks. Trusts: nothing. Records: nothing.
-- What is wrong with claims that tokens must have; NULL when nothing is.
CREATE OR REPLACE FUNCTION piste.required_claims_problem(claims jsonb)
RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE
        WHEN claims IS NULL OR jsonb_typeof(claims) <> 'object' THEN 'claims are an object of texts'
        WHEN EXISTS (
            SELECT FROM jsonb_each(claims) AS c
            WHERE jsonb_typeof(c.value) <> 'string' OR char_length(c.key) NOT BETWEEN 1 AND 100
                OR char_length(c.value #>> '{}') NOT BETWEEN 1 AND 300)
            THEN 'a claim has a name of at most 100 characters, and a text of at most 300'
        WHEN (SELECT count(*) FROM jsonb_each(claims)) > 10 THEN 'at most ten claims can be demanded'
        WHEN claims ?| ARRAY['iss', 'aud', 'exp', 'iat', 'nbf', 'nonce', 'azp'] THEN 'this claim is compared by itself'
    END
$$;

-- One provider a company. Companies that share issuer and audience differ in a claim that tokens must have, so that a token
-- that is good for one is good for no other (`provider_has_rival`). An exchange shares the row until its transaction ends, so
-- that whoever changes or removes the provider, or a link, waits for it, and then ends what came of it.
CREATE TABLE IF NOT EXISTS piste.identity_provider (
    company         uuid        PRIMARY KEY REFERENCES piste.company ON DELETE CASCADE,
    issuer          text        COLLATE "C" NOT NULL CHECK (piste.is_safe_address(issuer) AND issuer !~ '[?#{}]'),
    audiences       text[]      COLLATE "C" NOT NULL CHECK (cardinality(audiences) BETWEEN 1 AND 20),
    jwks_uri        text        COLLATE "C" CHECK (piste.is_safe_address(jwks_uri)),
    jwks            jsonb       CHECK (piste.key_set_problem(jwks) IS NULL),
    user_claim      text        COLLATE "C" NOT NULL DEFAULT 'email'
        CHECK (user_claim IN ('email', 'preferred_username', 'upn', 'unique_name', 'sub', 'oid')),
    trust_addresses boolean     NOT NULL DEFAULT false,
    claims          jsonb       NOT NULL DEFAULT '{}' CHECK (piste.required_claims_problem(claims) IS NULL),
    require_nonce   boolean     NOT NULL DEFAULT false,
    set_at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    set_by          text        COLLATE "C" NOT NULL DEFAULT session_user,
    CHECK (num_nonnulls(jwks_uri, jwks) = 1)
);
CREATE INDEX IF NOT EXISTS identity_provider_by_issuer ON piste.identity_provider (issuer);

-- Whom the provider's own number of a user stands for, where a company's tokens name users by it. A number means something at
-- its issuer and in its claim only: the links go with either (`forget_links`).
CREATE TABLE IF NOT EXISTS piste.linked_user (
    company     uuid        NOT NULL REFERENCES piste.company ON DELETE CASCADE,
    issuer      text        COLLATE "C" NOT NULL,
    subject     text        COLLATE "C" NOT NULL CHECK (piste.is_subject(subject)),
    user_email  text        COLLATE "C" NOT NULL,
    PRIMARY KEY (company, issuer, subject)
);

-- Who may call it: the engine's own definer functions. Records: nothing.
-- A provider as the trail tells it: of a set of keys, their names and its digest.
CREATE OR REPLACE FUNCTION piste.provider_told(told piste.identity_provider)
RETURNS jsonb
LANGUAGE sql STABLE
AS $$
    SELECT CASE WHEN told.company IS NULL THEN NULL ELSE jsonb_strip_nulls(jsonb_build_object(
        'issuer', told.issuer, 'audiences', to_jsonb(told.audiences), 'jwks_uri', told.jwks_uri,
        'jwks_sha256', encode(sha256(convert_to(told.jwks::text, 'UTF8')), 'hex'),
        'kids', (SELECT jsonb_agg(left(k ->> 'kid', 100)) FROM jsonb_array_elements(told.jwks -> 'keys') AS k),
        'user_claim', told.user_claim, 'trust_addresses', told.trust_addresses, 'claims', told.claims,
        'require_nonce', told.require_nonce)) END
$$;

-- Who may call it: the engine's own definer functions. Records: nothing.
-- Whether another company takes tokens that this one would take too: the same issuer, an audience in common, and no claim that
-- both demand with different texts.
CREATE OR REPLACE FUNCTION piste.provider_has_rival(firm uuid, issuer text, audiences text[], claims jsonb)
RETURNS boolean
LANGUAGE sql STABLE
AS $$
    SELECT EXISTS (
        SELECT FROM piste.identity_provider p
        WHERE p.company <> firm AND p.issuer = provider_has_rival.issuer AND p.audiences && provider_has_rival.audiences
            AND NOT EXISTS (
                SELECT FROM jsonb_each(p.claims) AS theirs JOIN jsonb_each(provider_has_rival.claims) AS ours USING (key)
                WHERE theirs.value <> ours.value))
$$;

-- Who may call it: the engine's own definer functions, in the company's turn. Records: nothing (the caller does).
-- Forgets the links that the provider's numbers had, where the issuer or the claim that they stand in is another now, or where
-- there is no provider any more (NULL): set again later, it would let people in of whom nobody has thought since. How many.
CREATE OR REPLACE FUNCTION piste.forget_links(firm uuid, old piste.identity_provider, new_ piste.identity_provider)
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    forgotten bigint := 0;
BEGIN
    IF new_.company IS NULL OR new_.issuer <> old.issuer
        OR new_.user_claim <> old.user_claim AND 'oid' IN (old.user_claim, new_.user_claim)
            AND 'sub' IN (old.user_claim, new_.user_claim)
    THEN
        DELETE FROM piste.linked_user l WHERE l.company = firm;
        GET DIAGNOSTICS forgotten = ROW_COUNT;
    END IF;
    RETURN forgotten;
END
$$;

RESET ROLE;
