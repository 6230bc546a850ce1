-- Roles, schemas, and what PUBLIC loses.
--
-- Runs first, in the one transaction that installs the engine; running it again changes nothing. Whoever runs it is superuser,
-- or owns the database and has CREATEROLE, as on a server that somebody else keeps (what is lost then: Roles/installer).
--
--   piste_owner      owns the schema piste, every company's schema and tables, and the definer functions
--   piste_roles      CREATEROLE; owns only the few functions of backends_and_roles that touch the roles of one company or one login
--   piste_roles_00 … CREATEROLE, from PostgreSQL 16 on; makers of companies' roles, each of which owns one function (role_makers)
--   piste_signal     owns only the functions of backends_and_roles that see whether a backend lives, and end it
--   piste_operators  the group that may execute the engine's public functions
--
-- None of them can log in, and no person is ever a member of any but the last.

SET LOCAL search_path = pg_catalog, pg_temp;
SET LOCAL client_min_messages = warning;

DO $$
BEGIN
    IF current_setting('server_version_num')::integer < 150014 THEN
        RAISE WARNING 'PostgreSQL % lacks the fix of CVE-2025-8713 (planner statistics): use 15.14 or newer',
            current_setting('server_version');
    END IF;
    IF current_setting('server_version_num')::integer < 150000 THEN
        RAISE EXCEPTION 'Piste needs PostgreSQL 15 or newer' USING ERRCODE = 'PT426';
    END IF;
    IF (SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database()) <> 'UTF8' THEN
        RAISE EXCEPTION 'Piste needs a database whose encoding is UTF8' USING ERRCODE = 'PT426';
    END IF;
END
$$;

-- Engine 1 kept companies in another shape: it is not upgraded, and nothing of it is touched.
DO $$
BEGIN
    IF to_regclass('piste.engine_version') IS NULL THEN
        RETURN;
    END IF;
    IF EXISTS (SELECT FROM piste.engine_version v WHERE v.version LIKE '1.%') THEN
        RAISE EXCEPTION 'this database has engine 1, from which there is no upgrade: 2.0 begins in a database of its own'
            USING ERRCODE = 'PT426';
    END IF;
END
$$;

-- Roles belong to the whole cluster: two databases that install at the same time take turns here. An upgrade, which finds
-- them all, takes none: it would wait for every restore under way in the cluster, and everybody else for it.
DO $$
DECLARE
    makers CONSTANT text[] := ARRAY(
        SELECT 'piste_roles_' || lpad(to_hex(n), 2, '0') FROM generate_series(0, 255) AS n
        WHERE current_setting('server_version_num')::integer >= 160000);
    maker text;
BEGIN
    IF (SELECT count(*) FROM pg_roles
        WHERE rolname = ANY (makers || ARRAY['piste_owner', 'piste_roles', 'piste_signal', 'piste_operators']))
            = 4 + cardinality(makers)
        AND EXISTS (
            SELECT FROM pg_auth_members
            WHERE roleid = to_regrole('piste_operators') AND member = to_regrole('piste_roles') AND admin_option
        )
    THEN
        RETURN;
    END IF;
    -- Who may not lock it has the second of two fail, which then finds the roles.
    IF (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = current_user) THEN
        LOCK TABLE pg_catalog.pg_authid IN SHARE ROW EXCLUSIVE MODE;
    END IF;
    IF to_regrole('piste_owner') IS NULL THEN
        CREATE ROLE piste_owner NOLOGIN NOINHERIT;
    END IF;
    IF to_regrole('piste_roles') IS NULL THEN
        CREATE ROLE piste_roles NOLOGIN NOINHERIT CREATEROLE;
    END IF;
    FOREACH maker IN ARRAY makers LOOP
        IF to_regrole(maker) IS NULL THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN NOINHERIT CREATEROLE', maker);
        END IF;
    END LOOP;
    IF to_regrole('piste_signal') IS NULL THEN
        CREATE ROLE piste_signal NOLOGIN INHERIT;
    END IF;
    GRANT pg_signal_backend TO piste_signal;
    -- Some who keep a server for others let these be passed on one by one, some only both in one.
    BEGIN
        GRANT pg_read_all_stats, pg_read_all_settings TO piste_signal;
    EXCEPTION WHEN insufficient_privilege THEN
        GRANT pg_monitor TO piste_signal;
    END;
    IF to_regrole('piste_operators') IS NULL THEN
        CREATE ROLE piste_operators NOLOGIN NOINHERIT;
    END IF;
    -- PostgreSQL 16 and later ask for the admin option before a role can be put into this group.
    IF NOT EXISTS (
        SELECT FROM pg_auth_members
        WHERE roleid = 'piste_operators'::regrole AND member = 'piste_roles'::regrole AND admin_option
    ) THEN
        GRANT piste_operators TO piste_roles WITH ADMIN OPTION;
    END IF;
END
$$;

-- Whoever is no superuser works with the rights of the engine's owner, for good, and with those of the two others as long as
-- this transaction lasts (Roles/grants takes them back).
DO $$
BEGIN
    IF NOT (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = current_user) THEN
        EXECUTE format('GRANT piste_owner, piste_signal, %s TO %I %s', (
                SELECT string_agg(quote_ident(r.rolname), ', ') FROM pg_roles r WHERE r.rolname ~ '^piste_roles(_[0-9a-f]{2})?$'),
            current_user,
            CASE WHEN current_setting('server_version_num')::integer >= 160000 THEN 'WITH INHERIT TRUE, SET TRUE' END);
        EXECUTE format('GRANT CREATE ON DATABASE %I TO piste_owner', current_database());
    END IF;
END
$$;

CREATE SCHEMA IF NOT EXISTS piste AUTHORIZATION piste_owner;
CREATE SCHEMA IF NOT EXISTS piste_crypto;

