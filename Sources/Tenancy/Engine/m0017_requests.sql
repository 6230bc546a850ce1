-- Requests: an impersonation that a second operator must approve first.
--
--   pending    waits for a decision, at most fifteen minutes
--   approved   may be claimed by whoever asked, once, within five minutes; the minutes of the impersonation begin then
--   denied     by an operator, or by a policy that does not allow it any more
--   claimed    has become a token
--   withdrawn  by whoever asked
--   expired    nobody decided in time, or nobody claimed it in time
--
-- Every change of a request goes before the lock of its company's trail: of two who decide, or decide and expire, or
-- claim twice, one is first, and the other finds what the first one left.

SET LOCAL ROLE piste_owner;

CREATE TABLE IF NOT EXISTS piste.request (
    id          uuid        PRIMARY KEY,
    company     uuid        NOT NULL REFERENCES piste.company ON DELETE CASCADE,
    operator    text        COLLATE "C" NOT NULL,
    user_email  text,
    reason      text        NOT NULL,
    ticket      text,
    minutes     integer     NOT NULL CHECK (minutes BETWEEN 1 AND 30),
    state       text        COLLATE "C" NOT NULL DEFAULT 'pending'
                            CHECK (state IN ('pending', 'approved', 'denied', 'claimed', 'withdrawn', 'expired')),
    asked_at    timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    decided_at  timestamptz,
    decided_by  text        COLLATE "C" CHECK (decided_by <> operator),
    decision    text,
    ended_at    timestamptz,
    CHECK (state NOT IN ('approved', 'claimed') OR decided_by IS NOT NULL)
);

CREATE INDEX IF NOT EXISTS request_open ON piste.request (expires_at) WHERE state IN ('pending', 'approved');
CREATE INDEX IF NOT EXISTS request_by_time ON piste.request (asked_at, id);
CREATE INDEX IF NOT EXISTS request_by_company ON piste.request (company);

-- Where whoever may decide is called: one channel a database, drawn at random. What is said there holds no word of anybody.
CREATE TABLE IF NOT EXISTS piste.request_watch (
    channel text COLLATE "C" NOT NULL
);

INSERT INTO piste.request_watch (channel)
SELECT 'piste_requests_' || encode(piste.random_bytes(12), 'hex')
WHERE NOT EXISTS (SELECT FROM piste.request_watch);

-- Calls whoever watches the requests, and the sweepers, for whom something else may now be the next to expire.
CREATE OR REPLACE FUNCTION piste.call_deciders()
RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM pg_notify(channel, '') FROM piste.request_watch;
    PERFORM pg_notify(channel, '') FROM piste.sweeper;
    RETURN NULL;
END
$$;

CREATE OR REPLACE TRIGGER tell
AFTER INSERT OR UPDATE OR DELETE ON piste.request
FOR EACH STATEMENT EXECUTE FUNCTION piste.call_deciders();

-- Who may call it: the engine's own definer functions. Records: nothing.
-- What the record of an impersonation says of its approval.
CREATE OR REPLACE FUNCTION piste.approval_of(which uuid)
RETURNS jsonb
LANGUAGE sql STABLE
AS $$
    SELECT coalesce((
        SELECT jsonb_build_object('request', r.id, 'approved_by', r.decided_by, 'approval', r.decision)
        FROM piste.request r WHERE r.id = which
    ), '{}')
$$;

-- Who may call it: `impersonate_company`, when nothing but an approval is missing. Trusts: its arguments and session_user.
-- Records: `impersonation.request`, or `impersonation.refused` when too many of this operator's wait already.
-- Asked the same once more, it names the request that waits, or that was approved meanwhile.
CREATE OR REPLACE FUNCTION piste.request_approval(
    firm piste.company, user_email text, reason text, ticket text, minutes integer, OUT request uuid, OUT refusal text)
LANGUAGE plpgsql
AS $$
#variable_conflict use_column
DECLARE
    login  text := session_user::text;
    asked  piste.request;
    detail jsonb := jsonb_strip_nulls(jsonb_build_object(
        'user', user_email, 'reason', reason, 'ticket', ticket, 'minutes', minutes));
