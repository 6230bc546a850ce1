-- An application's own migration tool at work: on tables that are nobody's, as a role that owns only those, with every statement that
-- changes something written down. What was written down is then a migration like one that was given as a file, and tried as such.
--
-- Only a superuser has PostgreSQL tell what another session does: where there is none, --add takes what the tool prints.

SET LOCAL ROLE piste_owner;

-- What the tool did, in its order; `xact` tells its transactions apart.
CREATE TABLE IF NOT EXISTS piste.tool_statement (
    number         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    xact           xid8        NOT NULL,
    sent_at        timestamptz NOT NULL,
    sql            text        NOT NULL
);

ALTER TABLE piste.tool_statement ALTER sql SET STATISTICS 0;

-- Who may call it: the role of a trial, by what its tool does. Trusts: what PostgreSQL says of the statement at work. Records: nothing.
-- Writes down what the client sent, once, however many objects or rows it is about; what is rolled back goes with its transaction.
CREATE OR REPLACE FUNCTION piste.note_tool_statement()
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF EXISTS (
        SELECT FROM (SELECT * FROM piste.tool_statement t ORDER BY t.number DESC LIMIT 1) AS last
        WHERE last.sent_at = statement_timestamp() AND last.sql = current_query())
    THEN
        RETURN;
    END IF;
    INSERT INTO piste.tool_statement (xact, sent_at, sql)
    VALUES (pg_current_xact_id(), statement_timestamp(), current_query());
END
$$;

-- Who may call it: the trigger `piste_seen` of a trial's tables. Records: nothing.
CREATE OR REPLACE FUNCTION piste.note_tool_change()
RETURNS trigger
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM piste.note_tool_statement();
    RETURN NULL;
END
$$;

-- Who may call it: the event trigger of a trial, in whatever session; it runs with that one's rights. Records: nothing.
-- Writes down what the role of a trial makes, and has what it then does with the rows of a new table written down too: by statement,
-- since on tables without rows a change of rows touches none.
CREATE OR REPLACE FUNCTION piste.note_tool_ddl()
RETURNS event_trigger
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    made record;
BEGIN
    IF left(session_user, 11) <> 'piste_tool_' THEN
        RETURN;
    END IF;
    PERFORM piste.note_tool_statement();
    FOR made IN
        SELECT d.objid::regclass AS relation FROM pg_event_trigger_ddl_commands() AS d
        WHERE d.command_tag IN ('CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO') AND d.object_type = 'table'
    LOOP
        EXECUTE format(
            'CREATE TRIGGER piste_seen BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON %s '
            'FOR EACH STATEMENT EXECUTE FUNCTION piste.note_tool_change()', made.relation);
    END LOOP;
END
$$;

-- The session's lock of whoever has a tool run: one at a time.
CREATE OR REPLACE FUNCTION piste.tool_mark()
RETURNS bigint
LANGUAGE sql IMMUTABLE
AS $$
    SELECT hashtextextended('piste tool', 0)
$$;

