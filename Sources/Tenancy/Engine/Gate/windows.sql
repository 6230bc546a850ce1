-- Windows: the only thing that a company's roles may touch.
--
-- A company has two schemas: the store, whose tables nobody but piste_owner has a privilege on, and the windows, one plain
-- view a table. A window asks the gate in conditions that hold no column of the row, so that the planner makes a one-time
-- filter of them: while the gate is shut, the scan below it is never begun, and neither EXPLAIN ANALYZE nor a counter nor the
-- time it takes says anything. While it is open, every index serves every operator. That the planner does so is its habit and
-- no promise: structure_problem compares every window's text, and has PostgreSQL explain a left join of each.

SET LOCAL ROLE piste_owner;

-- What the blueprint said of each table of a company: the columns that whoever impersonates may change, those that readers
-- and agents never see, and those of whose values the planner may keep samples. Beside it, how its changes are told
-- (change_shape): worked out when its window is made, and good while the table has as many columns as then. `made` is the window's
-- text of an adopted table, which its application goes on to change.
CREATE TABLE IF NOT EXISTS piste.gated_table (
    company        uuid        NOT NULL REFERENCES piste.company ON DELETE CASCADE,
    table_name     text        COLLATE "C" NOT NULL,
    agent_columns  text[]      COLLATE "C" NOT NULL,
    redacted       text[]      COLLATE "C" NOT NULL,
    sampled        text[]      COLLATE "C" NOT NULL,
    told_key       text[]      COLLATE "C",
    untold         text[]      COLLATE "C",
    nested         boolean,
    attributes     smallint,
    made           text,
    PRIMARY KEY (company, table_name)
);

ALTER TABLE piste.gated_table ADD COLUMN IF NOT EXISTS made text;

-- Who may call it: the engine's own definer functions. Trusts: the backend's own context and declaration, or the ticket that
-- this transaction uses. Records: nothing.
-- Why this backend may not do this (`read` or `write`) with this table of this company: an SQLSTATE and a sentence; and whether
-- it is about the table alone, while the context goes on.
CREATE OR REPLACE FUNCTION piste.why_shut(
    firm uuid, resource text, command text, OUT state text, OUT words text, OUT of_table boolean)
LANGUAGE plpgsql
AS $$
DECLARE
    here record := piste.here();
    used record := piste.ticket_here();
    said piste.declaration;
BEGIN
    IF used.ticket IS NOT NULL THEN
        SELECT w.state, w.words, w.of_table INTO state, words, of_table
        FROM piste.why_ticket_shuts(used.ticket, firm, resource, command) AS w;
        RETURN;
    END IF;
    SELECT * INTO said FROM piste.declaration d WHERE d.pid = pg_backend_pid() AND d.jti = here.jti;
    SELECT v.state, v.words, v.rank > 5 INTO state, words, of_table
    FROM (VALUES
        (1, here.jti IS NULL, 'PT403', 'this session is in no context'),
        (2, here.company <> firm, 'PT403', 'this session is in another company'),
        (3, NOT here.live, 'PT410', here.problem),
        (4, current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted'), 'PT409',
            'a context is used in READ COMMITTED only'),
        (5, command = 'write' AND here.access <> 'read+write', 'PT403', 'this context only reads'),
        (6, coalesce(resource <> ALL (said.resources), true), 'PT403',
            format('%s was not named in the declaration', resource)),
        (7, said.xid = pg_current_xact_id_if_assigned(), 'PT409',
            format('the declaration of %s is not committed yet', resource)),
        (8, EXISTS (SELECT FROM pg_cursors WHERE is_holdable), 'PT409', 'a cursor is held beyond its transaction'),
        (9, NOT said.settled, 'PT503', 'the synchronous standbys do not have the record of the declaration yet'),
        (10, true, 'PT410', format('the declaration of %s is over: declare again', resource))
    ) AS v (rank, applies, state, words)
    WHERE v.applies ORDER BY v.rank LIMIT 1;
END
$$;

