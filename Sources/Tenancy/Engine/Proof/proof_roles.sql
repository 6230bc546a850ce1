-- The report's second part, beside the engine itself: the roles, and the operators.

SET LOCAL ROLE piste_owner;

-- Who may call it: `isolation_report`. Trusts: the catalogs. Records: nothing.
-- Every role of the cluster that could reach past the gate, every membership, and what the operators hold.
CREATE OR REPLACE FUNCTION piste.prove_roles()
RETURNS TABLE (id text, finding text, fact text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    here_  oid   := (SELECT d.oid FROM pg_database d WHERE d.datname = current_database());
    makers oid[] := ARRAY(SELECT r.oid FROM piste.makers() AS maker JOIN pg_roles r ON r.rolname = maker);
    engine oid[] := makers || ARRAY['piste_owner'::regrole::oid, 'piste_signal'::regrole];
    reach  CONSTANT text[] := ARRAY[
        'pg_read_all_data', 'pg_write_all_data', 'pg_read_server_files', 'pg_write_server_files',
            'pg_execute_server_program'];
BEGIN
    RETURN QUERY
    SELECT 'roles.superusers', CASE WHEN r.rolname IN (SELECT o.login FROM piste.operator o)
            THEN format('the operator %s is a superuser', r.rolname) END,
        format('%s is a superuser, outside of the claim', r.rolname)
    FROM pg_roles r WHERE r.rolsuper;

    RETURN QUERY
    SELECT 'roles.bypass',
        CASE WHEN NOT piste.is_outside(r.oid) THEN format('%s bypasses row level security', r.rolname) END,
        format('%s bypasses row level security, outside of the claim', r.rolname)
    FROM pg_roles r WHERE r.rolbypassrls AND NOT r.rolsuper
    UNION ALL
    SELECT 'roles.bypass', NULL, format('none of %s roles', count(*)) FROM pg_roles;

    -- From PostgreSQL 16 on, who creates roles administers those that it was given, and no others.
    RETURN QUERY
    SELECT 'roles.createrole', CASE
            WHEN piste.is_outside(r.oid) THEN NULL
            WHEN current_setting('server_version_num')::integer < 160000
                THEN format('%s can create roles and put itself into any', r.rolname)
            WHEN a.held IS NOT NULL THEN format('%s can create roles and put itself into %s', r.rolname, a.held) END,
        CASE WHEN piste.is_outside(r.oid) THEN format('%s can create roles, outside of the claim', r.rolname)
            ELSE format('%s can create roles, and put itself into none of the engine''s and the companies''', r.rolname) END
    FROM pg_roles r
    CROSS JOIN LATERAL (
        SELECT string_agg(DISTINCT pg_get_userbyid(m.roleid)::text, ', ') AS held
        FROM pg_auth_members m
        WHERE m.admin_option AND pg_has_role(r.oid, m.member, 'USAGE')
          AND pg_get_userbyid(m.roleid) ~ '^(piste_(owner|roles(_[0-9a-f]{2})?|signal|operators)$|t_[0-9a-f]{12}_(reader|agent|writer)$)'
    ) a
    WHERE r.rolcreaterole AND NOT r.rolsuper AND r.oid <> ALL (makers)
    UNION ALL
    SELECT 'roles.createrole', CASE WHEN r.rolcanlogin THEN format('%s can log in', r.rolname) END,
        CASE WHEN r.rolname = 'piste_roles' THEN 'piste_roles can, and cannot log in' END
    FROM pg_roles r
    WHERE r.oid = ANY (makers) AND (r.rolcanlogin OR r.rolname = 'piste_roles')
    UNION ALL
    -- After an upgrade of the server all of them may be.
    SELECT 'roles.createrole', CASE count(*)
            WHEN 1 THEN format('%s is missing: piste init makes it', min(maker))
            ELSE format('%s makers of roles are missing, from %s to %s: piste init makes them',
                count(*), min(maker), max(maker)) END,
        NULL
    FROM piste.makers() AS maker
    WHERE NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = maker)
    HAVING count(*) > 0
    UNION ALL
    SELECT 'roles.createrole', NULL, format('so can the %s makers of companies'' roles', cardinality(makers) - 1)
    WHERE cardinality(makers) > 1;

    -- Whoever replicates has the whole cluster, as a backup has.
    RETURN QUERY
    SELECT 'roles.replication', CASE WHEN r.rolname IN (SELECT o.login FROM piste.operator o)
            THEN format('the operator %s can replicate', r.rolname) END,
        format('%s takes backups or feeds a replica, outside of the claim', r.rolname)
    FROM pg_roles r WHERE r.rolreplication AND NOT r.rolsuper;

    RETURN QUERY
    SELECT 'roles.predefined',
        CASE WHEN g.rolname = ANY (reach) AND NOT piste.is_outside(u.oid) THEN format('%s is in %s', u.rolname, g.rolname) END,
        format('%s is in %s%s', u.rolname, g.rolname,
            CASE WHEN piste.is_outside(u.oid) THEN ', outside of the claim' ELSE '' END)
    FROM pg_auth_members m
    JOIN pg_roles g ON g.oid = m.roleid AND starts_with(g.rolname, 'pg_')
    JOIN pg_roles u ON u.oid = m.member AND NOT starts_with(u.rolname, 'pg_') AND NOT u.rolsuper;

    RETURN QUERY
    SELECT 'memberships.engine',
        format('%s is in %s', pg_get_userbyid(m.member), pg_get_userbyid(m.roleid)), NULL::text
    FROM pg_auth_members m
    WHERE NOT piste.is_installer(pg_get_userbyid(m.member)::text) AND (m.roleid = ANY (engine)
       OR m.roleid = 'piste_operators'::regrole
           AND pg_get_userbyid(m.member) !~ '^t_[0-9a-f]{12}_(reader|agent|writer)$'
               AND m.member <> 'piste_roles'::regrole)
    UNION ALL
    SELECT 'memberships.engine', NULL, format('%s installed the engine, and is in its owner: outside of the claim', i.login)
    FROM piste.installer i WHERE piste.is_installer(i.login)
    UNION ALL
    SELECT 'memberships.engine',
        NULL, 'nobody else is in piste_owner, piste_signal or a maker of roles; only companies'' roles are in piste_operators';

    -- Just-in-time memberships: one for each open context or lease, and no other.
    RETURN QUERY
    WITH held AS (
        SELECT pg_get_userbyid(m.roleid)::text AS role, pg_get_userbyid(m.member)::text AS login, m.admin_option,
            k.id AS company, k.url_id, piste.role_stem(k.window_name) AS stem
        FROM pg_auth_members m
        JOIN piste.company k ON k.window_name = piste.windows_of_role(pg_get_userbyid(m.roleid))
        WHERE pg_get_userbyid(m.roleid) ~ '^t_[0-9a-f]{12}_(reader|agent|writer)$' AND NOT piste.is_creators(m)
    ), judged AS (
        SELECT h.*, c.jti, c.expires_at
        FROM held h
        LEFT JOIN LATERAL (
            SELECT c.jti, c.expires_at FROM piste.context c
            WHERE c.company = h.company AND c.operator = h.login AND c.ended_at IS NULL AND c.backend_pid IS NOT NULL
              AND h.role = h.stem || '_' || c.role
            UNION ALL
            SELECT NULL, l.granted_at + interval '30 minutes' FROM piste.lease l
            WHERE l.company = h.company AND l.login = h.login AND h.role = h.stem || '_writer'
            ORDER BY expires_at DESC LIMIT 1
        ) c ON true
    )
    SELECT 'memberships.companies', CASE
            WHEN j.expires_at IS NULL
                THEN format('%s is in %s of %s without an open context or a lease', j.login, j.role, j.url_id)
            WHEN j.admin_option THEN format('%s may put others into %s of %s', j.login, j.role, j.url_id) END,
        format('%s is in %s until %s', j.login, j.role, date_trunc('second', j.expires_at))
    FROM judged j
    UNION ALL
    SELECT 'memberships.companies',
        NULL, format('%s memberships, each with its open context or lease; %s stray ones on record as incidents',
        (SELECT count(*) FROM judged), (SELECT count(*) FROM piste.entry a
            WHERE a.company = piste.no_company() AND a.action = 'incident.membership'));

    RETURN QUERY
    WITH role AS (
        SELECT r.*, k.id AS company, EXISTS (SELECT FROM pg_auth_members m WHERE m.roleid = r.oid AND NOT piste.is_creators(m)) AS peopled,
            EXISTS (SELECT FROM pg_auth_members m
                WHERE m.member = r.oid AND m.roleid = 'piste_operators'::regrole) AS callable,
            (SELECT string_agg(pg_get_userbyid(m.roleid), ', ') FROM pg_auth_members m
             WHERE m.member = r.oid AND m.roleid <> 'piste_operators'::regrole) AS others
        FROM pg_roles r
        LEFT JOIN piste.company k ON k.window_name = piste.windows_of_role(r.rolname)
        WHERE r.rolname ~ '^t_[0-9a-f]{12}_(reader|agent|writer)$'
    )
    SELECT 'roles.companies', CASE
            WHEN r.rolcanlogin THEN format('%s can log in', r.rolname)
            WHEN r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication
                THEN format('%s has an attribute that no company''s role has', r.rolname)
            WHEN r.others IS NOT NULL THEN format('%s is in %s', r.rolname, r.others)
            WHEN r.company IS NOT NULL AND NOT r.callable
                THEN format('%s is not in piste_operators, and so calls nothing of the engine: piste init puts it back', r.rolname)
            WHEN r.company IS NOT NULL AND NOT piste.is_administered(r.oid)
                THEN format('%s is nobody''s to give: piste init lets the engine put operators into it again', r.rolname)
            WHEN r.company IS NULL AND r.peopled AND NOT r.callable
                THEN format('%s belongs to no company, and somebody is in it', r.rolname)
        END, NULL::text
    FROM role r
    UNION ALL
    SELECT 'roles.companies', format('%s of %s is missing', n.name, k.url_id), NULL
    FROM piste.company k
    CROSS JOIN LATERAL (VALUES (piste.role_stem(k.window_name) || '_reader'),
        (piste.role_stem(k.window_name) || '_agent'), (piste.role_stem(k.window_name) || '_writer')) AS n (name)
    WHERE to_regrole(n.name) IS NULL
    UNION ALL
    SELECT 'roles.companies',
        NULL, format('%s roles of companies here, %s of other databases of this cluster, %s kept after a deletion',
        count(*) FILTER (WHERE r.company IS NOT NULL), count(*) FILTER (WHERE r.company IS NULL AND r.callable),
        count(*) FILTER (WHERE r.company IS NULL AND NOT r.callable))
    FROM role r;

    -- The operators: logins without powers of their own.
    RETURN QUERY
    SELECT 'operators.attributes', CASE
            WHEN r.oid IS NULL THEN format('%s is registered, and there is no such login', o.login)
            WHEN a.words <> '' THEN format('%s %s', o.login, a.words) END, NULL::text
    FROM piste.operator o
    LEFT JOIN pg_roles r ON r.rolname = o.login
    CROSS JOIN LATERAL (SELECT concat_ws(', ',
        CASE WHEN r.rolsuper THEN 'is a superuser' END,
        CASE WHEN r.rolbypassrls THEN 'bypasses row level security' END,
        CASE WHEN r.rolcreaterole THEN 'can create roles' END,
        CASE WHEN r.rolcreatedb THEN 'can create databases' END,
        CASE WHEN r.rolreplication THEN 'can replicate' END,
        CASE WHEN r.rolinherit THEN 'inherits the rights of its roles' END,
        CASE WHEN NOT r.rolcanlogin THEN 'cannot log in' END) AS words) a
    UNION ALL
    SELECT 'operators.attributes', NULL, format('%s operators, without any attribute', count(*)) FROM piste.operator;

    -- Whoever is registered was registered by the engine, which writes it down.
    RETURN QUERY
    SELECT 'operators.recorded', CASE
            WHEN a.action IS NULL OR a.action = 'operator.remove'
                THEN format('%s is registered, and no record says by whom', o.login)
            WHEN a.detail ->> 'level' <> o.level
                THEN format('%s has the level %s, and the record says %s', o.login, o.level, a.detail ->> 'level')
        END, NULL::text
    FROM piste.operator o
    LEFT JOIN (
        SELECT DISTINCT ON (r.detail ->> 'login') r.detail ->> 'login' AS login, r.action, r.detail
        FROM piste.entry r
        WHERE r.company = piste.no_company() AND r.action IN ('operator.add', 'operator.level', 'operator.remove')
        ORDER BY r.detail ->> 'login', r.id DESC
    ) a USING (login)
    UNION ALL
    SELECT 'operators.recorded',
        NULL, format('%s operators, each on record with its level', count(*)) FROM piste.operator;

    RETURN QUERY
    SELECT 'operators.memberships', format('%s is in %s', o.login, pg_get_userbyid(m.roleid)), NULL::text
    FROM piste.operator o JOIN pg_roles r ON r.rolname = o.login JOIN pg_auth_members m ON m.member = r.oid
    WHERE pg_get_userbyid(m.roleid) !~ '^t_[0-9a-f]{12}_(reader|agent|writer)$'
    UNION ALL
    SELECT 'operators.memberships',
        CASE WHEN NOT piste.only_administers(m) AND NOT piste.is_outside(m.member)
            THEN format('%s is in the operator %s', pg_get_userbyid(m.member), o.login) END,
        format('%s administers the login of %s, and may change its password', pg_get_userbyid(m.member), o.login)
    FROM piste.operator o JOIN pg_roles r ON r.rolname = o.login JOIN pg_auth_members m ON m.roleid = r.oid
    WHERE NOT piste.is_creators(m)
    UNION ALL
    SELECT 'operators.memberships',
        NULL, format('%s operators, in roles of companies at most', count(*)) FROM piste.operator;

    -- Every object of this database whose privileges or owner name an operator.
    RETURN QUERY
    WITH login AS (
        SELECT r.oid, o.login FROM piste.operator o JOIN pg_roles r ON r.rolname = o.login
    ), callable AS (
        SELECT p.oid FROM pg_proc p CROSS JOIN LATERAL aclexplode(p.proacl) AS a
        WHERE p.pronamespace = 'piste'::regnamespace AND a.grantee = 'piste_operators'::regrole
    )
    SELECT 'operators.privileges', format('%s %s %s %s', l.login,
            CASE d.deptype WHEN 'o' THEN 'owns' WHEN 'r' THEN 'is named by'
                ELSE 'has privileges on' END, i.type, i.identity), NULL::text
    FROM login l
    JOIN pg_shdepend d ON d.refclassid = 'pg_authid'::regclass AND d.refobjid = l.oid AND d.dbid IN (0, here_)
    CROSS JOIN LATERAL pg_identify_object(d.classid, d.objid, d.objsubid) AS i
    WHERE d.deptype IN ('a', 'o', 'r')
      AND NOT (d.deptype = 'a' AND d.classid = 'pg_proc'::regclass AND d.objid IN (SELECT c.oid FROM callable c))
      AND NOT (d.deptype = 'a' AND d.classid = 'pg_namespace'::regclass AND i.identity IN ('piste', 'public'))
      AND NOT (d.deptype = 'a' AND d.classid = 'pg_database'::regclass)
    UNION ALL
    -- What any of them could pass on, or lacks.
    SELECT 'operators.privileges',
        format('%s may grant %s on %s to others', l.login, a.privilege_type, p.oid::regprocedure), NULL
    FROM login l
    JOIN pg_proc p ON p.pronamespace = 'piste'::regnamespace
    CROSS JOIN LATERAL aclexplode(p.proacl) AS a
    WHERE a.grantee = l.oid AND a.is_grantable
    UNION ALL
    SELECT 'operators.privileges', format('%s on the schema piste is granted to %s', a.privilege_type, l.login), NULL
    FROM pg_namespace n CROSS JOIN LATERAL aclexplode(n.nspacl) AS a JOIN login l ON l.oid = a.grantee
    WHERE n.nspname = 'piste' AND (a.is_grantable OR a.privilege_type <> 'USAGE')
    UNION ALL
    SELECT 'operators.privileges', format('a column of %s is granted to %s', t.attrelid::regclass, l.login), NULL
    FROM pg_attribute t CROSS JOIN LATERAL aclexplode(t.attacl) AS a JOIN login l ON l.oid = a.grantee
    UNION ALL
    SELECT 'operators.privileges',
        NULL, format('%s operators, each with the %s functions of the group and nothing else',
        (SELECT count(*) FROM login), (SELECT count(*) FROM callable));

    RETURN QUERY
    SELECT 'operators.creating', format('%s may create %s', o.login, w.what), NULL::text
    FROM piste.operator o
    JOIN pg_roles r ON r.rolname = o.login AND NOT r.rolsuper
    CROSS JOIN LATERAL (
        SELECT 'temporary tables' AS what WHERE has_database_privilege(r.oid, current_database(), 'TEMPORARY')
        UNION ALL
        SELECT 'schemas' WHERE has_database_privilege(r.oid, current_database(), 'CREATE')
        UNION ALL
        SELECT 'objects in ' || n.nspname FROM pg_namespace n
        WHERE n.nspname !~ '^(pg_(toast_)?temp_|t_[0-9a-f]{12}$)' AND has_schema_privilege(r.oid, n.oid, 'CREATE')
    ) w
    UNION ALL
    SELECT 'operators.creating',
        NULL, format('%s operators, none of whom can create an object or a temporary table', count(*))
            FROM piste.operator;
END
$$;

RESET ROLE;
