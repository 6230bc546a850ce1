-- What a company's two schemas are made of.

SET LOCAL ROLE piste_owner;

-- Privileges in an order of their own, the owner's built-in ones written out.
CREATE OR REPLACE FUNCTION piste.privileges_text(privileges aclitem[], kind "char", owner oid)
RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(string_agg(a.entry, ' ' ORDER BY a.entry COLLATE "C"), '-')
    FROM (
        SELECT format('%s=%s%s',
            CASE e.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(e.grantee) END,
            e.privilege_type, CASE WHEN e.is_grantable THEN '*' END) AS entry
        FROM aclexplode(CASE kind WHEN 'c' THEN privileges ELSE coalesce(privileges, acldefault(kind, owner)) END) AS e
    ) a
$$;

-- A constraint as PostgreSQL prints it, in one spelling for what a dump and a restore spell anew: there the cast of a list of
-- texts moves from the list to each of its members. The meaning is the same.
CREATE OR REPLACE FUNCTION piste.constraint_text(which oid)
RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT regexp_replace(
        regexp_replace(
            pg_get_constraintdef(which),
            '\(ARRAY\[((?:''(?:[^'']|'''')*''::character varying(?:, )?)+)\]\)::text\[\]', 'ARRAY[\1]', 'g'),
        '\((''(?:[^'']|'''')*''::character varying)\)::text', '\1', 'g')
$$;

-- Who may call it: the engine's own definer functions, and a superuser. Trusts: the catalogs. Records: nothing.
-- Everything that a company's store, its windows and its roles are made of, one row an object, with the company's own names
-- and id replaced by {schema}, {window} and {company}: two companies of one blueprint give the same rows. Which operators are in its roles
-- at this moment is not structure. Asks by number and index only, so that it costs the same among ten thousand companies.
CREATE OR REPLACE FUNCTION piste.company_structure(schema_name text)
RETURNS TABLE (kind text, object text, definition text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    pane      text   := (SELECT k.window_name FROM piste.company k WHERE k.schema_name = company_structure.schema_name);
    homes     oid[]  := ARRAY[
        to_regnamespace(quote_ident(company_structure.schema_name)), to_regnamespace(quote_ident(pane))];
    firm      text   := (SELECT k.id::text FROM piste.company k WHERE k.schema_name = company_structure.schema_name);
    relations oid[]  := ARRAY(
        SELECT d.objid FROM pg_depend d
        WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = ANY (homes) AND d.classid = 'pg_class'::regclass);
    routines  oid[]  := ARRAY(
        SELECT d.objid FROM pg_depend d
        WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = ANY (homes) AND d.classid = 'pg_proc'::regclass);
    types     oid[]  := ARRAY(
        SELECT d.objid FROM pg_depend d
        WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = ANY (homes) AND d.classid = 'pg_type'::regclass);
BEGIN
    RETURN QUERY
    WITH found (kind, object, definition) AS (
        SELECT 'schema', n.nspname::text,
            concat_ws(' ', pg_get_userbyid(n.nspowner), piste.privileges_text(n.nspacl, 'n', n.nspowner))
        FROM pg_namespace n WHERE n.oid = ANY (homes)
        UNION ALL
        SELECT 'role', r.rolname::text, format(
            'login %s, inherit %s, superuser %s, createrole %s, createdb %s, replication %s, bypassrls %s, limit %s, '
            'settings %s, in %s',
            r.rolcanlogin, r.rolinherit, r.rolsuper, r.rolcreaterole, r.rolcreatedb, r.rolreplication, r.rolbypassrls,
            r.rolconnlimit, r.rolconfig, ARRAY(
                SELECT pg_get_userbyid(m.roleid)::text || CASE WHEN m.admin_option THEN '*' ELSE '' END
                FROM pg_auth_members m WHERE m.member = r.oid ORDER BY 1))
        FROM unnest(ARRAY['reader', 'agent', 'writer']) AS suffix
        JOIN pg_roles r ON r.rolname = piste.role_stem(firm::uuid) || '_' || suffix
        UNION ALL
        SELECT 'relation', c.oid::regclass::text, concat_ws(' ',
            'kind', c.relkind, c.relpersistence, 'owner', pg_get_userbyid(c.relowner), 'options', c.reloptions::text,
            'row security', c.relrowsecurity, c.relforcerowsecurity, 'identity', c.relreplident,
            'parents', (SELECT array_agg(i.inhparent::regclass) FROM pg_inherits i WHERE i.inhrelid = c.oid)::text,
            CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END,
            'privileges', piste.privileges_text(c.relacl, CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relowner),
            (
                SELECT format('sequence of %s from %s by %s to %s, cycle %s', s.seqtypid::regtype, s.seqstart, s.seqincrement,
                    s.seqmax, s.seqcycle)
                FROM pg_sequence s WHERE s.seqrelid = c.oid
            ))
        FROM pg_class c WHERE c.oid = ANY (relations)
        UNION ALL
        SELECT 'column', format('%s.%I', a.attrelid::regclass, a.attname), concat_ws(' ',
            row_number() OVER (PARTITION BY a.attrelid ORDER BY a.attnum), format_type(a.atttypid, a.atttypmod),
            CASE WHEN a.attcollation <> 0 THEN 'collate ' || a.attcollation::regcollation END,
            CASE WHEN a.attnotnull THEN 'not null' END,
            nullif(format('identity %s', a.attidentity), 'identity '), nullif(format('generated %s', a.attgenerated), 'generated '),
            'default ' || (
                SELECT pg_get_expr(f.adbin, f.adrelid) FROM pg_attrdef f WHERE f.adrelid = a.attrelid AND f.adnum = a.attnum),
            'storage', a.attstorage, nullif(a.attcompression::text, ''), 'statistics', coalesce(a.attstattarget, -1),
            -- From 15.20 on PostgreSQL stamps every column with a number of its own, another for each table.
            nullif(ARRAY(SELECT o FROM unnest(a.attoptions) AS o WHERE o !~ '^pg_attver=')::text, '{}'),
            'privileges', piste.privileges_text(a.attacl, 'c', 0))
        FROM pg_attribute a
        WHERE a.attrelid = ANY (relations) AND a.attnum > 0 AND NOT a.attisdropped
        UNION ALL
        SELECT 'constraint', format('%s.%I', coalesce(nullif(k.conrelid, 0)::regclass::text, k.contypid::regtype::text), k.conname),
            concat_ws(' ', piste.constraint_text(k.oid), CASE WHEN NOT k.convalidated THEN 'not validated' END)
        FROM pg_constraint k WHERE k.conrelid = ANY (relations) OR k.contypid = ANY (types)
        UNION ALL
        SELECT 'index', i.indexrelid::regclass::text, concat_ws(' ',
            pg_get_indexdef(i.indexrelid), 'valid', i.indisvalid, 'clustered', i.indisclustered, 'replica', i.indisreplident)
        FROM pg_index i WHERE i.indrelid = ANY (relations)
        UNION ALL
        SELECT 'policy', format('%s.%I', p.polrelid::regclass, p.polname), format(
            'permissive %s for %s to %s using %s check %s', p.polpermissive, p.polcmd,
            ARRAY(SELECT CASE r WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(r) END FROM unnest(p.polroles) AS r ORDER BY 1),
            pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
        FROM pg_policy p WHERE p.polrelid = ANY (relations)
        UNION ALL
        SELECT 'gate', format('%s.%I', company_structure.schema_name, g.table_name), concat_ws(' ',
            'agent', g.agent_columns::text, 'redacted', g.redacted::text, 'sampled', g.sampled::text)
        FROM piste.gated_table g WHERE g.company = firm::uuid
        UNION ALL
        SELECT 'trigger', format('%s.%I', t.tgrelid::regclass, t.tgname), pg_get_triggerdef(t.oid) || format(' enabled %s', t.tgenabled)
        FROM pg_trigger t WHERE t.tgrelid = ANY (relations) AND (NOT t.tgisinternal OR t.tgenabled <> 'O')
        UNION ALL
        SELECT 'rule', format('%s.%I', r.ev_class::regclass, r.rulename), pg_get_ruledef(r.oid)
        FROM pg_rewrite r WHERE r.ev_class = ANY (relations) AND r.rulename <> '_RETURN'
        UNION ALL
        SELECT 'routine', p.oid::regprocedure::text, concat_ws(' ',
            CASE WHEN p.prokind <> 'a' THEN pg_get_functiondef(p.oid) END, 'owner', pg_get_userbyid(p.proowner),
            'privileges', piste.privileges_text(p.proacl, 'f', p.proowner))
        FROM pg_proc p WHERE p.oid = ANY (routines)
        UNION ALL
        SELECT 'type', t.oid::regtype::text, concat_ws(' ', t.typtype, pg_get_userbyid(t.typowner),
            format_type(nullif(t.typbasetype, 0), t.typtypmod), t.typnotnull, t.typdefault,
            (SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid),
            'privileges', piste.privileges_text(t.typacl, 'T', t.typowner))
        FROM pg_type t WHERE t.oid = ANY (types)
        UNION ALL
        SELECT 'default privileges', format('%s for %s', n.nspname, pg_get_userbyid(a.defaclrole)),
            concat_ws(' ', a.defaclobjtype, piste.privileges_text(a.defaclacl, 'c', 0))
        FROM pg_default_acl a JOIN pg_namespace n ON n.oid = a.defaclnamespace WHERE n.oid = ANY (homes)
        UNION ALL
        SELECT 'publication', pr.prrelid::regclass::text, pb.pubname::text
        FROM pg_publication_rel pr JOIN pg_publication pb ON pb.oid = pr.prpubid WHERE pr.prrelid = ANY (relations)
        UNION ALL
        -- Whatever else lives in the schema: statistics, operators, collations, text search.
        SELECT o.type, o.identity, ''
        FROM pg_depend d CROSS JOIN LATERAL pg_identify_object(d.classid, d.objid, d.objsubid) AS o
        WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = ANY (homes)
          AND d.classid NOT IN (
              'pg_class'::regclass, 'pg_proc'::regclass, 'pg_type'::regclass, 'pg_default_acl'::regclass)
    )
    SELECT f.kind,
        replace(replace(replace(f.object,
            company_structure.schema_name, '{schema}'), coalesce(pane, '{window}'), '{window}'),
            coalesce(firm, '{company}'), '{company}'),
        replace(replace(replace(f.definition,
            company_structure.schema_name, '{schema}'), coalesce(pane, '{window}'), '{window}'),
            coalesce(firm, '{company}'), '{company}')
    FROM found f
    ORDER BY f.kind COLLATE "C", f.object COLLATE "C", f.definition COLLATE "C";
END
$$;

-- The same as one SHA-256, in hex: equal for companies of the same structure.
CREATE OR REPLACE FUNCTION piste.company_structure_digest(schema_name text)
RETURNS text
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT encode(sha256(convert_to(string_agg(
        s.kind || E'\t' || s.object || E'\t' || s.definition, E'\n'
        ORDER BY s.kind COLLATE "C", s.object COLLATE "C", s.definition COLLATE "C"), 'UTF8')), 'hex')
    FROM piste.company_structure(company_structure_digest.schema_name) AS s
$$;

RESET ROLE;