-- Who may call it: the trigger `shut` of each table of a store, before each statement that writes. Trusts: the trigger's own
-- arguments (the company and the table), the gate, and the rows of piste.engine_work. Records: nothing.
-- Without arguments it stands on a table that is its application's (guarded from people): there it asks operators only.
-- A statement that came too late, or names what was not declared, ends in an error and takes its transaction with it: nothing
-- is lost in silence. It is asked before any row is looked for, so that it tells nothing of rows; reads are not asked, since an
-- error in the middle of one would tell. Without it PostgreSQL's own work on foreign keys would come past the gate, and print
-- the row that it breaks on. Superusers pass, and the engine's own work.
CREATE OR REPLACE FUNCTION piste.refuse_when_shut()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    firm  uuid := TG_ARGV[0];
    asked text := TG_ARGV[1];
    why   record;
BEGIN
    IF firm IS NULL THEN
        IF NOT EXISTS (SELECT FROM piste.operator o WHERE o.login = session_user) THEN
            RETURN NULL;
        END IF;
        firm := (SELECT k.id FROM piste.company k WHERE k.schema_name = TG_TABLE_SCHEMA);
        asked := piste.resource_of(TG_TABLE_NAME);
    END IF;
    IF clock_timestamp() < piste.open_until(firm, asked, 'write')
        OR (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = session_user)
        OR piste.at_work()
    THEN
        RETURN NULL;
    END IF;
    why := piste.why_shut(firm, asked, 'write');
    RAISE EXCEPTION '% of % is refused: %', lower(TG_OP), asked, why.words USING
        ERRCODE = why.state, HINT = 'Nothing of this statement was done.',
        TABLE = CASE WHEN why.of_table THEN asked ELSE '' END;
END
$$;

-- Who may call it: the engine's own definer functions. Trusts: the catalogs. Records: nothing.
-- A table by its names, NULL when there is none: asks no right on its schema, which an adopted store's owner may take away.
CREATE OR REPLACE FUNCTION piste.store_table(store text, table_name text)
RETURNS oid
LANGUAGE sql STABLE
AS $$
    SELECT c.oid FROM pg_catalog.pg_class c
    WHERE c.relname = table_name AND c.relnamespace = (SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = store)
$$;

-- Who may call it: the engine's own definer functions. Records: nothing.
-- What the names of a company's three roles begin with.
CREATE OR REPLACE FUNCTION piste.role_stem(firm uuid)
RETURNS text
LANGUAGE plpgsql STABLE
AS $$
BEGIN
    RETURN (SELECT piste.role_stem(k.window_name) FROM piste.company k WHERE k.id = firm);
END
$$;

-- Who may call it: the engine's own definer functions. Records: nothing.
-- The name by which a table is declared. An adopted store may have names that a list of resources could not hold, or that mean
-- something else there; such a table is `tables.` and its name, with what would part the list written as in an address.
CREATE OR REPLACE FUNCTION piste.resource_of(table_name text)
RETURNS text
LANGUAGE sql IMMUTABLE
AS $$
    SELECT CASE WHEN table_name IN ('audit', 'token') OR starts_with(table_name, 'tables.')
            OR table_name <> translate(table_name, E'%,* \t\n\x0b\f\r', '')
        THEN 'tables.' || replace(replace(replace(replace(replace(replace(replace(replace(replace(table_name,
            '%', '%25'), ',', '%2C'), '*', '%2A'), ' ', '%20'), E'\t', '%09'), E'\n', '%0A'), E'\x0b', '%0B'), E'\f', '%0C'),
            E'\r', '%0D')
        ELSE table_name END
$$;

