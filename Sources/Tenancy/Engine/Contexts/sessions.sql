-- The caller's session: into a company with a token, and out of it again.

SET LOCAL ROLE piste_owner;

-- Who may call it: everybody; it changes the caller's own session only.
-- Out of the role and the schema, and out of every cursor that may still be open on the company's rows. (RESET ROLE would
-- go back to the role that the login may have set for itself; NONE is nobody else.)
CREATE OR REPLACE FUNCTION piste.leave_session()
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    EXECUTE 'CLOSE ALL';
    SET ROLE NONE;
    RESET search_path;
    RESET statement_timeout;
    RESET idle_in_transaction_session_timeout;
    RESET idle_session_timeout;
END
$$;

-- Who may call it: everybody; it changes the caller's own session only, to a role that PostgreSQL lets it have.
-- A commit is seen before the caches of other backends hear of it. Who enters just when the same login's other session has
-- committed the grant of this role finds the membership there, and its own cache without it: it listens once more, by
-- looking up a name that no cache has, and tries again.
CREATE OR REPLACE FUNCTION piste.take_role(name text)
RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    attempts integer := 0;
BEGIN
    LOOP
        BEGIN
            PERFORM pg_catalog.set_config('role', take_role.name, false);
            RETURN;
        EXCEPTION WHEN insufficient_privilege THEN
            attempts := attempts OPERATOR(pg_catalog.+) 1;
            IF attempts OPERATOR(pg_catalog.>) 50 THEN
                RAISE;
            END IF;
            PERFORM pg_catalog.pg_sleep(0.01),
                pg_catalog.to_regtype('pg_catalog."' OPERATOR(pg_catalog.||) pg_catalog.gen_random_uuid()::pg_catalog.text OPERATOR(pg_catalog.||) '"');
        END;
    END LOOP;
END
$$;

-- Who may call it: the holder of the token. It runs with the caller's own rights and trusts `open_context`, which records.
-- Leaves whatever context the session was in, then opens the token's. The timeouts are hygiene: an honest client that fell
-- asleep ends with its context.
CREATE OR REPLACE FUNCTION piste.enter(token text, action text DEFAULT NULL, resource text DEFAULT NULL)
RETURNS TABLE (
    url_id text, schema_name text, purpose text, subject text, expires_at timestamptz, refusal text,
    access text, jti uuid, company_name text, server_time timestamptz)
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    opened record;
    left_  text;
BEGIN
    PERFORM piste.leave_session();
    opened := piste.open_context(token, action, resource);
    IF opened.refusal IS NULL THEN
        left_ := greatest(
            1, pg_catalog.ceil(1000 * pg_catalog.extract('epoch', opened.expires_at - pg_catalog.clock_timestamp())))::text;
        PERFORM
            pg_catalog.set_config('statement_timeout', left_, false),
            pg_catalog.set_config('idle_in_transaction_session_timeout', left_, false),
            pg_catalog.set_config('idle_session_timeout', left_, false),
            pg_catalog.set_config('search_path', opened.window_name || ', pg_catalog, piste_shared, pg_temp', false);
        PERFORM piste.take_role(opened.role_name);
    END IF;
    PERFORM piste.left_role();
    RETURN QUERY SELECT
        opened.url_id, opened.schema_name, opened.purpose, opened.subject, opened.expires_at, opened.refusal,
        opened.access, opened.jti, opened.company_name, pg_catalog.clock_timestamp();
END
$$;

-- Who may call it: `leave`. Trusts: the backend's own context. Records: `context.close`. What happened, in words.
CREATE OR REPLACE FUNCTION piste.close_own_context()
RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    me   record := piste.me();
    here record := piste.here();
BEGIN
    IF here.jti IS NULL THEN
        PERFORM piste.mark_session(false);
        RETURN 'this session was in no context';
    END IF;
    PERFORM piste.take_turn('login:' || me.login);
    PERFORM piste.close_context_here(here, me.login, 'left');
    RETURN coalesce(here.problem, format('left %s', here.url_id));
END
$$;

-- Who may call it: every operator. It runs with the caller's own rights and trusts `close_own_context`, which records.
-- Closes the session's context, if it has one, and takes the session out of it in any case. Says what there was to leave.
CREATE OR REPLACE FUNCTION piste.leave()
RETURNS text
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    outcome text;
BEGIN
    outcome := piste.close_own_context();
    PERFORM piste.leave_session();
    PERFORM piste.left_role();
    RETURN outcome;
END
$$;

RESET ROLE;
