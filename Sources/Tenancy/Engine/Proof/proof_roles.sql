-- The report's second part: the engine itself, the roles, and the operators.

SET LOCAL ROLE piste_owner;

-- Who may call it: `isolation_report`. Trusts: the manifest, which the installation wrote. Records: nothing.
-- The engine's own objects as they are, held against what was installed, both ways.
CREATE OR REPLACE FUNCTION piste.prove_engine()
RETURNS TABLE (id text, finding text, fact text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    owner  oid := 'piste_owner'::regrole;
    digest text := piste.manifest_digest();
    sealed text := (SELECT a.detail ->> 'manifest' FROM piste.entry a
        WHERE a.company = piste.no_company() AND a.action = 'engine.seal' ORDER BY a.id DESC LIMIT 1);
BEGIN
    RETURN QUERY
    SELECT 'engine.manifest',
        CASE
            WHEN digest IS NULL THEN 'there is no manifest of the engine: install it again with piste init'
            WHEN digest IS DISTINCT FROM sealed THEN format(
                'the manifest %s is not the one that the control trail names, %s', digest, coalesce(sealed, 'none'))
        END,
        format('manifest %s of %s objects, as the control trail names it', digest,
            (SELECT count(*) FROM piste.manifest));

    RETURN QUERY
    WITH piece AS (
        SELECT coalesce(m.kind, s.kind) AS kind, coalesce(m.object, s.object) AS object,
            m.definition AS was, s.definition AS is_now
        FROM piste.manifest m FULL JOIN piste.engine_structure() AS s ON s.kind = m.kind AND s.object = m.object
    ), judged AS (
        SELECT CASE
                WHEN p.kind = 'function' THEN 'engine.functions'
                WHEN p.kind IN ('trigger', 'rule', 'policy') THEN 'engine.triggers'
                WHEN p.kind IN ('role', 'schema', 'default privileges') THEN 'engine.roles'
                WHEN p.kind IN ('table', 'sequence', 'column', 'constraint', 'index') THEN 'engine.tables'
                ELSE 'engine.other-objects' END AS id,
            CASE
                WHEN p.was IS NULL THEN format('%s %s was not installed with the engine', p.kind, p.object)
                WHEN p.is_now IS NULL THEN format('%s %s is missing', p.kind, p.object)
                WHEN p.was <> p.is_now THEN format('%s %s was changed: %s', p.kind, p.object, (
                    SELECT string_agg(CASE coalesce(w.key, n.key)
                        WHEN 'text' THEN 'its text is another'
                        ELSE format('%s is %s instead of %s', coalesce(w.key, n.key), coalesce(n.value, 'nothing'),
                            coalesce(w.value, 'nothing')) END, ', ' ORDER BY coalesce(w.key, n.key))
                    FROM jsonb_each_text(p.was) AS w FULL JOIN jsonb_each_text(p.is_now) AS n USING (key)
                    WHERE w.value IS DISTINCT FROM n.value))
            END AS finding
        FROM piece p
    )
    SELECT j.id, j.finding, NULL::text FROM judged j WHERE j.finding IS NOT NULL
    UNION ALL
    SELECT j.id, NULL, format('%s objects as installed', count(*)) FROM judged j GROUP BY j.id;

    -- What does not need a manifest to be wrong.
    RETURN QUERY
    SELECT 'engine.definer-paths', CASE
            WHEN coalesce(p.proconfig && ARRAY['search_path=pg_catalog, pg_temp'], false) THEN NULL
            ELSE format('function %s runs with the rights of %s on the path %s', p.oid::regprocedure,
                pg_get_userbyid(p.proowner),
                coalesce((SELECT substr(c, 13) FROM unnest(p.proconfig) AS c
                    WHERE c LIKE 'search\_path=%'), 'of its caller')) END,
        NULL::text
    FROM pg_proc p
    WHERE p.prosecdef AND p.pronamespace IN (
        SELECT n.oid FROM pg_namespace n
            WHERE n.nspname IN ('piste', 'piste_crypto') OR n.nspname IN (
                SELECT unnest(ARRAY[k.schema_name, k.window_name]) FROM piste.company k WHERE k.adopted IS NULL))
    UNION ALL
    SELECT 'engine.definer-paths',
        NULL, format('%s functions run with their owner''s rights, each on the path pg_catalog, pg_temp', count(*))
    FROM pg_proc p WHERE p.prosecdef AND p.pronamespace = 'piste'::regnamespace;

    RETURN QUERY
    SELECT 'engine.public', format('PUBLIC may execute %s', p.oid::regprocedure), NULL::text
    FROM pg_proc p CROSS JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a
    WHERE p.pronamespace IN ('piste'::regnamespace, 'piste_crypto'::regnamespace) AND a.grantee = 0
      -- Where no superuser installed it, an extension's functions are not the engine's to close; their schema is.
      AND NOT (p.pronamespace = 'piste_crypto'::regnamespace AND EXISTS (
              SELECT FROM piste.installer i WHERE piste.is_installer(i.login))
          AND EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'))
    UNION ALL
    SELECT 'engine.public', format('PUBLIC has %s on %s', a.privilege_type, c.oid::regclass), NULL
    FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) AS a
    WHERE c.relnamespace IN ('piste'::regnamespace, 'piste_crypto'::regnamespace) AND a.grantee = 0
    UNION ALL
    SELECT 'engine.public', format('PUBLIC has %s on the schema %s', a.privilege_type, n.nspname), NULL
    FROM pg_namespace n CROSS JOIN LATERAL aclexplode(n.nspacl) AS a
    WHERE n.nspname IN ('piste', 'piste_crypto') AND a.grantee = 0;

    RETURN QUERY
    SELECT 'engine.control-tables',
        format('%s on %s is granted to %s', a.privilege_type, a.object, pg_get_userbyid(a.grantee)), NULL::text
    FROM (
        SELECT c.oid::regclass::text AS object, r.privilege_type, r.grantee
        FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) AS r
        WHERE c.relnamespace = 'piste'::regnamespace
        UNION ALL
        SELECT format('%s.%I', t.attrelid::regclass, t.attname), r.privilege_type, r.grantee
        FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid CROSS JOIN LATERAL aclexplode(t.attacl) AS r
        WHERE c.relnamespace = 'piste'::regnamespace
          AND NOT (r.grantee = 'piste_roles'::regrole AND r.privilege_type = 'SELECT' AND NOT r.is_grantable
              AND (c.relname, t.attname) IN (('company', 'id'), ('company', 'window_name'), ('operator', 'login')))
    ) a
    WHERE a.grantee NOT IN (0, owner)
    UNION ALL
    SELECT 'engine.control-tables',
        NULL, format('%s tables and sequences, which nobody but the engine''s owner can touch', count(*))
    FROM pg_class c WHERE c.relnamespace = 'piste'::regnamespace AND c.relkind IN ('r', 'S');

    -- The engine's owner owns nothing elsewhere, that would lend its rights to others.
    RETURN QUERY
    SELECT 'engine.belongings',
        format('%s %s belongs to %s', i.type, i.identity, pg_get_userbyid(d.refobjid)), NULL::text
    FROM pg_shdepend d
    CROSS JOIN LATERAL pg_identify_object(d.classid, d.objid, d.objsubid) AS i
    WHERE d.refclassid = 'pg_authid'::regclass AND d.deptype = 'o'
      AND d.refobjid IN (owner, 'piste_roles'::regrole, 'piste_signal'::regrole, 'piste_operators'::regrole)
      AND d.dbid = (SELECT b.oid FROM pg_database b WHERE b.datname = current_database())
      AND d.classid <> 'pg_default_acl'::regclass
      AND NOT (d.classid = 'pg_namespace'::regclass
          AND (i.identity IN ('piste', 'piste_shared') OR i.identity IN (
              SELECT unnest(ARRAY[k.schema_name, k.window_name]) FROM piste.company k)))
      AND coalesce(i.schema NOT IN ('piste', 'piste_shared') AND i.schema NOT IN (
          SELECT unnest(ARRAY[k.schema_name, k.window_name]) FROM piste.company k), true)
      -- A policy, a trigger and the like belong to their table.
      AND (i.schema IS NOT NULL OR d.classid = 'pg_namespace'::regclass);

    RETURN QUERY
    SELECT 'engine.blueprints', CASE
            WHEN f.checksum IS NULL AND b.origin LIKE 'engine %'
                THEN format('blueprint %s (%s) came with no installation', b.version, b.origin)
            WHEN b.origin LIKE 'engine %' AND NOT EXISTS (SELECT FROM piste.blueprint o
                WHERE o.version < b.version AND o.origin NOT LIKE 'engine %')
                AND f.checksum <> encode(sha256(convert_to(b.template, 'UTF8')), 'hex')
                THEN format('blueprint %s (%s) is not the text that was installed', b.version, b.origin)
            WHEN b.origin NOT LIKE 'engine %' AND NOT EXISTS (
                SELECT FROM piste.entry a
                WHERE a.company = piste.no_company() AND a.action = 'engine.blueprint' AND a.detail ->> 'origin' = b.origin
                  AND a.detail ->> 'sha256' = encode(sha256(convert_to(b.migration, 'UTF8')), 'hex'))
                THEN format('blueprint %s (%s) is not the text whose registration the control trail records',
                    b.version, b.origin)
        END,
        format('blueprint %s (%s), %s companies', b.version, b.origin,
            (SELECT count(*) FROM piste.company k WHERE k.blueprint_version = b.version))
    FROM piste.blueprint b
    LEFT JOIN piste.engine_file f ON f.name = 'blueprint_company' AND b.origin = 'engine 1'
    ORDER BY b.version;
END
$$;

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
    engine oid[] := ARRAY['piste_owner'::regrole, 'piste_roles'::regrole, 'piste_signal'::regrole];
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
          AND pg_get_userbyid(m.roleid) ~ '^(piste_(owner|roles|signal|operators)$|t_[0-9a-f]{12}_(reader|agent|writer)$)'
    ) a
    WHERE r.rolcreaterole AND NOT r.rolsuper AND r.oid <> 'piste_roles'::regrole
    UNION ALL
    SELECT 'roles.createrole', NULL, 'piste_roles can, and cannot log in';

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
        NULL, 'nobody else is in piste_owner, piste_roles or piste_signal; only companies'' roles are in piste_operators';

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
