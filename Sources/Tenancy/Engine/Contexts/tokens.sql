-- Context tokens: issued and verified here and nowhere else.

SET LOCAL ROLE piste_owner;

-- Who may call it: the engine's own definer functions, which have decided that it may be. Trusts: its arguments.
-- Records: `token.issue` or `impersonation.issue` in the company's trail, with who, why and until when, and who approved it.
-- An impersonation gets the rights that the company's policy gives. With `exchange`, which says what the token is given for, it
-- is recorded as `token.exchange`; it ends at `until` at the latest.
CREATE OR REPLACE FUNCTION piste.issue_token(
    firm piste.company, purpose text, subject text, user_email text, reason text, ticket text, minutes integer,
    approval uuid DEFAULT NULL, exchange jsonb DEFAULT NULL, until timestamptz DEFAULT NULL,
    OUT token text, OUT jti uuid, OUT expires_at timestamptz)
LANGUAGE plpgsql
AS $$
#variable_conflict use_column
DECLARE
    login  text        := session_user::text;
    moment timestamptz := date_trunc('second', clock_timestamp());
    epoch  bigint      := extract(epoch FROM moment)::bigint;
    access text        := CASE purpose
        WHEN 'access' THEN 'read' WHEN 'impersonation' THEN firm.impersonation_access ELSE 'read+write' END;
    key    piste.signing_key;
BEGIN
    PERFORM piste.spend(firm.id, tokens => 1);
    PERFORM piste.check_durability();
    PERFORM piste.make_room_for_token(firm.id, login);
    jti := gen_random_uuid();
    expires_at := least(moment + make_interval(mins => minutes), date_trunc('second', until));
    PERFORM piste.append(
        firm.id, login, subject, jti,
        CASE WHEN purpose = 'impersonation' THEN 'impersonation.issue' WHEN exchange IS NOT NULL THEN 'token.exchange'
            ELSE 'token.issue' END, 'token',
        jsonb_strip_nulls(jsonb_build_object(
            'purpose', purpose, 'minutes', minutes, 'expires_at', expires_at, 'reason', reason, 'ticket', ticket,
            'rights', CASE purpose WHEN 'impersonation' THEN access END)
            || coalesce(exchange, '{}'))
        || CASE WHEN approval IS NULL THEN '{}' ELSE piste.approval_of(approval) END);
    SELECT k.* INTO key
    FROM piste.signing_key k JOIN piste.company c ON c.id = k.company
    WHERE k.company = firm.id AND k.retired_at IS NULL AND c.status = 'active';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'this company was suspended at this moment' USING ERRCODE = 'PT409';
    END IF;
    INSERT INTO piste.context
        (jti, company, operator, purpose, access, role, subject, reason, ticket, issued_at, expires_at, request, kid)
    VALUES (
        jti, firm.id, login, purpose, access,
        CASE WHEN access = 'read' THEN 'reader' WHEN purpose = 'impersonation' THEN 'agent' ELSE 'writer' END,
        subject, reason, ticket, moment, expires_at, approval, key.kid);
    token := piste.signed_token(key.kid, key.secret,
        jsonb_build_object(
            'iss', 'piste', 'aud', firm.url_id, 'sub', coalesce(user_email, login), 'jti', jti,
            'iat', epoch, 'nbf', epoch, 'exp', extract(epoch FROM expires_at)::bigint, 'company', firm.id, 'purpose', purpose)
        || CASE WHEN purpose = 'impersonation' OR exchange IS NOT NULL
            THEN jsonb_build_object('act', jsonb_build_object('sub', login)) ELSE '{}' END);
END
$$;