BEGIN
    PERFORM piste.lock_trail(firm.schema_name);
    SELECT * INTO asked
    FROM piste.request r
    WHERE r.company = firm.id AND r.operator = login AND r.state IN ('pending', 'approved')
      AND r.expires_at > clock_timestamp() AND r.reason = request_approval.reason
      AND r.minutes = request_approval.minutes
      AND r.user_email IS NOT DISTINCT FROM request_approval.user_email
      AND r.ticket IS NOT DISTINCT FROM request_approval.ticket
    ORDER BY r.state LIMIT 1;
    IF asked.id IS NULL THEN
        IF (SELECT count(*) FROM piste.request r
            WHERE r.operator = login AND r.state = 'pending' AND r.expires_at > clock_timestamp()) >= 10
        THEN
            refusal := piste.refuse(firm.schema_name, 'impersonation.refused', 'request', 'too_many_requests',
                'ten requests of yours wait already; withdraw one', detail);
            RETURN;
        END IF;
        INSERT INTO piste.request (id, company, operator, user_email, reason, ticket, minutes, asked_at, expires_at)
        VALUES (
            gen_random_uuid(), firm.id, login, user_email, reason, ticket, minutes,
            clock_timestamp(), clock_timestamp() + interval '15 minutes')
        RETURNING * INTO asked;
        PERFORM piste.append(
            firm.schema_name, login, NULL, NULL, 'impersonation.request', 'request',
            detail || jsonb_build_object('request', asked.id, 'expires_at', asked.expires_at));
    END IF;
    request := asked.id;
    refusal := format(
        CASE asked.state WHEN 'approved' THEN 'approval_required: request %s is approved; claim it until %s'
            ELSE 'approval_required: a second operator must approve this; request %s waits until %s' END,
        asked.id, date_trunc('second', asked.expires_at));
END
$$;

