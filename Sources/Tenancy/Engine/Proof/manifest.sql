-- The manifest: what the engine itself is made of, written down by the catalogs at the end of each installation.
--
-- Nobody keeps it by hand. The last statement of an installation (`seal_engine`) describes every object of the engine's own
-- schemas and roles, and the report of Proof/proof describes them once more and holds the two against each other, both ways.

SET LOCAL ROLE piste_owner;

CREATE TABLE IF NOT EXISTS piste.manifest (
    kind        text        COLLATE "C" NOT NULL,
    object      text        COLLATE "C" NOT NULL,
    definition  jsonb       NOT NULL,
    PRIMARY KEY (kind, object)
);

-- Who may call it: the engine's own definer functions. Trusts: the catalogs. Records: nothing.
-- Privileges in an order of their own, the built-in ones written out. What an operator of this database holds by name, as
-- everybody in the group may, comes and goes with the operators and is left out: `operators.privileges` judges it.
CREATE OR REPLACE FUNCTION piste.lasting_privileges(privileges aclitem[], kind "char", owner oid)
RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(string_agg(a.entry, ' ' ORDER BY a.entry COLLATE "C"), '-')
    FROM (
        SELECT format('%s=%s%s',
            CASE e.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(e.grantee) END,
            e.privilege_type, CASE WHEN e.is_grantable THEN '*' END) AS entry
        FROM aclexplode(CASE kind WHEN 'c' THEN privileges
            ELSE coalesce(privileges, acldefault(kind, owner)) END) AS e
        WHERE e.is_grantable OR e.privilege_type NOT IN ('EXECUTE', 'USAGE') OR NOT EXISTS (
            SELECT FROM piste.operator o JOIN pg_roles r ON r.rolname = o.login WHERE r.oid = e.grantee)
    ) a
$$;

-- Who may call it: the engine's own definer functions, and the installation. Trusts: the catalogs. Records: nothing.
-- Every object of the engine: its kind, its name, and what it is, part by part.
CREATE OR REPLACE FUNCTION piste.engine_structure()
RETURNS TABLE (kind text, object text, definition jsonb)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    homes     oid[] := ARRAY['piste'::regnamespace::oid, to_regnamespace('piste_crypto')::oid];
    relations oid[] := ARRAY(
        SELECT d.objid FROM pg_depend d
        WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = ANY (homes)
            AND d.classid = 'pg_class'::regclass);
    routines  oid[] := ARRAY(
        SELECT d.objid FROM pg_depend d
        WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = ANY (homes)
            AND d.classid = 'pg_proc'::regclass);
