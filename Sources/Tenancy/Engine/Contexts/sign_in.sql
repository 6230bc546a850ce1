-- Sign-in of a company's own people: its identity provider, and a context token for whoever signed in there.
--
-- A company's people sign in at the company's own OpenID Connect provider, and the application gets an ID token about them.
-- PostgreSQL cannot verify RS256 and ES256: the client verifies signature, dates, nonce and address, and the service's login is
-- trusted to have done so, as it is trusted with every context of every company already (`generate_context_token`). What an
-- exchange adds is the name of the user, on record and in the token; it adds no right.
--
-- What PostgreSQL holds to by itself: the issuer and the audience are this company's and no other's; the user exists in this
-- company and is active; each ID token is exchanged once; and the context ends with the ID token at the latest.

SET LOCAL ROLE piste_owner;

-- Who may call it: the engine's own definer functions, and the table's own checks. Trusts: nothing. Records: nothing.
-- Whether it is an address that nobody on the way can change: https, or http on this very machine.
CREATE OR REPLACE FUNCTION piste.is_safe_address(address text)
RETURNS boolean
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT char_length(address) <= 500 AND (
        (address COLLATE "C") ~ '^https://[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?(/[!-~]*)?$'
        OR (address COLLATE "C") ~ '^http://(127[.]0[.]0[.]1|localhost|[[]::1])(:[0-9]{1,5})?(/[!-~]*)?$')
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
        usable := usable + (each ->> 'kty' = 'RSA' OR each ->> 'kty' = 'EC' AND each ->> 'crv' = 'P-256')::integer;
    END LOOP;
    RETURN CASE WHEN usable = 0 THEN 'it has neither an RSA key nor one on the curve P-256' END;
END
$$;

-- One provider a company, and one company a pair of issuer and audience: a token that is good for one is good for no other.
CREATE TABLE IF NOT EXISTS piste.identity_provider (
    company     uuid        PRIMARY KEY REFERENCES piste.company ON DELETE CASCADE,
    issuer      text        COLLATE "C" NOT NULL CHECK (piste.is_safe_address(issuer) AND issuer !~ '[?#]'),
    audience    text        COLLATE "C" NOT NULL CHECK (char_length(audience) BETWEEN 1 AND 300),
    jwks_uri    text        COLLATE "C" CHECK (piste.is_safe_address(jwks_uri)),
    jwks        jsonb       CHECK (piste.key_set_problem(jwks) IS NULL),
    set_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    set_by      text        COLLATE "C" NOT NULL DEFAULT session_user,
    UNIQUE (issuer, audience),
    CHECK (num_nonnulls(jwks_uri, jwks) = 1)
);

-- The ID tokens that were exchanged, until they expire by themselves: by SHA-256, never the token.
CREATE TABLE IF NOT EXISTS piste.exchanged_token (
    company     uuid        NOT NULL REFERENCES piste.company ON DELETE CASCADE,
    digest      text        COLLATE "C" NOT NULL CHECK (digest ~ '^[0-9a-f]{64}$'),
    expires_at  timestamptz NOT NULL,
    PRIMARY KEY (company, digest)
);

-- Who may call it: the engine's own definer functions. Records: nothing.
-- A provider as the trail tells it: of a set of keys, their names and its digest.
CREATE OR REPLACE FUNCTION piste.provider_told(told piste.identity_provider)
RETURNS jsonb
LANGUAGE sql STABLE
AS $$
    SELECT CASE WHEN told.company IS NULL THEN NULL ELSE jsonb_strip_nulls(jsonb_build_object(
        'issuer', told.issuer, 'audience', told.audience, 'jwks_uri', told.jwks_uri,
        'jwks_sha256', encode(sha256(convert_to(told.jwks::text, 'UTF8')), 'hex'),
        'kids', (SELECT jsonb_agg(left(k ->> 'kid', 100)) FROM jsonb_array_elements(told.jwks -> 'keys') AS k))) END
$$;

-- Who may call it: admin. Trusts: session_user. Records: `company.provider` with the old one and the new, and `context.end` for
-- each context and each token that was given for a sign-in at the old one; or `company.refused`.
-- The company's identity provider: its issuer, the audience that its tokens for this application name, and its public keys,
-- by their address or as a set. Raises PT400 for what cannot be, with what is wrong with it.
CREATE OR REPLACE FUNCTION piste.set_company_provider(
    url_id text, issuer text, audience text, jwks_uri text DEFAULT NULL, jwks jsonb DEFAULT NULL)
