-- The report's third part: the companies, one by one or all at once.
--
-- Everything here is asked of all companies in one statement each, so that a thousand cost little more than one; only the
-- comparison of each structure with a company freshly built by the same blueprint goes through them one after the other.

SET LOCAL ROLE piste_owner;

-- Who may call it: the engine's own definer functions. Records: nothing.
-- Where the companies are: one of them, or all (NULL).
CREATE OR REPLACE FUNCTION piste.homes(which text)
RETURNS TABLE (place oid, home text, firm uuid, url_id text, reader oid, agent oid, writer oid)
LANGUAGE sql STABLE
AS $$
    SELECT n.oid, k.schema_name, k.id, k.url_id,
        to_regrole(k.schema_name || '_reader')::oid, to_regrole(k.schema_name || '_agent')::oid,
        to_regrole(k.schema_name || '_writer')::oid
    FROM piste.company k LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = k.schema_name
    WHERE which IS NULL OR k.url_id = which
$$;

-- Who may call it: `isolation_report`. Trusts: the catalogs. Records: nothing.
CREATE OR REPLACE FUNCTION piste.prove_companies(which text)
RETURNS TABLE (id text, finding text, fact text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    owner oid := 'piste_owner'::regrole;
    gate  text := '(clock_timestamp() < ( SELECT piste.open_until(%L::uuid, %L::text%s) AS open_until))';
BEGIN
    RETURN QUERY
    SELECT 'company.schemas', format('%s: its schema %s is missing', h.url_id, h.home), NULL::text
    FROM piste.homes(which) h WHERE h.place IS NULL
    UNION ALL
    SELECT 'company.schemas',
        format('%s: the schema %s belongs to %s', h.url_id, h.home, pg_get_userbyid(n.nspowner)), NULL
    FROM piste.homes(which) h JOIN pg_namespace n ON n.oid = h.place WHERE n.nspowner <> owner
    UNION ALL
    SELECT 'company.schemas',
        NULL, format('%s companies, each with a schema of its own', count(*)) FROM piste.homes(which);

    RETURN QUERY
    SELECT 'gate.enabled-and-forced',
        format('%s: row level security of table %s is not %s', h.url_id, c.oid::regclass,
        CASE WHEN c.relrowsecurity THEN 'forced' ELSE 'enabled' END), NULL::text
    FROM piste.homes(which) h JOIN pg_class c ON c.relnamespace = h.place
    WHERE c.relkind IN ('r', 'p') AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
    UNION ALL
    SELECT 'gate.enabled-and-forced', NULL, format('enabled and forced on %s tables', count(*))
    FROM piste.homes(which) h JOIN pg_class c ON c.relnamespace = h.place WHERE c.relkind IN ('r', 'p');

    RETURN QUERY
    WITH relation AS (
        SELECT c.oid, c.relname::text AS name, h.firm, h.url_id
        FROM piste.homes(which) h JOIN pg_class c ON c.relnamespace = h.place WHERE c.relkind IN ('r', 'p')
    ), wanted AS (
        SELECT r.oid, r.url_id, p.policy, p.command, ARRAY[0::oid] AS roles,
            CASE p.command WHEN 'a' THEN NULL WHEN 'r' THEN format(gate, r.firm, r.name, '')
                ELSE format(gate, r.firm, r.name, ', ''write''::text') END AS using_,
            CASE p.command WHEN 'a' THEN format(gate, r.firm, r.name, ', ''write''::text') END AS check_
        FROM relation r
        CROSS JOIN (VALUES ('gate_select', 'r'), ('gate_insert', 'a'), ('gate_update', 'w'),
            ('gate_delete', 'd')) AS p (policy, command)
    ), there AS (
        SELECT p.*, r.url_id FROM relation r JOIN pg_policy p ON p.polrelid = r.oid
    )
    SELECT 'gate.one-policy-per-command', format('%s: %s', coalesce(w.url_id, p.url_id), CASE
            WHEN p.oid IS NULL THEN format('table %s has no policy %s', w.oid::regclass, w.policy)
            WHEN w.policy IS NULL
                THEN format('policy %I on table %s is one too many', p.polname, p.polrelid::regclass)
            ELSE format('policy %I on table %s is not the gate', p.polname, p.polrelid::regclass) END), NULL::text
    FROM wanted w FULL JOIN there p ON p.polrelid = w.oid AND p.polname = w.policy
    WHERE NOT coalesce(
        p.polpermissive AND p.polcmd::text = w.command AND p.polroles = w.roles
        AND pg_get_expr(p.polqual, p.polrelid) IS NOT DISTINCT FROM w.using_
        AND pg_get_expr(p.polwithcheck, p.polrelid) IS NOT DISTINCT FROM w.check_, false)
    UNION ALL
    SELECT 'gate.one-policy-per-command',
        NULL, format('%s policies, each word for word the gate of its company and table', count(*)) FROM there;

    RETURN QUERY
    SELECT 'company.owners',
        format('%s: %s belongs to %s', h.url_id, o.object, pg_get_userbyid(o.owned_by)), NULL::text
    FROM piste.homes(which) h
    CROSS JOIN LATERAL (
        SELECT c.oid::regclass::text AS object, c.relowner AS owned_by FROM pg_class c WHERE c.relnamespace = h.place
        UNION ALL SELECT p.oid::regprocedure::text, p.proowner FROM pg_proc p WHERE p.pronamespace = h.place
        UNION ALL SELECT t.oid::regtype::text, t.typowner FROM pg_type t
            WHERE t.typnamespace = h.place AND t.typrelid = 0 AND t.typelem = 0
    ) o
    WHERE which IS NOT NULL AND o.owned_by <> owner
    UNION ALL
    -- The same for all at once, from the side of the objects.
    SELECT 'company.owners', format('%s: %s belongs to %s', h.url_id, o.object, pg_get_userbyid(o.owned_by)), NULL
    FROM (
        SELECT c.relnamespace AS place, c.oid::regclass::text AS object, c.relowner AS owned_by FROM pg_class c
            WHERE c.relowner <> owner
        UNION ALL SELECT p.pronamespace, p.oid::regprocedure::text, p.proowner FROM pg_proc p
            WHERE p.proowner <> owner AND p.oid >= 16384
        UNION ALL SELECT t.typnamespace, t.oid::regtype::text, t.typowner FROM pg_type t
            WHERE t.typowner <> owner AND t.typrelid = 0 AND t.typelem = 0 AND t.oid >= 16384
    ) o JOIN piste.homes(which) h ON h.place = o.place
    WHERE which IS NULL
    UNION ALL
    SELECT 'company.owners',
        NULL, 'everything belongs to piste_owner, who cannot log in and stands before the gate like anybody';

    RETURN QUERY
    SELECT 'company.relations', format('%s: %s %s', h.url_id, c.oid::regclass, w.words), NULL::text
    FROM piste.homes(which) h
    JOIN pg_class c ON c.relnamespace = h.place
    CROSS JOIN LATERAL (
        SELECT 'is a materialized view' AS words WHERE c.relkind = 'm'
        UNION ALL SELECT 'is a foreign table' WHERE c.relkind = 'f'
        UNION ALL SELECT 'is partitioned' WHERE c.relkind IN ('p', 'I')
        UNION ALL SELECT 'is a view with its owner''s rights' WHERE c.relkind = 'v'
            AND NOT coalesce(c.reloptions && ARRAY['security_invoker=true', 'security_invoker=on',
                'security_invoker=1'], false)
        UNION ALL SELECT 'is not logged' WHERE c.relpersistence <> 'p'
        UNION ALL SELECT 'inherits from ' || i.inhparent::regclass FROM pg_inherits i WHERE i.inhrelid = c.oid
        UNION ALL SELECT 'hands its rows on to ' || i.inhrelid::regclass FROM pg_inherits i WHERE i.inhparent = c.oid
    ) w
    UNION ALL
    SELECT 'company.relations', NULL, format('%s relations: tables, their indexes and sequences%s', count(*),
        CASE WHEN bool_or(c.relkind = 'v') THEN ', and views with the reader''s rights' END)
    FROM piste.homes(which) h JOIN pg_class c ON c.relnamespace = h.place;

    RETURN QUERY
    WITH granted AS (
        SELECT h.url_id, format('%s %s', CASE c.relkind WHEN 'S' THEN 'sequence' WHEN 'v' THEN 'view'
            ELSE 'table' END, c.oid::regclass) AS object,
            a.grantee, a.privilege_type, a.is_grantable, CASE
                WHEN c.relkind = 'S' THEN a.privilege_type = 'USAGE' AND a.grantee IN (h.agent, h.writer)
                WHEN a.grantee = h.reader THEN a.privilege_type = 'SELECT'
                WHEN a.grantee = h.agent THEN a.privilege_type IN ('SELECT', 'UPDATE')
                WHEN a.grantee = h.writer THEN a.privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
            END AS allowed
        FROM piste.homes(which) h JOIN pg_class c ON c.relnamespace = h.place
            CROSS JOIN LATERAL aclexplode(c.relacl) AS a
        UNION ALL
        SELECT h.url_id, format('column %s.%I', c.oid::regclass, t.attname), a.grantee, a.privilege_type,
            a.is_grantable, CASE
                WHEN a.grantee = h.reader THEN a.privilege_type = 'SELECT'
                WHEN a.grantee IN (h.agent, h.writer) THEN a.privilege_type IN ('SELECT', 'INSERT', 'UPDATE')
            END
        FROM piste.homes(which) h JOIN pg_class c ON c.relnamespace = h.place
        JOIN pg_attribute t ON t.attrelid = c.oid AND t.attacl IS NOT NULL
            CROSS JOIN LATERAL aclexplode(t.attacl) AS a
        UNION ALL
        SELECT h.url_id, format('function %s', p.oid::regprocedure), a.grantee, a.privilege_type, a.is_grantable,
            a.grantee IN (h.reader, h.agent, h.writer)
        FROM piste.homes(which) h JOIN pg_proc p ON p.pronamespace = h.place
        CROSS JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a
        UNION ALL
        SELECT h.url_id, format('the schema %s', h.home), a.grantee, a.privilege_type, a.is_grantable,
            a.grantee IN (h.reader, h.agent, h.writer) AND a.privilege_type = 'USAGE'
        FROM piste.homes(which) h JOIN pg_namespace n ON n.oid = h.place CROSS JOIN LATERAL aclexplode(n.nspacl) AS a
    )
    SELECT 'company.grants', format('%s: %s on %s is granted to %s%s', g.url_id, g.privilege_type, g.object,
        CASE WHEN g.grantee = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(g.grantee) END,
        CASE WHEN g.is_grantable THEN ', who may pass it on' END), NULL::text
    FROM granted g WHERE g.grantee <> owner AND (g.is_grantable OR NOT coalesce(g.allowed, false))
    UNION ALL
    SELECT 'company.grants',
        NULL, format('%s privileges, each of a company''s own role on the company''s own objects', count(*))
    FROM granted g WHERE g.grantee <> owner;

    -- The other way round: what the companies' roles hold anywhere in this database.
    RETURN QUERY
    SELECT 'company.role-privileges', format('%s: %s %s %s %s', h.url_id, pg_get_userbyid(r.role),
        CASE d.deptype WHEN 'o' THEN 'owns' WHEN 'r' THEN 'is named by'
            ELSE 'has privileges on' END, i.type, i.identity), NULL::text
    FROM piste.homes(which) h
    CROSS JOIN LATERAL (VALUES (h.reader), (h.agent), (h.writer)) AS r (role)
    JOIN pg_shdepend d ON d.refclassid = 'pg_authid'::regclass AND d.refobjid = r.role
        AND d.dbid IN (0, (SELECT b.oid FROM pg_database b WHERE b.datname = current_database()))
    LEFT JOIN pg_class c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid
    LEFT JOIN pg_proc p ON d.classid = 'pg_proc'::regclass AND p.oid = d.objid
    CROSS JOIN LATERAL pg_identify_object(d.classid, d.objid, d.objsubid) AS i
    WHERE d.deptype <> 'a'
       OR NOT coalesce(c.relnamespace = h.place OR p.pronamespace = h.place
           OR (d.classid = 'pg_namespace'::regclass AND d.objid = h.place), false);

    RETURN QUERY
    WITH relation AS (
        SELECT c.oid, c.relname, h.url_id FROM piste.homes(which) h JOIN pg_class c ON c.relnamespace = h.place
            WHERE c.relkind IN ('r', 'p')
    )
    SELECT 'company.triggers',
        format('%s: table %s has no trigger that records every change', r.url_id, r.oid::regclass), NULL::text
    FROM relation r
    WHERE NOT EXISTS (
        SELECT FROM pg_trigger t
        WHERE t.tgrelid = r.oid AND t.tgname = 'recorded' AND t.tgfoid = 'piste.record_change()'::regprocedure
          AND t.tgtype = 29 AND t.tgenabled IN ('O', 'A') AND t.tgqual IS NULL AND t.tgattr = '')
    UNION ALL
    SELECT 'company.triggers',
        format('%s: trigger %I on table %s is switched off', r.url_id, t.tgname, r.oid::regclass), NULL
    FROM relation r JOIN pg_trigger t ON t.tgrelid = r.oid WHERE t.tgenabled NOT IN ('O', 'A')
    UNION ALL
    SELECT 'company.triggers',
        format('%s: trigger %I on table %s calls %s', r.url_id, t.tgname, r.oid::regclass, t.tgfoid::regprocedure),
            NULL
    FROM relation r JOIN pg_trigger t ON t.tgrelid = r.oid
    WHERE NOT t.tgisinternal
        AND t.tgfoid <> 'piste.record_change()'::regprocedure
    UNION ALL
    SELECT 'company.triggers',
        NULL, format('recorded, and switched on: %s tables', count(*)) FROM relation;

    RETURN QUERY
    SELECT 'company.foreign-keys',
        format('%s: foreign key %I of %s leads to %s', h.url_id, k.conname, k.conrelid::regclass,
            k.confrelid::regclass), NULL::text
    FROM pg_constraint k
    JOIN pg_class c ON c.oid = k.conrelid
    JOIN pg_class f ON f.oid = k.confrelid
    JOIN piste.homes(which) h ON h.place IN (c.relnamespace, f.relnamespace)
    WHERE k.contype = 'f' AND c.relnamespace <> f.relnamespace
    UNION ALL
    SELECT 'company.foreign-keys',
        format('%s: constraint %I of %s is not validated', h.url_id, k.conname, k.conrelid::regclass), NULL
    FROM piste.homes(which) h JOIN pg_constraint k ON k.connamespace = h.place WHERE NOT k.convalidated
    UNION ALL
    SELECT 'company.foreign-keys', NULL, format('%s foreign keys, none of which leaves its company', count(*))
    FROM piste.homes(which) h JOIN pg_constraint k ON k.connamespace = h.place AND k.contype = 'f';

    RETURN QUERY
    SELECT 'company.functions', format('%s: function %s %s', h.url_id, p.oid::regprocedure,
        CASE WHEN p.prosecdef THEN 'has its owner''s rights' ELSE 'is written in ' || l.lanname END), NULL::text
    FROM piste.homes(which) h JOIN pg_proc p ON p.pronamespace = h.place JOIN pg_language l ON l.oid = p.prolang
    WHERE p.prosecdef OR l.lanname NOT IN ('sql', 'plpgsql')
    UNION ALL
    SELECT 'company.functions', format('%s: rule %I on %s', h.url_id, r.rulename, r.ev_class::regclass), NULL
    FROM piste.homes(which) h JOIN pg_class c ON c.relnamespace = h.place
        JOIN pg_rewrite r ON r.ev_class = c.oid AND r.rulename <> '_RETURN';

    -- Nothing from elsewhere hangs on a company's tables: no view, no key, no partition, no publication, no function.
    RETURN QUERY
    SELECT 'company.dependents',
        format('%s: %s %s depends on %s', h.url_id, i.type, i.identity, c.oid::regclass), NULL::text
    FROM piste.homes(which) h
    JOIN pg_class c ON c.relnamespace = h.place
    JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid
    LEFT JOIN pg_rewrite w ON d.classid = 'pg_rewrite'::regclass AND w.oid = d.objid
    LEFT JOIN pg_constraint k ON d.classid = 'pg_constraint'::regclass AND k.oid = d.objid
    LEFT JOIN pg_trigger t ON d.classid = 'pg_trigger'::regclass AND t.oid = d.objid
    LEFT JOIN pg_policy p ON d.classid = 'pg_policy'::regclass AND p.oid = d.objid
    LEFT JOIN pg_attrdef f ON d.classid = 'pg_attrdef'::regclass AND f.oid = d.objid
    LEFT JOIN pg_type y ON d.classid = 'pg_type'::regclass AND y.oid = d.objid
    LEFT JOIN pg_proc u ON d.classid = 'pg_proc'::regclass AND u.oid = d.objid
    LEFT JOIN pg_class o ON o.oid = coalesce(w.ev_class, k.conrelid, t.tgrelid, p.polrelid, f.adrelid,
        CASE WHEN d.classid = 'pg_class'::regclass THEN d.objid END)
    CROSS JOIN LATERAL pg_identify_object(d.classid, d.objid, d.objsubid) AS i
    WHERE coalesce(o.relnamespace, y.typnamespace, u.pronamespace) IS DISTINCT FROM h.place
      AND coalesce(o.relnamespace, 0) <> 'pg_toast'::regnamespace
      -- A key between companies is told as a key, and its triggers with it.
      AND NOT coalesce(k.contype = 'f' OR t.tgisinternal, false);

    RETURN QUERY
    SELECT 'company.statistics',
        format('%s: the planner keeps samples of %s.%I', h.url_id, a.attrelid::regclass, a.attname), NULL::text
    FROM piste.free_text_columns(ARRAY(SELECT s.home FROM piste.homes(which) s)) AS f
    JOIN pg_attribute a ON a.attrelid = f.relation AND a.attnum = f.number AND a.attstattarget <> 0
    JOIN pg_class c ON c.oid = f.relation
    JOIN piste.homes(which) h ON h.place = c.relnamespace
    UNION ALL
    SELECT 'company.statistics', format('%s: extended statistics %I', h.url_id, e.stxname), NULL
    FROM piste.homes(which) h JOIN pg_statistic_ext e ON e.stxnamespace = h.place;

    RETURN QUERY
    SELECT 'company.keys', format('%s: %s signing keys are in use', h.url_id, n.number), NULL::text
    FROM piste.homes(which) h
    CROSS JOIN LATERAL (
        SELECT count(*) AS number FROM piste.signing_key s WHERE s.company = h.firm AND s.retired_at IS NULL
    ) n
    WHERE n.number <> 1
    UNION ALL
    SELECT 'company.keys', format('%s: shares a signing key with %s', h.url_id, o.url_id), NULL
    FROM piste.homes(which) h
    JOIN piste.signing_key s ON s.company = h.firm
    JOIN piste.signing_key t ON t.secret = s.secret AND t.company <> s.company
    JOIN piste.company o ON o.id = t.company
    UNION ALL
    SELECT 'company.keys',
        NULL, format('%s companies, each with one 256-bit key in use that no other has', count(*))
            FROM piste.homes(which);

    RETURN QUERY
    SELECT 'company.blueprint', NULL::text, format('%s companies have blueprint %s%s', count(*), k.blueprint_version,
        CASE WHEN k.blueprint_version < (SELECT max(b.version) FROM piste.blueprint b)
            THEN ' and wait for piste migrate' END)
    FROM piste.company k WHERE which IS NULL OR k.url_id = which
    GROUP BY k.blueprint_version
    UNION ALL
    SELECT 'company.blueprint',
        format('%s: the ledger says blueprint %s, the company %s', k.url_id, max(m.version), k.blueprint_version),
            NULL
    FROM piste.company k JOIN piste.migration m ON m.company = k.id AND m.state = 'done'
    WHERE which IS NULL OR k.url_id = which
    GROUP BY k.id HAVING max(m.version) > k.blueprint_version;

    -- Tokens and contexts as they are written down: nothing lives longer than it may.
    RETURN QUERY
    SELECT 'contexts.limits', format('%s: the context %s of %s lasts %s minutes', h.url_id, c.jti, c.operator,
        ceil(extract(epoch FROM c.expires_at - c.issued_at) / 60)), NULL::text
    FROM piste.homes(which) h JOIN piste.context c ON c.company = h.firm
    WHERE c.ended_at IS NULL AND c.expires_at > c.issued_at + interval '30 minutes'
    UNION ALL
    SELECT 'contexts.limits',
        format('%s: the context %s is open for %s, who is no operator', h.url_id, c.jti, c.operator), NULL
    FROM piste.homes(which) h JOIN piste.context c ON c.company = h.firm
    WHERE c.ended_at IS NULL AND c.opened_at IS NOT NULL AND NOT EXISTS (SELECT FROM piste.operator o
        WHERE o.login = c.operator)
    UNION ALL
    SELECT 'contexts.limits', NULL, format('%s contexts are open, none for longer than 30 minutes', count(*))
    FROM piste.homes(which) h JOIN piste.context c ON c.company = h.firm
    WHERE c.ended_at IS NULL AND c.opened_at IS NOT NULL;
END
$$;

RESET ROLE;
