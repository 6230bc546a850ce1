-- Using a ticket: in one transaction, on any connection of its service.

SET LOCAL ROLE piste_owner;

-- The classes of the advisory locks that `use` takes for its transaction: one on the second in which its ticket ends, one on
-- the company (the number of its schema of windows), and the same once more for a person who signed in. Nobody waits for them. They show to others what this transaction has
-- written and not committed, to the very savepoint, and are how a sweep or a suspension finds it (Tickets/ticket_ends).
CREATE OR REPLACE FUNCTION piste.mark_of_end()
RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT 1885960549
$$;

CREATE OR REPLACE FUNCTION piste.mark_of_company()
RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT 1885960547
$$;

CREATE OR REPLACE FUNCTION piste.mark_of_person()
RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT 1885960560
$$;

-- Who may call it: the engine's own definer functions. Trusts: the catalogs. Records: nothing.
-- What stands for a company in its mark: a schema's number as the signed one that an advisory lock takes.
CREATE OR REPLACE FUNCTION piste.company_mark(window_name text)
RETURNS integer
LANGUAGE sql STABLE
AS $$
    SELECT ((to_regnamespace(window_name)::oid::bigint << 32) >> 32)::integer
$$;

-- Who may call it: `open_ticket`, when the ticket is not as usual. Trusts: `used`, the row as it was read under its lock; NULL in
-- all, when there was none, or somebody has it. Records: nothing. Raises PT409 and PT410 for what stands against its use.
-- Until when the token that it was made with holds; NULL without one.
CREATE OR REPLACE FUNCTION piste.check_ticket_use(asked uuid, used record)
RETURNS timestamptz
LANGUAGE plpgsql
AS $$
DECLARE
    me      CONSTANT text := session_user::text;
    own     CONSTANT xid8 := pg_current_xact_id_if_assigned();
    token   record;
    problem text;
BEGIN
    PERFORM piste.check_no_held_cursor();
    SELECT c.expires_at, c.ended_at INTO token FROM piste.context c WHERE c.jti = used.token;
    IF used.made = own THEN
        RAISE EXCEPTION 'this ticket was made in this very transaction, and its record is not committed' USING
            ERRCODE = 'PT409', HINT = 'Ask for the ticket in autocommit, then BEGIN and use it.';
    END IF;
    problem := CASE
        WHEN used.id IS NULL THEN CASE
            WHEN EXISTS (SELECT FROM piste.ticket t WHERE t.id = asked AND t.login = me)
                THEN 'this ticket is being used by another transaction'
            ELSE format('there is no ticket %s of this service, or it was taken away', asked)
        END
        WHEN used.used = own THEN 'this ticket was used in this transaction already'
        WHEN used.used IS NOT NULL THEN 'this ticket was used already'
        WHEN used.expires_at <= clock_timestamp()
            THEN format('this ticket was to be used until %s', used.expires_at)
        WHEN NOT used.sync THEN 'the record of this ticket was not flushed'
        WHEN used.status IS NULL THEN 'the company of this ticket is gone'
        WHEN used.status <> 'active' THEN format('the company is %s', used.status)
        WHEN used.level IS DISTINCT FROM 'service' AND piste.probes_tickets(used.level, used.company, me) IS NOT TRUE
            THEN 'this login is no service any more'
        WHEN used.token IS NOT NULL AND (token.ended_at IS NULL AND token.expires_at > clock_timestamp()) IS NOT TRUE
            THEN 'the token of this ticket has ended'
    END;
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem USING
            ERRCODE = 'PT410', HINT = 'Ask for a fresh ticket; it holds for one transaction: BEGIN, use it, work, COMMIT.';
    END IF;
    RETURN token.expires_at;
END
$$;

