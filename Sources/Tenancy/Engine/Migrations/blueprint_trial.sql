-- Trying a blueprint on a throw-away company.

SET LOCAL ROLE piste_owner;

-- Who may call it: the trial of a blueprint. Records: what is rolled back at once.
-- A company that nobody ever sees, built by the template of this version.
CREATE OR REPLACE FUNCTION piste.build_throwaway(built_version integer, OUT firm uuid, OUT home text)
LANGUAGE plpgsql
AS $$
BEGIN
    firm := gen_random_uuid();
    home := 't_' || encode(piste.random_bytes(6), 'hex');
    INSERT INTO piste.company (id, url_id, name, auth_provider, schema_name, window_name, blueprint_version)
    VALUES (
        firm, 'throw-away-' || right(home, 12), 'A company of no one', 'none', home, 'w_' || right(home, 12), built_version);
    PERFORM piste.make_trail(firm);
    PERFORM piste.create_company_roles(firm);
    PERFORM piste.make_schemas(firm);
    PERFORM piste.build_store(firm, home, b.template) FROM piste.blueprint b WHERE b.version = built_version;
END
$$;

-- Who may call it: the trial of a blueprint. Trusts: what PostgreSQL counts for this transaction alone. Records: nothing.
-- What this backend has done so far outside of the two schemas of a company that leaves no new version of a catalog's row: rows of other
-- tables read or written, locks, settings. Two of these pictures, compared, tell what happened between them.
CREATE OR REPLACE FUNCTION piste.traces(place oid, panes oid)
RETURNS TABLE (class oid, object oid, trace text)
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
    -- The gate, the trail and the keys of the control tables look at some tables by themselves, and what is put behind the gate
    -- is written down.
    SELECT 'pg_class'::regclass::oid, s.relid, format('rows of %s.%s: %s', s.schemaname, s.relname, concat_ws(' ',
        s.n_tup_ins, s.n_tup_upd, s.n_tup_del, looked.scans))
    FROM pg_stat_xact_user_tables s
    CROSS JOIN LATERAL (
        SELECT CASE
            WHEN s.schemaname <> 'piste' OR s.relname NOT IN (
                'blueprint', 'company', 'context', 'declaration', 'entry', 'operator', 'quota', 'setting', 'trail', 'trail_watch')
            THEN s.seq_scan + coalesce(s.idx_scan, 0) END AS scans
    ) AS looked
    WHERE s.schemaname NOT IN (SELECT n.nspname FROM pg_namespace n WHERE n.oid IN (place, panes))
      AND NOT (s.schemaname = 'piste' AND s.relname IN ('gated_table', 'engine_work', 'shared_table'))
      -- Who writes rows of the company has them recorded.
      AND NOT (s.schemaname = 'piste' AND s.relname IN ('entry', 'entry_values') AND s.n_tup_upd + s.n_tup_del = 0)
      -- Who adds a key to a shared table has PostgreSQL look there.
      AND NOT (s.n_tup_ins + s.n_tup_upd + s.n_tup_del = 0 AND piste.is_shared(s.relid))
      AND s.n_tup_ins + s.n_tup_upd + s.n_tup_del + coalesce(looked.scans, 0) > 0
    UNION ALL
    SELECT 'pg_class'::regclass, s.relid, format('rows of %s.%s: %s', s.schemaname, s.relname,
        concat_ws(' ', s.n_tup_ins, s.n_tup_upd, s.n_tup_del))
    FROM pg_stat_xact_sys_tables s
    WHERE s.relname IN ('pg_authid', 'pg_auth_members', 'pg_db_role_setting', 'pg_database', 'pg_tablespace', 'pg_largeobject')
      AND (s.n_tup_ins + s.n_tup_upd + s.n_tup_del) > 0
    UNION ALL
    SELECT coalesce(l.classid, 'pg_class'::regclass), coalesce(l.objid, l.relation), format('%s on %s', l.mode, l.locktype)
    FROM pg_locks l
    LEFT JOIN pg_class c ON c.oid = l.relation
    WHERE l.pid = pg_backend_pid() AND l.granted
      AND (l.locktype IN ('object', 'relation') OR l.locktype = 'advisory')
      AND coalesce(c.relnamespace NOT IN (place, panes, 'pg_catalog'::regnamespace), true)
      AND NOT coalesce(c.oid IN ('piste.gated_table'::regclass, 'piste.engine_work'::regclass), false)
      AND NOT coalesce(l.mode = 'RowExclusiveLock' AND coalesce(
          (SELECT i.indrelid FROM pg_index i WHERE i.indexrelid = c.oid), c.oid) IN (
              'piste.entry'::regclass, 'piste.entry_values'::regclass, 'piste.entry_id_seq'::regclass), false)
      AND NOT coalesce(piste.is_shared(c.oid) AND l.mode IN ('AccessShareLock', 'RowShareLock', 'ShareRowExclusiveLock'), false)
      -- What is declared and settled, and the indexes of that.
      AND NOT coalesce('piste.declaration'::regclass IN (
          c.oid, (SELECT i.indrelid FROM pg_index i WHERE i.indexrelid = c.oid)), false)
      -- The long values of the catalogs: a window is one.
      AND NOT coalesce(c.relnamespace = 'pg_toast'::regnamespace AND c.oid < 16384, false)
      AND (l.mode <> 'AccessShareLock'
          OR (l.locktype = 'relation' AND c.relnamespace <> 'piste'::regnamespace AND c.relkind IN ('r', 'v', 'm', 'p')))
    UNION ALL
    SELECT NULL, NULL, format('the setting %s = %s', s.name, s.setting)
    FROM pg_settings s WHERE s.source = 'session'
