-- The two dangerous powers, each behind a handful of tiny functions that only piste_owner may execute:
-- ending a backend (piste_signal), and touching roles (piste_roles, which holds CREATEROLE).

-- Who may call it: piste_owner. Trusts: pg_stat_activity. Records: nothing.
-- Every client backend of this database.
CREATE OR REPLACE FUNCTION piste.live_backends()
RETURNS TABLE (
    pid integer, backend_start timestamptz, login text, state text, state_change timestamptz, xact_start timestamptz)
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT a.pid, a.backend_start, a.usename::text, a.state, a.state_change, a.xact_start
    FROM pg_catalog.pg_stat_activity a
    WHERE a.datname = current_database() AND a.backend_type = 'client backend'
$$;

-- Who may call it: piste_owner, which names a backend that it found in its own tables. Records: nothing (the caller does).
-- Ends the backend with this pid if it was there at that moment, so not a later one with the same pid, and waits for it;
-- true when it is gone. Never ends the backend that asks.
CREATE OR REPLACE FUNCTION piste.end_backend(victim integer, seen_at timestamptz, patience_ms integer DEFAULT 2000)
RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF victim = pg_backend_pid() THEN
        RETURN false;
    END IF;
    PERFORM pg_stat_clear_snapshot();
    IF NOT EXISTS (SELECT FROM pg_stat_get_activity(victim) a WHERE a.backend_start <= seen_at) THEN
        RETURN true;
    END IF;
    IF pg_terminate_backend(victim, patience_ms) THEN
        RETURN true;
    END IF;
    -- It may have gone by itself in between.
    PERFORM pg_stat_clear_snapshot();
    RETURN NOT EXISTS (SELECT FROM pg_stat_get_activity(victim) a WHERE a.backend_start <= seen_at);
EXCEPTION WHEN insufficient_privilege THEN
    RETURN false;
END
$$;

-- Who may call it: piste_owner and piste_roles. Trusts: pg_locks. Records: nothing.
-- Ends the operators' backends that hold a role by a grant in a transaction in which they idle.
CREATE OR REPLACE FUNCTION piste.end_idle_holder(held regrole)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM pg_terminate_backend(l.pid, 500)
    FROM pg_locks l JOIN pg_stat_activity a USING (pid)
    WHERE l.locktype = 'object' AND l.classid = 'pg_authid'::regclass AND l.objid = held AND l.granted
      AND l.pid <> pg_backend_pid() AND a.state LIKE 'idle in transaction%'
      AND a.state_change < clock_timestamp() - interval '1 second'
      AND NOT (SELECT r.rolsuper FROM pg_roles r WHERE r.oid = a.usesysid);
END
$$;

