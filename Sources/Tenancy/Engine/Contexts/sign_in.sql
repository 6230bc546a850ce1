-- Sign-in of a company's own people: a context token for whoever signed in at the company's identity provider.
--
-- A company's people sign in at the company's own OpenID Connect provider, and the application gets an ID token about them.
-- PostgreSQL cannot verify its signature: the client verifies signature, kind, dates, nonce and address, and the service's login is
-- trusted to have done so, as it is trusted with every context of every company already (`generate_context_token`). What an
-- exchange adds is the name of the user, on record and in the token; it adds no right.
--
-- What PostgreSQL holds to by itself: the issuer, the audience and the required claims are this company's, and no other company
-- has the same; the user exists in this company and is active; each ID token is exchanged once; and the context ends with the ID
-- token at the latest.

SET LOCAL ROLE piste_owner;

-- The ID tokens that were exchanged, until they expire by themselves: by SHA-256, never the token.
CREATE TABLE IF NOT EXISTS piste.exchanged_token (
    company     uuid        NOT NULL REFERENCES piste.company ON DELETE CASCADE,
    digest      text        COLLATE "C" NOT NULL CHECK (digest ~ '^[0-9a-f]{64}$'),
    expires_at  timestamptz NOT NULL,
    PRIMARY KEY (company, digest)
);

-- Who may call it: a service, inside this company for itself: by a ticket that names its users, or in a context after it
-- declared a read of them.
-- Trusts: session_user, the backend's own context or this transaction's ticket, and that the service verified the ID token with
-- this issuer, this audience, this address, this end and this digest (the SHA-256 of the part that is signed, in hex).
-- Records: `token.exchange` with issuer, audience and digest, the user being its subject; or `token.refused` with the reason.
-- The user is looked up through the gate, like every row: by the address (`user_by_address`), or by the provider's own number,
-- which an admin linked with one. The context that the token opens is the service's, with the user as its subject: it ends after
-- so many minutes, and with the ID token at the latest.
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
        IF piste.is_subject(user_email) IS NOT TRUE THEN
            RAISE EXCEPTION 'a subject has 1 to 255 characters, none of them a control character' USING ERRCODE = 'PT400';
        END IF;
    ELSIF piste.is_mail_address(user_email) IS NOT TRUE THEN
        RAISE EXCEPTION 'user_email is not an e-mail address' USING ERRCODE = 'PT400';
    END IF;
    SELECT * INTO firm FROM piste.company c WHERE c.url_id = exchange_id_token.url_id;
    IF firm.id IS NOT NULL AND me.level = 'service' THEN
        -- The provider stays as it is until the token is there to be ended with it. Before the login's turn, which whoever changes
        -- the provider wants as well.
        SELECT * INTO provider FROM piste.identity_provider p WHERE p.company = firm.id FOR SHARE;
        -- Of two sessions of this login that bring the same token one comes second.
        PERFORM piste.take_turn('login:' || me.login);
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
        (9, exchange_id_token.user_claim IS DISTINCT FROM provider.user_claim
            OR (exchange_id_token.claims @> provider.claims) IS NOT TRUE, 'id_token_claims',
            'this ID token was not held against the claims that the company demands'),
        (10, id_token_expires < date_trunc('second', clock_timestamp()) + interval '1 second', 'id_token_expired',
            'this ID token has expired; sign in again'),
        (11, EXISTS (
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