-- Who may call it: `use`. Trusts: session_user, and this transaction's own number. Records: nothing (making the ticket did).
-- Writes down that this transaction uses the ticket, and sets its timeouts. Called by itself it does no more than that: the
-- role and the path are the caller's to set, in this transaction or not at all.
-- Raises PT409 where it cannot be used, PT410 when it is good no more, PT503 when the standbys do not have its record: always
-- in words, never as an empty result.
CREATE OR REPLACE FUNCTION piste.open_ticket(
    asked uuid, OUT company text, OUT access text, OUT until timestamptz, OUT role_name text, OUT path text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    me      CONSTANT text := session_user::text;
    own     CONSTANT xid8 := pg_current_xact_id_if_assigned();
    used    record;
    left_   integer;
    done    boolean;
BEGIN
    IF asked IS NULL THEN
        RAISE EXCEPTION 'say which ticket' USING ERRCODE = 'PT400';
    END IF;
    IF NOT piste.session_is_plain() THEN
        PERFORM piste.check_ticket_session();
    END IF;
    -- Nobody waits here: who is at it at this moment is using it, or takes it away.
    SELECT t.id, t.company, t.access, t.subject, t.token, t.seconds, t.made, t.expires_at, t.sync, t.used,
        k.url_id, k.window_name, k.status, o.level,
        piste.is_local((SELECT s.value FROM piste.setting s WHERE s.name = 'durability')) AS is_local,
        EXISTS (SELECT FROM pg_cursor() AS h WHERE h.is_holdable) AS holds
    INTO used
    FROM piste.ticket t
    LEFT JOIN piste.company k ON k.id = t.company
    LEFT JOIN piste.operator o ON o.login = t.login
    -- By its id and nothing else: a plan that was made for a few tickets would look through all of this service's.
    WHERE t.id = asked AND t.login IS NOT DISTINCT FROM me
    FOR UPDATE OF t SKIP LOCKED;
    until := clock_timestamp() + make_interval(secs => used.seconds);
    IF (used.made IS DISTINCT FROM own AND used.used IS NULL AND used.expires_at > clock_timestamp() AND used.sync AND NOT used.holds
        AND used.status = 'active' AND used.level = 'service' AND used.token IS NULL) IS NOT TRUE
    THEN
        until := least(until, piste.check_ticket_use(asked, used));
    END IF;
    IF own IS NOT NULL THEN
        IF EXISTS (
            SELECT FROM piste.ticket t
            WHERE t.used = own AND t.login = me AND (t.company, t.subject) IS DISTINCT FROM (used.company, used.subject))
        THEN
            RAISE EXCEPTION 'this transaction has used a ticket of another company, or of another subject' USING
                ERRCODE = 'PT409', HINT = 'One transaction is in one company.';
        END IF;
    END IF;
    IF NOT used.is_local AND NOT piste.await_standbys() THEN
        RAISE EXCEPTION 'the synchronous standbys do not have the record of this ticket yet' USING
            ERRCODE = 'PT503', HINT = 'It can be used until it expires; try again when they follow.';
    END IF;
    UPDATE piste.ticket t SET used = pg_current_xact_id(), until = open_ticket.until WHERE t.id = asked;
    IF coalesce(current_setting('piste.ticket', true), '') = '' THEN
        -- What was noted before belongs to nobody's ticket.
        done := set_config('piste.missed', '', true) IS NULL;
    END IF;
    -- An assignment is worked out on the spot, where PERFORM would make a query of it. None of these is ever NULL.
    done := pg_advisory_xact_lock_shared(piste.mark_of_end(), floor(extract(epoch FROM until))::integer) IS NULL
        OR pg_advisory_xact_lock_shared(piste.mark_of_company(), piste.company_mark(used.window_name)) IS NULL;
    IF used.subject IS NOT NULL THEN
        done := pg_advisory_xact_lock_shared(piste.mark_of_person(), piste.company_mark(used.window_name)) IS NULL;
    END IF;
    done := set_config('piste.ticket', asked::text, true) IS NULL;
    -- Hygiene: an honest client that fell asleep ends with its ticket. What is stricter already stays.
    left_ := greatest(1, ceil(1000 * extract(epoch FROM until - clock_timestamp())));
    done := piste.tightened('statement_timeout', left_) IS NULL
        OR piste.tightened('idle_in_transaction_session_timeout', least(left_, 10000)) IS NULL
        OR current_setting('server_version_num')::integer >= 170000 AND piste.tightened('transaction_timeout', left_) IS NULL;
    IF used.access = 'read' THEN
        done := set_config('transaction_read_only', 'on', true) IS NULL;
    END IF;
    company := used.url_id;
    access := used.access;
    role_name := piste.role_stem(used.window_name::text) || '_writer';
    path := used.window_name || ', pg_catalog, piste_shared, pg_temp';
END
$$;

-- Who may call it: the engine's own definer functions, whose plans take it in. Records: nothing.
-- Gives a timeout its value for this transaction, unless it is shorter already; what it is then.
CREATE OR REPLACE FUNCTION piste.tightened(name text, milliseconds integer)
RETURNS text
LANGUAGE sql VOLATILE
AS $$
    SELECT CASE
        WHEN current_setting(name) = '0' OR current_setting(name)::interval > milliseconds * interval '1 millisecond'
            THEN set_config(name, milliseconds::text, true)
        ELSE current_setting(name) END
$$;

-- Who may call it: services. It runs with the caller's own rights and trusts `open_ticket`. Records: nothing (making the
-- ticket did). Puts this transaction, and nothing after it, into the ticket's company: role, path and timeouts end with it.
-- A commit is seen before the caches of other backends hear of it: who is not in the role yet by its own cache listens once
-- more, by looking up a name that no cache has.
CREATE OR REPLACE FUNCTION piste.use(ticket uuid)
RETURNS TABLE (company text, access text, until timestamptz)
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    opened   record  := piste.open_ticket(ticket);
    attempts integer := 0;