-- Who may call it: piste_owner. Trusts: pg_locks. Records: nothing.
-- The backends behind the xmax of a locked row: that of the transaction or subtransaction, or, when nobody runs one of this
-- number, those of the multixact: a row that is locked outside a savepoint and changed inside it carries one.
CREATE OR REPLACE FUNCTION piste.backend_of_transaction(xid_held xid)
RETURNS TABLE (
    pid integer, backend_start timestamptz, login text, state text, state_change timestamptz, xact_start timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    held xid[] := ARRAY[xid_held];
BEGIN
    IF NOT EXISTS (
        SELECT FROM pg_locks l
        WHERE l.locktype = 'transactionid' AND l.transactionid = xid_held AND l.mode = 'ExclusiveLock' AND l.granted
    ) THEN
        BEGIN
            held := ARRAY(SELECT m.xid FROM pg_get_multixact_members(xid_held) AS m);
        EXCEPTION WHEN OTHERS THEN
            RETURN;
        END;
    END IF;
    RETURN QUERY
    SELECT DISTINCT a.pid, a.backend_start, a.usename::text, a.state, a.state_change, a.xact_start
    FROM pg_locks l
    JOIN pg_stat_activity a USING (pid)
    WHERE l.locktype = 'transactionid' AND l.transactionid = ANY (held)
      AND l.mode = 'ExclusiveLock' AND l.granted;
END
$$;

ALTER FUNCTION piste.live_backends() OWNER TO piste_signal;
ALTER FUNCTION piste.end_backend(integer, timestamptz, integer) OWNER TO piste_signal;
ALTER FUNCTION piste.backend_of_transaction(xid) OWNER TO piste_signal;
ALTER FUNCTION piste.end_idle_holder(regrole) OWNER TO piste_signal;

-- Who may call it: piste_owner. Trusts: piste.company for the names. Records: nothing (the caller does).
-- The three roles of one company. They cannot log in, and inherit the right to call the engine.
CREATE OR REPLACE FUNCTION piste.create_company_roles(company_id uuid)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    home text := (SELECT schema_name FROM piste.company WHERE id = company_id);
BEGIN
    EXECUTE format(
        'CREATE ROLE %1$I NOLOGIN IN ROLE piste_operators; '
        'CREATE ROLE %2$I NOLOGIN IN ROLE piste_operators; '
        'CREATE ROLE %3$I NOLOGIN IN ROLE piste_operators',
        home || '_reader', home || '_agent', home || '_writer');
END
$$;

-- Who may call it: piste_owner. Trusts: piste.company for the names. Records: nothing (the caller does), but says in the
-- server's log which role had to stay.
-- Whoever was in a role could tie it to something that only its members can undo (default privileges, an object in another
-- database), and so hold up the deletion. Such a role stays: without members, and without the right to call the engine.
CREATE OR REPLACE FUNCTION piste.drop_company_roles(company_id uuid)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    home text := (SELECT schema_name FROM piste.company WHERE id = company_id);
    kind text;
BEGIN
    FOREACH kind IN ARRAY ARRAY['reader', 'agent', 'writer'] LOOP
        BEGIN
            EXECUTE format('DROP ROLE %I', home || '_' || kind);
        EXCEPTION WHEN dependent_objects_still_exist THEN
            EXECUTE format('REVOKE piste_operators FROM %I', home || '_' || kind);
            RAISE LOG 'piste: the role %_% stays, because something depends on it: %', home, kind, SQLERRM;
        END;
    END LOOP;
END
$$;

-- Who may call it: piste_owner. Trusts: piste.company and piste.operator for the names. Records: nothing.
-- Puts one registered login into one role of one company; without effect when it is there already. Whoever holds the role by a
-- grant that is not committed (PostgreSQL 16 and later) and idles is ended; PT409 when it cannot be had within three seconds.
CREATE OR REPLACE FUNCTION piste.grant_company_role(company_id uuid, kind text, grantee text)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '500ms'
AS $$
DECLARE
    granted  text := (SELECT schema_name || '_' || kind FROM piste.company WHERE id = company_id);
    attempts integer := 0;
BEGIN
    IF kind NOT IN ('reader', 'agent', 'writer')
        OR NOT EXISTS (SELECT FROM piste.operator WHERE login = grantee)
    THEN
        RAISE EXCEPTION 'no such grant' USING ERRCODE = 'PT400';
    END IF;
    IF NOT EXISTS (
        SELECT FROM pg_auth_members WHERE roleid = granted::regrole AND member = quote_ident(grantee)::regrole
    ) THEN
        LOOP
            BEGIN
                EXECUTE format('GRANT %I TO %I', granted, grantee);
                RETURN;
            EXCEPTION WHEN lock_not_available THEN
                attempts := attempts + 1;
                IF attempts > 5 THEN
                    RAISE EXCEPTION 'this company''s role is held; try again' USING ERRCODE = 'PT409';
                END IF;
                PERFORM piste.end_idle_holder(granted::regrole);
            END;
        END LOOP;
    END IF;
END
$$;

-- Who may call it: piste_owner. Trusts: piste.company for the names. Records: nothing (the caller does).
-- Takes one login out of one role of one company, and looks whether it is out: false means that it is still in. From
-- PostgreSQL 16 on whoever grants a role holds it until the transaction ends: nobody's end waits for that for more than a second.
CREATE OR REPLACE FUNCTION piste.revoke_company_role(company_id uuid, kind text, grantee text)
RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '1s'
AS $$
DECLARE
    revoked text := (SELECT schema_name || '_' || kind FROM piste.company WHERE id = company_id);
    holder  oid  := to_regrole(quote_ident(grantee));
BEGIN
    IF kind NOT IN ('reader', 'agent', 'writer') THEN
        RAISE EXCEPTION 'no such grant' USING ERRCODE = 'PT400';
    END IF;
    IF EXISTS (SELECT FROM pg_auth_members WHERE roleid = revoked::regrole AND member = holder) THEN
        EXECUTE format('REVOKE %I FROM %I CASCADE', revoked, grantee);
    END IF;
    RETURN NOT EXISTS (SELECT FROM pg_auth_members WHERE roleid = revoked::regrole AND member = holder);
EXCEPTION WHEN lock_not_available THEN
    RETURN false;
END
$$;

-- Who may call it: piste_owner. Trusts: the form of the name. Records: nothing (the caller does).
-- Whoever is in a role may give it defaults and a password. They have no effect on a role that cannot log in, and are
-- taken back: from the roles of companies and from the operators' group.
CREATE OR REPLACE FUNCTION piste.reset_role(drifted text)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF drifted !~ '^(t_[0-9a-f]{12}_(reader|agent|writer)|piste_operators)$' THEN
        RAISE EXCEPTION 'no such role' USING ERRCODE = 'PT400';
    END IF;
    EXECUTE format('ALTER ROLE %1$I RESET ALL; ALTER ROLE %1$I PASSWORD NULL', drifted);
    EXECUTE format('ALTER ROLE %1$I IN DATABASE %2$I RESET ALL', drifted, current_database());
END
$$;

-- Who may call it: piste_owner. Trusts: the name, which the caller has checked. Records: nothing (the caller does).
-- A login without a password and without any right.
CREATE OR REPLACE FUNCTION piste.create_login(login text)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    EXECUTE format('CREATE ROLE %I LOGIN NOINHERIT', login);
END
$$;

ALTER FUNCTION piste.create_company_roles(uuid) OWNER TO piste_roles;
ALTER FUNCTION piste.drop_company_roles(uuid) OWNER TO piste_roles;
ALTER FUNCTION piste.grant_company_role(uuid, text, text) OWNER TO piste_roles;
ALTER FUNCTION piste.revoke_company_role(uuid, text, text) OWNER TO piste_roles;
ALTER FUNCTION piste.reset_role(text) OWNER TO piste_roles;
ALTER FUNCTION piste.create_login(text) OWNER TO piste_roles;

-- Not even for the moment until the grants at the end may anybody else execute them.
DO $$
DECLARE
    guarded text := (
        SELECT string_agg(p.oid::regprocedure::text, ', ')
        FROM pg_proc p
        WHERE p.pronamespace = 'piste'::regnamespace
          AND p.proowner IN ('piste_signal'::regrole, 'piste_roles'::regrole)
    );
BEGIN
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', guarded);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO piste_owner', guarded);
    GRANT EXECUTE ON FUNCTION piste.end_idle_holder(regrole) TO piste_roles;
END
$$;
