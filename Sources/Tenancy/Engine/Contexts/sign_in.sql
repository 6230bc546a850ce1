-- Sign-in of a company's own people: its identity provider, and a context token for whoever signed in there.
--
-- A company's people sign in at the company's own OpenID Connect provider, and the application gets an ID token about them.
-- PostgreSQL cannot verify RS256 and ES256: the client verifies signature, dates, nonce and address, and the service's login is
-- trusted to have done so, as it is trusted with every context of every company already (`generate_context_token`). What an
-- exchange adds is the name of the user, on record and in the token; it adds no right.
--
-- What PostgreSQL holds to by itself: the issuer, the audience and the required claims are this company's, and no other company
-- has the same; the user exists in this company and is active; each ID token is exchanged once; and the context ends with the ID
-- token at the latest.

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
-- that is good for one is good for no other (`provider_rivals`).
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

-- Whom the provider's own number of a user stands for, where a company's tokens name users by it.
CREATE TABLE IF NOT EXISTS piste.linked_user (
    company     uuid        NOT NULL REFERENCES piste.company ON DELETE CASCADE,
    issuer      text        COLLATE "C" NOT NULL,
    subject     text        COLLATE "C" NOT NULL CHECK (char_length(subject) BETWEEN 1 AND 255),
    user_email  text        COLLATE "C" NOT NULL,
    PRIMARY KEY (company, issuer, subject)
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

-- Who may call it: admin. Trusts: session_user. Records: `company.provider` with the old one and the new, and `context.end` for
-- each context and each token that was given for a sign-in at the old one; or `company.refused`.
-- The company's identity provider: its issuer, the audiences that its tokens for this application name, its public keys by their
-- address or as a set; which claim names the user, whether this issuer's addresses count as verified, which claims tokens must
-- have, and whether they must carry a nonce. Raises PT400 for what cannot be, with what is wrong with it.
CREATE OR REPLACE FUNCTION piste.set_company_provider(
    url_id text, issuer text, audience text, jwks_uri text DEFAULT NULL, jwks jsonb DEFAULT NULL,
    audiences text[] DEFAULT NULL, user_claim text DEFAULT 'email', trust_addresses boolean DEFAULT false,
    claims jsonb DEFAULT '{}', require_nonce boolean DEFAULT false)
RETURNS TABLE (contexts_ended bigint, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    asked  record;
    firm   piste.company;
    old    piste.identity_provider;
    new_   piste.identity_provider;
    named  text[] := ARRAY(
        SELECT DISTINCT a FROM unnest(set_company_provider.audience || coalesce(set_company_provider.audiences, '{}')) AS a);
BEGIN
    IF coalesce(NOT piste.is_safe_address(set_company_provider.issuer) OR set_company_provider.issuer ~ '[?#]', true) THEN
        RAISE EXCEPTION 'an issuer is an https address without ? and # (http on this machine only), at most 500 characters'
            USING ERRCODE = 'PT400';
    ELSIF set_company_provider.issuer ~ '[{}]'
        OR set_company_provider.issuer ~ '^https://login[.]microsoftonline[.](com|us)/(common|organizations|consumers)/'
    THEN
        RAISE EXCEPTION 'no token names this issuer: it stands for many tenants'
            USING ERRCODE = 'PT400', HINT = 'Set the issuer of one tenant.';
    ELSIF coalesce(cardinality(named) NOT BETWEEN 1 AND 20 OR EXISTS (
        SELECT FROM unnest(named) AS a WHERE coalesce(char_length(a) NOT BETWEEN 1 AND 300 OR a ~ '[[:cntrl:]]', true)), true)
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
    ELSIF coalesce(set_company_provider.user_claim NOT IN
        ('email', 'preferred_username', 'upn', 'unique_name', 'sub', 'oid'), true)
    THEN
        RAISE EXCEPTION 'a user is named by email, preferred_username, upn, unique_name, sub or oid' USING ERRCODE = 'PT400';
    ELSIF set_company_provider.user_claim IN ('preferred_username', 'upn', 'unique_name')
        AND set_company_provider.trust_addresses IS NOT TRUE
    THEN
        RAISE EXCEPTION 'no provider verifies the address in %: it must be trusted with its addresses', set_company_provider.user_claim
            USING ERRCODE = 'PT400', HINT = 'trust_addresses => true, for a provider that gives addresses to its own people only';
    ELSIF piste.required_claims_problem(set_company_provider.claims) IS NOT NULL THEN
        RAISE EXCEPTION '%', piste.required_claims_problem(set_company_provider.claims) USING ERRCODE = 'PT400';
    END IF;
    asked := piste.company_for_admin(set_company_provider.url_id, 'provider');
    firm := asked.firm;
    refusal := asked.refusal;
    contexts_ended := 0;
    IF refusal IS NULL THEN
        -- Of two companies that would be rivals one comes second.
        PERFORM piste.take_turn('provider:' || set_company_provider.issuer);
        SELECT * INTO old FROM piste.identity_provider p WHERE p.company = firm.id;
        IF piste.provider_has_rival(firm.id, set_company_provider.issuer, named, set_company_provider.claims) THEN
            refusal := piste.refuse(
                firm.id, 'company.refused', 'company', 'provider_taken',
                'another company has this issuer with this audience; a claim that both demand can tell them apart',
                jsonb_build_object(
                    'wish', 'provider', 'issuer', set_company_provider.issuer, 'audiences', to_jsonb(named)));
            RETURN NEXT;
            RETURN;
        END IF;
        INSERT INTO piste.identity_provider AS p
            (company, issuer, audiences, jwks_uri, jwks, user_claim, trust_addresses, claims, require_nonce)
        VALUES (
            firm.id, set_company_provider.issuer, named, set_company_provider.jwks_uri, set_company_provider.jwks,
            set_company_provider.user_claim, coalesce(set_company_provider.trust_addresses, false),
            set_company_provider.claims, coalesce(set_company_provider.require_nonce, false))
        ON CONFLICT (company) DO UPDATE SET
            issuer = excluded.issuer, audiences = excluded.audiences, jwks_uri = excluded.jwks_uri,
            jwks = excluded.jwks, user_claim = excluded.user_claim, trust_addresses = excluded.trust_addresses,
            claims = excluded.claims, require_nonce = excluded.require_nonce, set_at = clock_timestamp(),
            set_by = session_user
        RETURNING * INTO new_;
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
    issuer text, audience text, jwks_uri text, jwks text, set_at timestamptz, set_by text, server_time timestamptz,
    audiences text, user_claim text, trust_addresses boolean, claims text, require_nonce boolean)
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
    SELECT p.issuer, p.audiences[1], p.jwks_uri, p.jwks::text, p.set_at, p.set_by, clock_timestamp(),
        to_jsonb(p.audiences)::text, p.user_claim, p.trust_addresses, p.claims::text, p.require_nonce
    FROM piste.company c LEFT JOIN piste.identity_provider p ON p.company = c.id
    WHERE c.url_id = company_provider.url_id;
END
$$;

-- Who may call it: admin. Trusts: session_user. Records: `company.provider` with the number and the user that it stands for, and
-- `context.end` for each context of a sign-in, whoever it named; or `company.refused`.
-- Links what the company's provider calls a user (`sub`, `oid`) with a user of the company, by the address; NULL takes the link
-- away. Raises PT400 for what is no address, PT404 when there is no such link.
CREATE OR REPLACE FUNCTION piste.link_user(url_id text, subject text, user_email text)
RETURNS TABLE (contexts_ended bigint, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    asked    record;
    firm     piste.company;
    provider piste.identity_provider;
    old      text;
BEGIN
    IF coalesce(char_length(link_user.subject) NOT BETWEEN 1 AND 255 OR link_user.subject ~ '[[:cntrl:]]', true) THEN
        RAISE EXCEPTION 'a subject has 1 to 255 characters, none of them a control character' USING ERRCODE = 'PT400';
    ELSIF link_user.user_email !~ '^[^[:space:][:cntrl:]@]+@[^[:space:][:cntrl:]@]+$' OR char_length(link_user.user_email) > 254
    THEN
        RAISE EXCEPTION 'user_email is not an e-mail address' USING ERRCODE = 'PT400';
    END IF;
    asked := piste.company_for_admin(link_user.url_id, 'provider');
    firm := asked.firm;
    refusal := asked.refusal;
    contexts_ended := 0;
    IF refusal IS NOT NULL THEN
        RETURN NEXT;
        RETURN;
    END IF;
    SELECT * INTO provider FROM piste.identity_provider p WHERE p.company = firm.id;
    IF NOT FOUND THEN
        refusal := piste.refuse(
            firm.id, 'company.refused', 'company', 'provider_missing',
            'this company has no identity provider', jsonb_build_object('wish', 'provider'));
        RETURN NEXT;
        RETURN;
    END IF;
    DELETE FROM piste.linked_user l
    WHERE l.company = firm.id AND l.issuer = provider.issuer AND l.subject = link_user.subject
    RETURNING l.user_email INTO old;
    IF link_user.user_email IS NOT NULL THEN
        INSERT INTO piste.linked_user (company, issuer, subject, user_email)
        VALUES (firm.id, provider.issuer, link_user.subject, link_user.user_email);
    ELSIF old IS NULL THEN
        RAISE EXCEPTION 'there is no such link' USING ERRCODE = 'PT404';
    END IF;
    PERFORM piste.append(firm.id, session_user::text, NULL, NULL, 'company.provider', 'company',
        jsonb_strip_nulls(jsonb_build_object(
            'link', link_user.subject, 'user', link_user.user_email, 'was', old)));
    IF old IS DISTINCT FROM link_user.user_email AND old IS NOT NULL THEN
        contexts_ended := piste.end_rights_of(firm.id, 'the identity provider changed', true);
    END IF;
    RETURN NEXT;
END
$$;

-- Who may call it: a service, inside this company for itself: by a ticket that names its users, or in a context after it
-- declared a read of them.
-- Trusts: session_user, the backend's own context or this transaction's ticket, and that the service verified the ID token with
-- this issuer, this audience, this address, this end and this digest (the SHA-256 of the part that is signed, in hex).
-- Records: `token.exchange` with issuer, audience and digest, the user being its subject; or `token.refused` with the reason.
-- The user is looked up through the gate, like every row: by the address (`user_by_address`), or by the provider's own number,
-- which an admin linked with one. The context that the token opens
-- is the service's, with the user as its subject: it ends after so many minutes, and with the ID token at the latest.
-- Raises PT409 when the gate is shut, because no read of the users was declared just before.
CREATE OR REPLACE FUNCTION piste.exchange_id_token(
    url_id text, issuer text, audience text, user_email text, digest text, id_token_expires timestamptz,
    minutes integer DEFAULT 30, user_claim text DEFAULT 'email', claims jsonb DEFAULT '{}')
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
    person   text := user_email;
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
    ELSIF coalesce(exchange_id_token.user_claim IN ('sub', 'oid'), false) THEN
        IF coalesce(char_length(user_email) NOT BETWEEN 1 AND 255 OR user_email ~ '[[:cntrl:]]', true) THEN
            RAISE EXCEPTION 'a subject has 1 to 255 characters, none of them a control character' USING ERRCODE = 'PT400';
        END IF;
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
        (8, exchange_id_token.audience <> ALL (provider.audiences), 'id_token_audience',
            'this ID token is for another audience than the company''s'),
        (8, exchange_id_token.user_claim IS DISTINCT FROM provider.user_claim
            OR (exchange_id_token.claims @> provider.claims) IS NOT TRUE, 'id_token_claims',
            'this ID token was not held against the claims that the company demands'),
        (9, id_token_expires < date_trunc('second', clock_timestamp()) + interval '1 second', 'id_token_expired',
            'this ID token has expired; sign in again'),
        (10, EXISTS (
            SELECT FROM piste.exchanged_token t
            WHERE t.company = firm.id AND t.digest = exchange_id_token.digest), 'id_token_used',
            'this ID token was exchanged before; sign in again')
    ) AS v (rank, refused, code, words)
    WHERE v.refused ORDER BY v.rank LIMIT 1;
    IF code IS NULL AND firm.adopted IS NOT NULL THEN
        code := 'company_adopted';
        words := 'this company was adopted: its people sign in where they did';
    END IF;
    IF code IS NULL THEN
        IF piste.open_until(firm.id, 'users') <= clock_timestamp() THEN
            RAISE EXCEPTION 'no read of this company''s users was declared and committed just before' USING ERRCODE = 'PT409';
        END IF;
        IF provider.user_claim IN ('sub', 'oid') THEN
            person := (
                SELECT l.user_email FROM piste.linked_user l
                WHERE l.company = firm.id AND l.issuer = provider.issuer AND l.subject = exchange_id_token.user_email);
        END IF;
        SELECT u.email, u.status INTO person, standing FROM piste.user_by_address(firm.schema_name, person) AS u;
        IF standing IS NULL THEN
            code := 'user_unknown';
            words := CASE WHEN provider.user_claim IN ('sub', 'oid')
                THEN 'no user of this company is linked with this number' ELSE 'this company has no user with this address' END;
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
            firm, 'service', person, person, NULL, NULL, minutes,
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
        'id_token_audience', 'id_token_expired', 'id_token_early', 'id_token_nonce', 'id_token_email', 'id_token_kind',
        'id_token_claims', 'provider_missing'), true)
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
