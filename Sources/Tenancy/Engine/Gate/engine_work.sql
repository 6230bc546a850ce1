-- The engine's own work on companies' tables, past the triggers that refuse everybody else.

SET LOCAL ROLE piste_owner;

-- The backends in which the engine itself writes a company's rows, each for one transaction: a migration, a throw-away
-- company. Never logged: after a crash none of them is left.
CREATE UNLOGGED TABLE IF NOT EXISTS piste.engine_work (
    pid   integer  PRIMARY KEY,
    xid   xid8     NOT NULL,
    what  text     COLLATE "C" NOT NULL
) WITH (fillfactor = 50);

-- Who may call it: the engine's own definer functions, each for what it does itself; they end it before they answer.
-- Trusts: its caller. Records: nothing (the caller does). From here on the statement triggers let this backend pass, in this
-- transaction; the row gate does not.
CREATE OR REPLACE FUNCTION piste.begin_work(what text)
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    -- The sweep cannot see the row before it is committed; it sees the lock.
    PERFORM pg_advisory_xact_lock_shared(1885959030, pg_backend_pid());
    INSERT INTO piste.engine_work AS w (pid, xid, what)
    VALUES (pg_backend_pid(), pg_current_xact_id(), begin_work.what)
    ON CONFLICT (pid) DO UPDATE SET xid = excluded.xid, what = excluded.what;
END
$$;

-- Who may call it: whoever began it. Records: nothing.
CREATE OR REPLACE FUNCTION piste.end_work()
RETURNS void
LANGUAGE sql
AS $$
    DELETE FROM piste.engine_work w WHERE w.pid = pg_backend_pid()
$$;

-- Who may call it: the engine's own definer functions. Records: nothing.
-- Whether the engine itself is at work in this transaction of this backend: known by the row alone, never by a setting.
CREATE OR REPLACE FUNCTION piste.at_work()
RETURNS boolean
LANGUAGE plpgsql
AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM piste.engine_work w
        WHERE w.pid = pg_backend_pid() AND w.xid = pg_current_xact_id_if_assigned());
END
$$;

RESET ROLE;
