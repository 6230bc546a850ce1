-- Contexts: opening one with a token, ending it, and who is where.
--
-- SET ROLE is refused inside SECURITY DEFINER, so `end_context`, as `enter` and `leave` of sessions, is a thin function
-- with the caller's own rights around a definer one: the inner function decides, grants and records, the outer one moves
-- the session.

SET LOCAL ROLE piste_owner;

-- Who may call it: the engine's own definer functions. Trusts: what `enter` wrote down. Records: nothing.
-- Whether the context's pid is one of this server, so that there is a backend to end: after a promotion, and in a copy, the
-- same number is somebody else's.
CREATE OR REPLACE FUNCTION piste.lives_here(entered piste.context)
RETURNS boolean
LANGUAGE plpgsql
AS $$
BEGIN
    RETURN entered.backend_pid IS NOT NULL AND entered.server = piste.this_server();
END
$$;

-- Who may call it: the engine's own definer functions, in the turn of the context's login. Records: the end, under the given
-- action. Ends a context: its backend (unless the context ends in its own backend), its token, and the membership when no other
-- context of this operator needs it. Does nothing when it has ended already. A backend that goes on, or that closed its
-- context itself and is still in the company's role, is lingering until it has shown that it is out.
CREATE OR REPLACE FUNCTION piste.close_context(
    ended_jti uuid, action text, why text, ended_by text, end_backend boolean)
RETURNS boolean
LANGUAGE plpgsql
AS $$
DECLARE
    old     piste.context;
    gone    boolean := true;
    revoked boolean := true;
BEGIN
    SELECT * INTO old FROM piste.context c WHERE c.jti = ended_jti AND c.ended_at IS NULL FOR UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    IF end_backend AND piste.lives_here(old) THEN
        gone := piste.end_backend(old.backend_pid, old.entered_at);
    END IF;
    UPDATE piste.context c
    SET ended_at = clock_timestamp(), end_reason = why, ended_by = close_context.ended_by,
        lingering = NOT gone OR c.backend_pid = pg_backend_pid() AND current_setting('role') <> 'none'
    WHERE c.jti = ended_jti;
    IF old.opened_at IS NOT NULL THEN
        revoked := piste.release_membership(old.company, old.role, old.operator);
    END IF;
    PERFORM piste.append(
        old.company, ended_by, old.subject, old.jti, action, 'context',
        jsonb_strip_nulls(jsonb_build_object(
            'why', why, 'operator', old.operator,
            'still_running', CASE WHEN NOT gone AND old.backend_pid <> pg_backend_pid() THEN true END,
            'still_member', CASE WHEN NOT revoked THEN true END)));
    RETURN true;
END
$$;

-- Who may call it: the engine's own definer functions. Records: `context.end` for each context, and `token.end` once a company
-- for all tokens that nobody had opened.
-- Tells every backend first, so that nobody's end is put off by another's; then ends what they held. What cannot be had within
-- two seconds (a backend that hears nothing) is left to the sweep: the gate asks what is committed, and is shut by then. How many
-- contexts were open.
CREATE OR REPLACE FUNCTION piste.end_contexts(which uuid[], why text, ended_by text)
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    begun CONSTANT timestamptz := clock_timestamp();
    each  record;
    one   uuid;
    was_open boolean;
    ended bigint := 0;
BEGIN
    PERFORM piste.end_backend(c.backend_pid, c.entered_at, 0)
    FROM piste.context c
    WHERE c.jti = ANY (which) AND c.ended_at IS NULL AND piste.lives_here(c);
    FOR each IN
        WITH gone AS (
            UPDATE piste.context c SET ended_at = clock_timestamp(), end_reason = why, ended_by = end_contexts.ended_by
            WHERE c.jti IN (
                SELECT u.jti FROM piste.context u
                WHERE u.jti = ANY (which) AND u.ended_at IS NULL AND u.opened_at IS NULL
                FOR UPDATE SKIP LOCKED)
            RETURNING c.company, c.operator
        )
        SELECT g.company, count(*) AS tokens, jsonb_agg(DISTINCT g.operator) AS operators FROM gone g GROUP BY g.company
    LOOP
        PERFORM piste.append(each.company, ended_by, NULL, NULL, 'token.end', 'token', jsonb_build_object(
            'why', why, 'tokens', each.tokens, 'operators', each.operators));
    END LOOP;
    -- What is open, or is being opened at this moment by a session that has found everything in order.
    FOR each IN
        SELECT c.operator, array_agg(c.jti) AS left_over FROM piste.context c
        WHERE c.jti = ANY (which) AND c.ended_at IS NULL
        GROUP BY c.operator ORDER BY c.operator
    LOOP
        CONTINUE WHEN NOT piste.take_turn('login:' || each.operator,
            CASE WHEN clock_timestamp() < begun + interval '2 seconds' THEN 'brief' ELSE 'skip' END);
        FOREACH one IN ARRAY each.left_over LOOP
            was_open := (SELECT c.opened_at IS NOT NULL FROM piste.context c WHERE c.jti = one);
            ended := ended + (piste.close_context(one, 'context.end', why, ended_by, true) AND was_open)::integer;
        END LOOP;
    END LOOP;
    RETURN ended;
