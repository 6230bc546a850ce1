-- Services behind a connection pool: a context belongs to one client, also where several share one backend.
--
-- A pooler in transaction mode hands one backend from client to client, with the role, the path and the memory that the
-- last one left in it. PostgreSQL sees neither the change nor the clients. What it does see is application_name: it
-- reports that to whoever is connected, and poolers that share backends (PgBouncer and those after its pattern) keep
-- it for each client and put it back before the client's next statement. So `enter` writes a mark at the end of it, and
-- the gate opens only while it stands there: for the client that entered, and for no other. A client without a name of its
-- own would keep its predecessor's: every session of this database therefore has one from the start (roles).
--
-- What this does not stop: a client of the same login that blanks its name on purpose (SET application_name = '') keeps its
-- predecessor's, as it could equally ask for that company's token. A pooler that shares backends and does not keep
-- application_name for each client must not be used. Service logins belong into session mode.
--
-- The mark is drawn at random at each entering. Everybody sees it, and it leads nowhere: it is in no token and in no record.
-- It opens nothing by itself: pid, entry, login and context are asked as ever.

SET LOCAL ROLE piste_owner;

-- Who may call it: the engine's own definer functions. Trusts: nothing; what a client writes there can only shut its gate.
-- Whether the client that speaks now is the one that entered here, where it got this mark.
CREATE OR REPLACE FUNCTION piste.is_marked(mark uuid)
RETURNS boolean
LANGUAGE plpgsql
AS $$
BEGIN
    RETURN right(current_setting('application_name'), 36) = mark::text;
END
$$;

-- Who may call it: the engine's own definer functions, for the context of this backend. Records: nothing (note_declaration writes
-- the mark down beside it). Puts a fresh mark behind the session's name, and tells it; or, outside, takes any mark away. Never
-- leaves a session without a name.
CREATE OR REPLACE FUNCTION piste.mark_session(inside boolean)
RETURNS uuid
LANGUAGE plpgsql
AS $$
DECLARE
    plain text := regexp_replace(
        current_setting('application_name'), ' in [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$', '');
    drawn uuid := CASE WHEN inside THEN gen_random_uuid() END;
BEGIN
    plain := coalesce(nullif(btrim(plain), ''), 'piste');
    PERFORM set_config(
        'application_name', CASE WHEN drawn IS NULL THEN plain ELSE left(plain, 23) || ' in ' || drawn END, false);
    RETURN drawn;
END
$$;

RESET ROLE;
