-- Durable means where you said: no row is read before the record of that read is where the setting `durability` wants it.
--
--   local       on this server's disk. PostgreSQL flushes a commit before anybody sees it, unless synchronous_commit is
--               off, and that every client may set: so the guard, a deferred trigger on the row that opens the gate, runs
--               when no statement of the client can follow, sets it back, and marks the row. What is marked is flushed.
--   replicated  on as many synchronous standbys as the server is told to wait for, too. Who cancels that wait, or ends the
--               backend that waits, has a commit that the standbys lack. So the gate itself looks, before the first row,
--               whether they have flushed what this server has flushed by then.
--
-- What is promised of a standby holds from there on: whichever of them is promoted has the record of every row that
-- was read. (Of FIRST n the n that the server names then, of ANY n at least n.)

-- Who may call it: piste_owner. Trusts: what the WAL senders say of themselves. Records: nothing.
-- The standbys that count for synchronous commits now, and how far each has flushed.
CREATE OR REPLACE FUNCTION piste.synchronous_standbys()
RETURNS TABLE (pid integer, flushed pg_lsn)
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT s.pid, s.flush_lsn FROM pg_catalog.pg_stat_get_wal_senders() s WHERE s.sync_state IN ('sync', 'quorum')
$$;

-- Who may call it: piste_owner. Trusts: what the WAL senders say of themselves. Records: nothing.
-- How many standbys follow this server at all.
CREATE OR REPLACE FUNCTION piste.standbys_following()
RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT count(*) FROM pg_catalog.pg_stat_get_wal_senders() s
    JOIN pg_catalog.pg_stat_activity a USING (pid)
    LEFT JOIN pg_catalog.pg_replication_slots r ON r.active_pid = s.pid
    WHERE s.state = 'streaming' AND r.database IS NULL AND a.application_name NOT IN ('pg_basebackup', 'pg_receivewal')
$$;

-- Who may call it: piste_owner. Trusts: what the WAL senders say of themselves. Records: nothing.
-- By how much each standby's clock, as its last answer told it, is ahead of this server's; what it is behind holds the time since
-- that answer as well, of which there is one every ten seconds (wal_receiver_status_interval).
CREATE OR REPLACE FUNCTION piste.standby_clocks()
RETURNS TABLE (standby text, ahead interval)
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT a.application_name, s.reply_time - clock_timestamp()
    FROM pg_catalog.pg_stat_get_wal_senders() s
    JOIN pg_catalog.pg_stat_activity a USING (pid)
    WHERE s.state = 'streaming' AND s.reply_time IS NOT NULL
$$;

ALTER FUNCTION piste.synchronous_standbys() OWNER TO piste_signal;
ALTER FUNCTION piste.standbys_following() OWNER TO piste_signal;
ALTER FUNCTION piste.standby_clocks() OWNER TO piste_signal;
REVOKE ALL ON FUNCTION piste.synchronous_standbys(), piste.standbys_following(), piste.standby_clocks() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION piste.synchronous_standbys(), piste.standbys_following(), piste.standby_clocks() TO piste_owner;

SET LOCAL ROLE piste_owner;

-- Who may call it: the engine's own definer functions. Trusts: synchronous_standby_names, which only the server's
-- configuration sets. Records: nothing.
-- How many standbys a commit waits for; NULL for none. The list reads FIRST n (…), ANY n (…), n (…), or names alone, which
-- is FIRST 1. Who stands in it and who counts now, the WAL senders know themselves; so a name is never compared here.
CREATE OR REPLACE FUNCTION piste.standbys_wanted(list text DEFAULT current_setting('synchronous_standby_names'))
RETURNS integer
LANGUAGE sql STABLE
AS $$
    SELECT CASE
        WHEN list ~ '^\s*$' THEN NULL
        ELSE coalesce((regexp_match(list, '^\s*(?:(?:first|any)\s+)?([0-9]+)\s*[(]', 'i'))[1]::integer, 1) END
$$;

-- Who may call it: the engine's own definer functions, whose plans take it in. Records: nothing.
-- Whether records need be on this server only: what an admin chose, else (NULL) as far as the server is told to wait.
CREATE OR REPLACE FUNCTION piste.is_local(chosen text)
RETURNS boolean
LANGUAGE sql STABLE
AS $$
    SELECT coalesce(chosen = 'local', current_setting('synchronous_standby_names') ~ '^\s*$')
$$;

-- Who may call it: the engine's own definer functions. Trusts: piste.setting and the server's configuration.
-- Records: nothing. Where records must be.
CREATE OR REPLACE FUNCTION piste.durability()
RETURNS text
LANGUAGE plpgsql
AS $$
BEGIN
    RETURN CASE WHEN piste.is_local((SELECT s.value FROM piste.setting s WHERE s.name = 'durability'))
        THEN 'local' ELSE 'replicated' END;
END
$$;

-- Who may call it: the engine's own definer functions. Records: nothing.
-- Why no record can be as durable as it must be; NULL when it can.
CREATE OR REPLACE FUNCTION piste.durability_problem()
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    wanted integer := piste.standbys_wanted();
    there  integer;
BEGIN
    IF piste.durability() = 'local' THEN
        RETURN NULL;
    END IF;
    IF wanted IS NULL THEN
        RETURN 'records must be replicated, and no synchronous standby is configured';
    END IF;
    there := (SELECT count(*) FROM piste.synchronous_standbys());
    IF there < wanted THEN
        RETURN format('records must be on %s synchronous %s, and %s', wanted,
            CASE wanted WHEN 1 THEN 'standby' ELSE 'standbys' END,
            CASE there WHEN 0 THEN 'none is connected' ELSE format('only %s connected', there) END);
    END IF;
    RETURN NULL;