END
$$;

-- Who may call it: the engine's own definer functions, in the turn of the login. Records: nothing (the caller does).
-- Takes the operator out of the company's role unless another open context or a lease of theirs needs it; false if they are
-- still in.
CREATE OR REPLACE FUNCTION piste.release_membership(firm uuid, kind text, holder text)
RETURNS boolean
LANGUAGE plpgsql
AS $$
BEGIN
    IF EXISTS (
        SELECT FROM piste.context c
        WHERE c.company = firm AND c.operator = holder AND c.role = kind
          AND c.ended_at IS NULL AND c.backend_pid IS NOT NULL AND c.expires_at > clock_timestamp()
    ) OR kind = 'writer' AND EXISTS (
        SELECT FROM piste.lease l WHERE l.company = firm AND l.login = holder
    ) THEN
        RETURN true;
    END IF;
    RETURN piste.revoke_company_role(firm, kind, holder);
END
$$;

-- Who may call it: the engine's own definer functions, in the login's turn. Records: `context.close`, or `context.expire` when it
-- was too late to leave. Ends the context of this very backend, and the cursors that could still hand out its rows after this
-- transaction.
CREATE OR REPLACE FUNCTION piste.close_context_here(here record, login text, why text)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    expired boolean := here.expires_at <= clock_timestamp();
BEGIN
    EXECUTE 'CLOSE ALL';
    PERFORM piste.mark_session(false);
    PERFORM piste.close_context(
        here.jti,
        CASE WHEN expired THEN 'context.expire' ELSE 'context.close' END,
        CASE WHEN expired THEN 'expired' ELSE why END,
        login, false);
END
$$;

-- Who may call it: every operator; `leave`, `enter` and `end_context` do, after they have moved the session. Trusts: the role
-- that the session is in now, which PostgreSQL tells. Records: nothing.
-- A backend that closed its context and has left the company's role since does not linger any more.
CREATE OR REPLACE FUNCTION piste.left_role()
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE piste.context c SET lingering = false
    FROM piste.company k
    WHERE c.lingering AND c.backend_pid = pg_backend_pid() AND c.operator = session_user::text AND k.id = c.company
      AND current_setting('role') <> ALL (ARRAY(
          SELECT piste.role_stem(k.window_name) || s FROM unnest(ARRAY['_reader', '_agent', '_writer']) AS s));
END
$$;

