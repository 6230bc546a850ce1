-- Sign-in of a company's own people: its identity provider (OpenID Connect), and a context token for one of its users.
--
-- What PostgreSQL sees of an ID token, and what it does not. PostgreSQL cannot verify RS256 or ES256. Whoever exchanges the
-- token (a service, with this project's Swift API or command, or with a library of its own) verifies its signature, expiry and
-- nonce; a service's login could have asked for a context of this company in any case. So the exchange adds no right: it
-- adds for whom it is, on record. What PostgreSQL holds to by itself: that issuer and audience are this company's own and
-- no other's, that the ID token is not past its end and was not exchanged before, that only a service does this, and that
-- the token which it gives is for this login, this company and at most 30 minutes, like every other.

SET LOCAL ROLE piste_owner;

CREATE TABLE IF NOT EXISTS piste.identity_provider (
    company    uuid        PRIMARY KEY REFERENCES piste.company ON DELETE CASCADE,
    issuer     text        COLLATE "C" NOT NULL,
    audience   text        COLLATE "C" NOT NULL,
    jwks_url   text        COLLATE "C",
    keys       jsonb,
    set_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    set_by     text        COLLATE "C" NOT NULL DEFAULT session_user,
    CONSTRAINT identity_provider_keys CHECK (num_nonnulls(jwks_url, keys) = 1),
    -- An ID token must never fit two companies.
    CONSTRAINT identity_provider_is_one UNIQUE (issuer, audience)
);

-- The ID tokens that were exchanged, until nobody could present them any more.
CREATE TABLE IF NOT EXISTS piste.exchanged_token (
    digest     text        COLLATE "C" PRIMARY KEY,
    company    uuid        NOT NULL REFERENCES piste.company ON DELETE CASCADE,
    jti        uuid        NOT NULL,
    expires_at timestamptz NOT NULL
);

CREATE INDEX IF NOT EXISTS exchanged_token_by_end ON piste.exchanged_token (expires_at);

-- Who may call it: the engine's own definer functions. Records: nothing.
-- What is wrong with an address of a provider, in words; nothing when it is https, or http on this very machine.
CREATE OR REPLACE FUNCTION piste.address_problem(what text, address text)
RETURNS text
LANGUAGE sql IMMUTABLE
AS $$
    SELECT CASE
        WHEN address IS NULL OR char_length(address) NOT BETWEEN 1 AND 500
            THEN format('%s has 1 to 500 characters', what)
        WHEN address !~ '^https://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[!-~]*)?$'
            AND address !~ '^http://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?(/[!-~]*)?$'
            THEN format('%s is https://…, or http:// on localhost', what)
        WHEN address ~ '[#@"\\<>]' THEN format('%s has no login, fragment, quotation mark or backslash', what)
    END
$$;

-- Who may call it: the engine's own definer functions. Records: nothing.
-- What is wrong with a key set (RFC 7517), in words: it is public keys for signatures, and no others.
CREATE OR REPLACE FUNCTION piste.keys_problem(keys jsonb)
RETURNS text
LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
    IF jsonb_typeof(keys -> 'keys') IS DISTINCT FROM 'array' THEN
        RETURN 'a key set is a JSON object with an array "keys"';
    ELSIF jsonb_array_length(keys -> 'keys') NOT BETWEEN 1 AND 50 OR octet_length(keys::text) > 65536 THEN
        RETURN 'a key set has 1 to 50 keys, in at most 64 kB';
    ELSIF EXISTS (SELECT FROM jsonb_array_elements(keys -> 'keys') AS k WHERE jsonb_typeof(k) <> 'object') THEN
        RETURN 'each key of a key set is a JSON object';
    ELSIF EXISTS (SELECT FROM jsonb_array_elements(keys -> 'keys') AS k WHERE k ?| ARRAY['d', 'p', 'q', 'k']) THEN
        RETURN 'a key set holds public keys; this one has a secret in it, which is known to others now';
    ELSIF NOT EXISTS (SELECT FROM jsonb_array_elements(keys -> 'keys') AS k WHERE k ->> 'kty' IN ('RSA', 'EC')) THEN
        RETURN 'a key set has at least one key of type RSA or EC';
    END IF;
    RETURN NULL;
END
$$;

-- Who may call it: the engine's own definer functions. Records: nothing.
-- A provider as records show it: of a key set, the names of its keys.
CREATE OR REPLACE FUNCTION piste.provider_of(provider piste.identity_provider)
RETURNS jsonb
LANGUAGE sql IMMUTABLE
AS $$
    SELECT jsonb_strip_nulls(jsonb_build_object(
        'issuer', provider.issuer, 'audience', provider.audience, 'jwks_url', provider.jwks_url,
        'keys', (SELECT jsonb_agg(left(k ->> 'kid', 100)) FROM jsonb_array_elements(provider.keys -> 'keys') AS k)))
$$;

-- Who may call it: admin. Trusts: session_user. Records: `company.provider` with the old and the new, `context.end` for each
-- context that began with a sign-in at the old one; or `company.refused`. Raises PT400 for what is no address or key set.
-- Says where a company's own people sign in: issuer and audience of their ID tokens, and either where the provider's keys are
-- or the keys themselves. Everything NULL takes the provider away.
CREATE OR REPLACE FUNCTION piste.set_identity_provider(
    url_id text, issuer text DEFAULT NULL, audience text DEFAULT NULL, jwks_url text DEFAULT NULL, keys jsonb DEFAULT NULL)
RETURNS TABLE (was jsonb, provider jsonb, contexts_ended bigint, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    removing CONSTANT boolean := num_nonnulls(
        set_identity_provider.issuer, set_identity_provider.audience, set_identity_provider.jwks_url,
        set_identity_provider.keys) = 0;
    problem text;
    asked   record;
    firm    piste.company;
    old     piste.identity_provider;
    new     piste.identity_provider;
BEGIN
    IF NOT removing THEN
        problem := CASE
            WHEN num_nonnulls(set_identity_provider.jwks_url, set_identity_provider.keys) <> 1
                THEN 'a provider has its keys, or the address where they are'
            WHEN coalesce(set_identity_provider.audience !~ '^[!-~]+$' OR char_length(set_identity_provider.audience) > 300, true)
                THEN 'an audience has 1 to 300 printable ASCII characters, without spaces'
            ELSE coalesce(
                piste.address_problem('an issuer', set_identity_provider.issuer),
                CASE WHEN set_identity_provider.issuer ~ '[?]' THEN 'an issuer has no query' END,
                CASE WHEN set_identity_provider.keys IS NULL
                    THEN piste.address_problem('a key set''s address', set_identity_provider.jwks_url)
                    ELSE piste.keys_problem(set_identity_provider.keys) END)
        END;
        IF problem IS NOT NULL THEN
            RAISE EXCEPTION '%', problem USING ERRCODE = 'PT400';
        END IF;
    END IF;
    asked := piste.company_for_admin(set_identity_provider.url_id, 'provider');
    firm := asked.firm;
    refusal := asked.refusal;
    contexts_ended := 0;
    IF refusal IS NULL THEN
        SELECT * INTO old FROM piste.identity_provider p WHERE p.company = firm.id;
        was := CASE WHEN old.company IS NOT NULL THEN piste.provider_of(old) END;
        IF removing THEN
            DELETE FROM piste.identity_provider p WHERE p.company = firm.id;
        ELSE
            BEGIN
                INSERT INTO piste.identity_provider AS p (company, issuer, audience, jwks_url, keys)
                VALUES (
                    firm.id, set_identity_provider.issuer, set_identity_provider.audience,
                    set_identity_provider.jwks_url, set_identity_provider.keys)
                ON CONFLICT (company) DO UPDATE SET
                    issuer = excluded.issuer, audience = excluded.audience, jwks_url = excluded.jwks_url,
                    keys = excluded.keys, set_at = excluded.set_at, set_by = excluded.set_by
                RETURNING * INTO new;
            EXCEPTION WHEN unique_violation THEN
                refusal := piste.refuse(
                    firm.schema_name, 'company.refused', 'company', 'provider_taken',
                    'another company has this issuer and audience; each needs an audience of its own',
                    jsonb_build_object('wish', 'provider', 'issuer', set_identity_provider.issuer,
                        'audience', set_identity_provider.audience));
            END;
            provider := CASE WHEN new.company IS NOT NULL THEN piste.provider_of(new) END;
        END IF;
        IF refusal IS NULL AND (was IS DISTINCT FROM provider OR old.keys IS DISTINCT FROM new.keys) THEN
            PERFORM piste.append(firm.schema_name, session_user::text, NULL, NULL, 'company.provider', 'company',
                jsonb_strip_nulls(jsonb_build_object('old', was, 'new', provider)));
            contexts_ended := piste.end_sign_ins(firm);
        END IF;
    END IF;
    RETURN NEXT;
END
$$;

-- Who may call it: the engine's own definer functions, which hold the trail's lock. Records: `context.end` each.
-- Ends the contexts, open or only issued, that began with a sign-in. How many were open.
CREATE OR REPLACE FUNCTION piste.end_sign_ins(firm piste.company)
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    each  piste.context;
    ended bigint := 0;
BEGIN
    FOR each IN
        SELECT * FROM piste.context c
        WHERE c.company = firm.id AND c.ended_at IS NULL AND c.purpose = 'service' AND c.subject IS NOT NULL
    LOOP
        PERFORM piste.close_context(
            each.jti, 'context.end', 'the identity provider changed', session_user::text, each.opened_at IS NOT NULL);
        ended := ended + (each.opened_at IS NOT NULL)::integer;
    END LOOP;
    RETURN ended;
END
$$;

-- Who may call it: admin and service. Trusts: session_user. Records: `company.refused` for anybody else.
-- A company's provider, with its keys and the server's clock; no row when the company has none.
CREATE OR REPLACE FUNCTION piste.identity_provider(url_id text)
RETURNS TABLE (
    issuer text, audience text, jwks_url text, keys jsonb, set_at timestamptz, set_by text, server_time timestamptz,
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
    IF identity_provider.url_id IS NULL THEN
        RAISE EXCEPTION 'url_id is missing' USING ERRCODE = 'PT400';
    END IF;
    SELECT * INTO firm FROM piste.company c WHERE c.url_id = identity_provider.url_id;
    code := CASE
        WHEN NOT me.administers AND me.level <> 'service' THEN 'not_allowed'
        WHEN firm.id IS NULL THEN 'unknown_company' END;
    IF code IS NOT NULL THEN
        refusal := piste.refuse(
            coalesce(firm.schema_name, 'piste'), 'company.refused', 'company', code,
            CASE code WHEN 'not_allowed' THEN 'this is for admins and services'
                ELSE 'there is no company of this name' END,
            jsonb_build_object('wish', 'read_provider', 'url_id', left(identity_provider.url_id, 100)));
        RETURN NEXT;
        RETURN;
    END IF;
    RETURN QUERY
        SELECT p.issuer, p.audience, p.jwks_url, p.keys, p.set_at, p.set_by, clock_timestamp(), NULL::text
        FROM piste.identity_provider p WHERE p.company = firm.id;
END
$$;

-- Who may call it: service. Trusts: session_user; and the service for the ID token's signature, its nonce and whose email
-- it is (see above). Records: `token.exchange` with the user, the issuer, the audience and the ID token's SHA-256, never the
-- ID token; or `token.refused` with the reason.
-- A context token for one of the company's users, who signed in with the company's own provider. `digest` is the SHA-256 of
-- the ID token in hex, `ends_at` its `exp`. A token that ended less than a minute ago is let through: clocks differ.
CREATE OR REPLACE FUNCTION piste.exchange_id_token(
    url_id text, issuer text, audience text, user_email text, digest text, ends_at timestamptz,
    minutes integer DEFAULT 30)
RETURNS TABLE (token text, jti uuid, expires_at timestamptz, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    me       record := piste.me();
    firm     piste.company;
    provider piste.identity_provider;
    code     text;
    words    text;
    detail   jsonb;
BEGIN
    IF coalesce(minutes NOT BETWEEN 1 AND 30, true) THEN
        RAISE EXCEPTION 'minutes must be from 1 to 30' USING ERRCODE = 'PT400';
    END IF;
    IF url_id IS NULL OR issuer IS NULL OR audience IS NULL OR ends_at IS NULL THEN
        RAISE EXCEPTION 'url_id, issuer, audience and ends_at are needed' USING ERRCODE = 'PT400';
    END IF;
    IF coalesce(digest !~ '^[0-9a-f]{64}$', true) THEN
        RAISE EXCEPTION 'a digest is the SHA-256 of the ID token in hex' USING ERRCODE = 'PT400';
    END IF;
    IF coalesce(user_email !~ '^[^[:space:][:cntrl:]@]+@[^[:space:][:cntrl:]@]+$', true) OR char_length(user_email) > 254 THEN
        RAISE EXCEPTION 'user_email is not an e-mail address' USING ERRCODE = 'PT400';
    END IF;
    SELECT * INTO firm FROM piste.company c WHERE c.url_id = exchange_id_token.url_id;
    detail := jsonb_build_object(
        'url_id', left(url_id, 100), 'issuer', left(issuer, 500), 'audience', left(audience, 300), 'user', user_email,
        'id_token', digest);
    IF firm.id IS NOT NULL THEN
        -- Whoever changes the provider takes turns with this, and two that present the same token do.
        PERFORM piste.lock_trail(firm.schema_name);
        SELECT * INTO firm FROM piste.company c WHERE c.id = firm.id;
        SELECT * INTO provider FROM piste.identity_provider p WHERE p.company = firm.id;
    END IF;
    SELECT v.code, v.words INTO code, words
    FROM (VALUES
        (1, firm.id IS NULL, 'unknown_company', 'there is no company of this name'),
        (2, me.level <> 'service', 'not_allowed', 'only a service exchanges ID tokens'),
        (3, firm.status <> 'active', 'company_suspended', 'this company is suspended'),
        (4, provider.company IS NULL, 'provider_missing', 'this company has no identity provider'),
        (5, provider.issuer <> exchange_id_token.issuer, 'id_token_issuer',
            'this ID token is not of this company''s identity provider'),
        (6, provider.audience <> exchange_id_token.audience, 'id_token_audience',
            'this ID token was made for somebody else than this company'),
        (7, exchange_id_token.ends_at <= clock_timestamp() - interval '60 seconds', 'id_token_expired',
            format('this ID token ended at %s; sign in again', date_trunc('second', exchange_id_token.ends_at))),
        (8, EXISTS (SELECT FROM piste.exchanged_token x WHERE x.digest = exchange_id_token.digest), 'id_token_replayed',
            'this ID token was exchanged before; sign in again')
    ) AS v (rank, refused, code, words)
    WHERE v.refused ORDER BY v.rank LIMIT 1;
    IF code IS NOT NULL THEN
        refusal := piste.refuse(
            coalesce(firm.schema_name, 'piste'), 'token.refused', 'token', code, words, detail);
    ELSE
        SELECT i.token, i.jti, i.expires_at INTO token, jti, expires_at
        FROM piste.issue_token(
            firm, 'service', user_email, user_email, NULL, NULL, minutes, NULL,
            jsonb_build_object('issuer', issuer, 'audience', audience, 'id_token', digest)) AS i;
        DELETE FROM piste.exchanged_token x WHERE x.expires_at <= clock_timestamp() - interval '2 minutes';
        INSERT INTO piste.exchanged_token (digest, company, jti, expires_at) VALUES (digest, firm.id, jti, ends_at);
    END IF;
    RETURN NEXT;
END
$$;

-- Who may call it: service. Trusts: session_user. Records: `token.refused` in the company's trail, with a reason of a fixed list
-- and the ID token's SHA-256. Raises PT400 for another reason.
-- Says on record that an ID token was presented for this company and found wanting by the service. Gives the refusal.
CREATE OR REPLACE FUNCTION piste.refuse_id_token(url_id text, reason text, digest text)
RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    me    record := piste.me();
    firm  piste.company;
    words text;
BEGIN
    IF coalesce(digest !~ '^[0-9a-f]{64}$', true) THEN
        RAISE EXCEPTION 'a digest is the SHA-256 of the ID token in hex' USING ERRCODE = 'PT400';
    END IF;
    SELECT v.words INTO words
    FROM (VALUES
        (1, 'id_token_malformed', 'this is not an ID token'),
        (2, 'id_token_algorithm', 'this ID token''s algorithm is not that of its key, or neither RS256 nor ES256'),
        (3, 'id_token_unknown_key', 'no key of this company''s identity provider signed this ID token'),
        (4, 'id_token_tampered', 'the signature of this ID token does not match it'),
        (5, 'id_token_issuer', 'this ID token is not of this company''s identity provider'),
        (6, 'id_token_audience', 'this ID token was made for somebody else than this company'),
        (7, 'id_token_expired', 'this ID token is past its end; sign in again'),
        (8, 'id_token_early', 'this ID token is not valid yet; look at the clocks'),
        (9, 'id_token_nonce', 'this ID token does not belong to this sign-in (nonce)'),
        (10, 'id_token_email', 'this ID token does not tell a verified email address'),
        (11, 'user_unknown', 'this company has no user with this email address'),
        (12, 'user_inactive', 'this user is not active')
    ) AS v (rank, code, words)
    WHERE v.code = reason;
    IF words IS NULL THEN
        RAISE EXCEPTION 'no such reason' USING ERRCODE = 'PT400';
    END IF;
    SELECT * INTO firm FROM piste.company c WHERE c.url_id = refuse_id_token.url_id;
    RETURN piste.refuse(
        CASE WHEN me.level = 'service' THEN coalesce(firm.schema_name, 'piste') ELSE 'piste' END, 'token.refused', 'token',
        CASE WHEN me.level = 'service' THEN reason ELSE 'not_allowed' END,
        CASE WHEN me.level = 'service' THEN words ELSE 'only a service exchanges ID tokens' END,
        jsonb_build_object('url_id', left(url_id, 100), 'id_token', digest));
END
$$;

RESET ROLE;
