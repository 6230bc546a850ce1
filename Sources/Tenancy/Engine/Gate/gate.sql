-- The gate: who is calling, which context this backend holds, the declaration that goes before a read, and the question
-- that every policy of every tenant table asks.

SET LOCAL ROLE piste_owner;

-- Who may call it: the engine's own definer functions. Trusts: session_user, and nothing that a client can set.
-- Raises PT403 for a login that is not registered in this database. A superuser administers, but opens no
-- context; nor does whoever installed the engine in a superuser's stead.
CREATE OR REPLACE FUNCTION piste.me(OUT login text, OUT level text, OUT administers boolean)
LANGUAGE plpgsql
AS $$
BEGIN
    login := session_user::text;
    SELECT o.level INTO level FROM piste.operator o WHERE o.login = me.login;
    IF level IS NULL AND piste.is_installer(login) THEN
        level := 'superuser';
    END IF;
    IF level IS NULL THEN
        RAISE EXCEPTION 'this login is not an operator of this database' USING ERRCODE = 'PT403';
    END IF;
    administers := level IN ('admin', 'superuser');
END
$$;

-- Who may call it: the engine's own definer functions. Trusts: what this backend remembers of itself. Records: nothing.
-- The number that this backend drew when it first entered; NULL when it never did, or when DISCARD made it forget.
CREATE OR REPLACE FUNCTION piste.own_entry()
RETURNS bigint
LANGUAGE plpgsql
AS $$
BEGIN
    RETURN currval('piste.backend_entry');
EXCEPTION WHEN object_not_in_prerequisite_state THEN
    RETURN NULL;
END
$$;

-- Who may call it: the engine's own definer functions. Records: nothing.
-- Whether the key that signed a context's token is still in use, and the company was not suspended since: what was entered while
-- either was being changed falls with the commit of the change.
CREATE OR REPLACE FUNCTION piste.key_stands(context piste.context, firm piste.company)
RETURNS boolean
LANGUAGE plpgsql STABLE
AS $$
BEGIN
    RETURN context.made_at >= firm.tokens_since
        AND EXISTS (SELECT FROM piste.signing_key s WHERE s.kid = context.kid AND s.retired_at IS NULL);
END
$$;

-- Who may call it: the engine's own definer functions. Trusts: the backend's own pid and entry, and session_user.
-- The context that this backend holds or held last; `live` says whether it is open now, `problem` why not.
CREATE OR REPLACE FUNCTION piste.here(
    OUT live boolean, OUT problem text, OUT jti uuid, OUT company uuid, OUT url_id text, OUT company_name text,
    OUT schema_name text, OUT purpose text, OUT access text, OUT role text, OUT subject text,
    OUT expires_at timestamptz, OUT opened_xid xid8, OUT ended_at timestamptz)
LANGUAGE plpgsql
AS $$
BEGIN
    SELECT
        CASE
            WHEN c.ended_at IS NOT NULL
                THEN format('the context ended at %s: %s', date_trunc('second', c.ended_at), c.end_reason)
            WHEN c.expires_at <= clock_timestamp()
                THEN format('the context expired at %s', date_trunc('second', c.expires_at))
            WHEN k.status <> 'active' THEN format('the company is %s', k.status)
            WHEN piste.key_stands(c, k) IS NOT TRUE
                THEN 'the key of its token was changed, or its company was suspended'
            WHEN d.entry IS DISTINCT FROM piste.own_entry() THEN 'the session was reset after it had entered'
            WHEN c.server IS DISTINCT FROM piste.this_server() THEN 'the context was opened on another server'
            WHEN piste.is_marked(d.mark) IS NOT TRUE THEN
                'another client entered here, or application_name was changed since: a context needs a session of its own'
        END,
        c.jti, c.company, k.url_id, k.name, k.schema_name, c.purpose, c.access, c.role, c.subject,
        c.expires_at, c.opened_xid, c.ended_at
    INTO problem, jti, company, url_id, company_name, schema_name, purpose, access, role, subject,
        expires_at, opened_xid, ended_at
    FROM piste.declaration d
    JOIN piste.context c ON c.jti = d.jti
    JOIN piste.company k ON k.id = c.company
    WHERE d.pid = pg_backend_pid()
      AND d.login = session_user::text
      AND c.backend_pid = d.pid
      AND c.operator = d.login;
    live := jti IS NOT NULL AND problem IS NULL;
