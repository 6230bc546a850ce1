-- Contexts: opening one with a token, ending it, and who is where.
--
-- SET ROLE is refused inside SECURITY DEFINER, so `end_context`, as `enter` and `leave` of sessions, is a thin function
-- with the caller's own rights around a definer one: the inner function decides, grants and records, the outer one moves
-- the session.

SET LOCAL ROLE piste_owner;

-- Who may call it: the engine's own definer functions. Records: the end, under the given action.
-- Ends a context: its backend (unless the context ends in its own backend), its token, and the membership when no other
-- context of this operator needs it. Does nothing when it has ended already. The caller holds the trail's lock.
CREATE OR REPLACE FUNCTION piste.close_context(
    ended_jti uuid, action text, why text, ended_by text, end_backend boolean)
RETURNS boolean
LANGUAGE plpgsql
AS $$
DECLARE
    old     piste.context;
    firm    piste.company;
    gone    boolean := true;
    revoked boolean := true;
BEGIN
    SELECT * INTO old FROM piste.context c WHERE c.jti = ended_jti AND c.ended_at IS NULL FOR UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    SELECT * INTO STRICT firm FROM piste.company c WHERE c.id = old.company;
    IF end_backend AND old.backend_pid IS NOT NULL THEN
        gone := piste.end_backend(old.backend_pid, old.entered_at);
    END IF;
    UPDATE piste.context c
    SET ended_at = clock_timestamp(), end_reason = why, ended_by = close_context.ended_by, lingering = NOT gone
    WHERE c.jti = ended_jti;
    IF old.opened_at IS NOT NULL THEN
        revoked := piste.release_membership(old.company, old.role, old.operator);
    END IF;
    PERFORM piste.append(
        firm.schema_name, ended_by, old.subject, old.jti, action, 'context',
        jsonb_strip_nulls(jsonb_build_object(
            'why', why, 'operator', old.operator,
            'still_running', CASE WHEN NOT gone AND old.backend_pid <> pg_backend_pid() THEN true END,
            'still_member', CASE WHEN NOT revoked THEN true END)));
    RETURN true;
END
$$;

-- Who may call it: the engine's own definer functions, which hold the trail's lock. Records: nothing (the caller does).
-- Takes the operator out of the company's role unless another open context of theirs needs it; false if they are still in.
CREATE OR REPLACE FUNCTION piste.release_membership(firm uuid, kind text, holder text)
RETURNS boolean
LANGUAGE plpgsql
AS $$
BEGIN
    IF EXISTS (
        SELECT FROM piste.context c
        WHERE c.company = firm AND c.operator = holder AND c.role = kind
          AND c.ended_at IS NULL AND c.backend_pid IS NOT NULL AND c.expires_at > clock_timestamp()
    ) THEN
        RETURN true;
    END IF;
    RETURN piste.revoke_company_role(firm, kind, holder);
END
$$;

-- Who may call it: the engine's own definer functions, which hold the trail's lock. Records: `context.close`, or
-- `context.expire` when it was too late to leave. Ends the context of this very backend, and the cursors that could still
-- hand out its rows after this transaction.
CREATE OR REPLACE FUNCTION piste.close_context_here(here record, login text, why text)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    expired boolean := here.expires_at <= clock_timestamp();
BEGIN
    EXECUTE 'CLOSE ALL';
    PERFORM piste.mark_session(NULL);
    PERFORM piste.close_context(
        here.jti,
        CASE WHEN expired THEN 'context.expire' ELSE 'context.close' END,
        CASE WHEN expired THEN 'expired' ELSE why END,
        login, false);
END
$$;

