-- Requests decided, claimed and withdrawn: always by somebody who was there before, and never by the same login.

SET LOCAL ROLE piste_owner;

-- Who may call it: the engine's own definer functions. Records: `impersonation.refused`, or `impersonation.lapse` for a request
-- that it finds too late. The request, its company and its trail locked for the caller; or a refusal. Raises PT409 in an isolation
-- level whose snapshot would not see who was removed meanwhile.
CREATE OR REPLACE FUNCTION piste.request_in_turn(
    which uuid, wish text, wanted text[], OUT asked piste.request, OUT firm piste.company, OUT refusal text)
LANGUAGE plpgsql
AS $$
#variable_conflict use_column
DECLARE
    me     record := piste.me();
    detail jsonb := jsonb_build_object('wish', wish, 'request', which);
BEGIN
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
        RAISE EXCEPTION 'a request is decided and claimed in READ COMMITTED only' USING ERRCODE = 'PT409';
    END IF;
    SELECT * INTO asked FROM piste.request r WHERE r.id = which;
    SELECT * INTO firm FROM piste.company c WHERE c.id = asked.company;
    -- Who may not see a request is not told whether there is one.
    IF me.level NOT IN ('support', 'admin') AND asked.operator IS DISTINCT FROM me.login THEN
        refusal := piste.refuse(NULL, 'impersonation.refused', 'request', 'not_allowed',
            'requests are for support and admins', detail);
        RETURN;
    ELSIF firm.id IS NULL THEN
        refusal := piste.refuse(NULL, 'impersonation.refused', 'request', 'unknown_request',
            'there is no such request', detail);
        RETURN;
    ELSIF wish <> 'decide' AND asked.operator <> me.login THEN
        refusal := piste.refuse(firm.id, 'impersonation.refused', 'request', 'foreign_request',
            'this request was made by another login', detail);
        RETURN;
    END IF;
    PERFORM piste.take_turn('request:' || which);
    SELECT * INTO firm FROM piste.company c WHERE c.id = asked.company;
    SELECT * INTO asked FROM piste.request r WHERE r.id = which FOR UPDATE;
    IF asked.id IS NULL THEN
        refusal := piste.refuse(NULL, 'impersonation.refused', 'request', 'unknown_request',
            'there is no such request', detail);
    ELSIF asked.state IN ('pending', 'approved') AND asked.expires_at <= clock_timestamp() THEN
        PERFORM piste.lapse_request(asked);
        asked.state := 'expired';
    END IF;
    IF refusal IS NULL AND asked.state <> ALL (wanted) THEN
        refusal := piste.refuse(firm.id, 'impersonation.refused', 'request', 'request_' || asked.state,
            CASE asked.state
                WHEN 'pending' THEN 'nobody has decided about this request yet'
                WHEN 'approved' THEN format('%s approved this request already', asked.decided_by)
                WHEN 'denied' THEN format('this request was denied: %s', coalesce(asked.decision, 'the policy changed'))
                WHEN 'claimed' THEN 'this request has become a token already'
                WHEN 'withdrawn' THEN 'this request was withdrawn'
                ELSE 'the time of this request is over' END,
            detail);
    END IF;
END
$$;

-- Who may call it: the engine's own definer functions. Records: nothing.
-- What speaks against a request, whoever decides or claims it: its company, its operator, the policy as it is now.
CREATE OR REPLACE FUNCTION piste.request_problem(
    asked piste.request, firm piste.company, OUT code text, OUT words text)
LANGUAGE plpgsql
AS $$
BEGIN
    IF firm.status <> 'active' THEN
        code := 'company_suspended';
        words := 'this company is suspended';
    ELSIF NOT EXISTS (
        SELECT FROM piste.operator o
        WHERE o.login = asked.operator AND o.level IN ('support', 'admin') AND o.added_at <= asked.asked_at)
    THEN
        code := 'requester_gone';
        words := format('%s may not impersonate any more', asked.operator);
    ELSE
        SELECT p.code, p.words INTO code, words
        FROM piste.policy_problem(firm, asked.minutes, asked.ticket, NULL, true) AS p;
    END IF;
END
$$;