$$;

-- Who may call it: the trial of a blueprint. Trusts: the catalogs. Records: nothing.
-- The first object outside of a company's two schemas that this transaction has made or changed since the transaction number `since`.
CREATE OR REPLACE FUNCTION piste.changed_outside(place oid, panes oid, since xid)
RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    spaces CONSTANT oid[] := ARRAY[place, panes, 'pg_toast'::regnamespace];
    within text;
    each   record;
    found_ record;
BEGIN
    FOR each IN
        SELECT c.relname::text AS catalog, a.attname AS space, r.attname AS relation,
            EXISTS (SELECT FROM pg_attribute o WHERE o.attrelid = c.oid AND o.attname = 'oid') AS named
        FROM pg_class c
        LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname ~ 'namespace$' AND a.atttypid = 'oid'::regtype
        LEFT JOIN pg_attribute r ON r.attrelid = c.oid
            AND r.attname IN ('adrelid', 'tgrelid', 'polrelid', 'ev_class', 'attrelid', 'prrelid')
        WHERE c.relnamespace = 'pg_catalog'::regnamespace AND c.relkind = 'r' AND NOT c.relisshared
          AND c.relname NOT IN ('pg_enum', 'pg_amop', 'pg_amproc')
          AND (r.attname IS NOT NULL OR EXISTS (SELECT FROM pg_attribute o WHERE o.attrelid = c.oid AND o.attname = 'oid'))
          AND has_table_privilege(c.oid, 'SELECT')
        ORDER BY c.relname <> 'pg_class', c.relname
    LOOP
        within := CASE
            WHEN each.relation IS NOT NULL THEN format(
                '(EXISTS (SELECT FROM pg_class c WHERE c.oid = t.%1$I AND c.relnamespace = ANY ($1))%2$s)', each.relation,
                CASE each.catalog WHEN 'pg_trigger' THEN ' OR t.tgisinternal AND piste.is_shared(t.tgrelid)' ELSE '' END)
            WHEN each.catalog = 'pg_namespace' THEN 't.oid = ANY ($1)'
            -- A key that leads to a shared table marks it; the engine has no right to change anything else of it.
            WHEN each.catalog = 'pg_class' THEN '(t.relnamespace = ANY ($1) OR piste.is_shared(t.oid))'
            WHEN each.space IS NOT NULL THEN format('t.%I = ANY ($1)', each.space)
            ELSE 'false' END;
        -- A row that is seen although its transaction runs is this transaction's own.
        EXECUTE format(
            'SELECT %s AS object FROM pg_catalog.%I t WHERE age(t.xmin) <= age($2) AND NOT coalesce(%s, false) '
            '    AND pg_xact_status((((pg_current_xact_id()::text::bigint >> 32) << 32) + t.xmin::text::bigint)::text::xid8) '
            '        = ''in progress'' LIMIT 1',
            CASE WHEN each.named THEN 't.oid' ELSE format('t.%I', each.relation) END, each.catalog, within)
        INTO found_ USING spaces, since;
        IF found_.object IS NOT NULL THEN
            RETURN (
                SELECT format('%s %s, outside of the company''s schema', i.type, i.identity)
                FROM pg_identify_object(
                    CASE WHEN each.named THEN format('pg_catalog.%I', each.catalog)::regclass ELSE 'pg_class'::regclass END,
                    found_.object, 0) AS i);
        END IF;
    END LOOP;
    RETURN NULL;
