-- Requests: an impersonation that a second operator must approve first.
--
--   pending    waits for a decision, at most fifteen minutes
--   approved   may be claimed by whoever asked, once, within five minutes; the minutes of the impersonation begin then
--   denied     by an operator, or by a policy that does not allow it any more
--   claimed    has become a token
--   withdrawn  by whoever asked
--   expired    nobody decided in time, or nobody claimed it in time
--
-- That two logins are two people is for whoever gives them out: an engine sees logins.
--
-- Every change of a request takes its turn: of two who decide, or decide and expire, or claim twice, one is first, and the
-- other finds what the first one left.

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

-- Calls whoever watches the requests, and the sweepers, for whom something else may now be the next to expire.
CREATE OR REPLACE TRIGGER tell
AFTER INSERT OR UPDATE OR DELETE ON piste.request
FOR EACH STATEMENT EXECUTE FUNCTION piste.call_listeners('requests', 'sweep');

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
    PERFORM piste.take_turn('requests of:' || session_user);
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
            refusal := piste.refuse(firm.id, 'impersonation.refused', 'request', 'too_many_requests',
                'ten requests of yours wait already; withdraw one', detail);
            RETURN;
        END IF;
        INSERT INTO piste.request (id, company, operator, user_email, reason, ticket, minutes, asked_at, expires_at)
        VALUES (
            gen_random_uuid(), firm.id, login, user_email, reason, ticket, minutes,
            clock_timestamp(), clock_timestamp() + interval '15 minutes')
        RETURNING * INTO asked;
        PERFORM piste.append(
            firm.id, login, NULL, NULL, 'impersonation.request', 'request',
            detail || jsonb_build_object('request', asked.id, 'expires_at', asked.expires_at));
    END IF;
    request := asked.id;
    refusal := format(
        CASE asked.state WHEN 'approved' THEN 'approval_required: request %s is approved; claim it until %s'
            ELSE 'approval_required: a second operator must approve this; request %s waits until %s' END,
        asked.id, date_trunc('second', asked.expires_at));
END
$$;

-- Who may call it: the engine's own definer functions, in the turn of the request. Records: what became of the request,
-- under the given action.
CREATE OR REPLACE FUNCTION piste.settle_request(
    asked piste.request, became text, action text, why text, decided_by text DEFAULT NULL)
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
        asked.company, session_user::text, NULL, NULL, action, 'request', jsonb_strip_nulls(jsonb_build_object(
            'request', asked.id, 'operator', asked.operator, 'was', asked.state, 'why', why)));
END
$$;

-- Who may call it: the engine's own definer functions, in the turn of the request. Records: `impersonation.lapse`.
CREATE OR REPLACE FUNCTION piste.lapse_request(asked piste.request)
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM piste.settle_request(asked, 'expired', 'impersonation.lapse',
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
        SELECT r.id, r.operator, k.url_id
        FROM piste.request r JOIN piste.company k ON k.id = r.company
        WHERE r.state IN ('pending', 'approved') AND r.expires_at <= clock_timestamp()
        ORDER BY r.expires_at
    LOOP
        IF NOT piste.take_turn('request:' || each.id, 'skip') THEN
            RETURN QUERY SELECT 'postponed', each.url_id, each.operator, NULL::uuid, 'the request is being decided';
            CONTINUE;
        END IF;
        SELECT * INTO asked FROM piste.request r
        WHERE r.id = each.id AND r.state IN ('pending', 'approved') AND r.expires_at <= clock_timestamp()
        FOR UPDATE;
        IF FOUND THEN
            PERFORM piste.lapse_request(asked);
            RETURN QUERY SELECT 'lapsed', each.url_id, each.operator, NULL::uuid, format('request %s', each.id);
        END IF;
    END LOOP;
END
$$;

-- Who may call it: `set_company_policy`, in the company's turn. Records: `impersonation.deny` each.
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
        SELECT * FROM piste.request r WHERE r.company = firm.id AND r.state IN ('pending', 'approved')
    LOOP
        -- Whoever decides at this moment finds the new policy when the request is claimed.
        CONTINUE WHEN NOT piste.take_turn('request:' || each.id, 'brief');
        problem := piste.policy_problem(firm, each.minutes, each.ticket, NULL, true);
        IF problem.code IS NOT NULL THEN
            -- An admin whose own request falls under the new policy did not decide about it: the policy did.
            PERFORM piste.settle_request(each, 'denied', 'impersonation.deny',
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
        RETURN QUERY SELECT NULL::text, piste.refuse(NULL, 'impersonation.refused', 'request', 'not_allowed',
            'requests are for support and admins', jsonb_build_object('wish', 'watch'));
        RETURN;
    END IF;
    RETURN QUERY SELECT w.channel, NULL::text FROM piste.channel w WHERE w.purpose = 'requests';
END
$$;

RESET ROLE;
