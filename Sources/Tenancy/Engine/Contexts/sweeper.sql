-- The sweeper: what is over, ends.

SET LOCAL ROLE piste_owner;

-- Calls the sweepers when a context is over earlier than they were told, or has left its backend behind.
CREATE OR REPLACE TRIGGER over_earlier
AFTER UPDATE OF expires_at, lingering ON piste.context
FOR EACH ROW WHEN (NEW.expires_at < OLD.expires_at OR NEW.lingering AND NOT OLD.lingering)
EXECUTE FUNCTION piste.call_listeners('sweep');

-- Who may call it: the engine's own definer functions, for a context that opens in this transaction. Records: nothing.
-- Calls the sweepers when this context is the next to expire, so that they need not look before something is due. Whoever
-- expires in the same second or before has called them already; one who has a minute left or less makes sure.
CREATE OR REPLACE FUNCTION piste.announce_expiry(opened_jti uuid, until timestamptz)
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    IF until < clock_timestamp() + interval '1 minute' OR NOT EXISTS (
        SELECT FROM piste.context c
        WHERE c.ended_at IS NULL AND c.opened_at IS NOT NULL
          AND c.expires_at <= until AND c.expires_at > clock_timestamp() AND c.jti <> opened_jti
    ) THEN
        PERFORM piste.announce(c.channel) FROM piste.channel c WHERE c.purpose = 'sweep';
    END IF;
END
$$;