END
$$;

-- Who may call it: the trial of a blueprint. Records: nothing.
-- What a migration leaves alone: the columns of the tables that every client of the engine reads, and what their values are held to.
CREATE OR REPLACE FUNCTION piste.what_must_stay(home text)
RETURNS text[]
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT array_agg(f.fact) FROM (
        SELECT format('column %s.%s %s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
            CASE WHEN a.attnotnull THEN ', which is never NULL' ELSE '' END) AS fact
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relnamespace = to_regnamespace(home) AND c.relname IN ('users', 'journeys', 'journey_steps')
          AND a.attnum > 0 AND NOT a.attisdropped
        UNION ALL
        SELECT format('check %s of %s: %s', k.conname, c.relname, piste.constraint_text(k.oid))
        FROM pg_class c JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'c'
        WHERE c.relnamespace = to_regnamespace(home) AND c.relname IN ('users', 'journeys', 'journey_steps')
    ) f
$$;

-- Who may call it: `register_blueprint`. Trusts: nothing in the templates. Records: nothing: all of it is rolled back.
-- Builds one company by the version before and migrates it, builds another by the new template, grows both, and holds them
-- against the rules and against each other. `problem` is a sentence, or NULL; `tables` those of a company of this version.
CREATE OR REPLACE FUNCTION piste.try_blueprint(tried piste.blueprint, OUT problem text, OUT tables text[])
LANGUAGE plpgsql
AS $$
DECLARE
    old     record;
    new     record;
    place   oid;
    panes   oid;
    since   xid;
    kept    text[];
    before_ text[];
    classes oid[];
    objects oid[];
    marks   text[];
    migrated jsonb;
    stage   text;
    step    text;
    alien   text;
