-- The proof of what lies around the engine: whatever else is in the database, and whoever of ours could use it.

SET LOCAL ROLE piste_owner;

-- Who may call it: `isolation_report`. Trusts: the catalogs. Records: nothing.
-- Whatever lives outside of the engine's and the companies' schemas, and whoever of ours could use it.
CREATE OR REPLACE FUNCTION piste.prove_surroundings()
RETURNS TABLE (id text, finding text, fact text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    -- Everybody that a session of an operator can be: PUBLIC among them.
    ours    oid[] := ARRAY[0::oid, 'piste_operators'::regrole::oid]
        || ARRAY(SELECT r.oid FROM piste.operator o JOIN pg_roles r ON r.rolname = o.login)
        || ARRAY(SELECT r.oid FROM pg_roles r WHERE r.rolname ~ '^t_[0-9a-f]{12}_(reader|agent|writer)$');
    -- Schemas that are explained elsewhere.
    known   oid[] := ARRAY(
        SELECT n.oid FROM pg_namespace n
        WHERE n.nspname IN ('pg_catalog', 'information_schema', 'pg_toast', 'piste', 'piste_crypto', 'piste_shared')
           OR n.nspname ~ '^pg_(toast_)?temp_' OR n.nspname IN (
               SELECT unnest(ARRAY[CASE WHEN k.adopted IS NULL THEN k.schema_name END, k.window_name]) FROM piste.company k));
BEGIN
    RETURN QUERY
    SELECT 'schemas.all', CASE
            WHEN n.nspname ~ '^[tw]_[0-9a-f]{12}$' THEN format('schema %I belongs to no company', n.nspname)
            WHEN n.nspname <> 'public' AND EXISTS (
                SELECT FROM aclexplode(n.nspacl) AS a WHERE a.grantee = ANY (ours))
                THEN format('schema %I is open to %s', n.nspname, (
                    SELECT string_agg(DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC'
                        ELSE pg_get_userbyid(a.grantee)::text END, ', ')
                    FROM aclexplode(n.nspacl) AS a WHERE a.grantee = ANY (ours)))
            WHEN n.nspname = 'public' AND EXISTS (
                SELECT FROM aclexplode(n.nspacl) AS a WHERE a.grantee = ANY (ours) AND a.privilege_type = 'CREATE')
                THEN 'schema public lets operators create objects' END,
        CASE WHEN n.nspname = 'public' THEN 'in public nobody of ours creates anything'
            WHEN k.id IS NOT NULL THEN format('schema %I is the adopted store of %s', n.nspname, k.url_id)
            ELSE format('schema %I is out of reach%s', n.nspname, piste.outside_words(n.oid)) END
    FROM pg_namespace n LEFT JOIN piste.company k ON k.schema_name = n.nspname AND k.adopted IS NOT NULL
    WHERE n.oid <> ALL (known);

    RETURN QUERY
    SELECT 'schemas.all', NULL::text, format('%s schemas: the system''s, the engine''s and %s companies'' among them',
        (SELECT count(*) FROM pg_namespace), (SELECT count(*) FROM piste.company));

    RETURN QUERY
    SELECT 'surroundings.relations', format('%s on %s %s is granted to %s', a.privilege_type,
        CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence'
            ELSE 'table' END,
        c.oid::regclass, CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee) END), NULL::text
    FROM pg_class c
    CROSS JOIN LATERAL (
        SELECT r.privilege_type, r.grantee FROM aclexplode(c.relacl) AS r
        UNION
        SELECT r.privilege_type, r.grantee FROM pg_attribute t CROSS JOIN LATERAL aclexplode(t.attacl) AS r
            WHERE t.attrelid = c.oid
    ) AS a
    WHERE c.relnamespace <> ALL (known) AND a.grantee = ANY (ours)
      AND NOT EXISTS (SELECT FROM pg_depend d
          WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e');

    RETURN QUERY
    SELECT 'surroundings.shared', s.finding, s.fact FROM piste.share_facts() AS s;

    -- What runs with another's rights, or outside of PostgreSQL's own languages, and can be called by ours.
    RETURN QUERY
    SELECT 'surroundings.functions', format('function %s of %s can be called by %s and %s', p.oid::regprocedure,
        pg_get_userbyid(p.proowner), CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee) END,
        CASE WHEN p.prosecdef THEN 'has its owner''s rights' ELSE 'is written in ' || l.lanname END), NULL::text
    FROM pg_proc p
    JOIN pg_language l ON l.oid = p.prolang
    CROSS JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a
    WHERE p.pronamespace <> ALL (known) AND a.grantee = ANY (ours) AND a.privilege_type = 'EXECUTE'
      AND (p.prosecdef OR l.lanname NOT IN ('sql', 'plpgsql'))
      -- Nobody names what lies in a schema that is closed to them.
      AND EXISTS (
          SELECT FROM pg_namespace n CROSS JOIN LATERAL aclexplode(n.nspacl) AS s
          WHERE n.oid = p.pronamespace AND s.grantee = ANY (ours) AND s.privilege_type = 'USAGE')
      AND NOT EXISTS (SELECT FROM pg_depend d
          WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e');

    -- A function that claims to be LEAKPROOF is asked before the gate.
    RETURN QUERY
    SELECT 'surroundings.leakproof',
        format('function %s of %s claims to be LEAKPROOF', p.oid::regprocedure, pg_get_userbyid(p.proowner)),
            NULL::text
    FROM pg_proc p
    WHERE p.proleakproof AND p.pronamespace <> 'pg_catalog'::regnamespace
      AND NOT EXISTS (SELECT FROM pg_depend d
          WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e');

    RETURN QUERY
    SELECT 'surroundings.default-privileges',
        format('default privileges of %s on %s%s: %s', pg_get_userbyid(a.defaclrole),
        CASE a.defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'functions' WHEN 'T'
            THEN 'types'
            ELSE 'schemas' END,
        ' in ' || nullif(a.defaclnamespace, 0)::regnamespace::text, piste.privileges_text(a.defaclacl, 'c', 0)),
            NULL::text
    FROM pg_default_acl a
    WHERE NOT (a.defaclrole = 'piste_owner'::regrole AND a.defaclnamespace = 0 AND a.defaclobjtype = 'f'
            AND piste.privileges_text(a.defaclacl, 'c', 0) = 'piste_owner=EXECUTE')
      -- A role that outlived its company has no members and creates nothing.
      AND NOT (pg_get_userbyid(a.defaclrole) ~ '^t_[0-9a-f]{12}_(reader|agent|writer)$'
            AND piste.windows_of_role(pg_get_userbyid(a.defaclrole)) NOT IN (SELECT k.window_name FROM piste.company k)
            AND NOT EXISTS (SELECT FROM pg_auth_members m WHERE m.roleid = a.defaclrole AND NOT piste.is_creators(m)));
END
$$;

RESET ROLE;