-- Who may call it: the engine's own definer functions. Records: nothing.
-- The policies of a gated table, as PostgreSQL prints them: one for each command and for everybody, and the owner's, who reads
-- on behalf of the windows and is asked there.
CREATE OR REPLACE FUNCTION piste.gate_policies(firm uuid, table_name text)
RETURNS TABLE (policy text, command text, roles oid[], using_ text, check_ text)
LANGUAGE sql STABLE
AS $$
    SELECT p.policy, p.command, CASE p.policy WHEN 'owner_reads' THEN ARRAY['piste_owner'::regrole::oid] ELSE ARRAY[0::oid] END,
        CASE WHEN p.policy = 'owner_reads' THEN 'true' WHEN p.command <> 'a' THEN g.gate END,
        CASE WHEN p.command = 'a' THEN g.gate END
    FROM (VALUES
        ('gate_select', 'r', ''), ('gate_insert', 'a', ', ''write''::text'), ('gate_update', 'w', ', ''write''::text'),
        ('gate_delete', 'd', ', ''write''::text'), ('owner_reads', 'r', '')
    ) AS p (policy, command, argument)
    CROSS JOIN LATERAL (
        SELECT format('(clock_timestamp() < ( SELECT piste.open_until(%L::uuid, %s::text%s) AS open_until))', firm,
            '''' || replace(piste.resource_of(table_name), '''', '''''') || '''', p.argument)
    ) AS g (gate)
$$;

DROP FUNCTION IF EXISTS piste.window_condition(uuid, text, text, boolean);

-- Who may call it: the engine's own definer functions. Trusts: the catalogs. Records: nothing.
-- What makes a window: its conditions, word for word as PostgreSQL prints them. From version 16 on the planner would take them
-- into the ON of a left join, where they are asked row by row after the scan. The first line keeps them at the window: it
-- becomes a semi-join that is removed again. On 15 it would only cost an index-only scan.
CREATE OR REPLACE FUNCTION piste.window_condition(
    firm uuid, table_name text, column_name text, never_null boolean, has_no_equal boolean)
RETURNS text
LANGUAGE sql STABLE
AS $$
    SELECT CASE WHEN current_setting('server_version_num')::integer < 160000 THEN ''
            WHEN never_null THEN format('((%I IS NOT NULL) IN ( SELECT true)) AND ', column_name)
            WHEN has_no_equal
                THEN format('((NOT ((%1$I)::text IS DISTINCT FROM (%1$I)::text)) IN ( SELECT true)) AND ', column_name)
            ELSE format('((NOT (%1$I IS DISTINCT FROM %1$I)) IN ( SELECT true)) AND ', column_name) END
        || format(
            '( SELECT (piste.open_until(%1$L::uuid, %2$s::text) > clock_timestamp())) AND '
            '(clock_timestamp() < ( SELECT piste.open_until(%1$L::uuid, %2$s::text) AS open_until))', firm,
            '''' || replace(piste.resource_of(table_name), '''', '''''') || '''')
$$;

-- Who may call it: the engine's own definer functions. Trusts: the catalogs. Records: nothing.
-- The whole query of the window of a table, as PostgreSQL prints it with nothing but pg_catalog in its path.
CREATE OR REPLACE FUNCTION piste.window_text(firm uuid, relation oid)
RETURNS text
LANGUAGE sql STABLE
AS $$
    SELECT format(' SELECT %s'
        || E'\n   FROM %I.%I\n  WHERE (%s);',
        string_agg(
            CASE WHEN current_setting('server_version_num')::integer < 160000 THEN quote_ident(c.relname) || '.' ELSE '' END
            || quote_ident(a.attname), E',\n    ' ORDER BY a.attnum),
        n.nspname, c.relname,
        piste.window_condition(firm, c.relname,
            (array_agg(a.attname::text ORDER BY a.attname <> 'id' OR NOT a.attnotnull, NOT a.attnotnull, e.no_equal, a.attnum))[1],
            bool_or(a.attnotnull), bool_and(e.no_equal)))
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    -- What PostgreSQL cannot compare: json, xml, points and polygons, lists and domains of them.
    CROSS JOIN LATERAL (
        SELECT t.oid IN (114, 142, 600, 604, 199, 143, 1017, 1027) OR t.typbasetype IN (114, 142, 600, 604, 199, 143, 1017, 1027)
            AS no_equal
        FROM pg_catalog.pg_type t WHERE t.oid = a.atttypid
    ) e
    WHERE c.oid = relation
    GROUP BY n.nspname, c.relname
$$;

-- Who may call it: the engine's own definer functions. Trusts: the catalogs. Records: nothing.
-- The text of a window as PostgreSQL prints it. Gives back the locks that this takes on the window's table: those of ten thousand
-- companies are more than a server keeps.
CREATE OR REPLACE FUNCTION piste.window_made(pane oid)
RETURNS text
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    made text;
BEGIN
    made := pg_get_viewdef(pane);
    RAISE EXCEPTION 'the text is known' USING ERRCODE = 'PT299';
EXCEPTION WHEN SQLSTATE 'PT299' THEN
    RETURN made;
END
$$;

-- Who may call it: the engine's own definer functions. Trusts: the catalogs and piste.gated_table. Records: nothing.
-- The privileges on a window: the reader reads; the agent reads, and changes the columns that were named; the writer does all
-- but empty it. Where columns are redacted, reader and agent have the others one by one.
CREATE OR REPLACE FUNCTION piste.window_privileges(firm uuid, relation oid)
RETURNS TABLE (role text, privilege text, column_name text)
LANGUAGE sql STABLE
AS $$
    WITH told AS (
        SELECT g.agent_columns, g.redacted, piste.role_stem(firm) AS stem, k.adopted IS DISTINCT FROM 'people' AND (
            SELECT c.relkind <> 'm' FROM pg_catalog.pg_class c WHERE c.oid = relation) AS written
        FROM piste.gated_table g JOIN piste.company k ON k.id = g.company
        WHERE g.company = firm AND g.table_name = (SELECT c.relname::text FROM pg_catalog.pg_class c WHERE c.oid = relation)
    )
    SELECT t.stem || p.suffix, p.privilege, NULL::text
    FROM told t
    CROSS JOIN (VALUES
        ('_reader', 'SELECT'), ('_agent', 'SELECT'), ('_writer', 'SELECT'), ('_writer', 'INSERT'), ('_writer', 'UPDATE'),
        ('_writer', 'DELETE')) AS p (suffix, privilege)
    WHERE (p.suffix = '_writer' OR t.redacted = '{}') AND (p.privilege = 'SELECT' OR t.written)
    UNION ALL
    SELECT t.stem || p.suffix, 'SELECT', a.attname::text
    FROM told t
    JOIN pg_catalog.pg_attribute a ON a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped
        AND a.attname <> ALL (t.redacted)
    CROSS JOIN (VALUES ('_reader'), ('_agent')) AS p (suffix)
    WHERE t.redacted <> '{}'
    UNION ALL
    -- By an adoption's map agents change what its tables' owner lets the windows' owner change.
    SELECT t.stem || '_agent', 'UPDATE', u.name FROM told t CROSS JOIN unnest(t.agent_columns) AS u (name)
$$;

-- Who may call it: the engine's own definer functions. Trusts: the catalogs. Records: nothing.
-- Makes whatever of a table's own gate is missing or otherwise: row level security, the policies and the triggers. Nothing of the table itself is anybody's.
CREATE OR REPLACE FUNCTION piste.guard_table(firm uuid, relation oid)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    store  text := (SELECT k.schema_name FROM piste.company k WHERE k.id = firm);
    stem   text := piste.role_stem(firm);
    called text := (SELECT c.relname FROM pg_class c WHERE c.oid = relation);
    home   text := format('%I.%I', store, called);
    each   record;
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', home);
    FOR each IN
        SELECT w.*, p.oid IS NOT NULL AS there, CASE w.command
                WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' ELSE 'DELETE' END AS verb
        FROM piste.gate_policies(firm, called) AS w
        LEFT JOIN pg_policy p ON p.polrelid = relation AND p.polname = w.policy
        WHERE NOT coalesce(
            p.polpermissive AND p.polcmd::text = w.command AND p.polroles = w.roles
            AND pg_get_expr(p.polqual, p.polrelid) IS NOT DISTINCT FROM w.using_
            AND pg_get_expr(p.polwithcheck, p.polrelid) IS NOT DISTINCT FROM w.check_, false)
    LOOP
        IF each.there THEN
            EXECUTE format('DROP POLICY %I ON %s', each.policy, home);
        END IF;
        EXECUTE format('CREATE POLICY %I ON %s FOR %s%s%s%s', each.policy, home, each.verb,
            CASE each.policy WHEN 'owner_reads' THEN ' TO piste_owner' ELSE '' END,
            ' USING (' || each.using_ || ')', ' WITH CHECK (' || each.check_ || ')');
    END LOOP;
    EXECUTE format(
        'CREATE OR REPLACE TRIGGER shut BEFORE INSERT OR UPDATE OR DELETE ON %s '
        'FOR EACH STATEMENT EXECUTE FUNCTION piste.refuse_when_shut(%L, %L)', home, firm, piste.resource_of(called));
    FOR each IN SELECT * FROM piste.recording_triggers() LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER %I AFTER %s ON %s REFERENCING %s FOR EACH STATEMENT '
            'EXECUTE FUNCTION piste.record_changes()', each.called, each.event, home, each.rows_named);
    END LOOP;
    IF EXISTS (SELECT FROM pg_class c WHERE c.oid = relation AND c.relacl IS NOT NULL) THEN
        EXECUTE format('REVOKE ALL ON %s FROM %I, %I, %I', home, stem || '_reader', stem || '_agent', stem || '_writer');
    END IF;
    PERFORM piste.identify_rows(relation);
END
$$;

-- Who may call it: the engine's own definer functions. Trusts: the catalogs and piste.gated_table. Records: nothing.
-- Makes the window of a table as the table is now, with the privileges on it. Raises PT422 for a column that was named and is
-- not there: what was redacted must not come to light by another name.
CREATE OR REPLACE FUNCTION piste.make_window(firm uuid, relation oid)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    stem    text := piste.role_stem(firm);
    called  text := (SELECT c.relname FROM pg_class c WHERE c.oid = relation);
    pane    text := (SELECT format('%I.%I', k.window_name, called) FROM piste.company k WHERE k.id = firm);
    wanted  text := piste.window_text(firm, relation);
    each    record;
    missing text;
BEGIN
    SELECT n.column_name INTO missing
    FROM piste.gated_table g
    CROSS JOIN LATERAL unnest(g.agent_columns || g.redacted || g.sampled) AS n (column_name)
    WHERE g.company = firm AND g.table_name = called AND NOT EXISTS (
        SELECT FROM pg_attribute a
        WHERE a.attrelid = relation AND a.attname = n.column_name AND a.attnum > 0 AND NOT a.attisdropped)
    LIMIT 1;
    IF missing IS NOT NULL THEN
        RAISE EXCEPTION 'table % has no column %, which was named when it was put behind the gate', called, missing USING
            ERRCODE = 'PT422', HINT = 'Put the table behind the gate again, with the columns that it has.';
    END IF;

    IF pg_get_viewdef(to_regclass(pane)) <> wanted THEN
        EXECUTE format('DROP VIEW %s', pane);
    END IF;
    IF to_regclass(pane) IS NULL THEN
        EXECUTE format('CREATE VIEW %s AS %s', pane, wanted);
        IF current_user <> 'piste_owner' THEN
            EXECUTE format('ALTER VIEW %s OWNER TO piste_owner', pane);
        END IF;
    ELSE
        EXECUTE format('REVOKE ALL ON %s FROM %I, %I, %I', pane, stem || '_reader', stem || '_agent', stem || '_writer');
    END IF;
    FOR each IN
        SELECT p.role, string_agg(p.privilege || coalesce(' (' || quote_ident(p.column_name) || ')', ''), ', ') AS privileges
        FROM piste.window_privileges(firm, relation) AS p GROUP BY p.role
    LOOP
        EXECUTE format('GRANT %s ON %s TO %I', each.privileges, pane, each.role);
    END LOOP;
    UPDATE piste.gated_table g
    SET told_key = s.key, untold = s.untold, nested = s.nested,
        made = CASE WHEN k.adopted IS NOT NULL THEN wanted END,
        attributes = (SELECT c.relnatts FROM pg_class c WHERE c.oid = relation)
    FROM piste.change_shape(firm, relation, called) AS s, piste.company k
    WHERE g.company = firm AND k.id = firm AND g.table_name = called;
END
$$;

-- Who may call it: the engine's own definer functions, after a blueprint has run. Records: nothing.
-- Makes the window of every table that was put behind the gate, as the tables are now; forgets those that are gone.
CREATE OR REPLACE FUNCTION piste.make_windows(firm uuid)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    store text := (SELECT k.schema_name FROM piste.company k WHERE k.id = firm);
BEGIN
    DELETE FROM piste.gated_table g
    WHERE g.company = firm AND to_regclass(format('%I.%I', store, g.table_name)) IS NULL;
    PERFORM piste.make_window(firm, to_regclass(format('%I.%I', store, g.table_name)))
    FROM (SELECT t.table_name FROM piste.gated_table t WHERE t.company = firm ORDER BY t.table_name) AS g;
    IF (SELECT k.adopted FROM piste.company k WHERE k.id = firm) IS DISTINCT FROM 'people' THEN
        PERFORM piste.hide_statistics(store);
    END IF;
END
$$;

RESET ROLE;
