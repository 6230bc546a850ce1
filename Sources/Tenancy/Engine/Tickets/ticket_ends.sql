-- The end of tickets and leases that nobody waits for: by time, by suspension, and with their service.

SET LOCAL ROLE piste_owner;

-- Who may call it: the engine's own definer functions. Trusts: pg_locks, where clients can write nothing of this kind.
-- Records: nothing (the caller does). The backends that use tickets at this moment: of a company (`only_signed_in`: those of
-- people who signed in), or those past the end.
CREATE OR REPLACE FUNCTION piste.backends_in_tickets(window_name text DEFAULT NULL, only_signed_in boolean DEFAULT false)
RETURNS TABLE (pid integer, login text, backend_start timestamptz)
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    home bigint := to_regnamespace(window_name)::oid::bigint;
    now_ bigint := floor(extract(epoch FROM clock_timestamp()))::bigint;
BEGIN
    IF window_name IS NOT NULL AND home IS NULL THEN
        RETURN;
    END IF;
    PERFORM pg_stat_clear_snapshot();
    RETURN QUERY
    SELECT DISTINCT b.pid, b.login, b.backend_start
    FROM pg_locks l
    JOIN piste.live_backends() AS b ON b.pid = l.pid
    WHERE l.locktype = 'advisory' AND l.objsubid = 2 AND l.granted AND l.pid <> pg_backend_pid()
      AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
      AND CASE WHEN window_name IS NULL
          THEN l.classid::bigint = piste.mark_of_end() AND l.objid::bigint < now_
          ELSE l.classid::bigint = CASE WHEN only_signed_in THEN piste.mark_of_person() ELSE piste.mark_of_company() END
              AND l.objid::bigint = home
      END;
END
$$;