END
$$;

-- Who may call it: everybody; it answers for the calling backend only. Trusts: what the engine wrote down about this
-- backend, and about this transaction. Records: nothing. Never raises: an error would tell that a row exists; whoever found
-- nothing can ask `missed` why.
-- The moment until which this backend may touch this resource of this company, or -infinity. `command` is 'read' or
-- 'write'. Volatile, so that each statement sees what is committed now and not what its snapshot saw; in the isolation
-- levels where a snapshot outlives a revocation, the answer is no. So it is beside a cursor that outlives its transaction:
-- its rows would be there for whoever comes next. A declaration is believed when its commit has marked it as flushed, and,
-- where records are replicated, when enough synchronous standbys have it: the first question waits for them, and gives up
-- after three seconds.
CREATE OR REPLACE FUNCTION piste.open_until(company uuid, resource text, command text DEFAULT 'read')
RETURNS timestamptz
LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    until   timestamptz;
    settled boolean;
BEGIN
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted')
        OR pg_is_in_recovery()
    THEN
        PERFORM piste.note_missed(company, resource, command);
        RETURN '-infinity';
    END IF;
    -- A transaction that uses a ticket says which; whoever names another finds the gate shut.
    IF current_setting('piste.ticket', true) <> '' THEN
        until := piste.ticket_until(company, resource, command);
        IF until = '-infinity' THEN
            PERFORM piste.note_missed(company, resource, command);
        END IF;
        RETURN until;
    END IF;
    BEGIN
        SELECT c.expires_at, d.settled
        INTO until, settled
        FROM piste.declaration d
        JOIN piste.context c ON c.jti = d.jti
        JOIN piste.company k ON k.id = c.company
        WHERE d.pid = pg_backend_pid()
          AND d.entry = currval('piste.backend_entry')
          AND d.login = session_user::text
          AND d.sync
          -- This row is never logged, so no other server hands it down: its start tells it from an earlier run.
          AND d.server_started = pg_postmaster_start_time()
          AND right(current_setting('application_name'), 36) = d.mark::text
          AND d.company = open_until.company
          AND open_until.resource = ANY (d.resources)
          AND d.xid IS DISTINCT FROM pg_current_xact_id_if_assigned()
          AND NOT EXISTS (SELECT FROM pg_cursor() AS h WHERE h.is_holdable)
          AND d.declared_at BETWEEN clock_timestamp() - interval '10 seconds' AND clock_timestamp()
          AND c.company = d.company
          AND c.operator = d.login
          AND c.backend_pid = d.pid
          AND c.server = d.server
          AND c.ended_at IS NULL
          AND c.expires_at > clock_timestamp()
          AND c.made_at >= k.tokens_since
          -- Whoever entered while the key was being changed is out with the commit of the change.
          AND EXISTS (SELECT FROM piste.signing_key s WHERE s.kid = c.kid AND s.retired_at IS NULL)
          AND (open_until.command = 'read' OR c.access = 'read+write')
          AND k.status = 'active';
    EXCEPTION WHEN object_not_in_prerequisite_state THEN
        -- This backend never entered: it has no currval.
        until := NULL;
    END;
    IF until IS NULL OR NOT settled AND NOT piste.settle_declaration() THEN
        PERFORM piste.note_missed(company, resource, command);
        RETURN '-infinity';
    END IF;
    RETURN until;
END
$$;