-- Who may call it: every operator; whoever sweeps asks it before going to sleep. Trusts: the clock. Records: nothing.
-- In how many milliseconds the next context or request expires (NULL: there is none), and the channel on which an earlier one is
-- announced. It tells nothing about whose context that is.
CREATE OR REPLACE FUNCTION piste.next_sweep()
RETURNS TABLE (due_in bigint, channel text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    me record := piste.me();
BEGIN
    RETURN QUERY
    SELECT
        (
            SELECT greatest(0, ceil(1000 * extract(epoch FROM min(next.expires_at) - clock_timestamp())))::bigint
            FROM (
                (
                    SELECT c.expires_at FROM piste.context c
                    WHERE c.ended_at IS NULL AND c.opened_at IS NOT NULL
                    ORDER BY c.expires_at
                    LIMIT 1
                )
                UNION ALL
                SELECT r.expires_at FROM piste.request r WHERE r.state IN ('pending', 'approved')
            ) AS next
            HAVING count(*) > 0
        ),
        s.channel
    FROM piste.channel s WHERE s.purpose = 'sweep';
END
$$;

-- Who may call it: support, admin, service and monitor; a timer calls it every second. Trusts: the clock, the catalogs, and the
-- roles of this database's companies only (another database of the cluster sweeps its own). Raises PT409 in a transaction that
-- has done something before, or in an isolation level that would judge by an older snapshot.
-- Records: `context.expire`, `context.end`, `context.detach`, `membership.revoke`, `impersonation.lapse` or `audit.expire` in
-- the trail of the company concerned;
-- `incident.membership` there and in the control trail for a membership that nothing accounts for.
-- Never waits: what somebody holds is left to the next sweep. Returns one row for each thing that had to be done; none means
-- that all was in order.
--   blocker   an operator's transaction idled for three seconds while others waited for it, idled for ten at all, went on for
--             two minutes while others waited, or locked a table of a company: its backend was ended
--   expired   the context's time was up: backend, token and membership are gone
--   ended     the company is suspended, or the context had ended and its backend lived on
--   overdue   a transaction went on past the end of its ticket: its backend was ended
--   detached  the backend is gone: the membership is revoked, the token may be entered again until it expires
--   incident  a login was in a company's role without an open context, which no function of the engine leads to; told once,
--             where the engine cannot take it back
--   revoked   … and is out of it again
--   lapsed    nobody decided a request for an impersonation in time, or nobody claimed what was approved
--   reset     a role of the engine had settings of its own
--   grown     a company in use has become large, and got the indexes for it
--   forgotten values in a company's trail were older than `keep_values_days`, and are destroyed
--   purged    control rows were older than `keep_control_days`, and are removed
--   postponed somebody else is at work on it: the next sweep comes back to it
CREATE OR REPLACE FUNCTION piste.sweep()
RETURNS TABLE (did text, url_id text, operator text, jti uuid, detail text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    me record := piste.me();
BEGIN
    IF me.level = 'viewer' THEN
        RAISE EXCEPTION 'sweeping is for support, admins, services and monitors' USING ERRCODE = 'PT403';
    END IF;
    PERFORM piste.check_fresh_transaction('sweep');
    PERFORM piste.check_home();
    RETURN QUERY SELECT s.* FROM piste.sweep_holders() AS s;
    RETURN QUERY SELECT s.* FROM piste.sweep_contexts(me.login) AS s;
    RETURN QUERY SELECT s.* FROM piste.lapse_requests() AS s;
    RETURN QUERY SELECT s.* FROM piste.sweep_lingering() AS s;
    RETURN QUERY SELECT s.* FROM piste.sweep_memberships(me.login) AS s;
    RETURN QUERY SELECT s.* FROM piste.sweep_companies() AS s;
    RETURN QUERY SELECT s.* FROM piste.sweep_tickets() AS s;
    RETURN QUERY SELECT s.* FROM piste.sweep_values(me.login) AS s;
    RETURN QUERY SELECT s.* FROM piste.sweep_control(me.login) AS s;

    -- What was counted in minutes that are over.
    DELETE FROM piste.quota q
    WHERE q.ctid IN (
        SELECT o.ctid FROM piste.quota o WHERE o.minute < clock_timestamp() - interval '2 minutes'
        FOR UPDATE SKIP LOCKED);

    -- What a killed proof left behind.
    PERFORM piste.remove_dead_probes();
    DELETE FROM piste.declaration d
    WHERE d.ctid IN (
        SELECT dead.ctid FROM piste.declaration dead
        WHERE dead.pid NOT IN (SELECT b.pid FROM piste.live_backends() AS b)
        FOR UPDATE SKIP LOCKED);
    DELETE FROM piste.trail_declaration d
    WHERE d.ctid IN (
        SELECT dead.ctid FROM piste.trail_declaration dead
        WHERE dead.declared_at < clock_timestamp() - interval '1 minute'
        FOR UPDATE SKIP LOCKED);
END
$$;

-- Who may call it: `sweep`. Trusts: pg_locks and the list of backends. Records: nothing.
-- Ends the operators' backends that stand in the way of others. What the engine itself does to tables (migrating, growing) is
-- known by a lock that only the engine can take.
CREATE OR REPLACE FUNCTION piste.sweep_holders()
RETURNS TABLE (did text, url_id text, operator text, jti uuid, detail text)
LANGUAGE plpgsql
AS $$
#variable_conflict use_column
DECLARE
    each record;
BEGIN
    FOR each IN
        WITH operating AS MATERIALIZED (
            SELECT b.* FROM piste.live_backends() AS b
            WHERE b.login IN (SELECT o.login FROM piste.operator o) AND b.pid <> pg_backend_pid()
        ), blocking AS (
            SELECT DISTINCT blocker.pid
            FROM pg_locks waiting CROSS JOIN LATERAL unnest(pg_blocking_pids(waiting.pid)) AS blocker (pid)
            WHERE NOT waiting.granted
        ), locking AS (
            SELECT DISTINCT l.pid
            FROM pg_locks l
            JOIN pg_class c ON c.oid = l.relation
            JOIN pg_namespace n ON n.oid = c.relnamespace
            JOIN piste.company k ON n.nspname IN (CASE WHEN k.adopted IS NULL THEN k.schema_name END, k.window_name)
            WHERE l.locktype = 'relation' AND l.granted
              AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
              AND l.mode IN ('ShareUpdateExclusiveLock', 'ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock',
                  'AccessExclusiveLock')
              AND NOT EXISTS (
                  SELECT FROM pg_locks w
                  WHERE w.pid = l.pid AND w.locktype = 'advisory' AND w.granted
                    AND (w.classid = 1885959030 OR w.classid = 1885959028))
        )
        SELECT o.pid, o.login
        FROM operating o
        WHERE o.state LIKE 'idle in transaction%' AND o.state_change < clock_timestamp() - interval '10 seconds'
           OR o.pid IN (SELECT l.pid FROM locking l)
           OR o.pid IN (SELECT b.pid FROM blocking b)
                AND piste.holds_up_others(o.login, o.state, o.state_change, o.xact_start)
           OR o.state LIKE 'idle in transaction%' AND o.state_change < clock_timestamp() - interval '3 seconds'
                AND EXISTS (
                    SELECT FROM pg_locks s
                    WHERE s.pid = o.pid AND s.locktype = 'advisory' AND s.granted AND s.classid = 1885959029)
    LOOP
        PERFORM piste.end_backend(each.pid, clock_timestamp(), 0);
        RETURN QUERY SELECT 'blocker', NULL::text, each.login, NULL::uuid, format('backend %s', each.pid);
    END LOOP;
END
$$;

-- Who may call it: `sweep`. Trusts: the clock and the list of backends. Records: `context.expire`, `context.end` or
-- `context.detach` each. Contexts whose time is over, whose company is suspended, or whose backend is gone.
CREATE OR REPLACE FUNCTION piste.sweep_contexts(sweeper text)
RETURNS TABLE (did text, url_id text, operator text, jti uuid, detail text)
LANGUAGE plpgsql
AS $$
#variable_conflict use_column
DECLARE
    each    record;
    server_ CONSTANT text := piste.this_server();
BEGIN
    -- Backends first, all of them, before any turn is taken.
    PERFORM piste.end_backend(c.backend_pid, c.entered_at, 0)
    FROM piste.context c JOIN piste.company k ON k.id = c.company
    WHERE c.ended_at IS NULL AND c.backend_pid IS NOT NULL AND c.server = server_
      AND (c.expires_at <= clock_timestamp() OR k.status <> 'active' OR NOT piste.key_stands(c, k));

    FOR each IN
        WITH running AS MATERIALIZED (
            SELECT b.pid, b.backend_start FROM piste.live_backends() AS b
        )
        SELECT c.jti, c.operator, c.company, c.role, c.subject, k.url_id,
            c.expires_at <= clock_timestamp() AS expired, k.status AS company_status,
            piste.key_stands(c, k) AS stands, c.backend_pid,
            format('backend %s', c.backend_pid) AS backend
        FROM piste.context c JOIN piste.company k ON k.id = c.company
        WHERE c.ended_at IS NULL AND c.opened_at IS NOT NULL AND (
            c.expires_at <= clock_timestamp()
            OR k.status <> 'active'
            OR NOT piste.key_stands(c, k)
            OR (c.backend_pid IS NOT NULL
                AND NOT EXISTS (
                    SELECT FROM running r
                    WHERE r.pid = c.backend_pid AND r.backend_start <= c.entered_at
                      AND c.server = server_)))
        ORDER BY c.operator
    LOOP
        IF NOT piste.take_turn('login:' || each.operator, 'skip') THEN
            RETURN QUERY SELECT 'postponed', each.url_id, each.operator, each.jti, 'its operator is at work';
        ELSIF each.expired THEN
            IF piste.close_context(each.jti, 'context.expire', 'expired', sweeper, true) THEN
                RETURN QUERY SELECT 'expired', each.url_id, each.operator, each.jti, each.backend;
            END IF;
        ELSIF each.company_status <> 'active' OR NOT each.stands THEN
            IF piste.close_context(
                each.jti, 'context.end', CASE WHEN each.company_status <> 'active' THEN 'the company is suspended'
                    ELSE 'the key of its token was changed, or its company was suspended' END, sweeper, true)
            THEN
                RETURN QUERY SELECT 'ended', each.url_id, each.operator, each.jti, each.backend;
            END IF;
        ELSE
            -- It may have been entered elsewhere since the list of backends was made.
            UPDATE piste.context c SET backend_pid = NULL
            WHERE c.jti = each.jti AND c.ended_at IS NULL AND c.backend_pid = each.backend_pid;
            IF FOUND THEN
                PERFORM piste.release_membership(each.company, each.role, each.operator);
                PERFORM piste.append(each.company, sweeper, each.subject, each.jti, 'context.detach', 'context',
                    jsonb_build_object('why', 'the backend is gone', 'operator', each.operator));
                RETURN QUERY SELECT 'detached', each.url_id, each.operator, each.jti, each.backend;
            END IF;
        END IF;
    END LOOP;

    -- Tokens that nobody opened in time.
    UPDATE piste.context c
    SET ended_at = clock_timestamp(), end_reason = 'expired', ended_by = sweeper
    WHERE c.jti IN (
        SELECT u.jti FROM piste.context u
        WHERE u.ended_at IS NULL AND u.opened_at IS NULL AND u.expires_at <= clock_timestamp()
        FOR UPDATE SKIP LOCKED);
END
$$;

-- Who may call it: `sweep`. Trusts: what `close_context` wrote down. Records: nothing: the end is on record.
-- Backends that outlived their context: those that did not end, and those that closed it and stayed in the company's role.
CREATE OR REPLACE FUNCTION piste.sweep_lingering()
RETURNS TABLE (did text, url_id text, operator text, jti uuid, detail text)
LANGUAGE plpgsql
AS $$
#variable_conflict use_column
DECLARE
    each record;
BEGIN
    FOR each IN
        SELECT c.jti, c.operator, c.backend_pid, c.entered_at, k.url_id, piste.lives_here(c) AS lives_here
        FROM piste.context c JOIN piste.company k ON k.id = c.company
        WHERE c.lingering AND c.backend_pid <> pg_backend_pid()
        FOR UPDATE OF c SKIP LOCKED
    LOOP
        UPDATE piste.context c SET lingering = each.lives_here AND NOT piste.end_backend(each.backend_pid, each.entered_at, 200)
        WHERE c.jti = each.jti;
        RETURN QUERY SELECT 'ended', each.url_id, each.operator, each.jti, format('backend %s', each.backend_pid);
    END LOOP;
END
$$;

-- Who may call it: `sweep`. Trusts: the catalogs. Records: `company.grow`.
-- Roles that were given settings while somebody was in them, and companies that have grown.
CREATE OR REPLACE FUNCTION piste.sweep_companies()
RETURNS TABLE (did text, url_id text, operator text, jti uuid, detail text)
LANGUAGE plpgsql
SET lock_timeout = '1s'
AS $$
#variable_conflict use_column
DECLARE
    each record;
BEGIN
    FOR each IN
        SELECT DISTINCT drifted.rolname::text AS role, k.url_id
        FROM pg_db_role_setting s
        JOIN pg_roles drifted ON drifted.oid = s.setrole
        LEFT JOIN piste.company k ON k.window_name = piste.windows_of_role(drifted.rolname)
        WHERE (k.id IS NOT NULL AND drifted.rolname ~ '^t_[0-9a-f]{12}_(reader|agent|writer)$')
           OR drifted.rolname = 'piste_operators'
    LOOP
        BEGIN
            CONTINUE WHEN NOT piste.reset_role(each.role);
            RETURN QUERY SELECT 'reset', each.url_id, NULL::text, NULL::uuid, each.role;
        EXCEPTION WHEN lock_not_available THEN
            RETURN QUERY SELECT 'postponed', each.url_id, NULL::text, NULL::uuid, each.role;
        END;
    END LOOP;
    FOR each IN
        SELECT k.id, k.url_id FROM piste.company k
        WHERE NOT k.grown AND k.status = 'active' AND k.adopted IS NULL
          AND k.id IN (SELECT c.company FROM piste.context c WHERE c.ended_at IS NULL AND c.opened_at IS NOT NULL)
          AND greatest(
              piste.rows_estimate(k.schema_name, 'users'), piste.rows_estimate(k.schema_name, 'journeys')) >= 5000
        LIMIT 1
    LOOP
        BEGIN
            IF piste.grow(each.id) THEN
                RETURN QUERY SELECT 'grown', each.url_id, NULL::text, NULL::uuid, NULL::text;
            END IF;
        EXCEPTION WHEN lock_not_available THEN
            RETURN QUERY SELECT 'postponed', each.url_id, NULL::text, NULL::uuid, 'its tables are in use';
        END;
    END LOOP;
END
$$;

RESET ROLE;
