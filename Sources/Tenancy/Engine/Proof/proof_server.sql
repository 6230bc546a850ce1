-- The report's first part: the server, and what this database holds beside the engine and the companies.
--
-- Each of these functions gives rows of two kinds: a finding, which makes the check of that id fail and names the thing; or
-- a fact, which is the evidence of a check that passes.

-- Who may call it: piste_owner. Trusts: pg_settings. Records: nothing.
-- Settings as the server starts with them, past what this session set for itself.
CREATE OR REPLACE FUNCTION piste.server_settings(names text[])
RETURNS TABLE (name text, value text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT s.name, s.reset_val FROM pg_catalog.pg_settings s WHERE s.name = ANY (names)
$$;

ALTER FUNCTION piste.server_settings(text[]) OWNER TO piste_signal;
REVOKE ALL ON FUNCTION piste.server_settings(text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION piste.server_settings(text[]) TO piste_owner;

SET LOCAL ROLE piste_owner;

-- The oldest server that the design is made for.
CREATE OR REPLACE FUNCTION piste.oldest_server()
RETURNS integer
LANGUAGE sql IMMUTABLE
AS $$
    SELECT 150014
$$;

-- Flaws of PostgreSQL that would open what the design relies on, and the version of each major release that closes them.
CREATE OR REPLACE FUNCTION piste.known_flaws()
RETURNS TABLE (cve text, what text, in_15 integer, in_16 integer, in_17 integer, in_18 integer)
LANGUAGE sql IMMUTABLE
AS $$
    VALUES
        ('CVE-2023-2455', 'row security follows the role that executes, also after inlining', 150003, 160000, 170000,
            180000),
        ('CVE-2023-39418', 'MERGE obeys the policies for UPDATE and SELECT', 150004, 160000, 170000, 180000),
        ('CVE-2024-4317', 'pg_stats_ext shows statistics to their owner only', 150007, 160003, 170000, 180000),
        ('CVE-2024-10976', 'row security below subqueries follows the role that executes', 150009, 160005, 170001,
            180000),
        ('CVE-2024-10978', 'SET ROLE and SET SESSION AUTHORIZATION reset to the right login', 150009, 160005, 170001,
            180000),
        ('CVE-2025-8713', 'planner statistics do not leak past row security', 150014, 160010, 170006, 180000),
        ('CVE-2026-2005', 'pgcrypto writes within its buffers', 150016, 160012, 170008, 180002),
        ('CVE-2026-6473', 'no login can corrupt the server''s memory by sizes that wrap around', 150018, 160014,
            170010, 180004)
$$;

-- Who may call it: `isolation_report`. Trusts: what the server says of itself. Records: nothing.
CREATE OR REPLACE FUNCTION piste.prove_server()
RETURNS TABLE (id text, finding text, fact text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    number  integer := current_setting('server_version_num');
    shown   text    := current_setting('server_version');
    harmless CONSTANT text[] := ARRAY[
        'application_name', 'statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout',
        'idle_session_timeout', 'temp_file_limit', 'work_mem', 'maintenance_work_mem', 'temp_buffers', 'jit', 'timezone', 'datestyle',
        'intervalstyle', 'client_encoding', 'lc_messages', 'lc_monetary', 'lc_numeric', 'lc_time', 'log_statement',
        'log_min_duration_statement', 'log_duration', 'random_page_cost', 'effective_cache_size', 'plan_cache_mode',
        'max_parallel_workers_per_gather', 'default_statistics_target', 'client_min_messages'];
    libraries CONSTANT text[] := ARRAY['pg_stat_statements', 'auto_explain', 'pgaudit', 'pg_prewarm', 'auth_delay',
        'passwordcheck'];
BEGIN
    RETURN QUERY
    SELECT 'server.version',
        CASE WHEN number < piste.oldest_server() THEN format('PostgreSQL %s; the design needs %s.%s or newer', shown,
            piste.oldest_server() / 10000, piste.oldest_server() % 10000) END,
        version();

    RETURN QUERY
    SELECT 'server.flaws',
        CASE WHEN number < f.fixed THEN format('%s is open in %s: %s', f.cve, shown, f.what) END,
        format('%s closed since %s.%s', f.cve, f.fixed / 10000, f.fixed % 10000)
    FROM (
        SELECT k.*, CASE number / 10000 WHEN 15 THEN k.in_15 WHEN 16 THEN k.in_16 WHEN 17 THEN k.in_17
            ELSE k.in_18 END AS fixed
        FROM piste.known_flaws() k
    ) f;

    -- A cluster that was made before 15.7 keeps the open view until somebody runs fix-CVE-2024-4317.sql.
    RETURN QUERY
    SELECT 'server.flaws',
        format('CVE-2024-4317: the view %s is still the old one; run fix-CVE-2024-4317.sql', v.oid::regclass),
            NULL::text
    FROM pg_class v
    WHERE v.oid IN ('pg_catalog.pg_stats_ext'::regclass, 'pg_catalog.pg_stats_ext_exprs'::regclass)
      AND pg_get_viewdef(v.oid) !~ 'pg_has_role\(c\.relowner';

    RETURN QUERY
    SELECT 'server.durability',
        CASE WHEN s.value = 'off'
            THEN format('%s is off: a record of a read can be lost after its rows were read', s.name) END,
        format('%s = %s', s.name, s.value)
    FROM piste.server_settings(ARRAY['fsync', 'full_page_writes', 'synchronous_commit']) s
    UNION ALL
    SELECT 'server.durability', piste.durability_problem(), format('durability = %s', piste.durability())
    UNION ALL
    SELECT 'server.durability',
        'the server''s clock is ' || piste.clock_is_behind_by() || ' behind its newest record', 'its clock goes forward';

    RETURN QUERY
    SELECT 'server.settings',
        CASE WHEN s.value <> w.wanted THEN format('%s is %s instead of %s', s.name, s.value, w.wanted) END,
        format('%s = %s', s.name, s.value)
    FROM (VALUES
        ('max_prepared_transactions', '0'), ('row_security', 'on'), ('allow_system_table_mods', 'off'),
        ('ignore_system_indexes', 'off'), ('session_replication_role', 'origin'), ('lo_compat_privileges', 'off')
    ) AS w (name, wanted)
    JOIN piste.server_settings(ARRAY[
        'max_prepared_transactions', 'row_security', 'allow_system_table_mods', 'ignore_system_indexes',
        'session_replication_role', 'lo_compat_privileges']) s USING (name);

    RETURN QUERY
    SELECT 'server.settings',
        CASE WHEN s.value = '-1' AND NOT EXISTS (SELECT FROM piste.losses() l WHERE l.id = 'temporary files')
            THEN 'temp_file_limit is -1: what one statement sorts may fill the disk' END,
        format('%s = %s', s.name, s.value)
    FROM piste.server_settings(ARRAY['temp_file_limit']) s;

    RETURN QUERY
    SELECT 'server.libraries',
        CASE WHEN l.library <> '' AND regexp_replace(l.library, '^\$libdir/(plugins/)?', '') <> ALL (libraries)
            THEN format('%s loads %s into every session', s.name, l.library) END,
        format('%s = %s', s.name, coalesce(nullif(s.value, ''), 'none'))
    FROM piste.server_settings(ARRAY['shared_preload_libraries', 'session_preload_libraries',
        'local_preload_libraries']) s
    CROSS JOIN LATERAL regexp_split_to_table(replace(s.value, '"', ''), '\s*,\s*') AS l (library);

    RETURN QUERY
    SELECT 'server.installer', NULL::text, format('%s: %s', l.id, l.lost) FROM piste.losses() l
    UNION ALL
    SELECT 'server.installer', format('%s installed the engine, and is an operator', i.login), NULL
    FROM piste.installer i WHERE i.login IN (SELECT o.login FROM piste.operator o)
    UNION ALL
    SELECT 'server.installer', NULL, 'nothing: a superuser installed the engine' WHERE NOT EXISTS (SELECT FROM piste.losses());

    -- ALTER ROLE … SET and ALTER DATABASE … SET, for whoever comes into contact with companies.
    RETURN QUERY
    WITH setting AS (
        SELECT s.setrole, split_part(c.entry, '=', 1) AS name, substr(c.entry, strpos(c.entry, '=') + 1) AS value,
            CASE WHEN s.setrole = 0 THEN 'every login' ELSE pg_get_userbyid(s.setrole)::text END AS holder
        FROM pg_db_role_setting s CROSS JOIN LATERAL unnest(s.setconfig) AS c (entry)
        WHERE s.setdatabase IN (0, (SELECT d.oid FROM pg_database d WHERE d.datname = current_database()))
          AND (s.setrole = 0
              OR pg_get_userbyid(s.setrole) IN (SELECT o.login FROM piste.operator o)
              OR piste.windows_of_role(pg_get_userbyid(s.setrole)) IN (SELECT k.window_name FROM piste.company k)
              OR pg_get_userbyid(s.setrole) LIKE 'piste\_%')
    )
    SELECT 'settings.defaults',
        CASE WHEN lower(t.name) <> ALL (harmless) OR t.holder LIKE 'piste\_%' OR t.holder ~ '^t_[0-9a-f]{12}_'
            THEN format('%s is set to %L for %s', t.name, t.value, t.holder) END,
        NULL::text
    FROM setting t
    UNION ALL
    SELECT 'settings.defaults',
        NULL, format('%s defaults of roles and databases, all harmless', count(*)) FROM setting;

    RETURN QUERY
    SELECT 'server.languages', CASE WHEN l.lanname NOT IN ('internal', 'c', 'sql', 'plpgsql')
            THEN format('language %s, %s', l.lanname, CASE WHEN l.lanpltrusted THEN 'trusted'
                ELSE 'untrusted' END) END,
        format('language %s', l.lanname)
    FROM pg_language l;

    RETURN QUERY
    SELECT 'server.extensions', CASE WHEN e.extname NOT IN (
                'plpgsql', 'pgcrypto', 'pg_trgm', 'pg_stat_statements', 'btree_gin', 'btree_gist', 'citext', 'hstore',
                'unaccent', 'uuid-ossp', 'fuzzystrmatch', 'cube', 'ltree', 'isn')
            THEN format('extension %s %s is not on the list of harmless ones', e.extname, e.extversion) END,
        format('%s %s', e.extname, e.extversion)
    FROM pg_extension e;

    RETURN QUERY
    SELECT 'database.foreign-data', f.words, NULL::text
    FROM (
        SELECT format('foreign data wrapper %s', w.fdwname) AS words FROM pg_foreign_data_wrapper w
        UNION ALL SELECT format('foreign server %s', s.srvname) FROM pg_foreign_server s
        UNION ALL SELECT format('foreign table %s', t.ftrelid::regclass) FROM pg_foreign_table t
        UNION ALL SELECT format('user mapping of %s on %s', m.usename, m.srvname) FROM pg_user_mappings m
    ) f;

    RETURN QUERY
    SELECT 'database.replication', f.words, NULL::text
    FROM (
        SELECT format('publication %s of %s', p.pubname,
            CASE WHEN p.puballtables THEN 'all tables' ELSE coalesce((
                SELECT string_agg(r.prrelid::regclass::text, ', ') FROM pg_publication_rel r
                    WHERE r.prpubid = p.oid), 'schemas')
            END) AS words
        FROM pg_publication p
        UNION ALL
        SELECT format('subscription %s', s.subname) FROM pg_subscription s
        WHERE s.subdbid = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
        UNION ALL
        SELECT format('logical replication slot %s', s.slot_name) FROM pg_replication_slots s
        WHERE s.database = current_database()
    ) f;

    RETURN QUERY
    SELECT 'database.event-triggers',
        format('event trigger %s, on %s, calls %s', e.evtname, e.evtevent, e.evtfoid::regprocedure), NULL::text
    FROM pg_event_trigger e;

    RETURN QUERY
    SELECT 'database.large-objects', format('large object %s of %s', l.oid, pg_get_userbyid(l.lomowner)), NULL::text
    FROM pg_largeobject_metadata l;

    -- Whatever was put into pg_catalog comes before everything else on every path.
    RETURN QUERY
    SELECT 'database.system-objects', format('%s %s was added to pg_catalog', i.type, i.identity), NULL::text
    FROM (
        SELECT 'pg_proc'::regclass::oid AS class, p.oid FROM pg_proc p
            WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.oid >= 16384
        UNION ALL
        SELECT 'pg_class'::regclass, c.oid FROM pg_class c
            WHERE c.relnamespace = 'pg_catalog'::regnamespace AND c.oid >= 16384
        UNION ALL
        SELECT 'pg_operator'::regclass, o.oid FROM pg_operator o
            WHERE o.oprnamespace = 'pg_catalog'::regnamespace AND o.oid >= 16384
        UNION ALL
        SELECT 'pg_type'::regclass, t.oid FROM pg_type t
            WHERE t.typnamespace = 'pg_catalog'::regnamespace AND t.oid >= 16384
        UNION ALL
        SELECT 'pg_cast'::regclass, c.oid FROM pg_cast c WHERE c.oid >= 16384
    ) n
    CROSS JOIN LATERAL pg_identify_object(n.class, n.oid, 0) AS i
    WHERE NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = n.class AND d.objid = n.oid AND d.deptype = 'e');

    -- Nobody has more on the system's own objects than initdb gave.
    RETURN QUERY
    SELECT 'database.system-privileges', format('%s on %s is granted to %s', g.privilege, g.object,
        CASE WHEN g.grantee = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(g.grantee) END), NULL::text
    FROM (
        SELECT 'function ' || p.oid::regprocedure::text AS object, a.privilege_type AS privilege, a.grantee
        FROM pg_proc p
        LEFT JOIN pg_init_privs i ON i.classoid = 'pg_proc'::regclass AND i.objoid = p.oid
        CROSS JOIN LATERAL aclexplode(p.proacl) AS a
        WHERE p.pronamespace IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
            AND a.grantee <> p.proowner
          AND NOT (a.grantee = 'piste_owner'::regrole AND NOT a.is_grantable
              AND p.proname ~ '^pg_(try_)?advisory_xact_lock')
          AND NOT EXISTS (
              SELECT FROM aclexplode(coalesce(i.initprivs, acldefault('f', p.proowner))) AS was
              WHERE was.grantee = a.grantee AND was.privilege_type = a.privilege_type)
        UNION ALL
        SELECT 'table ' || c.oid::regclass::text, a.privilege_type, a.grantee
        FROM pg_class c
        LEFT JOIN pg_init_privs i ON i.classoid = 'pg_class'::regclass AND i.objoid = c.oid AND i.objsubid = 0
        CROSS JOIN LATERAL aclexplode(c.relacl) AS a
        WHERE c.relnamespace IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace,
            'pg_toast'::regnamespace)
          AND a.grantee <> c.relowner
          AND NOT (c.relnamespace = 'information_schema'::regnamespace AND a.grantee = 0
              AND a.privilege_type = 'SELECT')
          AND NOT EXISTS (
              SELECT FROM aclexplode(i.initprivs) AS was
              WHERE was.grantee = a.grantee AND was.privilege_type = a.privilege_type)
        UNION ALL
        SELECT format('column %s.%I', t.attrelid::regclass, t.attname), a.privilege_type, a.grantee
        FROM pg_attribute t
        JOIN pg_class c ON c.oid = t.attrelid
            AND c.relnamespace IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace,
                'pg_toast'::regnamespace)
        LEFT JOIN pg_init_privs i ON i.classoid = 'pg_class'::regclass AND i.objoid = c.oid AND i.objsubid = t.attnum
        CROSS JOIN LATERAL aclexplode(t.attacl) AS a
        WHERE a.grantee <> c.relowner
          -- Which columns have samples, and nothing of what is in them (Gate/statistics).
          AND NOT (t.attrelid = 'pg_statistic'::regclass AND t.attname IN ('starelid', 'staattnum')
              AND a.grantee = 'piste_owner'::regrole AND a.privilege_type = 'SELECT' AND NOT a.is_grantable)
          AND NOT EXISTS (
              SELECT FROM aclexplode(i.initprivs) AS was
              WHERE was.grantee = a.grantee AND was.privilege_type = a.privilege_type)
        UNION ALL
        SELECT 'language ' || l.lanname, a.privilege_type, a.grantee
        FROM pg_language l CROSS JOIN LATERAL aclexplode(l.lanacl) AS a
        WHERE a.grantee NOT IN (0, l.lanowner)
        UNION ALL
        SELECT 'schema ' || n.nspname, a.privilege_type, a.grantee
        FROM pg_namespace n CROSS JOIN LATERAL aclexplode(n.nspacl) AS a
        WHERE n.nspname IN ('pg_catalog', 'information_schema', 'pg_toast') AND a.grantee <> n.nspowner
          AND NOT (a.grantee = 0 AND a.privilege_type = 'USAGE')
        UNION ALL
        SELECT 'tablespace ' || s.spcname, a.privilege_type, a.grantee
        FROM pg_tablespace s CROSS JOIN LATERAL aclexplode(s.spcacl) AS a
        WHERE a.grantee <> s.spcowner
            AND (a.grantee = 0 OR pg_get_userbyid(a.grantee) IN (SELECT o.login FROM piste.operator o))
        UNION ALL
        SELECT 'parameter ' || p.parname, a.privilege_type, a.grantee
        FROM pg_parameter_acl p CROSS JOIN LATERAL aclexplode(p.paracl) AS a
        WHERE NOT piste.is_outside(a.grantee)
    ) g;

    -- What the engine took from everybody.
    RETURN QUERY
    SELECT 'database.system-privileges',
        CASE WHEN NOT EXISTS (
                SELECT FROM piste.losses() l WHERE l.id IN ('large objects', 'advisory locks', 'withheld functions')) THEN format('PUBLIC may execute %s: %s', w.withheld, w.why) END,
        'functions that a superuser would withhold are open to everybody: server.installer'
    FROM piste.withheld_functions() w
    JOIN pg_proc p ON p.oid = w.withheld
    CROSS JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a
    WHERE a.grantee = 0
    UNION ALL
    SELECT 'database.system-privileges', NULL, format('%s functions are withheld from everybody', count(*))
    FROM piste.withheld_functions();

    -- Creating and temporary objects are nobody's but the owners'; and the engine makes a schema for each company.
    RETURN QUERY
    SELECT 'database.privileges', 'the engine''s owner may create no schema in it: piste init lets it again', NULL::text
    WHERE NOT has_database_privilege('piste_owner', current_database(), 'CREATE')
    UNION ALL
    SELECT 'database.privileges', format('%s on the database is granted to %s', a.privilege_type,
            CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee) END), NULL::text
    FROM pg_database d CROSS JOIN LATERAL aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) AS a
    WHERE d.datname = current_database() AND a.grantee <> d.datdba
      AND NOT (a.privilege_type = 'CONNECT' AND NOT a.is_grantable)
      AND NOT (a.privilege_type = 'CREATE' AND a.grantee = 'piste_owner'::regrole AND NOT a.is_grantable)
    UNION ALL
    SELECT 'database.privileges', CASE WHEN pg_get_userbyid(d.datdba) IN (SELECT o.login FROM piste.operator o)
        THEN format('the database belongs to the operator %s', pg_get_userbyid(d.datdba)) END,
        format('the database belongs to %s', pg_get_userbyid(d.datdba))
    FROM pg_database d WHERE d.datname = current_database();
END
$$;

RESET ROLE;
