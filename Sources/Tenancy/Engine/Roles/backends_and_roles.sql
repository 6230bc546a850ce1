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
-- Ends the backend with this pid if it was there at that moment, so not a later one with the same pid, nor one of another
-- database (a copy knows the pids of its original), and waits for it; true when it is gone. Never ends the backend that asks.
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
    IF NOT EXISTS (
        SELECT FROM pg_stat_get_activity(victim) a JOIN pg_database d ON d.oid = a.datid
        WHERE a.backend_start <= seen_at AND d.datname = current_database())
    THEN
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

-- Who may call it: piste_owner and piste_roles, for a role of a company. Trusts: pg_locks, and the form of the name.
-- Records: nothing, but says in the server's log whom it ended.
-- Ends the backends that hold a role of a company: those that idle in their transaction for a second, and those that
-- keep busy with its members. Whoever drops the role is deleting the company, and is let be.
CREATE OR REPLACE FUNCTION piste.end_holders(held text, even_busy boolean)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    holder record;
BEGIN
    IF held !~ '^t_[0-9a-f]{12}_(reader|agent|writer)$' THEN
        RAISE EXCEPTION 'no such role' USING ERRCODE = 'PT400';
    END IF;
    PERFORM pg_stat_clear_snapshot();
    FOR holder IN
        SELECT a.pid, a.usename
        FROM pg_locks l JOIN pg_stat_activity a USING (pid) JOIN pg_roles r ON r.oid = a.usesysid AND NOT r.rolsuper
        WHERE l.locktype = 'object' AND l.classid = 'pg_authid'::regclass AND l.objid = to_regrole(held) AND l.granted
          AND l.pid <> pg_backend_pid()
          AND (even_busy AND l.mode = 'ShareUpdateExclusiveLock'
              OR a.state LIKE 'idle in transaction%' AND a.state_change < clock_timestamp() - interval '1 second')
    LOOP
        RAISE LOG 'piste: ends the backend % of %, which holds the role %', holder.pid, holder.usename, held;
        PERFORM pg_terminate_backend(holder.pid, 200);
    END LOOP;
EXCEPTION WHEN insufficient_privilege THEN
    RETURN;
END
$$;

ALTER FUNCTION piste.live_backends() OWNER TO piste_signal;
ALTER FUNCTION piste.end_holders(text, boolean) OWNER TO piste_signal;
ALTER FUNCTION piste.end_backend(integer, timestamptz, integer) OWNER TO piste_signal;

-- Who may call it: piste_owner and piste_roles. Records: nothing.
-- Since PostgreSQL 16 whoever creates a role is its member, to administer it and no more; a setting of the caller's session
-- could make it a member that has the role's rights. Here it does not.
CREATE OR REPLACE FUNCTION piste.create_roles_plainly()
RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF current_setting('server_version_num')::integer >= 160000 THEN
        PERFORM set_config('createrole_self_grant', '', true);
    END IF;
END
$$;

-- Who may call it: piste_owner. Trusts: piste.company for the names. Records: nothing (the caller does).
-- The three roles of one company. They cannot log in, and inherit the right to call the engine.
CREATE OR REPLACE FUNCTION piste.create_company_roles(company_id uuid)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    stem text := (SELECT piste.role_stem(window_name) FROM piste.company WHERE id = company_id);
BEGIN
    PERFORM piste.check_home(company_id);
    PERFORM piste.create_roles_plainly();
    PERFORM piste.administer('create', stem || '_' || kind) FROM unnest(ARRAY['reader', 'agent', 'writer']) AS kind;
    PERFORM piste.let_roles_call(company_id);
END
$$;

-- Who may call it: piste_owner. Trusts: piste.company for the names. Records: nothing.
-- Lets the three roles of one company call the engine, as they may from the beginning.
CREATE OR REPLACE FUNCTION piste.let_roles_call(company_id uuid)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    stem text := (SELECT piste.role_stem(window_name) FROM piste.company WHERE id = company_id);
BEGIN
    PERFORM piste.check_home(company_id);
    EXECUTE format('GRANT piste_operators TO %I, %I, %I', stem || '_reader', stem || '_agent', stem || '_writer');
END
$$;

-- Who may call it: piste_owner. Trusts: piste.company for the names. Records: nothing (the caller does), but says in the
-- server's log which role had to stay.
-- Whoever was in a role could tie it to something that only its members can undo (default privileges, an object in another
-- database), and so hold up the deletion. Such a role stays: without members, and without the right to call the engine, unless
-- another database of this cluster depends on it, whose company it may be, as in a restored copy.
CREATE OR REPLACE FUNCTION piste.drop_company_roles(company_id uuid)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    stem text := (SELECT piste.role_stem(window_name) FROM piste.company WHERE id = company_id);
    kind text;
