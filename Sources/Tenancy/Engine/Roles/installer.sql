-- Who installed the engine without being superuser, and what is lost for that.
--
-- On a server that somebody else keeps (RDS, Cloud SQL, Azure and kin) nobody is superuser. There the engine is installed by
-- whoever owns the database and has CREATEROLE. This login stands where a superuser stands, outside of the claim: it has the
-- rights of piste_owner. Whatever takes a superuser is left undone, and told by name: by piste init, doctor and the report.

SET LOCAL ROLE piste_owner;

-- The logins that installed the engine and are no superusers.
CREATE TABLE IF NOT EXISTS piste.installer (
    login       text        COLLATE "C" PRIMARY KEY,
    since       timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Who may call it: the engine's own definer functions. Trusts: the catalogs. Records: nothing.
-- Whether a login is a superuser, or one that installed the engine in a superuser's stead and still is in piste_owner.
CREATE OR REPLACE FUNCTION piste.is_installer(login text)
RETURNS boolean
LANGUAGE plpgsql
AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM pg_catalog.pg_roles r
        WHERE r.rolname = login AND (
            r.rolsuper
            OR EXISTS (SELECT FROM piste.installer i WHERE i.login = r.rolname)
                AND EXISTS (
                    SELECT FROM pg_catalog.pg_auth_members m
                    WHERE m.member = r.oid AND m.roleid = 'piste_owner'::regrole)));
END
$$;

-- Who may call it: the engine's own definer functions. Trusts: the catalogs. Records: nothing.
-- Whether a role is outside of the claim, as a superuser is: an installer, or a group that an installer is in (by which whoever
-- keeps the server lends its powers).
CREATE OR REPLACE FUNCTION piste.is_outside(role oid)
RETURNS boolean
LANGUAGE sql STABLE
AS $$
    WITH RECURSIVE lent AS (
        SELECT r.oid FROM pg_catalog.pg_roles r JOIN piste.installer i ON i.login = r.rolname
        WHERE piste.is_installer(i.login)
        UNION
        SELECT m.roleid FROM pg_catalog.pg_auth_members m JOIN lent l ON l.oid = m.member
        -- What the engine itself made lends nothing, nor does an operator's login, nor a role that the installer may only
        -- administer, as whoever creates one may on PostgreSQL 16 and later.
        WHERE pg_catalog.pg_get_userbyid(m.roleid) !~ '^(piste_|t_[0-9a-f]{12}_)'
          AND NOT to_jsonb(m) @> '{"admin_option": true, "inherit_option": false, "set_option": false}'
          AND NOT EXISTS (SELECT FROM piste.operator o WHERE o.login = pg_catalog.pg_get_userbyid(m.roleid))
    )
    SELECT EXISTS (SELECT FROM lent l WHERE l.oid = role)
        OR coalesce((SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.oid = role), false)
$$;

-- Who may call it: the report, the doctor's, and the installation. Trusts: the catalogs. Records: nothing.
-- What is lost where the engine was installed without a superuser: in words, with the probes that cannot hold there. None where
-- a superuser installed it.
CREATE OR REPLACE FUNCTION piste.losses()
RETURNS TABLE (id text, lost text, mend text, probes text[])
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    open_ regprocedure[] := ARRAY(
        SELECT w.withheld FROM piste.withheld_functions() w
        JOIN pg_proc p ON p.oid = w.withheld
        CROSS JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a
        WHERE a.grantee = 0);
BEGIN
    IF NOT EXISTS (SELECT FROM piste.installer i WHERE piste.is_installer(i.login)) THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT 'installer', format(
            '%s installed the engine without being superuser, and is outside of the claim as one would be',
            string_agg(i.login, ', ' ORDER BY i.login)),
        'give this login to nobody who works with companies', '{}'::text[]
    FROM piste.installer i WHERE piste.is_installer(i.login);
    IF EXISTS (SELECT FROM unnest(open_) AS f (oid) JOIN pg_proc p USING (oid) WHERE p.proname LIKE 'lo\_%') THEN
        RETURN QUERY
        SELECT 'large objects', 'an operator in a context can put rows into a large object, which everybody reads',
            'a superuser''s piste init withholds lo_create and kin; until then watch database.large-objects',
            ARRAY['probe.privileges.large-object'];
    END IF;
    IF EXISTS (SELECT FROM unnest(open_) AS f (oid) JOIN pg_proc p USING (oid) WHERE p.proname LIKE 'pg\_%advisory\_%') THEN
        RETURN QUERY
        SELECT 'advisory locks', 'an operator can hold the engine''s turns and fill the memory of all locks: others wait',
            'a superuser''s piste init withholds the functions; a sweep ends who idles on them',
            ARRAY['probe.bystanders.advisory-locks', 'probe.bystanders.advisory-transaction-locks'];
    END IF;
    IF EXISTS (SELECT FROM unnest(open_) AS f (oid) JOIN pg_proc p USING (oid)
        WHERE p.proname !~ '^lo_|advisory') THEN
        RETURN QUERY
        SELECT 'withheld functions', format('an operator can call %s, and so burden the server', (
                SELECT string_agg(DISTINCT p.proname, ', ' ORDER BY p.proname)
                FROM unnest(open_) AS f (oid) JOIN pg_proc p USING (oid) WHERE p.proname !~ '^lo_|advisory')),
            'a superuser''s piste init withholds them',
            ARRAY['probe.bystanders.logical-messages', 'probe.bystanders.deaf-functions', 'probe.bystanders.snapshot-files'];
    END IF;
    IF EXISTS (SELECT FROM piste.server_settings(ARRAY['temp_file_limit']) s WHERE s.value = '-1') THEN
        RETURN QUERY
        SELECT 'temporary files', 'temp_file_limit is -1: what one statement sorts may fill the disk',
            'set temp_file_limit in the server''s configuration, for instance 1GB',
            ARRAY['probe.bystanders.temporary-files'];
    END IF;
    IF NOT has_column_privilege('piste_owner', 'pg_statistic', 'starelid', 'SELECT') THEN
        RETURN QUERY
        SELECT 'samples', 'whether the planner holds samples of a company''s values cannot be looked at, only that it takes none',
            'a superuser''s piste init lets the engine look', '{}'::text[];
    END IF;
END
$$;

RESET ROLE;

-- Whoever runs this now.
DO $$
BEGIN
    IF (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = current_user) THEN
        RETURN;
    END IF;
    INSERT INTO piste.installer (login) VALUES (session_user) ON CONFLICT DO NOTHING;
END
$$;