-- Who may call it: support and admin, never whoever asked, and nobody who became an operator only after it was asked.
-- Trusts: session_user. Records: `impersonation.approve` or `impersonation.deny` with the reason, or
-- `impersonation.refused`. Raises PT400 without a request, a decision or a reason, PT413 for too long a reason.
CREATE OR REPLACE FUNCTION piste.decide_request(id uuid, approve boolean, reason text)
RETURNS TABLE (state text, expires_at timestamptz, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    me    record := piste.me();
    turn  record;
    asked piste.request;
    firm  piste.company;
    code  text;
    words text;
BEGIN
    IF decide_request.id IS NULL OR approve IS NULL OR coalesce(reason, '') !~ '[^[:space:][:cntrl:]]' THEN
        RAISE EXCEPTION 'say which request, whether it is approved, and why' USING ERRCODE = 'PT400';
    END IF;
    IF char_length(reason) > 1000 THEN
        RAISE EXCEPTION 'a reason has at most 1000 characters' USING ERRCODE = 'PT413';
    END IF;
    turn := piste.request_in_turn(decide_request.id, 'decide', ARRAY['pending']);
    asked := turn.asked;
    firm := turn.firm;
    refusal := turn.refusal;
    IF refusal IS NULL THEN
        IF me.level NOT IN ('support', 'admin') THEN
            code := 'not_allowed';
            words := 'only support and admins decide';
        ELSIF asked.operator = me.login THEN
            code := 'own_request';
            words := 'nobody decides about a request of their own';
        ELSIF (SELECT o.added_at > asked.asked_at FROM piste.operator o WHERE o.login = me.login) THEN
            code := 'added_since';
            words := 'whoever became an operator after a request was made does not decide about it';
        ELSIF approve THEN
            SELECT p.code, p.words INTO code, words FROM piste.request_problem(asked, firm) AS p;
        END IF;
        IF code IS NOT NULL THEN
            refusal := piste.refuse(firm.id, 'impersonation.refused', 'request', code, words,
                jsonb_build_object('wish', 'decide', 'approve', approve, 'request', asked.id));
        ELSE
            PERFORM piste.settle_request(asked, CASE WHEN approve THEN 'approved' ELSE 'denied' END,
                CASE WHEN approve THEN 'impersonation.approve' ELSE 'impersonation.deny' END, reason, me.login);
        END IF;
    END IF;
    IF refusal IS NULL THEN
        SELECT r.state, r.expires_at INTO state, expires_at FROM piste.request r WHERE r.id = asked.id;
    END IF;
    RETURN NEXT;
END
$$;

-- Who may call it: whoever asked, once, after somebody approved. Trusts: session_user, and the policy as it is now.
-- Records: `impersonation.issue`, with the request and who approved it; or `impersonation.refused`.
CREATE OR REPLACE FUNCTION piste.claim_request(id uuid)
RETURNS TABLE (token text, jti uuid, expires_at timestamptz, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    here  record := piste.here();
    turn  record;
    asked piste.request;
    firm  piste.company;
    code  text;
    words text;
BEGIN
    IF claim_request.id IS NULL THEN
        RAISE EXCEPTION 'say which request' USING ERRCODE = 'PT400';
    END IF;
    turn := piste.request_in_turn(claim_request.id, 'claim', ARRAY['approved']);
    asked := turn.asked;
    firm := turn.firm;
    refusal := turn.refusal;
    IF refusal IS NULL THEN
        SELECT p.code, p.words INTO code, words FROM piste.request_problem(asked, firm) AS p;
        IF code IS NULL AND NOT EXISTS (
            SELECT FROM piste.operator o
            WHERE o.login = asked.decided_by AND o.level IN ('support', 'admin') AND o.added_at <= asked.asked_at)
        THEN
            code := 'approver_gone';
            words := format('%s, who approved this, may not do so any more; ask again', asked.decided_by);
        ELSIF code IS NULL AND here.live AND here.purpose = 'impersonation' THEN
            code := 'nested_impersonation';
            words := 'leave the impersonation that this session is in';
        END IF;
        IF code IS NOT NULL THEN
            refusal := piste.refuse(firm.id, 'impersonation.refused', 'request', code, words,
                jsonb_build_object('wish', 'claim', 'request', asked.id));
        ELSE
            UPDATE piste.request r SET state = 'claimed', ended_at = clock_timestamp() WHERE r.id = asked.id;
            SELECT i.token, i.jti, i.expires_at INTO token, jti, expires_at
            FROM piste.issue_token(
                firm, 'impersonation', coalesce(asked.user_email, firm.url_id), asked.user_email, asked.reason,
                asked.ticket, asked.minutes, asked.id) AS i;
        END IF;
    END IF;
    RETURN NEXT;
END
$$;

-- Who may call it: whoever asked. Trusts: session_user. Records: `impersonation.withdraw`, or `impersonation.refused`.
CREATE OR REPLACE FUNCTION piste.withdraw_request(id uuid)
RETURNS TABLE (state text, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    turn  record;
    asked piste.request;
    firm  piste.company;
BEGIN
    IF withdraw_request.id IS NULL THEN
        RAISE EXCEPTION 'say which request' USING ERRCODE = 'PT400';
    END IF;
    turn := piste.request_in_turn(withdraw_request.id, 'withdraw', ARRAY['pending', 'approved']);
    asked := turn.asked;
    firm := turn.firm;
    refusal := turn.refusal;
    IF refusal IS NULL THEN
        PERFORM piste.settle_request(asked, 'withdrawn', 'impersonation.withdraw', 'withdrawn by whoever asked');
        state := 'withdrawn';
    END IF;
    RETURN NEXT;
END
$$;

RESET ROLE;