BEGIN
    PERFORM piste.check_home(company_id);
    FOREACH kind IN ARRAY ARRAY['reader', 'agent', 'writer'] LOOP
        BEGIN
            PERFORM piste.administer('drop', stem || '_' || kind);
        EXCEPTION WHEN dependent_objects_still_exist THEN
            IF NOT EXISTS (
                SELECT FROM pg_shdepend d
                WHERE d.refclassid = 'pg_authid'::regclass AND d.refobjid = to_regrole(stem || '_' || kind)
                  AND d.dbid NOT IN (0, (SELECT b.oid FROM pg_database b WHERE b.datname = current_database())))
            THEN
                EXECUTE format('REVOKE piste_operators FROM %I', stem || '_' || kind);
            END IF;
            RAISE LOG 'piste: the role %_% stays, because something depends on it: %', stem, kind, SQLERRM;
        END;
    END LOOP;
END
$$;

-- Who may call it: the two functions below, with the rights of piste_roles. Trusts: its arguments, which they have checked.
-- Records: nothing, but says in the server's log whom it ended.
-- Changes the members of a role of a company within three seconds: an operator's backend that holds the role and idles in its
-- transaction for a second is ended, and after two seconds any that holds it. PT409 when that does not help.
CREATE OR REPLACE FUNCTION piste.change_members(verb text, changed text, login text)
RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '250ms'
AS $$
BEGIN
    FOR attempt IN 1 .. 12 LOOP
        BEGIN
            PERFORM piste.administer(verb, changed, login);
            RETURN;
        EXCEPTION WHEN lock_not_available THEN
            PERFORM piste.end_holders(changed, attempt > 8);
        END;
    END LOOP;
    RAISE EXCEPTION 'the role % is held by somebody who does not end', changed USING ERRCODE = 'PT409';
END
$$;

-- Who may call it: piste_owner. Trusts: piste.company and piste.operator for the names. Records: nothing.
-- Puts one registered login into one role of one company; without effect when it is there already. Since PostgreSQL 16 a
-- role is locked by whoever changes its members, until their transaction ends: who idles on it makes room.
CREATE OR REPLACE FUNCTION piste.grant_company_role(company_id uuid, kind text, grantee text)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    granted text := (SELECT piste.role_stem(window_name) || '_' || kind FROM piste.company WHERE id = company_id);
BEGIN
    PERFORM piste.check_home(company_id);
    IF kind NOT IN ('reader', 'agent', 'writer')
        OR NOT EXISTS (SELECT FROM piste.operator WHERE login = grantee)
    THEN
        RAISE EXCEPTION 'no such grant' USING ERRCODE = 'PT400';
    END IF;
    IF NOT EXISTS (
        SELECT FROM pg_auth_members WHERE roleid = granted::regrole AND member = quote_ident(grantee)::regrole
    ) THEN
        PERFORM piste.change_members('grant', granted, grantee);
    END IF;
END
$$;