-- Who may call it: the engine's own definer functions. Records: nothing.
-- What a client gave, for the message that refuses it: quoted, at most sixty characters of it, on one line.
CREATE OR REPLACE FUNCTION piste.told(given text)
RETURNS text
LANGUAGE sql IMMUTABLE
AS $$
    SELECT coalesce('"' || regexp_replace(left(given, 60), '[[:cntrl:]]', '?', 'g')
        || CASE WHEN char_length(given) > 60 THEN '…' ELSE '' END || '"', 'NULL')
$$;

-- Who may call it: the engine's own definer functions. Records: nothing.
-- The first five that are no resources, for the message that refuses them.
CREATE OR REPLACE FUNCTION piste.told_unknown(named text[], known text[])
RETURNS text
LANGUAGE sql IMMUTABLE
AS $$
    SELECT coalesce(string_agg(piste.told(u.name), ', '), 'nothing')
    FROM (SELECT n AS name FROM unnest(named) AS n WHERE n <> ALL (known) LIMIT 5) AS u
$$;

DROP FUNCTION IF EXISTS piste.resources_named(text);

-- Who may call it: the engine's own definer functions. Trusts: its arguments. Records: nothing.
-- 'users, journeys' as an array. Raises PT400 for what is not a resource of this company (piste.resources), PT413 for a list
-- that names more than there are.
CREATE OR REPLACE FUNCTION piste.resources_named(list text, firm uuid DEFAULT NULL)
RETURNS text[]
LANGUAGE plpgsql
AS $$
DECLARE
    named text[] := regexp_split_to_array(btrim(left(list, 16000)) COLLATE "C", '[[:space:]]*,[[:space:]]*');
    known text[] := piste.resources(firm);
BEGIN
    IF length(list) > 16000 OR cardinality(named) > cardinality(known) THEN
        RAISE EXCEPTION 'too many resources: % begins a list of % characters', piste.told(list), length(list) USING
            ERRCODE = 'PT413', HINT = 'Name each resource once.';
    END IF;
    IF coalesce(NOT named <@ known, true) THEN
        RAISE EXCEPTION 'unknown resource: %', piste.told_unknown(named, known) USING
            ERRCODE = 'PT400', HINT = 'Resources are ' || array_to_string(known, ', ') || '.';
    END IF;
    RETURN named;
END
$$;

-- Who may call it: the engine's own definer functions, whose plans take it in. Records: nothing.
-- Whether a client may use this word for what it is about to do. The engine's own words are not for clients, and what a
-- change is called is for the triggers to say.
CREATE OR REPLACE FUNCTION piste.is_action(action text)
RETURNS boolean
LANGUAGE sql IMMUTABLE
AS $$
    SELECT coalesce(
        action ~ '^[a-z][a-z0-9_]*([.][a-z][a-z0-9_]*)*$' AND length(action) <= 64
        AND (split_part(action, '.', 1) <> ALL (
                '{company,context,token,impersonation,operator,audit,membership,engine,incident,key,proof,ticket}'::text[])
            OR action IN ('audit.read', 'token.shown'))
        AND action NOT IN ('outbox.drain', 'outbox.enqueue', 'outbox.finish', 'outbox.refused')
        AND split_part(action, '.', 2) NOT IN ('delete', 'insert', 'update'), false)
$$;

-- Who may call it: the engine's own definer functions. Records: nothing.
-- Raises PT400 unless a client may use this word.
CREATE OR REPLACE FUNCTION piste.check_action(action text)
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    IF NOT piste.is_action(action) THEN
        RAISE EXCEPTION 'an action is a word such as users.read, and not %', piste.told(action) USING ERRCODE = 'PT400', HINT =
            'Neither one of the engine''s own words, nor one that ends in insert, update or delete: those are recorded by the change.';
    END IF;
END
$$;