END
$$;

-- Who may call it: the engine's own definer functions, before they make a record that opens something. Records: nothing.
-- Raises PT503 where the record could not become as durable as it must be: rather than a commit that waits for nobody.
CREATE OR REPLACE FUNCTION piste.check_durability()
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    problem text;
BEGIN
    IF piste.durability() = 'local' THEN
        RETURN;
    END IF;
    problem := piste.durability_problem();
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem USING
            ERRCODE = 'PT503', HINT = 'Try again when the standbys follow; an admin can set durability to local.';
    END IF;
END
$$;

-- Who may call it: the engine's own definer functions, in a transaction that sees the record. Trusts: what the WAL senders
-- say. Records: nothing. Whether enough synchronous standbys have flushed what this server had flushed when it was asked,
-- and so every record that was visible then; true where records are local. Waits for at most three seconds, and no longer
-- than the caller's statement_timeout, which raises as ever.
CREATE OR REPLACE FUNCTION piste.await_standbys()
RETURNS boolean
LANGUAGE plpgsql
AS $$
DECLARE
    wanted  integer;
    upto    pg_lsn;
    begun   timestamptz;
    pause   float8 := 0.0005;
BEGIN
    IF piste.durability() = 'local' THEN
        RETURN true;
    END IF;
    wanted := piste.standbys_wanted();
    IF wanted IS NULL THEN
        RETURN false;
    END IF;
    upto := pg_current_wal_flush_lsn();
    begun := clock_timestamp();
    LOOP
        IF (SELECT count(*) FROM piste.synchronous_standbys() s WHERE s.flushed >= upto) >= wanted THEN
            RETURN true;
        END IF;
        IF clock_timestamp() NOT BETWEEN begun AND begun + interval '3 seconds' THEN
            RETURN false;
        END IF;
        PERFORM pg_sleep(pause);
        pause := least(pause * 2, 0.02);
    END LOOP;
END
$$;

-- Who may call it: the gate, for its own backend's committed declaration. Records: nothing.
-- Whether the standbys have it. Where the transaction may write, that is noted, so that it is asked once a declaration.
CREATE OR REPLACE FUNCTION piste.settle_declaration()
RETURNS boolean
LANGUAGE plpgsql
AS $$
BEGIN
    IF NOT piste.await_standbys() THEN
        RETURN false;
    END IF;
    IF current_setting('transaction_read_only') = 'off' THEN
        UPDATE piste.declaration d SET settled = true WHERE d.pid = pg_backend_pid();
    END IF;
    RETURN true;
END
$$;

-- Who may call it: the commit of a transaction that makes a declaration, a ticket or a lease of jobs. Trusts: that a deferred trigger runs
-- behind the client's last statement. Records: `engine.timeline`, when it is the first on a new timeline.
-- Marks the row as flushed, after it has made sure of it. Who makes constraints immediate has the mark itself fire this
-- trigger again, inside itself, and the transaction ends there. A cursor that outlives the transaction has its query run
-- behind this, and could lower the setting once more: none may be there.
CREATE OR REPLACE FUNCTION piste.guard_record()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    level CONSTANT text := current_setting('synchronous_commit');
BEGIN
    IF pg_trigger_depth() > 1 THEN
        RAISE EXCEPTION 'no constraint may be immediate in a transaction that makes a record' USING
            ERRCODE = 'PT409', HINT = 'SET CONSTRAINTS ALL DEFERRED, and begin again.';
    ELSIF NEW.sync THEN
        -- The mark itself, set as it should be.
        RETURN NULL;
    END IF;
    IF EXISTS (SELECT FROM pg_cursor() c WHERE c.is_holdable) THEN
        RAISE EXCEPTION 'no cursor WITH HOLD may be open in a transaction that makes a record' USING
            ERRCODE = 'PT409', HINT = 'Close it, or commit before.';
    END IF;
    IF level NOT IN ('on', 'remote_apply') THEN
        IF piste.durability() = 'replicated' THEN
            PERFORM set_config('synchronous_commit', 'on', true);
        ELSIF level = 'off' THEN
            PERFORM set_config('synchronous_commit', 'local', true);
        END IF;
    END IF;
    IF TG_TABLE_NAME = 'ticket' THEN
        UPDATE piste.ticket t SET sync = true WHERE t.id = NEW.id;
    ELSIF TG_TABLE_NAME = 'job_lease' THEN
        UPDATE piste.job_lease l SET sync = true WHERE l.id = NEW.id;
    ELSIF TG_TABLE_NAME = 'declaration' THEN
        UPDATE piste.declaration d SET sync = true, settled = (piste.durability() = 'local') WHERE d.pid = NEW.pid;
    ELSE
        UPDATE piste.trail_declaration d SET sync = true WHERE d.pid = NEW.pid;
    END IF;
    IF NOT piste.server_is_noted() THEN
        PERFORM piste.note_server();
    END IF;
    RETURN NULL;
END
$$;

-- A constraint trigger cannot be replaced, and making it anew would wait for whoever is at work.
DO $$
DECLARE
    guarded regclass;
BEGIN
    FOREACH guarded IN ARRAY ARRAY['piste.declaration', 'piste.trail_declaration', 'piste.ticket', 'piste.job_lease']::regclass[] LOOP
        IF NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = guarded AND t.tgname = 'guard') THEN
            EXECUTE format(
                'CREATE CONSTRAINT TRIGGER guard AFTER INSERT OR UPDATE OF sync ON %s '
                'DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION piste.guard_record()', guarded);
        END IF;
    END LOOP;
END
$$;

RESET ROLE;
