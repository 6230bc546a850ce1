-- Turns: how the engine's own changes wait for each other, and how nobody waits for an idler.
--
-- A turn is an advisory lock of the transaction. Only the engine can take one (roles.sql takes these functions from PUBLIC),
-- and pg_locks says whose it is. A client's call takes no turn that another login can hold: contexts take the turn of their
-- own login, and only what an admin or a sweep does takes that of a company.

SET LOCAL ROLE piste_owner;

-- Who may call it: the engine's own definer functions. Records: nothing.
-- Whether an operator's transaction that stands in the way has done so for long enough: three seconds of idling, or two
-- minutes altogether, since whoever wants to be in the way keeps busy. (An admin may migrate for longer than that.)
CREATE OR REPLACE FUNCTION piste.holds_up_others(
    holder text, state text, state_change timestamptz, xact_start timestamptz)
RETURNS boolean
LANGUAGE sql VOLATILE
AS $$
    SELECT (state LIKE 'idle in transaction%' AND state_change < clock_timestamp() - interval '3 seconds')
        OR (xact_start < clock_timestamp() - interval '2 minutes'
            AND EXISTS (SELECT FROM piste.operator o WHERE o.login = holder AND o.level <> 'admin'))
$$;

-- The second half of the turn's key.
CREATE OR REPLACE FUNCTION piste.turn_number(what text)
RETURNS integer
LANGUAGE sql IMMUTABLE
AS $$
    SELECT hashtext(what)
$$;

-- Who may call it: the engine's own definer functions. Records: nothing.
-- Takes the turn of something ('company:…', 'login:…', 'seal:…') until the transaction ends. How it waits:
--   'wait'   an operator's backend that holds it and idles in its transaction for three seconds is ended; after twenty seconds it
--            raises PT423
--   'evict'  the same, but a holder that idles for one second is ended, and after three also one that keeps itself busy
--   'brief'  as 'evict', for a second at most: then it answers false
--   'skip'   not at all: false when somebody else holds it; a holder that holds up others is ended
CREATE OR REPLACE FUNCTION piste.take_turn(what text, manner text DEFAULT 'wait')
RETURNS boolean
LANGUAGE plpgsql
AS $$
DECLARE
    number   CONSTANT integer := piste.turn_number(what);
    begun    CONSTANT timestamptz := clock_timestamp();
BEGIN
    WHILE NOT pg_try_advisory_xact_lock(1885959029, number) LOOP
        PERFORM piste.end_backend(holder.pid, clock_timestamp(), 1000)
        FROM pg_locks l
        JOIN piste.live_backends() AS holder ON holder.pid = l.pid
        WHERE l.locktype = 'advisory' AND l.classid = 1885959029 AND l.objid = ((number::bigint + 4294967296) % 4294967296)::oid
          AND l.objsubid = 2 AND l.granted
          AND holder.login IN (SELECT o.login FROM piste.operator o)
          AND CASE manner
              WHEN 'evict' THEN
                  clock_timestamp() > begun + interval '3 seconds'
                  OR (holder.state LIKE 'idle in transaction%'
                      AND holder.state_change < clock_timestamp() - interval '1 second')
              WHEN 'brief' THEN holder.state LIKE 'idle in transaction%'
              ELSE piste.holds_up_others(holder.login, holder.state, holder.state_change, holder.xact_start)
          END;
        IF manner = 'skip' OR manner = 'brief' AND clock_timestamp() > begun + interval '1 second' THEN
            RETURN false;
        END IF;
        IF clock_timestamp() > begun + interval '20 seconds' THEN
            RAISE EXCEPTION 'somebody else is at work here and does not end; try again' USING ERRCODE = 'PT423';
        END IF;
        -- Who is in a hurry asks often, and each a little apart: many connections of one service take it from one another.
        PERFORM pg_sleep(CASE manner WHEN 'brief' THEN 0.002 + random() * 0.01 ELSE 0.05 END);
    END LOOP;
    RETURN true;
END
$$;

-- Who may call it: the engine's own definer functions, which found these backends in the way. Records: nothing.
-- Ends those of them that are operators' and idle in their transaction, and those that keep busy with it though they have been
-- in the way for long (`for_long`, of the same backends).
CREATE OR REPLACE FUNCTION piste.end_those_in_the_way(pids integer[], for_long integer[])
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM pg_stat_clear_snapshot();
    PERFORM piste.end_backend(b.pid, clock_timestamp(), 500)
    FROM piste.live_backends() AS b
    WHERE b.pid = ANY (pids) AND b.pid <> pg_backend_pid() AND b.login IN (SELECT o.login FROM piste.operator o)
      AND (b.pid = ANY (for_long) AND b.xact_start < clock_timestamp() - interval '1 second'
          OR b.state LIKE 'idle in transaction%' AND b.state_change < clock_timestamp() - interval '200 milliseconds');
END
$$;

RESET ROLE;