DO $$
BEGIN
    IF NOT (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = current_user) THEN
        EXECUTE format('GRANT CREATE ON SCHEMA piste TO piste_signal, %s', (
            SELECT string_agg(quote_ident(r.rolname), ', ') FROM pg_roles r WHERE r.rolname ~ '^piste_roles(_[0-9a-f]{2})?$'));
    END IF;
END
$$;

CREATE EXTENSION IF NOT EXISTS pgcrypto WITH SCHEMA piste_crypto;
CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA piste_crypto;

REVOKE ALL ON SCHEMA piste, piste_crypto FROM PUBLIC;
GRANT USAGE ON SCHEMA piste TO piste_operators, piste_roles, piste_signal;
GRANT USAGE ON SCHEMA piste_crypto TO piste_owner;

-- A function of the engine is born executable by its owner alone.
ALTER DEFAULT PRIVILEGES FOR ROLE piste_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

-- What every login has by default and an operator must not have: temporary tables (they outlive any policy and shadow
-- real tables), and objects in public.
DO $$
BEGIN
    EXECUTE format('REVOKE TEMPORARY, CREATE ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CREATE ON DATABASE %I TO piste_owner', current_database());
    IF to_regnamespace('public') IS NOT NULL THEN
        REVOKE CREATE ON SCHEMA public FROM PUBLIC;
    END IF;
END
$$;

-- Settings of the database, unless somebody chose them. A session without a name of its own gets one (why: session_marks);
-- and no statement fills the disk with what it sorts: a limit that only a superuser lifts, and that a million users fit in.
DO $$
DECLARE
    wanted record;
BEGIN
    FOR wanted IN
        SELECT w.name, w.value
        FROM (VALUES ('application_name', 'piste'), ('temp_file_limit', '1GB')) AS w (name, value)
        WHERE NOT EXISTS (
            SELECT FROM pg_db_role_setting s CROSS JOIN LATERAL unnest(s.setconfig) AS c (entry)
            WHERE s.setdatabase = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
              AND s.setrole = 0 AND split_part(c.entry, '=', 1) = w.name)
    LOOP
        BEGIN
            EXECUTE format('ALTER DATABASE %I SET %I = %L', current_database(), wanted.name, wanted.value);
        EXCEPTION WHEN insufficient_privilege THEN
            -- Then it is the server's own configuration that says it, or nobody (piste.losses).
            CONTINUE;
        END;
    END LOOP;
END
$$;

-- Who may call it: nobody but the engine's owner; a list. Records: nothing.
-- PostgreSQL's own functions that PUBLIC loses, and what anybody could do to others with them.
CREATE OR REPLACE FUNCTION piste.withheld_functions()
RETURNS TABLE (withheld regprocedure, why text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT p.oid::regprocedure, w.why
    FROM pg_proc p
    JOIN (VALUES
        -- Drivers give back all of their own when a connection returns to its pool, which takes nothing from anybody.
        ('^pg_(try_)?advisory_(?!unlock_all)', 'locks of one idle session fill the memory that the locks of all share'),
        ('^pg_logical_emit_message$', 'it writes as much as one likes into the log of the whole server'),
        ('^(xpath|xpath_exists|xmlexists)$', 'it works for hours and hears no end'),
        ('^pg_export_snapshot$', 'each call leaves a file on the server'),
        ('^lo_(creat|create|from_bytea)$', 'a large object belongs to no company, and everybody sees its number')
    ) AS w (name, why) ON p.proname ~ w.name
    WHERE p.pronamespace = 'pg_catalog'::regnamespace
$$;

ALTER FUNCTION piste.withheld_functions() OWNER TO piste_owner;

DO $$
BEGIN
    -- They are the superuser's, who alone can withhold them.
    IF NOT (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = current_user) THEN
        RETURN;
    END IF;
    EXECUTE (
        SELECT format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', string_agg(w.withheld::text, ', '))
        FROM piste.withheld_functions() w);
    -- PostgreSQL 17 has this function with another signature, and a dump that takes the old one from everybody would end
    -- pg_upgrade in an error. As it is now it counts as what the server began with, and is left out of dumps; piste init takes
    -- the new one.
    INSERT INTO pg_init_privs (objoid, classoid, objsubid, privtype, initprivs)
    SELECT p.oid, 'pg_proc'::regclass, 0, 'i', p.proacl
    FROM pg_proc p
    WHERE p.proname = 'pg_logical_emit_message' AND p.pronamespace = 'pg_catalog'::regnamespace AND p.pronargs = 3
      AND NOT EXISTS (
          SELECT FROM pg_init_privs i WHERE i.objoid = p.oid AND i.classoid = 'pg_proc'::regclass AND i.objsubid = 0);
    -- The engine's own turns end with their transaction.
    EXECUTE (
        SELECT format('GRANT EXECUTE ON FUNCTION %s TO piste_owner', string_agg(w.withheld::text, ', '))
        FROM piste.withheld_functions() w WHERE w.withheld::text ~ '^pg_(try_)?advisory_xact_lock');
END
$$;

-- People look for names as people sort them: accents and case come second, and 2 comes before 10.
DO $$
BEGIN
    IF EXISTS (
        SELECT FROM pg_collation WHERE collname = 'human' AND collnamespace = 'piste'::regnamespace
    ) THEN
        RETURN;
    END IF;
    IF EXISTS (SELECT FROM pg_collation WHERE collname = 'und-x-icu') THEN
        CREATE COLLATION piste.human (provider = icu, locale = 'und-u-kn-true');
    ELSE
        CREATE COLLATION piste.human FROM "C";
    END IF;
    ALTER COLLATION piste.human OWNER TO piste_owner;
END
$$;
