-- What comes back with a restore: rows loaded past triggers and gates, checked, and on record.

SET LOCAL ROLE piste_owner;

-- Who may call it: whoever installed the engine, to load rows past triggers and gates, as `session_replication_role` lets a
-- superuser; it runs with the caller's own rights. Trusts: its caller. Records: nothing (whoever loaded does).
-- Opens a company's store for this transaction, which holds its tables alone until it ends. `end_load` takes what this gives:
-- the triggers that were switched off.
CREATE OR REPLACE FUNCTION piste.begin_load(home text)
RETURNS jsonb
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    opened jsonb := '[]';
    each   record;
BEGIN
    IF NOT piste.is_installer(session_user::text) THEN
        RAISE EXCEPTION 'loading is for whoever installed the engine' USING ERRCODE = '42501';
    END IF;
    FOR each IN
        SELECT c.oid::regclass AS relation, ARRAY(
            SELECT t.tgname::text FROM pg_trigger t
            WHERE t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgenabled = 'O' ORDER BY t.tgname) AS triggers
        FROM pg_class c
        WHERE c.relnamespace = to_regnamespace(quote_ident(home)) AND c.relkind = 'r' AND c.relforcerowsecurity
        ORDER BY c.oid
    LOOP
        EXECUTE format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY', each.relation)
            || coalesce((SELECT string_agg(format(', DISABLE TRIGGER %I', t.name), '') FROM unnest(each.triggers) AS t (name)), '');
        opened := opened || jsonb_build_object('relation', each.relation::text, 'triggers', to_jsonb(each.triggers));
    END LOOP;
    RETURN opened;
END
$$;

-- Who may call it: whoever called `begin_load`, in the same transaction, with what that gave. Records: nothing.
CREATE OR REPLACE FUNCTION piste.end_load(opened jsonb)
RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    each record;
BEGIN
    FOR each IN SELECT o.* FROM jsonb_to_recordset(opened) AS o (relation text, triggers text[]) LOOP
        EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', each.relation::regclass)
            || coalesce((SELECT string_agg(format(', ENABLE TRIGGER %I', t.name), '') FROM unnest(each.triggers) AS t (name)), '');
    END LOOP;
END
$$;

-- Who may call it: whoever installed the engine, in the transaction that made the company; it runs with the caller's own rights.
-- Trusts: the rows that its caller loaded, past triggers and gates. Records: nothing (`record_restore` does).
-- Finds rows that refer to nothing, and has ids go on after the highest that was ever used. Raises PT422.
CREATE OR REPLACE FUNCTION piste.check_restored(home text, last_ids jsonb)
RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    each    record;
    orphans bigint;
BEGIN
    FOR each IN
        SELECT f.conname, f.conrelid::regclass AS child, f.confrelid::regclass AS parent,
            string_agg(format('p.%I = c.%I', q.attname, a.attname), ' AND ') AS joined,
            string_agg(format('c.%I IS NOT NULL', a.attname), ' AND ') AS given
        FROM pg_constraint f
        CROSS JOIN LATERAL unnest(f.conkey, f.confkey) AS k (child, parent)
        JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = k.child
        JOIN pg_attribute q ON q.attrelid = f.confrelid AND q.attnum = k.parent
        WHERE f.contype = 'f' AND f.connamespace = to_regnamespace(quote_ident(home))
        GROUP BY f.oid, f.conname, f.conrelid, f.confrelid
    LOOP
        EXECUTE format(
            'SELECT count(*) FROM %s c WHERE %s AND NOT EXISTS (SELECT FROM %s p WHERE %s)',
            each.child, each.given, each.parent, each.joined)
        INTO orphans;
        IF orphans > 0 THEN
            RAISE EXCEPTION '% rows break %', orphans, each.conname USING ERRCODE = 'PT422';
        END IF;
    END LOOP;
    FOR each IN
        SELECT q.oid::regclass AS sequence, s.oid::regclass AS owner, s.relname, a.attname
        FROM pg_class q
        JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = q.oid AND d.deptype IN ('a', 'i')
        JOIN pg_class s ON s.oid = d.refobjid
        JOIN pg_attribute a ON a.attrelid = s.oid AND a.attnum = d.refobjsubid
        WHERE q.relkind = 'S' AND q.relnamespace = to_regnamespace(quote_ident(home))
    LOOP
        EXECUTE format(
            'SELECT setval($1, t.id) FROM (SELECT greatest(max(%I), $2) AS id FROM %s) AS t WHERE t.id > 0',
            each.attname, each.owner)
        USING each.sequence, (last_ids ->> (each.relname || '.' || each.attname))::bigint;
    END LOOP;
END
$$;

-- Who may call it: whoever installed the engine, in the transaction that made the company and loaded its rows. Trusts: its caller.
-- Records: `company.restore`, with the archive's digest, the company that it came from, the head of that one's trail, and the
-- policy: what the old company did not allow, the new one does not allow either. Many rows call for the indexes of a large
-- company.
CREATE OR REPLACE FUNCTION piste.record_restore(url_id text, detail jsonb, rows_loaded bigint, facts jsonb)
RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    firm   piste.company;
    policy text[];
BEGIN
    SELECT * INTO firm FROM piste.company c WHERE c.url_id = record_restore.url_id;
    IF firm.id IS NULL THEN
        RAISE EXCEPTION 'there is no company of this name' USING ERRCODE = 'PT404';
    END IF;
    -- The columns of the policy that both this engine and the archive know.
    policy := ARRAY(
        SELECT a.attname::text FROM pg_attribute a
        WHERE a.attrelid = 'piste.company'::regclass AND NOT a.attisdropped AND facts ? a.attname
          AND a.attname IN (
              'impersonation', 'impersonation_minutes', 'ticket_required', 'ticket_pattern', 'impersonation_access')
        ORDER BY a.attnum);
    IF cardinality(policy) > 0 THEN
        EXECUTE format(
            'UPDATE piste.company c SET %s FROM jsonb_populate_record(NULL::piste.company, $1) AS p WHERE c.id = $2',
            (SELECT string_agg(format('%1$I = p.%1$I', k.name), ', ') FROM unnest(policy) AS k (name)))
        USING facts, firm.id;
    END IF;
    IF rows_loaded >= 5000 THEN
        PERFORM piste.grow(firm.id);
    END IF;
    RETURN piste.append(
        firm.id, session_user::text, NULL, NULL, 'company.restore', 'company',
        detail || jsonb_build_object('rows_loaded', rows_loaded, 'policy', (
            SELECT coalesce(jsonb_object_agg(f.key, f.value), '{}') FROM jsonb_each(facts) AS f WHERE f.key = ANY (policy))));
END
$$;

RESET ROLE;