-- Who may call it: a superuser (`piste migrate --with`); it runs with the caller's own rights. Trusts: nothing in the templates, as
-- build_throwaway. Records: nothing. Raises PT426 for anybody else, PT409 when another tool is at work.
-- The tables of a company of the newest blueprint, without gate, windows and company, and the login that owns them and nothing else.
CREATE OR REPLACE FUNCTION piste.begin_tool_trial()
RETURNS TABLE (login text, password text, home text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp SET client_min_messages = warning
AS $$
DECLARE
    tried record;
    panes text;
    each  record;
BEGIN
    IF NOT (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = session_user) THEN
        RAISE EXCEPTION 'a migration tool runs here for a superuser only, who can have PostgreSQL tell what it does' USING
            ERRCODE = 'PT426', HINT = 'piste migrate --add takes the SQL that the tool prints; piste adopt --around runs it on what '
                'was adopted.';
    ELSIF EXISTS (SELECT FROM piste.company k WHERE k.adopted IS NOT NULL)
        AND NOT EXISTS (SELECT FROM piste.company k WHERE k.adopted IS NULL)
    THEN
        RAISE EXCEPTION 'every company here was adopted, and its application migrates its own tables' USING
            ERRCODE = 'PT426', HINT = 'piste adopt --schemas PATTERN --around COMMAND takes the windows down, runs the tool, and puts '
                'them up again.';
    ELSIF NOT pg_try_advisory_lock(piste.tool_mark()) THEN
        RAISE EXCEPTION 'another migration tool is at work here' USING ERRCODE = 'PT409', HINT = 'Wait until it is done.';
    END IF;
    PERFORM piste.clear_tool_trials();
    PERFORM set_config('role', 'piste_owner', true);
    tried := piste.build_throwaway((SELECT max(b.version) FROM piste.blueprint b));
    SELECT k.window_name INTO panes FROM piste.company k WHERE k.id = tried.firm;
    PERFORM set_config('role', 'none', true);
    home := tried.home;
    login := 'piste_tool_' || substr(home, 3);
    password := encode(piste.random_bytes(18), 'hex');

    -- Of the company only its tables stay.
    EXECUTE format('DROP SCHEMA %I CASCADE', panes);
    EXECUTE format('DROP OWNED BY %1$I, %2$I, %3$I', home || '_reader', home || '_agent', home || '_writer');
    PERFORM set_config('role', 'piste_owner', true);
    PERFORM piste.drop_company_roles(tried.firm);
    DELETE FROM piste.gated_table g WHERE g.company = tried.firm;
    DELETE FROM piste.company k WHERE k.id = tried.firm;
    PERFORM piste.drop_trail(tried.firm);
    PERFORM set_config('role', 'none', true);

    EXECUTE format('CREATE ROLE %I LOGIN NOINHERIT CONNECTION LIMIT 16 PASSWORD %L', login, password);
    EXECUTE format('ALTER ROLE %I IN DATABASE %I SET search_path = %I, pg_catalog', login, current_database(), home);
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), login);
    EXECUTE format('GRANT USAGE ON SCHEMA piste TO %I', login);
    EXECUTE format('GRANT EXECUTE ON FUNCTION piste.note_tool_statement(), piste.note_tool_change() TO %I', login);
    FOR each IN
        SELECT format('DROP POLICY %I ON %s', p.polname, p.polrelid::regclass) AS command
        FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid WHERE c.relnamespace = to_regnamespace(home)
        UNION ALL
        SELECT format('DROP TRIGGER %I ON %s', t.tgname, t.tgrelid::regclass)
        FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
        WHERE c.relnamespace = to_regnamespace(home) AND NOT t.tgisinternal
          AND t.tgfoid IN ('piste.refuse_when_shut()'::regprocedure, 'piste.record_changes()'::regprocedure)
    LOOP
        EXECUTE each.command;
    END LOOP;
    FOR each IN
        SELECT format('ALTER TABLE %1$s NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY, OWNER TO %2$I',
            c.oid::regclass, login) AS command
        FROM pg_class c WHERE c.relnamespace = to_regnamespace(home) AND c.relkind = 'r'
        UNION ALL
        SELECT format('CREATE TRIGGER piste_seen BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON %s '
            'FOR EACH STATEMENT EXECUTE FUNCTION piste.note_tool_change()', c.oid::regclass)
        FROM pg_class c WHERE c.relnamespace = to_regnamespace(home) AND c.relkind = 'r'
        UNION ALL
        -- Those of columns go with their tables.
        SELECT format('ALTER SEQUENCE %s OWNER TO %I', c.oid::regclass, login)
        FROM pg_class c
        WHERE c.relnamespace = to_regnamespace(home) AND c.relkind = 'S' AND NOT EXISTS (
            SELECT FROM pg_depend d
            WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i')
              AND d.refclassid = 'pg_class'::regclass)
        UNION ALL
        SELECT format('ALTER ROUTINE %s OWNER TO %I', p.oid::regprocedure, login)
        FROM pg_proc p WHERE p.pronamespace = to_regnamespace(home)
        UNION ALL
        SELECT format('ALTER TYPE %s OWNER TO %I', t.oid::regtype, login)
        FROM pg_type t LEFT JOIN pg_class c ON c.oid = t.typrelid
        WHERE t.typnamespace = to_regnamespace(home) AND (t.typtype IN ('e', 'd', 'r') OR t.typtype = 'c' AND c.relkind = 'c')
    LOOP
        EXECUTE each.command;
    END LOOP;
    EXECUTE format('ALTER SCHEMA %I OWNER TO %I', home, login);
    CREATE EVENT TRIGGER piste_tool ON ddl_command_end EXECUTE FUNCTION piste.note_tool_ddl();
    RETURN NEXT;
END
$$;

-- Who may call it: whoever began the trial, when the tool has ended; it runs with the caller's own rights. Records: nothing.
-- What the tool did and committed, in order: `begins` tells that a transaction of its own began there. Its tables and its login are
-- gone afterwards.
CREATE OR REPLACE FUNCTION piste.end_tool_trial(home text)
RETURNS TABLE (sql text, begins boolean)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp SET client_min_messages = warning
AS $$
DECLARE
    said text[];
    new_ boolean[];
BEGIN
    -- What its own schema is called is each company's own.
    SELECT array_agg(replace(s.sql, home, '{schema}') ORDER BY s.number), array_agg(s.begins ORDER BY s.number)
    INTO said, new_
    FROM (
        SELECT t.number, t.sql, t.xact IS DISTINCT FROM lag(t.xact) OVER (ORDER BY t.number) AS begins
        FROM piste.tool_statement t
    ) AS s;
    PERFORM piste.clear_tool_trials();
    PERFORM pg_advisory_unlock(piste.tool_mark());
    RETURN QUERY SELECT * FROM unnest(said, new_);
END
$$;

-- Who may call it: a superuser, who has the session's lock of tools. Trusts: the catalogs. Records: nothing.
-- Takes away what trials of tools left, also those that were killed: their connections, tables, logins and notes.
CREATE OR REPLACE FUNCTION piste.clear_tool_trials()
RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp SET client_min_messages = warning
AS $$
DECLARE
    each record;
BEGIN
    DROP EVENT TRIGGER IF EXISTS piste_tool;
    FOR each IN
        SELECT n.nspname, r.rolname FROM pg_namespace n JOIN pg_roles r ON r.oid = n.nspowner
        WHERE r.rolname = 'piste_tool_' || substr(n.nspname, 3)
    LOOP
        PERFORM pg_terminate_backend(a.pid, 5000) FROM pg_stat_activity a WHERE a.usename = each.rolname;
        EXECUTE format('DROP SCHEMA %I CASCADE', each.nspname);
        EXECUTE format('DROP OWNED BY %I', each.rolname);
        EXECUTE format('DROP ROLE %I', each.rolname);
    END LOOP;
    DELETE FROM piste.tool_statement;
END
$$;

RESET ROLE;