-- Who may call it: `enter`. Trusts: session_user, the signature of the token, and the row that it names. The token's own
-- dates are not asked: the row's are the same or have been shortened since.
-- Records: `context.close` for a context that the session leaves; then `context.open` and the first declaration, or
-- `context.refused` — in the company's trail when the token really is that company's, else in the engine's own.
-- A token that is open in another backend moves here, and that backend is ended.
CREATE OR REPLACE FUNCTION piste.open_context(
    token text, action text, resource text,
    OUT url_id text, OUT schema_name text, OUT role_name text, OUT purpose text, OUT access text, OUT subject text,
    OUT jti uuid, OUT company_name text, OUT expires_at timestamptz, OUT refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    me    record := piste.me();
    here  record := piste.here();
    read  record;
    named text[] := '{}';
    asked piste.context;
    firm  piste.company;
    trail text;
    code  text;
    words text;
    policy record;
BEGIN
    IF action IS NOT NULL OR resource IS NOT NULL THEN
        PERFORM piste.check_action(action);
        named := piste.resources_named(resource);
    END IF;
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
        RAISE EXCEPTION 'a context is used in READ COMMITTED only' USING ERRCODE = 'PT409';
    END IF;
    read := piste.read_token(token);
    -- The key says which company the token is for; a token of one company names no context of another.
    SELECT * INTO asked FROM piste.context c
    WHERE c.jti = (read.claims ->> 'jti')::uuid AND c.company = (read.claims ->> 'company')::uuid;
    SELECT * INTO firm FROM piste.company c WHERE c.id = asked.company;

    -- Two trails at most, always in the same order, so that two sessions that change places do not wait for each other.
    FOR trail IN
        SELECT t FROM unnest(ARRAY[firm.schema_name, CASE WHEN here.ended_at IS NULL THEN here.schema_name END]) AS t
        WHERE t IS NOT NULL GROUP BY t ORDER BY t
    LOOP
        PERFORM piste.lock_trail(trail);
    END LOOP;
    IF here.jti IS NOT NULL AND here.jti IS DISTINCT FROM asked.jti THEN
        PERFORM piste.close_context_here(here, me.login, 'entered another context');
    END IF;

    -- Once more, now that nobody can change them.
    SELECT * INTO asked FROM piste.context c WHERE c.jti = asked.jti FOR UPDATE;
    SELECT * INTO firm FROM piste.company c WHERE c.id = asked.company;
    SELECT p.* INTO policy
    FROM piste.policy_problem(firm, piste.minutes_of(asked), asked.ticket, asked.access, asked.request IS NOT NULL) AS p
    WHERE asked.purpose = 'impersonation';
    SELECT v.code, v.words INTO code, words
    FROM (VALUES
        (1, read.code IS NOT NULL, read.code, read.words),
        (2, asked.jti IS NULL, 'token_unknown', 'this token is not on record'),
        (3, asked.operator <> me.login, 'token_foreign', 'this token was issued to another login'),
        (4, piste.claims_problem(read.claims, asked, firm) IS NOT NULL, 'token_claims',
            piste.claims_problem(read.claims, asked, firm)),
        (5, firm.status <> 'active', 'company_suspended', 'this company is suspended'),
        (6, asked.ended_at IS NOT NULL AND asked.end_reason <> 'expired', 'token_ended',
            format('this token ended at %s: %s; ask for a fresh one',
                date_trunc('second', asked.ended_at), asked.end_reason)),
        (7, asked.expires_at <= clock_timestamp() OR asked.ended_at IS NOT NULL, 'token_expired',
            format('this token ended at %s; ask for a fresh one', date_trunc('second', asked.expires_at))),
        (8, policy.code IS NOT NULL, policy.code, policy.words),
        (9, asked.purpose = 'impersonation' AND me.level NOT IN ('support', 'admin'), 'not_allowed',
            'only support and admins impersonate'),
        (10, (asked.purpose = 'service') <> (me.level = 'service'), 'not_allowed',
            'this token does not fit the operator''s level')
    ) AS v (rank, refused, code, words)
    WHERE v.refused ORDER BY v.rank LIMIT 1;
    IF code IS NOT NULL THEN
        refusal := piste.refuse(
            coalesce(firm.schema_name, 'piste'), 'context.refused', 'token', code, words,
            jsonb_build_object('jti', asked.jti, 'issued_to', asked.operator));
        RETURN;
    END IF;

    IF asked.backend_pid IS NOT NULL AND asked.jti IS DISTINCT FROM here.jti THEN
        IF NOT piste.end_backend(asked.backend_pid, asked.entered_at) THEN
            RAISE EXCEPTION 'the backend that holds this context does not end' USING ERRCODE = 'PT409';
        END IF;
    END IF;
    PERFORM piste.spend(firm.id, entries => 1);
    PERFORM piste.grant_company_role(firm.id, asked.role, me.login);
    UPDATE piste.context c
    SET opened_at = coalesce(c.opened_at, clock_timestamp()),
        opened_xid = pg_current_xact_id(),
        entered_at = clock_timestamp(),
        backend_pid = pg_backend_pid()
    WHERE c.jti = asked.jti;
    PERFORM coalesce(piste.own_entry(), nextval('piste.entry'));
    PERFORM piste.append_all(
        firm.schema_name, me.login, asked.subject, asked.jti,
        array_remove(ARRAY['context.open', action], NULL),
        ARRAY['context', array_to_string(named, ',')],
        ARRAY[jsonb_strip_nulls(jsonb_build_object(
            'purpose', asked.purpose, 'access', asked.access, 'expires_at', asked.expires_at,
            'took_over', CASE WHEN asked.backend_pid IS NOT NULL THEN true END))]);
    PERFORM piste.note_declaration(asked.jti, firm.id, named);
    PERFORM piste.mark_session(asked.jti);
    PERFORM piste.announce_expiry(asked.jti, asked.expires_at);

    url_id := firm.url_id;
    schema_name := firm.schema_name;
    role_name := firm.schema_name || '_' || asked.role;
    purpose := asked.purpose;
    access := asked.access;
    subject := asked.subject;
    jti := asked.jti;
    company_name := firm.name;
    expires_at := asked.expires_at;
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
    firm  piste.company;
BEGIN
    IF asked_jti IS NULL OR coalesce(why, '') !~ '[^[:space:][:cntrl:]]' OR char_length(why) > 1000 THEN
        RAISE EXCEPTION 'say which context ends, and why in at most 1000 characters' USING ERRCODE = 'PT400';
    END IF;
    own := false;
    SELECT * INTO asked FROM piste.context c WHERE c.jti = asked_jti;
    IF NOT FOUND OR (asked.operator <> me.login AND NOT me.administers) THEN
        refusal := piste.refuse('piste', 'context.refused', 'context', 'unknown_context',
            'there is no such context of yours', jsonb_build_object('jti', asked_jti));
        RETURN;
    END IF;
    SELECT * INTO STRICT firm FROM piste.company c WHERE c.id = asked.company;
    own := here.jti IS NOT DISTINCT FROM asked.jti;
    IF asked.ended_at IS NULL THEN
        -- The backend goes first: whoever is to be stopped must not be able to put it off by holding a lock.
        IF asked.backend_pid IS NOT NULL AND NOT own THEN
            PERFORM piste.end_backend(asked.backend_pid, asked.entered_at);
        END IF;
        PERFORM piste.lock_trail(firm.schema_name, 'evict');
        IF own THEN
            EXECUTE 'CLOSE ALL';
            PERFORM piste.mark_session(NULL);
        END IF;
        PERFORM piste.close_context(asked.jti, 'context.end', why, me.login, NOT own);
    END IF;
    SELECT firm.url_id, c.ended_at, c.end_reason INTO url_id, ended_at, end_reason
    FROM piste.context c WHERE c.jti = asked.jti;
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
    END IF;
    RETURN QUERY SELECT outcome.url_id, outcome.ended_at, outcome.end_reason, outcome.refusal;
END
$$;

-- Who may call it: every operator for their own contexts, an admin for all. Trusts: session_user. Records: nothing.
-- Newest first, at most the last thousand. `live`: open, in time, and its backend is there.
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
                AND k.status = 'active'
                AND EXISTS (
                    SELECT FROM running r WHERE r.pid = c.backend_pid AND r.backend_start <= c.entered_at) AS live
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