-- Who may call it: piste_owner and piste_roles. Records: nothing.
-- Whether the engine can take back any of these grants of one membership: from PostgreSQL 16 on each belongs to whoever granted it.
CREATE OR REPLACE FUNCTION piste.may_revoke(grants jsonb)
RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN current_setting('server_version_num')::integer < 160000
        OR grants @> jsonb_build_array(jsonb_build_object('grantor', (
            SELECT r.oid::text FROM pg_roles r
            WHERE r.rolname = piste.maker_of(pg_get_userbyid((grants #>> '{0,roleid}')::oid)))));
END
$$;

-- Who may call it: piste_owner. Trusts: piste.company for the names. Records: nothing (the caller does).
-- Takes one login out of one role of one company, and looks whether it is out: false means that it is still in. From
-- PostgreSQL 16 on whoever grants a role holds it until the transaction ends: nobody's end waits for that.
CREATE OR REPLACE FUNCTION piste.revoke_company_role(company_id uuid, kind text, grantee text)
RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    revoked text := (SELECT piste.role_stem(window_name) || '_' || kind FROM piste.company WHERE id = company_id);
    holder  oid  := to_regrole(quote_ident(grantee));
BEGIN
    PERFORM piste.check_home(company_id);
    IF kind NOT IN ('reader', 'agent', 'writer') THEN
        RAISE EXCEPTION 'no such grant' USING ERRCODE = 'PT400';
    END IF;
    IF EXISTS (
        SELECT FROM pg_auth_members m
        WHERE m.roleid = revoked::regrole AND m.member = holder AND piste.may_revoke(jsonb_build_array(to_jsonb(m))))
    THEN
        PERFORM piste.change_members('revoke', revoked, grantee);
    END IF;
    RETURN NOT EXISTS (SELECT FROM pg_auth_members WHERE roleid = revoked::regrole AND member = holder);
EXCEPTION WHEN SQLSTATE 'PT409' THEN
    RETURN false;
END
$$;

-- Who may call it: piste_owner. Trusts: the form of the name. Records: nothing (the caller does).
-- Whoever is in a role may give it defaults and a password. They have no effect on a role that cannot log in, and are
-- taken back: from the roles of companies and from the operators' group. False when somebody is about to give it some more.
CREATE OR REPLACE FUNCTION piste.reset_role(drifted text)
RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '250ms'
AS $$
BEGIN
    IF drifted !~ '^(t_[0-9a-f]{12}_(reader|agent|writer)|piste_operators)$' THEN
        RAISE EXCEPTION 'no such role' USING ERRCODE = 'PT400';
    END IF;
    IF drifted <> 'piste_operators' THEN
        PERFORM piste.administer('reset', drifted);
        RETURN true;
    END IF;
    ALTER ROLE piste_operators RESET ALL;
    ALTER ROLE piste_operators PASSWORD NULL;
    EXECUTE format('ALTER ROLE piste_operators IN DATABASE %I RESET ALL', current_database());
    RETURN true;
EXCEPTION WHEN lock_not_available THEN
    RETURN false;
END
$$;

-- Who may call it: piste_owner. Trusts: the name, which the caller has checked. Records: nothing (the caller does).
-- A login without a password and without any right, that can have so many connections.
CREATE OR REPLACE FUNCTION piste.create_login(login text, connections integer)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM piste.create_roles_plainly();
    EXECUTE format('CREATE ROLE %I LOGIN NOINHERIT CONNECTION LIMIT %s', login, connections);
END
$$;

-- Who may call it: piste_owner, for a login that is registered here. Trusts: the name. Records: nothing (the caller does).
-- Another limit of connections for a login that has exactly the old one; one that somebody else chose stays, and so does that
-- of a login that is not the engine's to alter. Who holds the login's entry does not hold up whoever changes its level.
CREATE OR REPLACE FUNCTION piste.limit_login(login text, old integer, new integer)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '250ms'
AS $$
BEGIN
    IF EXISTS (SELECT FROM piste.operator o WHERE o.login = limit_login.login)
        AND EXISTS (SELECT FROM pg_roles r WHERE r.rolname = limit_login.login AND r.rolconnlimit = old AND NOT r.rolsuper)
    THEN
        EXECUTE format('ALTER ROLE %I CONNECTION LIMIT %s', login, new);
    END IF;
EXCEPTION WHEN lock_not_available OR insufficient_privilege THEN
    RAISE LOG 'piste: the limit of connections of % stays: %', login, SQLERRM;
END
$$;

ALTER FUNCTION piste.create_company_roles(uuid) OWNER TO piste_roles;
ALTER FUNCTION piste.drop_company_roles(uuid) OWNER TO piste_roles;
ALTER FUNCTION piste.grant_company_role(uuid, text, text) OWNER TO piste_roles;
ALTER FUNCTION piste.revoke_company_role(uuid, text, text) OWNER TO piste_roles;
ALTER FUNCTION piste.create_roles_plainly() OWNER TO piste_roles;
ALTER FUNCTION piste.may_revoke(jsonb) OWNER TO piste_roles;
ALTER FUNCTION piste.let_roles_call(uuid) OWNER TO piste_roles;
ALTER FUNCTION piste.change_members(text, text, text) OWNER TO piste_roles;
ALTER FUNCTION piste.reset_role(text) OWNER TO piste_roles;
ALTER FUNCTION piste.create_login(text, integer) OWNER TO piste_roles;
ALTER FUNCTION piste.limit_login(text, integer, integer) OWNER TO piste_roles;

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
    GRANT EXECUTE ON FUNCTION piste.end_holders(text, boolean) TO piste_roles;
END
$$;

SET LOCAL ROLE piste_owner;

-- Who may call it: the engine's own definer functions. Trusts: the row. Records: nothing.
-- Whether a membership lets its holder administer the role, and neither take it on nor have its privileges; none before 16 does.
CREATE OR REPLACE FUNCTION piste.only_administers(membership pg_auth_members)
RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT to_jsonb(membership) @> '{"admin_option": true, "inherit_option": false, "set_option": false}'
$$;

-- Who may call it: the engine's own definer functions. Trusts: the row. Records: nothing.
-- Whether a membership is what PostgreSQL gives the creator of a role since version 16: the right to administer it, and
-- neither to take it on nor to have its privileges.
CREATE OR REPLACE FUNCTION piste.is_creators(membership pg_auth_members)
RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT piste.only_administers(membership) AND pg_get_userbyid(membership.member) ~ '^piste_roles(_[0-9a-f]{2})?$'
$$;

RESET ROLE;
