-- The report's third part: the companies, one by one or all at once.
--
-- Everything here is asked of all companies in one statement each, so that a thousand cost little more than one. Windows, and
-- the comparison of each structure with a company freshly built by the same blueprint, go through them one after the other
-- (proof_structures.sql).

SET LOCAL ROLE piste_owner;

-- Who may call it: the engine's own definer functions. Records: nothing.
-- Where the companies are: one of them, or all (NULL). An adopted store is its application's (company.adopted): not here.
CREATE OR REPLACE FUNCTION piste.homes(which text)
RETURNS TABLE (place oid, panes oid, home text, firm uuid, url_id text)
LANGUAGE sql STABLE
AS $$
    SELECT n.oid, w.oid, CASE WHEN k.adopted IS NULL THEN k.schema_name END, k.id, k.url_id
    FROM piste.company k
    LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = k.schema_name AND k.adopted IS NULL
    LEFT JOIN pg_catalog.pg_namespace w ON w.nspname = k.window_name
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
    owner oid    := 'piste_owner'::regrole;
    firms uuid[] := CASE WHEN which IS NOT NULL THEN ARRAY(SELECT h.firm FROM piste.homes(which) h) END;
BEGIN
    RETURN QUERY
    SELECT 'company.schemas', format('%s: its schema %s is missing', h.url_id, h.home), NULL::text
    FROM piste.homes(which) h WHERE h.place IS NULL AND h.home IS NOT NULL
    UNION ALL
    SELECT 'company.schemas',
        format('%s: the schema %s belongs to %s', h.url_id, h.home, pg_get_userbyid(n.nspowner)), NULL
    FROM piste.homes(which) h JOIN pg_namespace n ON n.oid = h.place WHERE n.nspowner <> owner
    UNION ALL
    SELECT 'company.schemas',
        NULL, format('%s companies, each with a store and windows of its own', count(*))
    FROM piste.homes(which) h WHERE h.home IS NOT NULL;

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
        SELECT r.oid, r.url_id, p.*
        FROM relation r CROSS JOIN LATERAL piste.gate_policies(r.firm, r.name) AS p
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
    SELECT 'gate.function', piste.gate_function_problem(), NULL::text
    UNION ALL
    SELECT 'gate.function', NULL, 'volatile, unsafe in parallel, with its owner''s rights and a fixed path, and not leakproof';

    RETURN QUERY
    SELECT 'company.owners',
        format('%s: %s belongs to %s', h.url_id, o.object, pg_get_userbyid(o.owned_by)), NULL::text
    FROM piste.homes(which) h
    CROSS JOIN LATERAL (
        SELECT c.oid::regclass::text AS object, c.relowner AS owned_by FROM pg_class c WHERE c.relnamespace = h.place
        UNION ALL SELECT p.oid::regprocedure::text, p.proowner FROM pg_proc p WHERE p.pronamespace = h.place
        UNION ALL SELECT t.oid::regtype::text, t.typowner FROM pg_type t
            WHERE t.typnamespace = h.place AND t.typrelid = 0 AND t.typelem = 0
        UNION ALL SELECT c.oid::regclass::text, c.relowner FROM pg_class c WHERE c.relnamespace = h.panes
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
    ) o JOIN piste.homes(which) h ON o.place IN (h.place, h.panes)
    WHERE which IS NULL
    UNION ALL
    SELECT 'company.owners',
        NULL, 'everything belongs to piste_owner, who cannot log in, and reads on behalf of the windows alone';

    RETURN QUERY
    SELECT 'company.relations', format('%s: %s %s', h.url_id, c.oid::regclass, w.words), NULL::text
    FROM piste.homes(which) h
    JOIN pg_class c ON c.relnamespace = h.place
    CROSS JOIN LATERAL (
        SELECT 'is a materialized view' AS words WHERE c.relkind = 'm'
        UNION ALL SELECT 'is a foreign table' WHERE c.relkind = 'f'
        UNION ALL SELECT 'is partitioned' WHERE c.relkind IN ('p', 'I')
        UNION ALL SELECT 'is a view in the store' WHERE c.relkind = 'v'
        UNION ALL SELECT format('takes the default of %I from a sequence', a.attname)
            FROM pg_attrdef f JOIN pg_attribute a ON a.attrelid = f.adrelid AND a.attnum = f.adnum
            WHERE f.adrelid = c.oid AND pg_get_expr(f.adbin, f.adrelid) LIKE '%nextval(%'
        UNION ALL SELECT 'is not logged' WHERE c.relpersistence <> 'p'
        UNION ALL SELECT 'inherits from ' || i.inhparent::regclass FROM pg_inherits i WHERE i.inhrelid = c.oid
        UNION ALL SELECT 'hands its rows on to ' || i.inhrelid::regclass FROM pg_inherits i WHERE i.inhparent = c.oid
    ) w
    UNION ALL
    SELECT 'company.relations', NULL, format('%s relations: tables, their indexes and sequences', count(*))
    FROM piste.homes(which) h JOIN pg_class c ON c.relnamespace = h.place;

    RETURN QUERY
    SELECT 'company.grants', format('%s: %s', h.url_id, p.problem), NULL::text
    FROM piste.privilege_problems(firms) p JOIN piste.homes(which) h ON h.firm = p.firm
    UNION ALL
    SELECT 'company.grants', NULL, format('%s privileges on windows, each of a role of the same company', count(*))
    FROM piste.homes(which) h JOIN pg_class c ON c.relnamespace = h.panes CROSS JOIN LATERAL aclexplode(c.relacl) AS a
    WHERE a.grantee <> owner;

    -- The other way round: what the companies' roles hold anywhere in this database.
    RETURN QUERY
    SELECT 'company.role-privileges', format('%s: %s', h.url_id, r.problem), NULL::text
    FROM piste.role_problems(firms) r JOIN piste.homes(which) h ON h.firm = r.firm;

    RETURN QUERY
    WITH relation AS (
        SELECT c.oid, c.relname, h.url_id, h.firm FROM piste.homes(which) h JOIN pg_class c ON c.relnamespace = h.place
            WHERE c.relkind IN ('r', 'p')
    )
    SELECT 'company.triggers',
        format('%s: table %s has not the triggers that record every change', r.url_id, r.oid::regclass), NULL::text
    FROM relation r
    WHERE NOT piste.records_changes(r.oid)
    UNION ALL
    SELECT 'company.triggers',
        format('%s: table %s has no trigger that refuses while the gate is shut', r.url_id, r.oid::regclass), NULL
    FROM relation r
    WHERE NOT piste.has_shut_trigger(r.firm, r.oid)
    UNION ALL
    SELECT 'company.triggers',
        format('%s: trigger %I on table %s is switched off', r.url_id, t.tgname, r.oid::regclass), NULL
    FROM relation r JOIN pg_trigger t ON t.tgrelid = r.oid WHERE t.tgenabled NOT IN ('O', 'A')
    UNION ALL
    SELECT 'company.triggers',
        format('%s: trigger %I on table %s calls %s', r.url_id, t.tgname, r.oid::regclass, t.tgfoid::regprocedure),
            NULL
    FROM relation r JOIN pg_trigger t ON t.tgrelid = r.oid JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE NOT t.tgisinternal
        AND t.tgfoid NOT IN (
            'piste.record_changes()'::regprocedure, 'piste.refuse_when_shut()'::regprocedure)
        -- A blueprint may have triggers of its own, of functions that lie beside the table and have no other's rights.
        AND (p.pronamespace <> (SELECT c.relnamespace FROM pg_class c WHERE c.oid = r.oid) OR p.prosecdef)
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
    WHERE k.contype = 'f' AND c.relnamespace <> f.relnamespace AND NOT piste.leads_to_shared(k.oid)
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

    -- Nothing but its windows hangs on a company's tables: no other view, no key, no partition, no publication, no function.
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
      AND coalesce(o.relnamespace, y.typnamespace, u.pronamespace) IS DISTINCT FROM h.panes
      AND coalesce(o.relnamespace, 0) <> 'pg_toast'::regnamespace
      -- A key between companies is told as a key, and its triggers with it.
      AND NOT coalesce(k.contype = 'f' OR t.tgisinternal, false);

    RETURN QUERY
    SELECT 'company.statistics', format('%s: %s', h.url_id, s.problem), NULL::text
    FROM piste.statistics_problems(ARRAY(SELECT p.home FROM piste.homes(which) p WHERE p.home IS NOT NULL)) s
    JOIN piste.homes(which) h ON h.home = s.home
    UNION ALL
    SELECT 'company.statistics', NULL, format('%s: by its blueprint the planner keeps samples of %s.%s', h.url_id, g.table_name,
        array_to_string(g.sampled, ', '))
    FROM piste.homes(which) h JOIN piste.gated_table g ON g.company = h.firm WHERE g.sampled <> '{}'
    UNION ALL
    SELECT 'company.statistics', NULL, 'the planner''s samples cannot be seen here: only what it would take was asked'
    WHERE NOT has_column_privilege('pg_statistic', 'starelid', 'SELECT');

    RETURN QUERY
    SELECT 'company.adopted', a.finding, a.fact FROM piste.adoption_facts(firms) AS a;

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
    FROM piste.company k WHERE k.adopted IS NULL AND (which IS NULL OR k.url_id = which)
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
