-- What a company allows: whether it may be impersonated, for how long, with which ticket, and whether anything may be
-- changed meanwhile.
--
-- A policy is asked three times: when an impersonation is asked for, when its token is entered, and whenever the policy
-- changes. An impersonation that a new policy would not allow ends in the transaction that sets the policy, backend and
-- all; so does a token that nobody has entered yet.

SET LOCAL ROLE piste_owner;

-- Who may call it: the engine's own definer functions. Records: nothing (the caller does).
-- The code of what a company's policy has against an impersonation, or nothing. Without `access` it is the one that the
-- policy gives.
CREATE OR REPLACE FUNCTION piste.policy_problem(
    firm piste.company, minutes integer, ticket text, access text, approved boolean, OUT code text, OUT words text)
LANGUAGE plpgsql
AS $$
BEGIN
    IF firm.impersonation = 'denied' THEN
        code := 'impersonation_denied';
        words := 'this company does not allow impersonation';
    ELSIF minutes > firm.impersonation_minutes THEN
        code := 'too_many_minutes';
        words := format('this company allows at most %s minutes', firm.impersonation_minutes);
    ELSIF firm.ticket_required AND coalesce(btrim(ticket), '') = '' THEN
        code := 'ticket_required';
        words := 'this company wants a ticket' || coalesce(' of the form ' || firm.ticket_pattern, '');
    ELSIF ticket <> '' AND NOT piste.ticket_fits(ticket, firm.ticket_pattern) THEN
        code := 'ticket_malformed';
        words := format('a ticket of this company has the form %s', firm.ticket_pattern);
    ELSIF access = 'read+write' AND firm.impersonation_access = 'read' THEN
        code := 'read_only';
        words := 'this company allows reading only';
    ELSIF firm.impersonation = 'approval' AND NOT approved THEN
        code := 'approval_required';
        words := 'a second operator must approve an impersonation of this company';
    END IF;
END
$$;

-- Who may call it: the engine's own definer functions. Records: nothing.
-- The policy as a company's operators know it.
CREATE OR REPLACE FUNCTION piste.policy_of(firm piste.company)
RETURNS jsonb
LANGUAGE sql IMMUTABLE
AS $$
    SELECT jsonb_build_object(
        'impersonation', firm.impersonation, 'max_minutes', firm.impersonation_minutes,
        'ticket_required', firm.ticket_required, 'ticket_pattern', firm.ticket_pattern,
        'rights', firm.impersonation_access)
$$;

-- Who may call it: the engine's own definer functions, in the company's turn. Records: as piste.end_contexts does.
-- Ends the impersonations, open or only issued, that the company's policy does not allow (any more). How many were open.
CREATE OR REPLACE FUNCTION piste.end_what_policy_forbids(firm piste.company)
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    each  record;
    ended bigint := 0;
BEGIN
    FOR each IN
        SELECT p.words, array_agg(c.jti) AS forbidden
        FROM piste.context c
        CROSS JOIN LATERAL piste.policy_problem(
            firm, piste.minutes_of(c), c.ticket, c.access, c.request IS NOT NULL) AS p
        WHERE c.company = firm.id AND c.ended_at IS NULL AND c.purpose = 'impersonation' AND p.code IS NOT NULL
        GROUP BY p.words
    LOOP
        ended := ended + piste.end_contexts(
            each.forbidden, 'the policy changed: ' || each.words, session_user::text);
    END LOOP;
    RETURN ended;
END
$$;

-- Who may call it: the engine's own definer functions. Records: nothing.
-- The minutes that a token was issued for.
CREATE OR REPLACE FUNCTION piste.minutes_of(asked piste.context)
RETURNS integer
LANGUAGE sql IMMUTABLE
AS $$
    SELECT ceil(extract(epoch FROM asked.expires_at - asked.issued_at) / 60)::integer
$$;