-- Who may call it: every operator. Trusts: session_user. Records: `token.issue`, or `token.refused` with the reason.
-- A viewer's, a support agent's and an admin's token opens a context for reading; a service's for reading and writing.
CREATE OR REPLACE FUNCTION piste.generate_context_token(url_id text, minutes integer DEFAULT 30)
RETURNS TABLE (token text, jti uuid, expires_at timestamptz, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    me     record := piste.me();
    firm   piste.company;
    detail jsonb;
BEGIN
    IF coalesce(minutes NOT BETWEEN 1 AND 30, true) THEN
        RAISE EXCEPTION 'minutes must be from 1 to 30' USING ERRCODE = 'PT400';
    END IF;
    IF url_id IS NULL THEN
        RAISE EXCEPTION 'url_id is missing' USING ERRCODE = 'PT400';
    END IF;
    SELECT * INTO firm FROM piste.company c WHERE c.url_id = generate_context_token.url_id;
    detail := jsonb_build_object('url_id', left(url_id, 100));
    IF firm.id IS NULL THEN
        refusal := piste.refuse(NULL, 'token.refused', 'token', 'unknown_company',
            'there is no company of this name', detail);
    ELSIF me.level = 'superuser' THEN
        refusal := piste.refuse(firm.id, 'token.refused', 'token', 'not_allowed',
            'a superuser is outside the engine and gets no token', detail);
    ELSIF firm.status <> 'active' THEN
        refusal := piste.refuse(firm.id, 'token.refused', 'token', 'company_suspended',
            'this company is suspended', detail);
    ELSE
        SELECT i.token, i.jti, i.expires_at INTO token, jti, expires_at
        FROM piste.issue_token(
            firm, CASE me.level WHEN 'service' THEN 'service' ELSE 'access' END, NULL, NULL, NULL, NULL, minutes) AS i;
    END IF;
    RETURN NEXT;
END
$$;

-- Who may call it: support and admin. Trusts: session_user, and the company's policy. Records: `impersonation.issue` with
-- the reason, the ticket and whom the operator acts as; `impersonation.request` when the company wants the approval of a
-- second operator first (then there is no token yet, and the refusal names the request); or `impersonation.refused`.
-- Without a user the operator acts as the company; without minutes it is 15, or what the company allows at most.
CREATE OR REPLACE FUNCTION piste.impersonate_company(
    url_id text, reason text, ticket text DEFAULT NULL, user_email text DEFAULT NULL, minutes integer DEFAULT NULL)
RETURNS TABLE (token text, jti uuid, expires_at timestamptz, refusal text, request uuid)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    me     record := piste.me();
    here   record := piste.here();
    firm   piste.company;
    detail jsonb;
    code   text;
    words  text;
BEGIN
    IF minutes NOT BETWEEN 1 AND 30 THEN
        RAISE EXCEPTION 'minutes must be from 1 to 30' USING ERRCODE = 'PT400';
    END IF;
    IF url_id IS NULL THEN
        RAISE EXCEPTION 'url_id is missing' USING ERRCODE = 'PT400';
    END IF;
    IF char_length(reason) > 1000 OR char_length(ticket) > 200 THEN
        RAISE EXCEPTION 'a reason has at most 1000 characters, a ticket 200' USING ERRCODE = 'PT413';
    END IF;
    IF NOT piste.is_mail_address(user_email) THEN
        RAISE EXCEPTION 'user_email is not an e-mail address' USING ERRCODE = 'PT400';
    END IF;
    ticket := nullif(ticket, '');
    SELECT * INTO firm FROM piste.company c WHERE c.url_id = impersonate_company.url_id;
    minutes := coalesce(minutes, least(15, firm.impersonation_minutes));
    SELECT v.code, v.words INTO code, words
    FROM (VALUES
        (1, firm.id IS NULL, 'unknown_company', 'there is no company of this name'),
        (2, me.level NOT IN ('support', 'admin'), 'not_allowed', 'only support and admins impersonate'),
        (3, firm.status <> 'active', 'company_suspended', 'this company is suspended'),
        (4, firm.impersonation = 'denied', 'impersonation_denied', 'this company does not allow impersonation'),
        (5, coalesce(reason, '') !~ '[^[:space:][:cntrl:]]', 'reason_required', 'write down why, in words'),
        (6, here.live AND here.purpose = 'impersonation', 'nested_impersonation',
            'leave the impersonation that this session is in')
    ) AS v (rank, refused, code, words)
    WHERE v.refused ORDER BY v.rank LIMIT 1;
    IF code IS NULL THEN
        SELECT p.code, p.words INTO code, words FROM piste.policy_problem(firm, minutes, ticket, NULL, false) AS p;
    END IF;
    IF code = 'approval_required' THEN
        SELECT r.request, r.refusal INTO request, refusal
        FROM piste.request_approval(firm, user_email, reason, ticket, minutes) AS r;
    ELSIF code IS NOT NULL THEN
        detail := jsonb_build_object('url_id', left(url_id, 100), 'user', user_email, 'reason', reason, 'ticket', ticket);
        refusal := piste.refuse(
            firm.id, 'impersonation.refused', 'token', code, words, detail);
    ELSE
        SELECT i.token, i.jti, i.expires_at INTO token, jti, expires_at
        FROM piste.issue_token(
            firm, 'impersonation', coalesce(user_email, firm.url_id), user_email, reason, ticket, minutes) AS i;
    END IF;
    RETURN NEXT;
END
$$;

-- Who may call it: the engine's own definer functions. Trusts: piste.signing_key; nothing of the token before its
-- signature is verified. Records: nothing (the caller does).
-- The claims of a token that this engine signed, or the code of what is wrong with it. The algorithm is that of the key
-- record; the header's is compared with it. The signature is compared as text, in its one canonical form.
CREATE OR REPLACE FUNCTION piste.read_token(token text, OUT claims jsonb, OUT code text, OUT words text)
LANGUAGE plpgsql
AS $$
DECLARE
    part   text[] := CASE WHEN octet_length(token) <= 4096 THEN string_to_array(token, '.') END;
    header jsonb;
    key    piste.signing_key;
    signed text;
BEGIN
    header := piste.json_of_base64url(part[1]);
    IF cardinality(part) IS DISTINCT FROM 3 OR header IS NULL THEN
        code := 'token_malformed';
        words := 'this is not a context token';
        RETURN;
    END IF;
    SELECT * INTO key FROM piste.signing_key k WHERE k.kid = header ->> 'kid' AND jsonb_typeof(header -> 'kid') = 'string';
    IF NOT FOUND THEN
        code := 'token_unknown_key';
        words := 'no key of this engine signed this token';
    ELSIF header -> 'alg' IS DISTINCT FROM to_jsonb(key.algorithm) THEN
        code := 'token_algorithm';
        words := 'this token names another algorithm than its key';
    ELSIF header -> 'typ' IS DISTINCT FROM to_jsonb(piste.token_type()) THEN
        code := 'token_malformed';
        words := 'this is another kind of token than a context token';
    ELSIF header - ARRAY['alg', 'kid', 'typ'] <> '{}' THEN
        code := 'token_malformed';
        words := 'this token''s header says more than a context token''s';
    ELSIF key.retired_at IS NOT NULL THEN
        -- Its secret is destroyed: there is nothing left to verify the signature with.
        code := 'token_old_key';
        words := 'the key of this token is retired; ask for a fresh one';
    ELSE
        signed := piste.base64url(
            piste.hmac_sha256(convert_to(part[1] || '.' || part[2], 'UTF8'), key.secret));
        -- Hashing both first leaves nothing to learn from the time that the comparison takes.
        IF sha256(convert_to(part[3], 'UTF8')) IS DISTINCT FROM sha256(convert_to(signed, 'UTF8')) THEN
            code := 'token_tampered';
            words := 'the signature of this token does not match it';
        ELSE
            claims := piste.json_of_base64url(part[2]);
            IF claims ->> 'company' IS DISTINCT FROM key.company::text THEN
                claims := NULL;
                code := 'token_tampered';
                words := 'this token was signed with the key of another company';
            ELSIF coalesce(claims ->> 'jti' !~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$', true) THEN
                claims := NULL;
                code := 'token_malformed';
                words := 'this token does not say which one it is';
            END IF;
        END IF;
    END IF;
END
$$;

RESET ROLE;