-- Who may call it: the engine's own definer functions. Records: nothing.
-- Writes down what this backend announced. The gate believes it only after this transaction is committed, and only as its
-- guard marked it at that commit.
-- Raises PT503 where records are replicated and the standbys are not there, PT409 when the server's clock was set back.
CREATE OR REPLACE FUNCTION piste.note_declaration(
    context uuid, company uuid, resources text[], mark uuid DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM piste.check_durability(), piste.check_clock();
    INSERT INTO piste.declaration AS d (pid, entry, login, jti, company, resources, xid, declared_at, server, mark)
    VALUES (
        pg_backend_pid(), currval('piste.backend_entry'), session_user::text, context, company,
        resources, pg_current_xact_id(), clock_timestamp(), piste.this_server(), note_declaration.mark)
    ON CONFLICT (pid) DO UPDATE SET
        entry = excluded.entry, login = excluded.login, jti = excluded.jti,
        company = excluded.company, resources = excluded.resources, xid = excluded.xid,
        declared_at = excluded.declared_at, server = excluded.server, server_started = excluded.server_started,
        mark = coalesce(excluded.mark, d.mark), sync = false, settled = false;
    PERFORM nextval('piste.declarations'), set_config('piste.missed', '', false);
END
$$;

-- Who may call it: the engine's own definer functions, for what only a context that is open may do. Records: nothing.
-- Raises PT401 without a context, PT410 when it has ended.
CREATE OR REPLACE FUNCTION piste.check_in_context(here record)
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    IF here.jti IS NULL THEN
        RAISE EXCEPTION 'this session is in no context' USING ERRCODE = 'PT401', HINT = 'Enter one with a token.';
    ELSIF NOT here.live THEN
        RAISE EXCEPTION '%', here.problem USING ERRCODE = 'PT410', HINT = 'Ask for a fresh token.';
    END IF;
END
$$;

-- Who may call it: the engine's own definer functions. Records: nothing.
-- Raises PT409 where a context is of no use: where a snapshot would outlive its revocation.
CREATE OR REPLACE FUNCTION piste.check_read_committed()
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
        RAISE EXCEPTION 'a context is used in READ COMMITTED only' USING ERRCODE = 'PT409';
    END IF;
END
$$;

-- Who may call it: whoever holds a context, in it. Trusts: the backend's own context. Records: the declaration, in the
-- company's trail; once that is committed, the gate opens for these resources, for ten seconds.
-- Raises PT401 without a context, PT410 when it has ended, PT409 in an isolation level whose snapshot would outlive a
-- revocation, PT400 for an unknown resource or a malformed action, PT413 for too much detail.
CREATE OR REPLACE FUNCTION piste.declare(action text, resource text, detail jsonb DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    here  record := piste.here();
    named text[];
    parts record;
    entry bigint;
BEGIN
    PERFORM piste.check_in_context(here), piste.check_read_committed(), piste.check_action(action);
    named := piste.resources_named(resource, here.company);
    IF octet_length(detail::text) > 8192 THEN
        RAISE EXCEPTION 'detail is longer than 8192 bytes' USING ERRCODE = 'PT413';
    END IF;
    PERFORM piste.spend(here.company, entries => 1, detail_bytes => coalesce(octet_length(detail::text), 0));
    parts := piste.split_detail(detail);
    entry := piste.append(
        here.company, session_user::text, here.subject, here.jti, action, array_to_string(named, ','), parts.facts,
        parts.secret);
    PERFORM piste.note_declaration(here.jti, here.company, named);
    RETURN entry;
END
$$;

-- Who may call it: every operator, anywhere. Trusts: session_user and the backend's own context. Records: nothing.
CREATE OR REPLACE FUNCTION piste.whoami()
RETURNS TABLE (
    operator text, level text, url_id text, company_name text, purpose text, access text, subject text, jti uuid,
    expires_at timestamptz, server_time timestamptz, engine_version text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    me   record := piste.me();
    here record := piste.here();
BEGIN
    operator := me.login;
    level := me.level;
    IF here.live THEN
        url_id := here.url_id;
        company_name := here.company_name;
        purpose := here.purpose;
        access := here.access;
        subject := here.subject;
        jti := here.jti;
        expires_at := here.expires_at;
    END IF;
    server_time := clock_timestamp();
    engine_version := piste.installed_version();
    RETURN NEXT;
END
$$;

RESET ROLE;