-- Who may call it: the engine's own definer functions, which hold the trail's lock. Records: what became of the request,
-- under the given action.
CREATE OR REPLACE FUNCTION piste.settle_request(
    asked piste.request, home text, became text, action text, why text, decided_by text DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    UPDATE piste.request r SET
        state = became,
        decided_by = coalesce(settle_request.decided_by, r.decided_by),
        decided_at = CASE WHEN settle_request.decided_by IS NULL THEN r.decided_at ELSE clock_timestamp() END,
        decision = CASE WHEN became IN ('approved', 'denied') THEN why ELSE r.decision END,
        expires_at = CASE became WHEN 'approved' THEN clock_timestamp() + interval '5 minutes' ELSE r.expires_at END,
        ended_at = CASE became WHEN 'approved' THEN NULL ELSE clock_timestamp() END
    WHERE r.id = asked.id;
    PERFORM piste.append(
        home, session_user::text, NULL, NULL, action, 'request', jsonb_strip_nulls(jsonb_build_object(
            'request', asked.id, 'operator', asked.operator, 'was', asked.state, 'why', why)));
END
$$;

-- Who may call it: the engine's own definer functions, which hold the trail's lock. Records: `impersonation.lapse`.
CREATE OR REPLACE FUNCTION piste.lapse_request(asked piste.request, home text)
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM piste.settle_request(asked, home, 'expired', 'impersonation.lapse',
        CASE asked.state WHEN 'approved' THEN 'nobody claimed it in time' ELSE 'nobody decided in time' END);
END
$$;

-- Who may call it: `sweep`. Trusts: the clock. Records: `impersonation.lapse` each.
-- Closes the requests whose time is over; what somebody holds is left to the next sweep.
CREATE OR REPLACE FUNCTION piste.lapse_requests()
RETURNS TABLE (did text, url_id text, operator text, jti uuid, detail text)
LANGUAGE plpgsql
AS $$
#variable_conflict use_column
DECLARE
    each  record;
    asked piste.request;
BEGIN
    FOR each IN
        SELECT r.id, r.operator, k.url_id, k.schema_name
        FROM piste.request r JOIN piste.company k ON k.id = r.company
        WHERE r.state IN ('pending', 'approved') AND r.expires_at <= clock_timestamp()
        ORDER BY k.schema_name
    LOOP
        IF NOT piste.lock_trail(each.schema_name, 'skip') THEN
            RETURN QUERY SELECT 'postponed', each.url_id, each.operator, NULL::uuid, 'the trail is held';
            CONTINUE;
        END IF;
        SELECT * INTO asked FROM piste.request r
        WHERE r.id = each.id AND r.state IN ('pending', 'approved') AND r.expires_at <= clock_timestamp()
        FOR UPDATE;
        IF FOUND THEN
            PERFORM piste.lapse_request(asked, each.schema_name);
            RETURN QUERY SELECT 'lapsed', each.url_id, each.operator, NULL::uuid, format('request %s', each.id);
        END IF;
    END LOOP;
END
$$;

-- Who may call it: `set_company_policy`, which holds the trail's lock. Records: `impersonation.deny` each.
-- Denies the requests, waiting or approved, that the company's policy does not allow (any more). How many.
CREATE OR REPLACE FUNCTION piste.deny_what_policy_forbids(firm piste.company)
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    each    piste.request;
    problem record;
    denied  bigint := 0;
BEGIN
    FOR each IN
        SELECT * FROM piste.request r WHERE r.company = firm.id AND r.state IN ('pending', 'approved') FOR UPDATE
    LOOP
        problem := piste.policy_problem(firm, each.minutes, each.ticket, NULL, true);
        IF problem.code IS NOT NULL THEN
            -- An admin whose own request falls under the new policy did not decide about it: the policy did.
            PERFORM piste.settle_request(each, firm.schema_name, 'denied', 'impersonation.deny',
                'the policy changed: ' || problem.words, nullif(session_user::text, each.operator));
            denied := denied + 1;
        END IF;
    END LOOP;
    RETURN denied;
END
$$;

-- Who may call it: every operator. Trusts: session_user. Records: nothing.
-- One request, to whoever may see it: its operator, support and admins.
CREATE OR REPLACE FUNCTION piste.request(which uuid)
RETURNS TABLE (
    id uuid, url_id text, company_name text, operator text, user_email text, reason text, ticket text, minutes integer,
    state text, asked_at timestamptz, expires_at timestamptz, decided_at timestamptz, decided_by text, decision text,
    may_decide boolean, server_time timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    me record := piste.me();
BEGIN
    IF which IS NULL THEN
        RAISE EXCEPTION 'say which request' USING ERRCODE = 'PT400';
    END IF;
    RETURN QUERY
    SELECT r.id, k.url_id, k.name::text, r.operator, r.user_email, r.reason, r.ticket, r.minutes,
        CASE WHEN r.state IN ('pending', 'approved') AND r.expires_at <= clock_timestamp() THEN 'expired' ELSE r.state END,
        r.asked_at, r.expires_at, r.decided_at, r.decided_by, r.decision,
        r.state = 'pending' AND r.expires_at > clock_timestamp() AND r.operator <> me.login
            AND me.level IN ('support', 'admin'),
        clock_timestamp()
    FROM piste.request r JOIN piste.company k ON k.id = r.company
    WHERE r.id = which AND (r.operator = me.login OR me.level IN ('support', 'admin', 'superuser'));
END
$$;

-- Who may call it: every operator, for their own requests; support and admins for all. Trusts: session_user.
-- Records: nothing. Newest first, at most the last thousand. `pending_only`: what still waits, for a decision or for whoever
-- asked, and whose operator is still there.
CREATE OR REPLACE FUNCTION piste.requests(pending_only boolean DEFAULT true)
RETURNS TABLE (
    id uuid, url_id text, company_name text, operator text, user_email text, reason text, ticket text, minutes integer,
    state text, asked_at timestamptz, expires_at timestamptz, decided_at timestamptz, decided_by text, decision text,
    may_decide boolean, server_time timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    me record := piste.me();
BEGIN
    RETURN QUERY
    WITH listed AS MATERIALIZED (
        SELECT r.id, r.asked_at
        FROM piste.request r
        WHERE (r.operator = me.login OR me.level IN ('support', 'admin', 'superuser'))
          AND (NOT coalesce(pending_only, true)
              OR (r.state IN ('pending', 'approved') AND r.expires_at > clock_timestamp()
                  AND EXISTS (SELECT FROM piste.operator o WHERE o.login = r.operator AND o.added_at <= r.asked_at)))
        ORDER BY r.asked_at DESC, r.id
        LIMIT 1000
    )
    SELECT told.* FROM listed l CROSS JOIN LATERAL piste.request(l.id) AS told
    ORDER BY l.asked_at DESC, l.id;
END
$$;

-- Who may call it: support and admin. Trusts: session_user. Records: `impersonation.refused` for anybody else.
-- The channel on which every change of a request is announced, without a word about it.
CREATE OR REPLACE FUNCTION piste.watch_requests()
RETURNS TABLE (channel text, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    me record := piste.me();
BEGIN
    IF me.level NOT IN ('support', 'admin', 'superuser') THEN
        RETURN QUERY SELECT NULL::text, piste.refuse('piste', 'impersonation.refused', 'request', 'not_allowed',
            'requests are for support and admins', jsonb_build_object('wish', 'watch'));
        RETURN;
    END IF;
    RETURN QUERY SELECT w.channel, NULL::text FROM piste.request_watch w;
END
$$;

-- Who may call it: the engine's own definer functions. Records: `impersonation.refused`, or `impersonation.lapse` for a request
-- that it finds too late. The request, its company and its trail locked for the caller; or a refusal.
CREATE OR REPLACE FUNCTION piste.request_in_turn(
    which uuid, wish text, wanted text[], OUT asked piste.request, OUT firm piste.company, OUT refusal text)
LANGUAGE plpgsql
AS $$
#variable_conflict use_column
DECLARE
    me     record := piste.me();
    detail jsonb := jsonb_build_object('wish', wish, 'request', which);
BEGIN
    SELECT * INTO asked FROM piste.request r WHERE r.id = which;
    SELECT * INTO firm FROM piste.company c WHERE c.id = asked.company;
    -- Who may not see a request is not told whether there is one.
    IF me.level NOT IN ('support', 'admin') AND asked.operator IS DISTINCT FROM me.login THEN
        refusal := piste.refuse('piste', 'impersonation.refused', 'request', 'not_allowed',
            'requests are for support and admins', detail);
        RETURN;
    ELSIF firm.id IS NULL THEN
        refusal := piste.refuse('piste', 'impersonation.refused', 'request', 'unknown_request',
            'there is no such request', detail);
        RETURN;
    ELSIF wish <> 'decide' AND asked.operator <> me.login THEN
        refusal := piste.refuse(firm.schema_name, 'impersonation.refused', 'request', 'foreign_request',
            'this request was made by another login', detail);
        RETURN;
    END IF;
    PERFORM piste.lock_trail(firm.schema_name);
    SELECT * INTO firm FROM piste.company c WHERE c.id = asked.company;
    SELECT * INTO asked FROM piste.request r WHERE r.id = which FOR UPDATE;
    IF asked.id IS NULL THEN
        refusal := piste.refuse('piste', 'impersonation.refused', 'request', 'unknown_request',
            'there is no such request', detail);
    ELSIF asked.state IN ('pending', 'approved') AND asked.expires_at <= clock_timestamp() THEN
        PERFORM piste.lapse_request(asked, firm.schema_name);
        asked.state := 'expired';
    END IF;
    IF refusal IS NULL AND asked.state <> ALL (wanted) THEN
        refusal := piste.refuse(firm.schema_name, 'impersonation.refused', 'request', 'request_' || asked.state,
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
            refusal := piste.refuse(firm.schema_name, 'impersonation.refused', 'request', code, words,
                jsonb_build_object('wish', 'decide', 'approve', approve, 'request', asked.id));
        ELSE
            PERFORM piste.settle_request(asked, firm.schema_name,
                CASE WHEN approve THEN 'approved' ELSE 'denied' END,
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
            refusal := piste.refuse(firm.schema_name, 'impersonation.refused', 'request', code, words,
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
        PERFORM piste.settle_request(
            asked, firm.schema_name, 'withdrawn', 'impersonation.withdraw', 'withdrawn by whoever asked');
        state := 'withdrawn';
    END IF;
    RETURN NEXT;
END
$$;

RESET ROLE;
