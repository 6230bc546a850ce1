-- The report's second part: the engine itself, before the roles and the operators.

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
      AND (d.refobjid IN (owner, 'piste_signal'::regrole, 'piste_operators'::regrole)
          OR pg_get_userbyid(d.refobjid) IN (SELECT piste.makers()))
      AND d.dbid = (SELECT b.oid FROM pg_database b WHERE b.datname = current_database())
      AND d.classid <> 'pg_default_acl'::regclass
      AND NOT (d.classid = 'pg_namespace'::regclass
          AND (i.identity IN ('piste', 'piste_shared') OR i.identity IN (
              SELECT unnest(ARRAY[quote_ident(k.schema_name), k.window_name]) FROM piste.company k)))
      AND coalesce(i.schema NOT IN ('piste', 'piste_shared') AND i.schema NOT IN (
          SELECT unnest(ARRAY[quote_ident(k.schema_name), k.window_name]) FROM piste.company k), true)
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

RESET ROLE;