-- Who may call it: the engine's own definer functions, which have suspended the company, or are about to delete it, or to end
-- what its sign-ins began (`only_signed_in`). Records: nothing (the caller does).
-- Takes away the tickets that nobody has used, and ends the backends of those that somebody uses; waits for none of them.
-- How many there were. (A suspension that is not committed yet stops no `use` that comes now; once it is, the gate is shut
-- for that one too, and the next sweep ends it. So it is with a sign-in that ends: the gate asks for the ticket's token.)
CREATE OR REPLACE FUNCTION piste.end_tickets_of(firm uuid, only_signed_in boolean DEFAULT false)
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    ended bigint;
BEGIN
    DELETE FROM piste.ticket t
    WHERE t.ctid = ANY (ARRAY(
        SELECT o.ctid FROM piste.ticket o
        WHERE o.company = firm AND o.used IS NULL AND (NOT only_signed_in OR o.subject IS NOT NULL)
        FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS ended = ROW_COUNT;
    RETURN ended + (
        SELECT count(piste.end_backend(b.pid, b.backend_start, 0))
        FROM piste.company k CROSS JOIN LATERAL piste.backends_in_tickets(k.window_name, only_signed_in) AS b
        WHERE k.id = firm);
END
$$;

-- Who may call it: the engine's own definer functions, for a service that is one no more, and whose backends they have ended.
-- Records: nothing (the caller does). Takes away its tickets and its memberships. How many leases there were.
CREATE OR REPLACE FUNCTION piste.end_tickets_by(holder text)
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    each  record;
    ended bigint := 0;
BEGIN
    DELETE FROM piste.ticket t
    WHERE t.ctid = ANY (ARRAY(SELECT o.ctid FROM piste.ticket o WHERE o.login = holder FOR UPDATE SKIP LOCKED));
    FOR each IN SELECT l.company FROM piste.lease l WHERE l.login = holder ORDER BY l.company LOOP
        PERFORM piste.end_lease(each.company, holder, hard => true);
        ended := ended + 1;
    END LOOP;
    RETURN ended;
END
$$;

-- Who may call it: `sweep`. Trusts: the clock, and pg_locks. Records: nothing: what a ticket opened is on record since it was
-- made. Never waits for a lock.
--   overdue   a transaction went on past its ticket's end, or in a company that is suspended: its backend was ended
-- Leases end after half an hour, with their company's suspension, and with their service.
CREATE OR REPLACE FUNCTION piste.sweep_tickets()
RETURNS TABLE (did text, url_id text, operator text, jti uuid, detail text)
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    -- The clock's own answer is another for each row, and finds nothing in an index.
    over CONSTANT timestamptz := clock_timestamp() - interval '70 seconds';
    each record;
BEGIN
    FOR each IN
        SELECT b.pid, b.login, b.backend_start, NULL::text AS url_id FROM piste.backends_in_tickets() AS b
        UNION ALL
        SELECT b.pid, b.login, b.backend_start, k.url_id
        FROM piste.company k CROSS JOIN LATERAL piste.backends_in_tickets(k.window_name) AS b
        WHERE k.status <> 'active'
          AND EXISTS (SELECT FROM piste.lease l WHERE l.company = k.id)
    LOOP
        PERFORM piste.end_backend(each.pid, each.backend_start, 0);
        RETURN QUERY SELECT 'overdue', each.url_id, each.login, NULL::uuid, format('backend %s', each.pid);
    END LOOP;

    FOR each IN
        SELECT l.login, l.company
        FROM piste.lease l
        LEFT JOIN piste.company k ON k.id = l.company
        LEFT JOIN piste.operator o ON o.login = l.login
        WHERE l.granted_at < clock_timestamp() - interval '30 minutes'
           OR k.status IS DISTINCT FROM 'active'
           OR o.level IS DISTINCT FROM 'service' AND piste.probes_tickets(o.level, l.company, l.login) IS NOT TRUE
        ORDER BY l.granted_at
    LOOP
        CONTINUE WHEN NOT piste.take_turn('login:' || each.login, 'skip');
        PERFORM piste.end_lease(each.company, each.login);
    END LOOP;

    DELETE FROM piste.ticket t
    WHERE t.ctid = ANY (ARRAY(
        SELECT o.ctid FROM piste.ticket o
        WHERE o.made_at < over
        LIMIT 20000
        FOR UPDATE SKIP LOCKED));
END
$$;

-- Who may call it: the engine's own definer functions. Trusts: the clock. Records: nothing.
-- How many tickets each service was given for each company in the last minute.
CREATE OR REPLACE FUNCTION piste.tickets_of_last_minute()
RETURNS TABLE (login text, company uuid, tickets bigint)
LANGUAGE plpgsql
AS $$
#variable_conflict use_column
DECLARE
    since CONSTANT timestamptz := clock_timestamp() - interval '1 minute';
BEGIN
    RETURN QUERY SELECT t.login, t.company, count(*) FROM piste.ticket t WHERE t.made_at > since GROUP BY t.login, t.company;
END
$$;

-- Who may call it: an admin and whoever watches the figures, for all services; a service for itself. Trusts: session_user.
-- Records: `engine.refused` for anybody else.
-- How many tickets each service was given for each company in the last minute.
CREATE OR REPLACE FUNCTION piste.ticket_figures()
RETURNS TABLE (service text, company text, tickets bigint, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    me record := piste.me();
BEGIN
    IF NOT me.administers AND me.level NOT IN ('service', 'monitor') THEN
        refusal := piste.refuse(NULL::uuid, 'engine.refused', 'metrics', 'not_allowed', 'this is for admins and services',
            jsonb_build_object('wish', 'ticket_figures'));
        RETURN NEXT;
        RETURN;
    END IF;
    RETURN QUERY
    SELECT t.login, k.url_id, t.tickets, NULL::text
    FROM piste.tickets_of_last_minute() AS t JOIN piste.company k ON k.id = t.company
    WHERE me.level <> 'service' OR t.login = me.login
    ORDER BY t.tickets DESC, t.login, k.url_id;
END
$$;

RESET ROLE;