BEGIN
    RETURN QUERY
    SELECT f.kind, f.object, jsonb_strip_nulls(f.definition)
    FROM (
        SELECT 'schema', n.nspname::text, jsonb_build_object(
            'owner', pg_get_userbyid(n.nspowner), 'privileges', piste.lasting_privileges(n.nspacl, 'n', n.nspowner))
        FROM pg_namespace n WHERE n.oid = ANY (homes)
        UNION ALL
        SELECT 'role', r.rolname::text, jsonb_build_object(
            'login', r.rolcanlogin, 'inherit', r.rolinherit, 'superuser', r.rolsuper, 'createrole', r.rolcreaterole,
            'createdb', r.rolcreatedb, 'replication', r.rolreplication, 'bypassrls', r.rolbypassrls,
            'limit', r.rolconnlimit, 'settings', r.rolconfig::text, 'memberships', ARRAY(
                SELECT pg_get_userbyid(m.roleid)::text || CASE WHEN m.admin_option THEN '*' ELSE '' END
                FROM pg_auth_members m WHERE m.member = r.oid AND NOT piste.is_creators(m) ORDER BY 1)::text)
        FROM pg_roles r WHERE r.rolname IN ('piste_owner', 'piste_signal', 'piste_operators') OR r.rolname IN (SELECT piste.makers())
        UNION ALL
        SELECT CASE c.relkind WHEN 'r' THEN 'table' WHEN 'S' THEN 'sequence' WHEN 'v' THEN 'view'
                WHEN 'm' THEN 'materialized view' WHEN 'c' THEN 'composite type'
                    ELSE 'relation ' || c.relkind::text END,
            c.oid::regclass::text, jsonb_build_object(
                'kind', c.relkind, 'persistence', c.relpersistence, 'owner', pg_get_userbyid(c.relowner),
                'options', c.reloptions::text, 'row security', c.relrowsecurity, 'forced', c.relforcerowsecurity,
                'replica identity', c.relreplident,
                'parents', (SELECT array_agg(i.inhparent::regclass) FROM pg_inherits i
                    WHERE i.inhrelid = c.oid)::text,
                'query', CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END,
                'privileges', piste.lasting_privileges(
                    c.relacl, CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relowner))
        FROM pg_class c WHERE c.oid = ANY (relations)
        UNION ALL
        SELECT 'column', format('%s.%I', a.attrelid::regclass, a.attname), jsonb_build_object(
            'type', format_type(a.atttypid, a.atttypmod), 'collation', nullif(a.attcollation, 0)::regcollation,
            'not null', a.attnotnull, 'identity', nullif(a.attidentity, ''), 'generated', nullif(a.attgenerated, ''),
            'default', (
                SELECT pg_get_expr(f.adbin, f.adrelid) FROM pg_attrdef f
                WHERE f.adrelid = a.attrelid AND f.adnum = a.attnum),
            'privileges', nullif(piste.lasting_privileges(a.attacl, 'c', 0), '-'))
        FROM pg_attribute a WHERE a.attrelid = ANY (relations) AND a.attnum > 0 AND NOT a.attisdropped
        UNION ALL
        SELECT 'constraint', format('%s.%I', k.conrelid::regclass, k.conname), jsonb_build_object(
            'is', pg_get_constraintdef(k.oid), 'validated', k.convalidated)
        FROM pg_constraint k WHERE k.conrelid = ANY (relations)
        UNION ALL
        SELECT 'index', i.indexrelid::regclass::text, jsonb_build_object(
            'is', pg_get_indexdef(i.indexrelid), 'valid', i.indisvalid)
        FROM pg_index i WHERE i.indrelid = ANY (relations)
        UNION ALL
        SELECT 'policy', format('%s.%I', p.polrelid::regclass, p.polname), jsonb_build_object(
            'using', pg_get_expr(p.polqual, p.polrelid), 'check', pg_get_expr(p.polwithcheck, p.polrelid))
        FROM pg_policy p WHERE p.polrelid = ANY (relations)
        UNION ALL
        SELECT 'trigger', format('%s.%I', t.tgrelid::regclass, t.tgname), jsonb_build_object(
            'is', pg_get_triggerdef(t.oid), 'enabled', t.tgenabled)
        FROM pg_trigger t WHERE t.tgrelid = ANY (relations) AND (NOT t.tgisinternal OR t.tgenabled <> 'O')
        UNION ALL
        SELECT 'rule',
            format('%s.%I', r.ev_class::regclass, r.rulename), jsonb_build_object('is', pg_get_ruledef(r.oid))
        FROM pg_rewrite r WHERE r.ev_class = ANY (relations) AND r.rulename <> '_RETURN'
        UNION ALL
        SELECT 'function', p.oid::regprocedure::text, jsonb_build_object(
            'text', CASE WHEN p.prokind <> 'a'
                THEN encode(sha256(convert_to(pg_get_functiondef(p.oid), 'UTF8')), 'hex') END,
            'owner', pg_get_userbyid(p.proowner), 'security definer', p.prosecdef, 'settings', p.proconfig::text,
            'privileges', piste.lasting_privileges(p.proacl, 'f', p.proowner))
        FROM pg_proc p WHERE p.oid = ANY (routines)
        UNION ALL
        SELECT 'default privileges', format('of %s%s for %s', pg_get_userbyid(a.defaclrole),
            ' in ' || nullif(a.defaclnamespace, 0)::regnamespace::text, a.defaclobjtype), jsonb_build_object(
            'are', piste.privileges_text(a.defaclacl, 'c', 0))
        FROM pg_default_acl a
        WHERE a.defaclnamespace = ANY (homes)
           OR pg_get_userbyid(a.defaclrole) IN ('piste_owner', 'piste_signal', 'piste_operators')
           OR pg_get_userbyid(a.defaclrole) IN (SELECT piste.makers())
        UNION ALL
        SELECT 'extension', e.extname::text, jsonb_build_object(
            'version', e.extversion, 'schema', e.extnamespace::regnamespace, 'owner', pg_get_userbyid(e.extowner))
        FROM pg_extension e WHERE e.extname IN ('pgcrypto', 'pg_trgm')
        UNION ALL
        -- Whatever else lives in these schemas: types, operators and their classes, collations, statistics.
        SELECT o.type, o.identity, '{}'
        FROM pg_depend d CROSS JOIN LATERAL pg_identify_object(d.classid, d.objid, d.objsubid) AS o
        WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = ANY (homes)
          AND d.classid NOT IN (
              'pg_class'::regclass, 'pg_proc'::regclass, 'pg_default_acl'::regclass, 'pg_extension'::regclass)
    ) AS f (kind, object, definition);
END
$$;

-- Who may call it: the installation, as its last step. Trusts: the catalogs as this installation left them.
-- Records: `engine.seal` with the manifest's digest in the engine's own trail, when it differs from the one before.
CREATE OR REPLACE FUNCTION piste.seal_engine()
RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    was    text := piste.manifest_digest();
    digest text;
BEGIN
    DELETE FROM piste.manifest;
    INSERT INTO piste.manifest (kind, object, definition)
    SELECT s.kind, s.object, s.definition FROM piste.engine_structure() AS s;
    digest := piste.manifest_digest();
    IF digest IS DISTINCT FROM was THEN
        PERFORM piste.append(NULL, session_user::text, NULL, NULL, 'engine.seal', 'engine', jsonb_build_object(
            'manifest', digest, 'objects', (SELECT count(*) FROM piste.manifest)));
    END IF;
    RETURN digest;
END
$$;

-- The manifest as one SHA-256, in hex; NULL when there is none.
CREATE OR REPLACE FUNCTION piste.manifest_digest()
RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT encode(sha256(convert_to(string_agg(
        m.kind || E'\t' || m.object || E'\t' || m.definition::text, E'\n' ORDER BY m.kind, m.object), 'UTF8')), 'hex')
    FROM piste.manifest m
$$;

RESET ROLE;
