-- What an admin says of a company's identity provider: setting and removing it, and linking its numbers with users.

SET LOCAL ROLE piste_owner;

-- Who may call it: admin. Trusts: session_user. Records: `company.provider` with the old one, the new one and how many links went
-- with the old, and `context.end` for each context and each token that was given for a sign-in there; or `company.refused`.
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
                    'old', piste.provider_told(old), 'new', piste.provider_told(new_),
                    'links_removed', nullif(piste.forget_links(firm.id, old, new_), 0))));
            contexts_ended := piste.end_rights_of(firm.id, 'the identity provider changed', true);
        END IF;
    END IF;
    RETURN NEXT;
END
$$;

-- Who may call it: admin. Trusts: session_user. Records: `company.provider` with the old one and how many links went with it, and
-- `context.end` for each context and each token that was given for a sign-in there; or `company.refused`.
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
                jsonb_strip_nulls(jsonb_build_object(
                    'old', piste.provider_told(old), 'links_removed', nullif(piste.forget_links(firm.id, old, NULL), 0))));
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

-- Who may call it: admin. Trusts: session_user. Records: `company.provider` with the number and the user that it stands for; where
-- it stood for another, or stands for nobody now, `context.end` for every context of a sign-in, since the number is not among what
-- a context remembers; or `company.refused`.
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
    IF piste.is_subject(link_user.subject) IS NOT TRUE THEN
        RAISE EXCEPTION 'a subject has 1 to 255 characters, none of them a control character' USING ERRCODE = 'PT400';
    ELSIF NOT piste.is_mail_address(link_user.user_email) THEN
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
    -- An exchange that has read the link is waited for: it is over with the link.
    SELECT * INTO provider FROM piste.identity_provider p WHERE p.company = firm.id FOR NO KEY UPDATE;
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

RESET ROLE;