BEGIN
    -- First what can be seen at a glance, comments aside.
    FOREACH step IN ARRAY ARRAY[coalesce(tried.migration, ''), tried.template, tried.growth] LOOP
        step := regexp_replace(regexp_replace(step, '--[^\n]*', '', 'g'), '/\*.*?\*/', '', 'g');
        alien := coalesce(
            substring(step FROM '\m[tw]_[0-9a-f]{12}[a-z_]*'),
            (SELECT 'piste.' || m[1] FROM regexp_matches(step, '"?\mpiste"?\s*\.\s*"?([a-z_]+)', 'g') AS m
             WHERE m[1] NOT IN ('put_behind_gate', 'refuse_rewrite', 'human') LIMIT 1),
            substring(step FROM '\mpiste_(?:roles|signal|operators|crypto)\M'),
            substring(lower(step) FROM '\m(?:set\s+(?:local\s+|session\s+)?role|reset\s+role|session\s+authorization)\M'));
        IF alien IS NOT NULL THEN
            problem := format('the blueprint names %s, which is not the company''s', alien);
            RETURN;
        END IF;
    END LOOP;
    IF tried.migration IS NOT NULL THEN
        BEGIN
            stage := 'the version before';
            old := piste.build_throwaway(tried.version - 1);
            place := to_regnamespace(old.home);
            panes := to_regnamespace((SELECT k.window_name FROM piste.company k WHERE k.id = old.firm));
            kept := piste.what_must_stay(old.home);
            before_ := ARRAY(
                SELECT t.trace || coalesce(' ' || t.class || ' ' || t.object, '') FROM piste.traces(place, panes) AS t);
            BEGIN
                stage := 'the migration';
                UPDATE piste.company SET blueprint_version = tried.version WHERE id = old.firm
                RETURNING piste.company.xmin INTO since;
                before_ := before_ || ARRAY(
                    SELECT t.trace || coalesce(' ' || t.class || ' ' || t.object, '') FROM piste.traces(place, panes) AS t);
                PERFORM piste.apply_migration(old.firm, old.home, tried.migration);
                stage := 'the growth';
                EXECUTE piste.filled(tried.growth, old.firm, old.home);
                PERFORM piste.hide_statistics(old.home);
                SELECT array_agg(t.class), array_agg(t.object), array_agg(t.trace) INTO classes, objects, marks
                FROM piste.traces(place, panes) AS t
                WHERE t.trace || coalesce(' ' || t.class || ' ' || t.object, '') <> ALL (before_);
                problem := coalesce(
                    'the migration makes or changes ' || piste.changed_outside(place, panes, since),
                    piste.structure_problem(old.home));
                IF problem IS NULL THEN
                    SELECT 'the migration must not change ' || k INTO problem
                    FROM unnest(kept) AS k WHERE k <> ALL (piste.what_must_stay(old.home)) ORDER BY k LIMIT 1;
                END IF;
                IF problem IS NULL THEN
                    SELECT 'the migration must not add ' || k INTO problem
                    FROM unnest(piste.what_must_stay(old.home)) AS k
                    WHERE k <> ALL (kept) AND k !~ '^(column (users|journeys|journey_steps)\.|check )' ORDER BY k LIMIT 1;
                END IF;
                migrated := (SELECT jsonb_agg(s) FROM piste.company_structure(old.home) AS s);
                stage := NULL;
                RAISE EXCEPTION 'the trial is over' USING ERRCODE = 'PT299';
            END;
        EXCEPTION WHEN OTHERS THEN
            IF stage IS NOT NULL THEN
                problem := format('%s fails: %s (SQLSTATE %s)', stage, SQLERRM, SQLSTATE);
            END IF;
        END;
        -- The throw-away company is gone: whatever was touched and is still there was somebody else's.
        IF problem IS NULL THEN
            SELECT format('the migration reaches out of the company''s schema: %s',
                CASE WHEN i.identity IS NULL THEN t.trace ELSE concat_ws(', ', i.identity, t.trace) END)
            INTO problem
            FROM unnest(classes, objects, marks) AS t (class, object, trace)
            LEFT JOIN LATERAL pg_identify_object(
                CASE WHEN t.trace !~ 'advisory' THEN t.class ELSE 'pg_class'::regclass END, t.object, 0) AS i
                ON t.trace !~ '^rows of|advisory'
            WHERE i.identity IS NOT NULL OR t.class IS NULL OR t.trace ~ '^rows of|advisory'
            -- The thing itself rather than its parts.
            ORDER BY t.trace !~ '^rows of', i.type IN ('trigger', 'policy', 'table constraint', 'rule', 'default value', 'index'),
                t.trace COLLATE "C" LIMIT 1;
        END IF;
        IF problem IS NOT NULL THEN
            RETURN;
        END IF;
    END IF;
    BEGIN
        stage := 'the template';
        new := piste.build_throwaway(tried.version);
        problem := piste.structure_problem(new.home);
        tables := ARRAY(
            SELECT c.relname::text FROM pg_class c
            WHERE c.relnamespace = to_regnamespace(new.home) AND c.relkind = 'r'
            ORDER BY c.oid);
        stage := 'the growth';
        EXECUTE piste.filled(tried.growth, new.firm, new.home);
        PERFORM piste.hide_statistics(new.home);
        problem := coalesce(problem, piste.structure_problem(new.home));
        IF problem IS NULL AND migrated IS NOT NULL THEN
            SELECT format('a migrated company and a new one differ in %s %s', d.kind, d.object) INTO problem
            FROM (
                SELECT m.* FROM jsonb_to_recordset(migrated) AS m (kind text, object text, definition text)
            ) o
            FULL JOIN piste.company_structure(new.home) AS n USING (kind, object, definition)
            CROSS JOIN LATERAL (SELECT kind, object, o IS NULL OR n IS NULL AS differs) AS d
            WHERE d.differs
            ORDER BY d.kind COLLATE "C", d.object COLLATE "C" LIMIT 1;
        END IF;
        stage := NULL;
        RAISE EXCEPTION 'the trial is over' USING ERRCODE = 'PT299';
    EXCEPTION WHEN OTHERS THEN
        IF stage IS NOT NULL THEN
            problem := format('%s fails: %s (SQLSTATE %s)', stage, SQLERRM, SQLSTATE);
        END IF;
    END;
END
$$;

RESET ROLE;