-- Who may call it: `enter`. Trusts: session_user, the signature of the token, and the row that it names. The token's own
-- dates are not asked: the row's are the same or have been shortened since.
-- Records: `context.close` for a context that the session leaves; then `context.open` and the first declaration, or
-- `context.refused` — in the company's trail when the token really is that company's, else in the control trail.
-- A token that is open in another backend moves here, and that backend is ended.
CREATE OR REPLACE FUNCTION piste.open_context(
    token text, action text, resource text,
    OUT url_id text, OUT schema_name text, OUT role_name text, OUT purpose text, OUT access text, OUT subject text,
    OUT jti uuid, OUT company_name text, OUT expires_at timestamptz, OUT refusal text, OUT window_name text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    me    record := piste.me();
    here  record;
    read  record;
    named text[] := '{}';
    asked piste.context;
    firm  piste.company;
    found_ record;
BEGIN
    IF action IS NOT NULL OR resource IS NOT NULL THEN
        PERFORM piste.check_action(action);
    END IF;
    PERFORM piste.check_read_committed();
    -- Everything that changes a context of this login goes in its turn; nobody else's call waits for it.
    PERFORM piste.take_turn('login:' || me.login);
    here := piste.here();
    read := piste.read_token(token);
    -- The key says which company the token is for; a token of one company names no context of another.
    SELECT * INTO asked FROM piste.context c
    WHERE c.jti = (read.claims ->> 'jti')::uuid AND c.company = (read.claims ->> 'company')::uuid;
    IF asked.operator = me.login THEN
        -- Whoever is ending it at this moment has the first word. Nobody holds what is somebody else's.
        SELECT * INTO asked FROM piste.context c WHERE c.jti = asked.jti FOR UPDATE;
    END IF;
    SELECT * INTO firm FROM piste.company c WHERE c.id = asked.company;
    IF action IS NOT NULL OR resource IS NOT NULL THEN
        named := piste.resources_named(resource, firm.id);
    END IF;
    IF here.jti IS NOT NULL AND here.jti IS DISTINCT FROM asked.jti THEN
        PERFORM piste.close_context_here(here, me.login, 'entered another context');
    END IF;
    found_ := piste.entering_problem(me.login, me.level, read.code, read.words, read.claims, asked, firm);
    IF found_.code IS NOT NULL THEN
        refusal := piste.refuse(
            firm.id, 'context.refused', 'token', found_.code, found_.words,
            jsonb_build_object('jti', asked.jti, 'issued_to', asked.operator));
        RETURN;
    END IF;

    IF piste.lives_here(asked) AND asked.jti IS DISTINCT FROM here.jti THEN
        IF NOT piste.end_backend(asked.backend_pid, asked.entered_at) THEN
            RAISE EXCEPTION 'the backend that holds this context does not end' USING ERRCODE = 'PT423';
        END IF;
    END IF;
    PERFORM piste.spend(firm.id, entries => 1);
    PERFORM piste.grant_company_role(firm.id, asked.role, me.login);
    UPDATE piste.context c
    SET opened_at = coalesce(c.opened_at, clock_timestamp()),
        opened_xid = pg_current_xact_id(),
        entered_at = clock_timestamp(),
        backend_pid = pg_backend_pid(),
        server = piste.this_server()
    WHERE c.jti = asked.jti;
    PERFORM coalesce(piste.own_entry(), nextval('piste.backend_entry'));
    PERFORM piste.append_all(
        firm.id, me.login, asked.subject, asked.jti,
        array_remove(ARRAY['context.open', action], NULL),
        ARRAY['context', array_to_string(named, ',')],
        ARRAY[jsonb_strip_nulls(jsonb_build_object(
            'purpose', asked.purpose, 'access', asked.access, 'expires_at', asked.expires_at,
            'took_over', CASE WHEN asked.backend_pid IS NOT NULL THEN true END))]);
    PERFORM piste.note_declaration(asked.jti, firm.id, named, piste.mark_session(true));
    PERFORM piste.announce_expiry(asked.jti, asked.expires_at);

    url_id := firm.url_id;
    schema_name := firm.schema_name;
    window_name := firm.window_name;
    role_name := piste.role_stem(firm.window_name) || '_' || asked.role;
    purpose := asked.purpose;
    access := asked.access;
    subject := asked.subject;
    jti := asked.jti;
    company_name := firm.name;
    expires_at := asked.expires_at;
END
$$;

-- Who may call it: the engine's own definer functions, in the turn of the login. Records: nothing.
-- What speaks against a login's entering with a token, in the order in which it is told; nothing when it may.
CREATE OR REPLACE FUNCTION piste.entering_problem(
    login text, level text, token_code text, token_words text, claims jsonb, asked piste.context, firm piste.company,
    OUT code text, OUT words text)
LANGUAGE plpgsql
AS $$
DECLARE
    policy record;
BEGIN
    SELECT p.* INTO policy
    FROM piste.policy_problem(firm, piste.minutes_of(asked), asked.ticket, asked.access, asked.request IS NOT NULL) AS p
    WHERE asked.purpose = 'impersonation';
    SELECT p.code, p.words INTO code, words
    FROM piste.token_problem(login, token_code, token_words, claims, asked, firm) AS p;
    IF code IS NOT NULL THEN
        RETURN;
    END IF;
    SELECT v.code, v.words INTO code, words
    FROM (VALUES
        (1, policy.code IS NOT NULL, policy.code, policy.words),
        (2, asked.purpose = 'impersonation' AND level NOT IN ('support', 'admin'), 'not_allowed',
            'only support and admins impersonate'),
        (3, (asked.purpose = 'service') <> (level = 'service'), 'not_allowed',
            'this token does not fit the operator''s level'),
        (4, level = 'service' AND NOT (SELECT o.sessions FROM piste.operator o WHERE o.login = entering_problem.login),
            'not_allowed', 'this service works by tickets: SELECT ticket FROM piste.ticket(…), then BEGIN and SELECT '
            'piste.use(ticket); it enters only when it was registered with --sessions')
    ) AS v (rank, refused, code, words)
    WHERE v.refused ORDER BY v.rank LIMIT 1;
END
$$;

-- Who may call it: `end_context`. Trusts: session_user. Records: `context.end`, or `context.refused`.
CREATE OR REPLACE FUNCTION piste.end_context_of(
    asked_jti uuid, why text,
    OUT url_id text, OUT ended_at timestamptz, OUT end_reason text, OUT refusal text, OUT own boolean)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    me    record := piste.me();
    here  record := piste.here();
    asked piste.context;
BEGIN
    IF asked_jti IS NULL OR coalesce(why, '') !~ '[^[:space:][:cntrl:]]' OR char_length(why) > 1000 THEN
        RAISE EXCEPTION 'say which context ends, and why in at most 1000 characters' USING ERRCODE = 'PT400';
    END IF;
    own := false;
    SELECT * INTO asked FROM piste.context c WHERE c.jti = asked_jti;
    IF NOT FOUND OR (asked.operator <> me.login AND NOT me.administers) THEN
        refusal := piste.refuse(NULL, 'context.refused', 'context', 'unknown_context',
            'there is no such context of yours', jsonb_build_object('jti', asked_jti));
        RETURN;
    END IF;
    own := here.jti IS NOT DISTINCT FROM asked.jti;
    IF asked.ended_at IS NULL THEN
        -- The backend goes first: whoever is to be stopped must not be able to put it off by holding a turn.
        IF piste.lives_here(asked) AND NOT own THEN
            PERFORM piste.end_backend(asked.backend_pid, asked.entered_at);
        END IF;
        PERFORM piste.take_turn('login:' || asked.operator, 'evict');
        IF own THEN
            EXECUTE 'CLOSE ALL';
            PERFORM piste.mark_session(false);
        END IF;
        PERFORM piste.close_context(asked.jti, 'context.end', why, me.login, NOT own);
    END IF;
    SELECT k.url_id, c.ended_at, c.end_reason INTO url_id, ended_at, end_reason
    FROM piste.context c JOIN piste.company k ON k.id = c.company WHERE c.jti = asked.jti;
END
$$;

-- Who may call it: the context's operator, and admins. It runs with the caller's own rights and trusts `end_context_of`,
-- which records. Ends token, membership and backend; asked again, it tells when and why it ended.
CREATE OR REPLACE FUNCTION piste.end_context(jti uuid, why text)
RETURNS TABLE (url_id text, ended_at timestamptz, end_reason text, refusal text)
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    outcome record := piste.end_context_of(jti, why);
BEGIN
    IF outcome.own THEN
        PERFORM piste.leave_session();
        PERFORM piste.left_role();
    END IF;
    RETURN QUERY SELECT outcome.url_id, outcome.ended_at, outcome.end_reason, outcome.refusal;
END
$$;

-- Who may call it: every operator for their own contexts, an admin for all. Trusts: session_user. Records: nothing.
-- Newest first, at most the last thousand. `live`: open, in time, by a key that is still in use, and its backend is there.
CREATE OR REPLACE FUNCTION piste.contexts(live_only boolean DEFAULT true)
RETURNS TABLE (
    jti uuid, url_id text, company_name text, operator text, purpose text, subject text, reason text, ticket text,
    issued_at timestamptz, opened_at timestamptz, expires_at timestamptz, ended_at timestamptz, end_reason text,
    live boolean)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    me record := piste.me();
BEGIN
    RETURN QUERY
    WITH running AS MATERIALIZED (
        SELECT b.pid, b.backend_start FROM piste.live_backends() AS b
    ), listed AS (
        SELECT c.*, k.url_id, k.name,
            c.ended_at IS NULL AND c.opened_at IS NOT NULL AND c.expires_at > clock_timestamp()
                AND k.status = 'active' AND piste.key_stands(c, k)
                AND EXISTS (
                    SELECT FROM running r
                    WHERE r.pid = c.backend_pid AND r.backend_start <= c.entered_at
                      AND c.server = (SELECT piste.this_server())) AS live
        FROM piste.context c
        JOIN piste.company k ON k.id = c.company
        WHERE (me.administers OR c.operator = me.login)
          AND (c.ended_at IS NULL OR NOT coalesce(live_only, true))
    )
    SELECT l.jti, l.url_id, l.name, l.operator, l.purpose, l.subject, l.reason, l.ticket, l.issued_at, l.opened_at,
        l.expires_at, l.ended_at, l.end_reason, l.live
    FROM listed l
    WHERE l.live OR NOT coalesce(live_only, true)
    ORDER BY l.issued_at DESC, l.jti
    LIMIT 1000;
END
$$;

RESET ROLE;