BEGIN
    WHILE NOT pg_catalog.pg_has_role(session_user, opened.role_name, 'MEMBER')
        AND attempts OPERATOR(pg_catalog.<) 50
    LOOP
        PERFORM pg_catalog.pg_sleep(0.01), pg_catalog.to_regtype(
            'pg_catalog."' OPERATOR(pg_catalog.||) pg_catalog.gen_random_uuid()::pg_catalog.text OPERATOR(pg_catalog.||) '"');
        attempts := attempts OPERATOR(pg_catalog.+) 1;
    END LOOP;
    PERFORM
        pg_catalog.set_config('search_path', opened.path, true),
        pg_catalog.set_config('role', opened.role_name, true);
    company := opened.company;
    access := opened.access;
    until := opened.until;
    RETURN NEXT;
END
$$;

-- Who may call it: `open_until`, for whoever reads or writes. Trusts: session_user, and this transaction's own number, with
-- which the ticket that the client's own setting names is compared. Records: nothing. Never raises.
-- Until when this transaction's ticket opens a table, or -infinity.
CREATE OR REPLACE FUNCTION piste.ticket_until(company uuid, resource text, command text)
RETURNS timestamptz
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    named CONSTANT text := current_setting('piste.ticket', true);
    used  record;
BEGIN
    IF named !~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN
        RETURN '-infinity';
    END IF;
    SELECT t.until, t.token INTO used
    FROM piste.ticket t JOIN piste.company k ON k.id = t.company
    WHERE t.id = named::uuid
      AND t.used = pg_current_xact_id_if_assigned()
      -- Compared so that no index fits but the id's (as in open_ticket).
      AND t.login IS NOT DISTINCT FROM session_user::text
      AND t.company IS NOT DISTINCT FROM ticket_until.company
      AND (ticket_until.resource = ANY (t.tables) OR t.tables = '{*}' AND ticket_until.resource <> 'audit')
      AND (ticket_until.command = 'read' OR t.access = 'read+write')
      AND NOT EXISTS (SELECT FROM pg_cursor() AS h WHERE h.is_holdable)
      AND k.status = 'active';
    IF used.token IS NOT NULL THEN
        IF piste.token_ended(used.token) THEN
            RETURN '-infinity';
        END IF;
    END IF;
    RETURN coalesce(used.until, '-infinity');
END
$$;

-- Who may call it: the engine's own definer functions. Trusts: session_user, and this transaction's own number. Records:
-- nothing. The ticket that this transaction uses; all NULL when it uses none. A client that hides its ticket's name from its
-- own transaction changes nothing: then all tickets are looked through.
CREATE OR REPLACE FUNCTION piste.ticket_here(
    OUT ticket uuid, OUT company uuid, OUT subject text, OUT access text, OUT until timestamptz, OUT token uuid)
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    own   xid8 := pg_current_xact_id_if_assigned();
    named text := current_setting('piste.ticket', true);
BEGIN
    IF own IS NULL THEN
        RETURN;
    END IF;
    IF named ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN
        SELECT t.id, t.company, t.subject, t.access, t.until, t.token INTO ticket, company, subject, access, until, token
        FROM piste.ticket t
        WHERE t.id = named::uuid AND t.used = own AND t.login IS NOT DISTINCT FROM session_user::text;
    END IF;
    IF ticket IS NOT NULL THEN
        RETURN;
    ELSIF EXISTS (SELECT FROM piste.operator o WHERE o.login = session_user::text AND o.level = 'service') THEN
        SELECT t.id, t.company, t.subject, t.access, t.until, t.token INTO ticket, company, subject, access, until, token
        FROM piste.ticket t WHERE t.used = own AND t.login = session_user::text
        ORDER BY t.until DESC, t.id LIMIT 1;
    END IF;
END
$$;