RETURNS TABLE (contexts_ended bigint, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    asked record;
    firm  piste.company;
    old   piste.identity_provider;
    new_  piste.identity_provider;
BEGIN
    IF coalesce(NOT piste.is_safe_address(set_company_provider.issuer) OR set_company_provider.issuer ~ '[?#]', true) THEN
        RAISE EXCEPTION 'an issuer is an https address without ? and # (http on this machine only), at most 500 characters'
            USING ERRCODE = 'PT400';
    ELSIF coalesce(char_length(set_company_provider.audience) NOT BETWEEN 1 AND 300
        OR set_company_provider.audience ~ '[[:cntrl:]]', true)
    THEN
        RAISE EXCEPTION 'an audience has 1 to 300 characters, none of them a control character' USING ERRCODE = 'PT400';
    ELSIF num_nonnulls(set_company_provider.jwks_uri, set_company_provider.jwks) <> 1 THEN
        RAISE EXCEPTION 'the keys are given by their address or as a set, one of the two' USING ERRCODE = 'PT400';
    ELSIF NOT piste.is_safe_address(set_company_provider.jwks_uri) THEN
        RAISE EXCEPTION 'the keys have an https address (http on this machine only), at most 500 characters'
            USING ERRCODE = 'PT400';
    ELSIF piste.key_set_problem(set_company_provider.jwks) IS NOT NULL THEN
        RAISE EXCEPTION 'the set of keys cannot be this: %', piste.key_set_problem(set_company_provider.jwks)
            USING ERRCODE = 'PT400';
    END IF;
    asked := piste.company_for_admin(set_company_provider.url_id, 'provider');
    firm := asked.firm;
    refusal := asked.refusal;
    contexts_ended := 0;
    IF refusal IS NULL THEN
        SELECT * INTO old FROM piste.identity_provider p WHERE p.company = firm.id;
        BEGIN
            INSERT INTO piste.identity_provider AS p (company, issuer, audience, jwks_uri, jwks)
            VALUES (
                firm.id, set_company_provider.issuer, set_company_provider.audience, set_company_provider.jwks_uri,
                set_company_provider.jwks)
            ON CONFLICT (company) DO UPDATE SET
                issuer = excluded.issuer, audience = excluded.audience, jwks_uri = excluded.jwks_uri,
                jwks = excluded.jwks, set_at = clock_timestamp(), set_by = session_user
            RETURNING * INTO new_;
        EXCEPTION WHEN unique_violation THEN
            refusal := piste.refuse(
                firm.id, 'company.refused', 'company', 'provider_taken',
                'another company has this issuer with this audience', jsonb_build_object(
                    'wish', 'provider', 'issuer', set_company_provider.issuer,
                    'audience', set_company_provider.audience));
            RETURN NEXT;
            RETURN;
        END;
        IF piste.provider_told(new_) IS DISTINCT FROM piste.provider_told(old) THEN
            PERFORM piste.append(firm.id, session_user::text, NULL, NULL, 'company.provider', 'company',
                jsonb_strip_nulls(jsonb_build_object(
                    'old', piste.provider_told(old), 'new', piste.provider_told(new_))));
            contexts_ended := piste.end_rights_of(firm.id, 'the identity provider changed', true);
        END IF;
    END IF;
    RETURN NEXT;
END
$$;

-- Who may call it: admin. Trusts: session_user. Records: `company.provider` with the old one, and `context.end` for each
-- context and each token that was given for a sign-in there; or `company.refused`.
CREATE OR REPLACE FUNCTION piste.remove_company_provider(url_id text)
RETURNS TABLE (contexts_ended bigint, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    asked record := piste.company_for_admin(remove_company_provider.url_id, 'provider');
    firm  piste.company := asked.firm;
    old   piste.identity_provider;
BEGIN
    refusal := asked.refusal;
    contexts_ended := 0;
    IF refusal IS NULL THEN
        DELETE FROM piste.identity_provider p WHERE p.company = firm.id RETURNING * INTO old;
        IF old.company IS NULL THEN
            refusal := piste.refuse(
                firm.id, 'company.refused', 'company', 'provider_missing',
                'this company has no identity provider', jsonb_build_object('wish', 'provider'));
        ELSE
            PERFORM piste.append(firm.id, session_user::text, NULL, NULL, 'company.provider', 'company',
                jsonb_build_object('old', piste.provider_told(old)));
            contexts_ended := piste.end_rights_of(firm.id, 'the identity provider changed', true);
        END IF;
    END IF;
    RETURN NEXT;
END
$$;

-- Who may call it: every operator; nothing of it is secret. Trusts: session_user. Records: nothing.
-- The company's identity provider, or one row without an issuer; and the time by which an ID token is judged.
-- Raises PT404 when there is no such company.
CREATE OR REPLACE FUNCTION piste.company_provider(url_id text)
RETURNS TABLE (
    issuer text, audience text, jwks_uri text, jwks text, set_at timestamptz, set_by text, server_time timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    PERFORM piste.me();
    IF NOT EXISTS (SELECT FROM piste.company c WHERE c.url_id = company_provider.url_id) THEN
        RAISE EXCEPTION 'there is no company of this name' USING ERRCODE = 'PT404';
    END IF;
    RETURN QUERY
    SELECT p.issuer, p.audience, p.jwks_uri, p.jwks::text, p.set_at, p.set_by, clock_timestamp()
    FROM piste.company c LEFT JOIN piste.identity_provider p ON p.company = c.id
    WHERE c.url_id = company_provider.url_id;
END
$$;

-- Who may call it: a service, inside this company for itself: by a ticket that names its users, or in a context after it
-- declared a read of them.
-- Trusts: session_user, the backend's own context or this transaction's ticket, and that the service verified the ID token with
-- this issuer, this audience, this address, this end and this digest (the SHA-256 of the part that is signed, in hex).
-- Records: `token.exchange` with issuer, audience and digest, the user being its subject; or `token.refused` with the reason.
-- The user is looked up through the gate, like every row. The address is compared exactly. The context that the token opens
-- is the service's, with the user as its subject: it ends after so many minutes, and with the ID token at the latest.
-- Raises PT409 when the gate is shut, because no read of the users was declared just before.
CREATE OR REPLACE FUNCTION piste.exchange_id_token(
    url_id text, issuer text, audience text, user_email text, digest text, id_token_expires timestamptz,
    minutes integer DEFAULT 30)
RETURNS TABLE (token text, jti uuid, expires_at timestamptz, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    me       record := piste.me();
    here     record;
    firm     piste.company;
    provider piste.identity_provider;
    standing text;
    detail   jsonb;
    code     text;
    words    text;
BEGIN
    IF coalesce(minutes NOT BETWEEN 1 AND 30, true) THEN
        RAISE EXCEPTION 'minutes must be from 1 to 30' USING ERRCODE = 'PT400';
    ELSIF url_id IS NULL OR issuer IS NULL OR audience IS NULL OR id_token_expires IS NULL THEN
        RAISE EXCEPTION 'company, issuer, audience and end of the ID token are all needed' USING ERRCODE = 'PT400';
    ELSIF coalesce(digest !~ '^[0-9a-f]{64}$', true) THEN
        RAISE EXCEPTION 'a digest is a SHA-256 in hex' USING ERRCODE = 'PT400';
    ELSIF coalesce(user_email !~ '^[^[:space:][:cntrl:]@]+@[^[:space:][:cntrl:]@]+$' OR char_length(user_email) > 254, true)
    THEN
        RAISE EXCEPTION 'user_email is not an e-mail address' USING ERRCODE = 'PT400';
    END IF;
    SELECT * INTO firm FROM piste.company c WHERE c.url_id = exchange_id_token.url_id;
    -- Of two sessions of this login that bring the same token one comes second.
    IF firm.id IS NOT NULL AND me.level = 'service' THEN
        PERFORM piste.take_turn('login:' || me.login);
        SELECT * INTO provider FROM piste.identity_provider p WHERE p.company = firm.id;
    END IF;
    here := piste.here();
    IF NOT here.live THEN
        SELECT t.ticket IS NOT NULL, t.company, t.subject INTO here.live, here.company, here.subject
        FROM piste.ticket_here() AS t;
    END IF;
    SELECT v.code, v.words INTO code, words
    FROM (VALUES
        (1, firm.id IS NULL, 'unknown_company', 'there is no company of this name'),
        (2, me.level <> 'service', 'not_allowed',
            'only a service exchanges ID tokens; a person acts as a user by impersonation'),
        (3, firm.status <> 'active', 'company_suspended', 'this company is suspended'),
        (4, NOT here.live OR here.company IS DISTINCT FROM firm.id, 'not_inside',
            'an ID token is exchanged inside its company, by a ticket or in a context'),
        (5, here.subject IS NOT NULL, 'nested_exchange', 'this context is a user''s, and not the service''s own'),
        (6, provider.company IS NULL, 'provider_missing', 'this company has no identity provider'),
        (7, exchange_id_token.issuer <> provider.issuer, 'id_token_issuer',
            'this ID token is of another issuer than the company''s'),
        (8, exchange_id_token.audience <> provider.audience, 'id_token_audience',
            'this ID token is for another audience than the company''s'),
        (9, id_token_expires < date_trunc('second', clock_timestamp()) + interval '1 second', 'id_token_expired',
            'this ID token has expired; sign in again'),
        (10, EXISTS (
            SELECT FROM piste.exchanged_token t
            WHERE t.company = firm.id AND t.digest = exchange_id_token.digest), 'id_token_used',
            'this ID token was exchanged before; sign in again')
    ) AS v (rank, refused, code, words)
    WHERE v.refused ORDER BY v.rank LIMIT 1;
    IF code IS NULL THEN
        IF piste.open_until(firm.id, 'users') <= clock_timestamp() THEN
            RAISE EXCEPTION 'no read of this company''s users was declared and committed just before' USING ERRCODE = 'PT409';
        END IF;
        EXECUTE format('SELECT status FROM %I.users WHERE email = $1', firm.schema_name)
        INTO standing USING user_email;
        IF standing IS NULL THEN
            code := 'user_unknown';
            words := 'this company has no user with this address';
        ELSIF standing <> 'active' THEN
            code := 'user_inactive';
            words := 'this user is ' || standing;
        END IF;
    END IF;
    detail := jsonb_build_object(
        'issuer', left(exchange_id_token.issuer, 500), 'audience', left(exchange_id_token.audience, 300), 'digest', digest);
    IF code IS NOT NULL THEN
        refusal := piste.refuse(
            firm.id, 'token.refused', 'token', code, words, detail || jsonb_build_object(
                'url_id', left(exchange_id_token.url_id, 100), 'user', user_email));
    ELSE
        DELETE FROM piste.exchanged_token t WHERE t.company = firm.id AND t.expires_at < clock_timestamp();
        INSERT INTO piste.exchanged_token (company, digest, expires_at) VALUES (firm.id, digest, id_token_expires);
        SELECT i.token, i.jti, i.expires_at INTO token, jti, expires_at
        FROM piste.issue_token(
            firm, 'service', user_email, user_email, NULL, NULL, minutes,
            exchange => detail, until => id_token_expires) AS i;
    END IF;
    RETURN NEXT;
END
$$;

-- Who may call it: a service, which found an ID token bad before it could ask for an exchange. Trusts: session_user, and its
-- word for it: the record says so (`found_by`), and holds one of the codes below and a digest, no text of anybody's choice.
-- Records: `token.refused`. Whoever floods an application with rubbish fills no trail: of what one company's services find,
-- at most twenty a minute are recorded. False when this one was not.
CREATE OR REPLACE FUNCTION piste.record_refused_id_token(url_id text, reason text, digest text)
RETURNS TABLE (recorded boolean, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    me     record := piste.me();
    firm   piste.company;
    recent bigint;
BEGIN
    IF coalesce(digest !~ '^[0-9a-f]{64}$', true) OR coalesce(reason NOT IN (
        'id_token_malformed', 'id_token_algorithm', 'id_token_unknown_key', 'id_token_signature', 'id_token_issuer',
        'id_token_audience', 'id_token_expired', 'id_token_early', 'id_token_nonce', 'id_token_email',
        'provider_missing'), true)
    THEN
        RAISE EXCEPTION 'a reason is a code such as id_token_signature, and a digest a SHA-256 in hex'
            USING ERRCODE = 'PT400';
    END IF;
    SELECT * INTO firm FROM piste.company c WHERE c.url_id = record_refused_id_token.url_id;
    recorded := false;
    IF firm.id IS NULL THEN
        refusal := piste.refuse(NULL, 'token.refused', 'token', 'unknown_company', 'there is no company of this name',
            jsonb_build_object('url_id', left(record_refused_id_token.url_id, 100)));
    ELSIF me.level <> 'service' THEN
        refusal := piste.refuse(firm.id, 'token.refused', 'token', 'not_allowed',
            'only a service exchanges ID tokens; a person acts as a user by impersonation');
    ELSE
        recent := (
            SELECT count(*)
            FROM (
                SELECT e.at, e.action, e.detail FROM piste.entry e WHERE e.company = firm.id ORDER BY e.id DESC LIMIT 100
            ) a
            WHERE a.action = 'token.refused' AND a.detail ? 'found_by' AND a.at > clock_timestamp() - interval '1 minute');
        IF recent < 20 THEN
            PERFORM piste.refuse(firm.id, 'token.refused', 'token', reason, '',
                jsonb_build_object('digest', digest, 'found_by', 'the service'));
            recorded := true;
        END IF;
    END IF;
    RETURN NEXT;
END
$$;

RESET ROLE;
