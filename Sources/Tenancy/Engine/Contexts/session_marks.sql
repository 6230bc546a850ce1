-- Services behind a connection pool: a context belongs to one client, also where several share one backend.
--
-- A pooler in transaction mode hands one backend from client to client, with the role, the path and the memory that the
-- last one left in it. PostgreSQL sees neither the change nor the clients. What it does see is application_name: it
-- reports that to whoever is connected, and poolers that share backends (PgBouncer and those after its pattern) keep
-- it for each client and put it back before the client's next statement. So `enter` writes the context's jti at the end
-- of it, and the gate opens only while it stands there: for the client that entered, and for no other. A client without
-- a name of its own would keep its predecessor's: every operator's login therefore has one from the start.
--
-- What this does not stop: a client of the same login that blanks its name on purpose (SET application_name = '') keeps its
-- predecessor's, as it could equally ask for that company's token. A pooler that shares backends and does not keep
-- application_name for each client must not be used. Service logins belong into session mode.
--
-- The jti in the name is a mark and no secret. It opens nothing by itself: pid, entry, login and context are asked as ever.

-- Who may call it: piste_owner, for a login that is registered here. Records: nothing (the caller does).
-- Gives the login's sessions a name in this database, or takes it back.
CREATE OR REPLACE FUNCTION piste.name_login(login text, named boolean)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF to_regrole(quote_ident(login)) IS NULL THEN
        RETURN;
    END IF;
    EXECUTE format(
        'ALTER ROLE %I IN DATABASE %I %s', login, current_database(),
        CASE WHEN named THEN 'SET application_name = ''piste''' ELSE 'RESET application_name' END);
END
$$;

ALTER FUNCTION piste.name_login(text, boolean) OWNER TO piste_roles;
REVOKE ALL ON FUNCTION piste.name_login(text, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION piste.name_login(text, boolean) TO piste_owner;

SET LOCAL ROLE piste_owner;

-- Who may call it: the engine's own definer functions. Trusts: nothing; what a client writes there can only shut its gate.
-- Whether the client that speaks now is the one that entered this context here.
CREATE OR REPLACE FUNCTION piste.is_marked(context uuid)
RETURNS boolean
LANGUAGE plpgsql
AS $$
BEGIN
    RETURN right(current_setting('application_name'), 36) = context::text;
END
$$;

-- Who may call it: the engine's own definer functions. Records: nothing.
-- Puts the context's mark behind the session's name, or (NULL) takes any mark away; never leaves a session without a name.
CREATE OR REPLACE FUNCTION piste.mark_session(context uuid)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    plain text := regexp_replace(
        current_setting('application_name'), ' in [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$', '');
BEGIN
    plain := coalesce(nullif(btrim(plain), ''), 'piste');
    PERFORM set_config(
        'application_name', CASE WHEN context IS NULL THEN plain ELSE left(plain, 23) || ' in ' || context END, false);
END
$$;

DO $$
BEGIN
    PERFORM piste.name_login(o.login, true) FROM piste.operator o;
END
$$;

RESET ROLE;