-- Who may call it: `why_shut`, for a transaction that uses this ticket. Trusts: piste.ticket. Records: nothing.
-- Why it may not do this with this table of this company: an SQLSTATE and a sentence; and whether it is about the table alone.
CREATE OR REPLACE FUNCTION piste.why_ticket_shuts(
    asked uuid, firm uuid, resource text, command text, OUT state text, OUT words text, OUT of_table boolean)
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    used piste.ticket;
BEGIN
    SELECT * INTO used FROM piste.ticket t WHERE t.id = asked;
    SELECT v.state, v.words, v.rank = 4 INTO state, words, of_table
    FROM (VALUES
        (1, used.company <> firm, 'PT403', 'this transaction is in another company'),
        (2, (SELECT k.status FROM piste.company k WHERE k.id = firm) <> 'active', 'PT410', 'the company is suspended'),
        (3, command = 'write' AND used.access <> 'read+write', 'PT403', 'this ticket only reads'),
        (4, used.tables <> '{*}' AND resource <> ALL (used.tables), 'PT403', format('the ticket does not name %s', resource)),
        (5, used.until <= clock_timestamp(), 'PT410', 'the time of this ticket is over: ask for a fresh one'),
        (6, EXISTS (SELECT FROM pg_cursor() AS c WHERE c.is_holdable), 'PT409', 'a cursor is held beyond its transaction'),
        (7, piste.token_ended(used.token), 'PT410', 'the token of this ticket has ended'),
        (8, true, 'PT403', 'this transaction hides its ticket')
    ) AS v (rank, applies, state, words)
    WHERE v.applies ORDER BY v.rank LIMIT 1;
END
$$;

-- Who may call it: the engine's own definer functions. Trusts: piste.context. Records: nothing.
-- Whether the token that a ticket was made with has ended since; false for a ticket without one. (Its time ends the ticket's.)
CREATE OR REPLACE FUNCTION piste.token_ended(token uuid)
RETURNS boolean
LANGUAGE plpgsql
AS $$
BEGIN
    RETURN token IS NOT NULL AND NOT EXISTS (
        SELECT FROM piste.context c WHERE c.jti = token_ended.token AND c.ended_at IS NULL);
END
$$;

-- Who may call it: the engine's own definer functions. Records: nothing. Raises PT410 when a ticket's time is over, or the token
-- that it was made with has ended.
CREATE OR REPLACE FUNCTION piste.check_ticket_time(until timestamptz, token uuid)
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    IF until <= clock_timestamp() THEN
        RAISE EXCEPTION 'the time of this ticket is over, and what is read after it is nothing' USING
            ERRCODE = 'PT410', HINT = 'Ask for a fresh ticket, and do it again.';
    ELSIF piste.token_ended(token) THEN
        RAISE EXCEPTION 'the token of this ticket has ended, and what is read after it is nothing' USING
            ERRCODE = 'PT410', HINT = 'Have the user sign in again.';
    END IF;
END
$$;

-- Who may call it: the commit of a transaction that has used a ticket, behind its last statement. Trusts: the row. Records:
-- nothing. What was read in part is not committed as if it were whole.
--
-- A client may have constraints checked before (SET CONSTRAINTS), and read on. A COMMIT by itself is one. Of any other statement
-- nothing says whether it is the commit as well; but its own change of the row does: where constraints are immediate, that
-- fires this trigger inside itself, which then puts itself off again. At the commit it is fired behind this one, and has the
-- last word. A transaction that only reads can change no row: there, whoever names constraints in the statement that comes
-- here is refused. (Who hides the word deceives nobody but himself, and writes nothing.)
CREATE OR REPLACE FUNCTION piste.refuse_late_commit()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NEW.until <= clock_timestamp() OR NEW.token IS NOT NULL THEN
        PERFORM piste.check_ticket_time(NEW.until, NEW.token);
    END IF;
    IF current_query() ~* '^\s*(commit|end)(\s+(work|transaction))?\s*;?\s*$' THEN
        RETURN NULL;
    ELSIF current_setting('transaction_read_only') = 'on' THEN
        IF current_query() ~* 'constraints' THEN
            RAISE EXCEPTION 'no constraint may be made immediate in a transaction that only reads by a ticket' USING
                ERRCODE = 'PT409', HINT = 'It writes nothing that a constraint could refuse.';
        END IF;
    ELSIF pg_trigger_depth() > 1 THEN
        SET CONSTRAINTS piste.late DEFERRED;
        UPDATE piste.ticket t SET closing = false WHERE t.id = NEW.id;
    ELSIF NOT NEW.closing THEN
        UPDATE piste.ticket t SET closing = true WHERE t.id = NEW.id;
    END IF;
    RETURN NULL;
END
$$;

-- Not made anew when it is there: that would wait for whoever is at work.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = 'piste.ticket'::regclass AND t.tgname = 'late') THEN
        CREATE CONSTRAINT TRIGGER late AFTER UPDATE OF used, closing ON piste.ticket
        DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION piste.refuse_late_commit();
    END IF;
END
$$;

RESET ROLE;