-- Who may call it: admin. Trusts: session_user. What is NULL stays as it is; an empty pattern takes it away.
-- Records: `company.policy` with what changed, old and new; `context.end` for each impersonation that the new policy does
-- not allow, and `impersonation.deny` for each request. Raises PT400 for a value that is none, with what is wrong with it.
CREATE OR REPLACE FUNCTION piste.set_company_policy(
    url_id text, impersonation text DEFAULT NULL, max_minutes integer DEFAULT NULL,
    ticket_required boolean DEFAULT NULL, ticket_pattern text DEFAULT NULL, rights text DEFAULT NULL)
RETURNS TABLE (was jsonb, policy jsonb, contexts_ended bigint, requests_denied bigint, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    asked   record;
    firm    piste.company;
    problem text;
    access  text := CASE rights WHEN 'read-only' THEN 'read' ELSE rights END;
BEGIN
    IF set_company_policy.impersonation NOT IN ('allowed', 'denied', 'approval') THEN
        RAISE EXCEPTION 'impersonation is allowed, denied or approval' USING ERRCODE = 'PT400';
    END IF;
    IF set_company_policy.max_minutes NOT BETWEEN 1 AND 30 THEN
        RAISE EXCEPTION 'max_minutes must be from 1 to 30' USING ERRCODE = 'PT400';
    END IF;
    IF access NOT IN ('read', 'read+write') THEN
        RAISE EXCEPTION 'rights are read-only or read+write' USING ERRCODE = 'PT400';
    END IF;
    IF char_length(set_company_policy.ticket_pattern) > 200 THEN
        RAISE EXCEPTION 'a ticket''s pattern has at most 200 characters' USING ERRCODE = 'PT413';
    END IF;
    problem := piste.pattern_problem(nullif(set_company_policy.ticket_pattern, ''));
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION 'a ticket''s pattern cannot be this: %', problem USING
            ERRCODE = 'PT400', HINT = 'A regular expression for the whole ticket, such as SUP-[0-9]+.';
    END IF;
    IF num_nonnulls(
        set_company_policy.impersonation, set_company_policy.max_minutes, set_company_policy.ticket_required,
        set_company_policy.ticket_pattern, access) = 0
    THEN
        RAISE EXCEPTION 'say what the policy shall be' USING ERRCODE = 'PT400';
    END IF;
    asked := piste.company_for_admin(set_company_policy.url_id, 'policy');
    firm := asked.firm;
    refusal := asked.refusal;
    contexts_ended := 0;
    requests_denied := 0;
    IF refusal IS NULL THEN
        was := piste.policy_of(firm);
        firm.impersonation := coalesce(set_company_policy.impersonation, firm.impersonation);
        firm.impersonation_minutes := coalesce(set_company_policy.max_minutes, firm.impersonation_minutes);
        firm.ticket_required := coalesce(set_company_policy.ticket_required, firm.ticket_required);
        firm.ticket_pattern := nullif(coalesce(set_company_policy.ticket_pattern, firm.ticket_pattern), '');
        firm.impersonation_access := coalesce(access, firm.impersonation_access);
        policy := piste.policy_of(firm);
        IF policy <> was THEN
            UPDATE piste.company SET
                impersonation = firm.impersonation, impersonation_minutes = firm.impersonation_minutes,
                ticket_required = firm.ticket_required, ticket_pattern = firm.ticket_pattern,
                impersonation_access = firm.impersonation_access
            WHERE id = firm.id;
            PERFORM piste.append(firm.id, session_user::text, NULL, NULL, 'company.policy', 'company', (
                SELECT jsonb_build_object('old', jsonb_object_agg(o.key, o.value), 'new', jsonb_object_agg(o.key, n.value))
                FROM jsonb_each(was) AS o JOIN jsonb_each(policy) AS n USING (key)
                WHERE o.value <> n.value));
            contexts_ended := piste.end_what_policy_forbids(firm);
            requests_denied := piste.deny_what_policy_forbids(firm);
        END IF;
    END IF;
    RETURN NEXT;
END
$$;

RESET ROLE;
