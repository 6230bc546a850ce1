-- What the proof says of adopted companies.

SET LOCAL ROLE piste_owner;

-- Who may call it: the engine's own definer functions. Trusts: the catalogs. Records: nothing.
-- Whether a table of a company that is guarded from people refuses what an agent changes too late, and records the rest.
CREATE OR REPLACE FUNCTION piste.keeps_agents(relation oid)
RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT count(*) = 2 FROM pg_trigger t
    WHERE t.tgrelid = relation AND t.tgenabled IN ('O', 'A') AND t.tgqual IS NULL AND t.tgattr = ''
      AND (t.tgname = 'shut' AND t.tgfoid = 'piste.refuse_when_shut()'::regprocedure AND t.tgtype = 18 AND t.tgnargs = 0
          OR t.tgname = 'recorded_update' AND t.tgfoid = 'piste.record_changes()'::regprocedure AND t.tgtype = 16
              AND t.tgoldtable = 'before' AND t.tgnewtable = 'written')
$$;

-- Who may call it: `isolation_report`. Trusts: the catalogs. Records: nothing.
-- What is wrong with adopted companies (`finding`), and what they leave outside of the claim (`fact`): of the given ones or all.
CREATE OR REPLACE FUNCTION piste.adoption_facts(firms uuid[])
RETURNS TABLE (finding text, fact text)
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
    WITH firm AS MATERIALIZED (
        SELECT k.id, k.url_id, k.schema_name, n.oid AS home, k.window_name, k.adopted
        FROM piste.company k LEFT JOIN pg_namespace n ON n.nspname = k.schema_name
        WHERE k.adopted IS NOT NULL AND (firms IS NULL OR k.id = ANY (firms))
    ), reader AS MATERIALIZED (
        SELECT DISTINCT r.login FROM firm f CROSS JOIN LATERAL unnest(piste.schema_readers(f.home)) AS r (login)
        WHERE f.adopted = 'people'
    )
    SELECT format('%s: its schema %s is gone, or was renamed', f.url_id, f.schema_name), NULL::text
    FROM firm f WHERE f.home IS NULL
    UNION ALL
    -- What a table's owner writes into a policy runs for whoever reads the window, with the reader's rights; where the windows' owner
    -- reads all by a policy of its own, the others are not asked.
    SELECT format('%s: table %s has policies of its owner''s that run for whoever reads its window: piste adopt puts one beside them',
        f.url_id, g.table_name), NULL
    FROM firm f JOIN piste.gated_table g ON g.company = f.id AND f.adopted = 'people'
    JOIN pg_class c ON c.oid = piste.store_table(f.schema_name, g.table_name) AND c.relrowsecurity
    WHERE EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND NOT p.polpermissive)
       OR NOT EXISTS (
           SELECT FROM pg_policy p
           WHERE p.polrelid = c.oid AND p.polname = 'piste_owner_reads' AND p.polpermissive AND p.polcmd = 'r'
             AND p.polroles = ARRAY['piste_owner'::regrole::oid] AND pg_get_expr(p.polqual, p.polrelid) = 'true')
    UNION ALL
    -- An application goes on to change its tables.
    SELECT format('%s: agents change %s, and %s', f.url_id, g.table_name, o.words), NULL
    FROM firm f JOIN piste.gated_table g ON g.company = f.id AND f.adopted = 'people' AND g.agent_columns <> '{}'
    CROSS JOIN LATERAL (SELECT piste.store_table(f.schema_name, g.table_name) AS relation) r
    CROSS JOIN LATERAL (SELECT coalesce(
        CASE WHEN NOT piste.keeps_agents(r.relation) THEN 'the triggers are not there that refuse and record: piste adopt puts them back'
        END, piste.agents_obstacle(r.relation, g.agent_columns)) AS words) o
    WHERE r.relation IS NOT NULL AND o.words IS NOT NULL
    UNION ALL
    SELECT NULL, format('%s companies are guarded from people: their applications keep their own tables, and these logins work there '
        'without any right of Piste''s: %s; the planner keeps statistics of values there, which EXPLAIN shows to whoever is inside; '
        'no policy stands behind the windows, which only read%s', count(*),
        coalesce(nullif((SELECT string_agg(r.login, ', ' ORDER BY r.login) FROM reader r), ''), 'none but superusers'),
        (SELECT format(', but for %s columns that agents may change', nullif(count(*), 0))
         FROM firm p JOIN piste.gated_table g ON g.company = p.id AND p.adopted = 'people' CROSS JOIN unnest(g.agent_columns)
         HAVING count(*) > 0))
    FROM firm f WHERE f.adopted = 'people' HAVING count(*) > 0
    UNION ALL
    SELECT format('%s: %s', f.url_id, p.problem), NULL
    FROM piste.guarded_problems(ARRAY(SELECT f.id FROM firm f WHERE f.adopted = 'all')) AS p JOIN firm f ON f.id = p.firm
    UNION ALL
    SELECT NULL, format('%s companies are guarded whole: every table is the engine''s own, their applications work by tickets, and the '
        'claim holds for them word for word', count(*))
    FROM firm f WHERE f.adopted = 'all' HAVING count(*) > 0
    UNION ALL
    SELECT NULL, format('%s: by its map agents may change %s of %s', f.url_id, array_to_string(g.agent_columns, ', '), g.table_name)
    FROM firm f JOIN piste.gated_table g ON g.company = f.id WHERE g.agent_columns <> '{}'
    UNION ALL
    SELECT NULL, format('%s: by its map the planner keeps samples of %s.%s', f.url_id, g.table_name, array_to_string(g.sampled, ', '))
    FROM firm f JOIN piste.gated_table g ON g.company = f.id WHERE g.sampled <> '{}'
    UNION ALL
    SELECT NULL, format('%s: out of its application''s reach while it is guarded: %s', f.url_id, string_agg(
        CASE c.relkind WHEN 'S' THEN 'sequence ' WHEN 'v' THEN 'view ' ELSE 'foreign table ' END || c.relname, ', ' ORDER BY c.relname))
    FROM firm f JOIN pg_class c ON c.relnamespace = f.home AND f.adopted = 'all'
    WHERE c.relkind IN ('v', 'f') OR c.relkind = 'S' AND NOT EXISTS (
        SELECT FROM pg_depend d
        WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i'))
    GROUP BY f.url_id
    UNION ALL
    SELECT NULL, format('%s: table %s has no window', f.url_id, t.name)
    FROM firm f CROSS JOIN LATERAL piste.store_tables(f.schema_name) AS t
    WHERE t.kind IN ('r', 'p', 'm') AND to_regclass(format('%I.%I', f.window_name, t.name)) IS NULL
    UNION ALL
    SELECT NULL, format('%s: the owner of the windows may not read %s any more', f.url_id, g.table_name)
    FROM firm f JOIN piste.gated_table g ON g.company = f.id
    CROSS JOIN LATERAL (SELECT piste.store_table(f.schema_name, g.table_name) AS relation) r
    WHERE r.relation IS NOT NULL
      AND NOT (has_schema_privilege('piste_owner', f.home, 'USAGE') AND has_table_privilege('piste_owner', r.relation, 'SELECT'))
    UNION ALL
    SELECT NULL, format('%s columns of %s are redacted', count(*), f.url_id)
    FROM firm f JOIN piste.gated_table g ON g.company = f.id CROSS JOIN LATERAL unnest(g.redacted) AS c
    GROUP BY f.url_id
$$;

RESET ROLE;
