-- Migrations: the ledger, and one company's way to the newest blueprint.
--
-- A blueprint is registered once, after it has been tried on a throw-away company. From then on new companies are
-- built by it; the others are brought there one by one, each in one transaction, whenever somebody runs `piste migrate`.

SET LOCAL ROLE piste_owner;

-- One row for each company and version that somebody tried to bring it to. What is not here is pending; what runs is known
-- by its lock (piste.migrations), so that no row can claim it after its backend is gone.
CREATE TABLE IF NOT EXISTS piste.migration (
    company       uuid        NOT NULL REFERENCES piste.company ON DELETE CASCADE,
    version       integer     NOT NULL REFERENCES piste.blueprint,
    from_version  integer     NOT NULL,
    state         text        COLLATE "C" NOT NULL CHECK (state IN ('waiting', 'done', 'failed')),
    error_state   text        COLLATE "C",
    error         text        CHECK (char_length(error) <= 500),
    started_at    timestamptz NOT NULL,
    milliseconds  integer     NOT NULL,
    attempts      integer     NOT NULL DEFAULT 1,
    done_by       text        COLLATE "C" NOT NULL,
    PRIMARY KEY (company, version)
);

DROP FUNCTION IF EXISTS piste.resources();

-- What can be declared: the tables of an adopted company, else those of the newest blueprint, which carry the gate; and two words for what has no gate of its
-- own but belongs into the trail. One look into a table of a few rows, however many companies there are. (As a function in
-- SQL it would be planned anew in every transaction; every declaration asks it.)
CREATE OR REPLACE FUNCTION piste.resources(firm uuid DEFAULT NULL)
RETURNS text[]
LANGUAGE plpgsql STABLE
AS $$
BEGIN
    IF EXISTS (SELECT FROM piste.company k WHERE k.id = firm AND k.adopted IS NOT NULL) THEN
        RETURN ARRAY(
            SELECT piste.resource_of(g.table_name) FROM piste.gated_table g WHERE g.company = firm ORDER BY g.table_name
        ) || ARRAY['audit', 'token'];
    END IF;
    RETURN (SELECT b.resources FROM piste.blueprint b ORDER BY b.version DESC LIMIT 1);
END
$$;

-- Who may call it: `migrate_company` and the trial of a blueprint. Trusts: the template, which was tried before it was
-- registered. Records: what the template does to rows, by the tables' own triggers.
-- Runs one migration on one company, in the caller's transaction and with its lock_timeout. Its windows and their tables are
-- locked first, in one order; then the windows go, which would stand in the way of a changed column. Meanwhile the gate is
-- not in force for the owner, who has the tables to itself: otherwise a migration that fills a column would change no row.
-- At the end every table that is behind the gate has its window again.
CREATE OR REPLACE FUNCTION piste.apply_migration(firm uuid, home text, template text)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    gated oid[] := ARRAY(
        SELECT c.oid
        FROM pg_depend d JOIN pg_class c ON c.oid = d.objid
        WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = to_regnamespace(quote_ident(home))
          AND d.classid = 'pg_class'::regclass AND c.relkind = 'r' AND c.relforcerowsecurity
        ORDER BY c.relname);
    panes text  := (
        SELECT string_agg(format('%I.%I', k.window_name, g.table_name), ', ' ORDER BY g.table_name)
        FROM piste.company k JOIN piste.gated_table g ON g.company = k.id
        WHERE k.id = firm AND to_regclass(format('%I.%I', k.window_name, g.table_name)) IS NOT NULL);
    each  oid;
BEGIN
    -- A window takes its table with it: locked as whoever reads locks them.
    IF panes IS NOT NULL THEN
        EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', panes);
        EXECUTE format('DROP VIEW %s', panes);
    END IF;
    FOREACH each IN ARRAY gated LOOP
        EXECUTE format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY', each::regclass);
    END LOOP;
    PERFORM piste.begin_work('a migration');
    EXECUTE piste.filled(template, firm, home);
    SET CONSTRAINTS ALL IMMEDIATE;
    PERFORM piste.end_work();
    FOREACH each IN ARRAY gated LOOP
        IF EXISTS (SELECT FROM pg_class c WHERE c.oid = each) THEN
            EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', each::regclass);
        END IF;
    END LOOP;
    PERFORM piste.make_windows(firm);
END
$$;

-- Who may call it: the engine's own definer functions. Records: one line of the ledger.
-- A message is kept short, and without the value that it may quote (class 22): the ledger holds no company's data.
CREATE OR REPLACE FUNCTION piste.note_migration(
    firm uuid, to_version integer, from_version integer, state text, error_state text, error text, begun timestamptz)
RETURNS void
LANGUAGE sql
AS $$
    INSERT INTO piste.migration AS m (
        company, version, from_version, state, error_state, error, started_at, milliseconds, done_by)
    VALUES (
        firm, to_version, from_version, state, error_state, error, begun,
        extract(epoch FROM clock_timestamp() - begun) * 1000, session_user)
    ON CONFLICT (company, version) DO UPDATE SET
        from_version = excluded.from_version, state = excluded.state, error_state = excluded.error_state,
        error = excluded.error, started_at = excluded.started_at, milliseconds = excluded.milliseconds,
        attempts = m.attempts + 1, done_by = excluded.done_by
$$;

-- Who may call it: admin. Trusts: session_user, and the blueprints in piste.blueprint.
-- Records: `company.migrate` for each version, in the transaction that makes it; or `company.migrate_failed`, when the
-- company has been rolled back whole to where it was; and a line of the ledger in any case; or `company.refused`.
-- Brings one company from its blueprint to the newest, all the way or not at all. Suspended companies too. A company in use
-- is not held up: after `patience_ms` for a lock the answer is `waiting`, and the caller comes back. A context that is open
-- goes on: its next statement sees the new tables. `rehearse` does the same and keeps nothing of it.
--   done     it has the newest blueprint now, or had it before (from_version = to_version)
--   failed   it is what it was; error_state and error say why
--   waiting  somebody uses its tables or holds its trail
CREATE OR REPLACE FUNCTION piste.migrate_company(
    url_id text, patience_ms integer DEFAULT 500, rehearse boolean DEFAULT false)
RETURNS TABLE (
    from_version integer, to_version integer, state text, error_state text, error text, milliseconds integer, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '500ms'
AS $$
#variable_conflict use_column
DECLARE
    me    record := piste.me();
    firm  piste.company;
    step  piste.blueprint;
    begun timestamptz := clock_timestamp();
    whole boolean := false;
BEGIN
    IF coalesce(patience_ms NOT BETWEEN 1 AND 60000, true) OR rehearse IS NULL OR migrate_company.url_id IS NULL THEN
        RAISE EXCEPTION 'a url_id, and 1 to 60000 milliseconds of patience' USING ERRCODE = 'PT400';
    END IF;
    SELECT * INTO firm FROM piste.company c WHERE c.url_id = migrate_company.url_id;
    IF NOT me.administers OR firm.id IS NULL THEN
        refusal := piste.refuse(
            CASE WHEN me.administers THEN NULL ELSE firm.id END, 'company.refused', 'company',
            CASE WHEN me.administers THEN 'unknown_company' ELSE 'not_allowed' END,
            CASE WHEN me.administers THEN 'there is no company of this name' ELSE 'this is for admins' END,
            jsonb_build_object('wish', 'migrate', 'url_id', left(migrate_company.url_id, 100)));
        RETURN NEXT;
        RETURN;
    END IF;
    IF firm.adopted IS NOT NULL THEN
        refusal := piste.refuse(firm.id, 'company.refused', 'company', 'company_adopted',
            'this company was adopted: its application makes its tables', jsonb_build_object('wish', 'migrate'));
        RETURN NEXT;
        RETURN;
    END IF;
    PERFORM set_config('lock_timeout', patience_ms::text, true);
    -- Seen by piste.migrations(); nobody waits for it.
    PERFORM pg_try_advisory_xact_lock_shared(piste.migration_mark(firm.schema_name));

    state := 'waiting';
    to_version := (SELECT max(b.version) FROM piste.blueprint b);
    from_version := firm.blueprint_version;
    error_state := '55P03';
    error := 'somebody else is changing this company';
    SELECT * INTO firm FROM piste.company c WHERE c.id = firm.id FOR NO KEY UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        milliseconds := extract(epoch FROM clock_timestamp() - begun) * 1000;
        RETURN NEXT;
        RETURN;
    END IF;
    from_version := firm.blueprint_version;
    IF from_version = to_version THEN
        SELECT 'done', NULL, NULL, 0 INTO state, error_state, error, milliseconds;
        RETURN NEXT;
        RETURN;
    END IF;

    BEGIN
        error := 'its tables are in use';
        BEGIN
            FOR step IN
                SELECT * FROM piste.blueprint b WHERE b.version > firm.blueprint_version ORDER BY b.version
            LOOP
                begun := clock_timestamp();
                PERFORM piste.apply_migration(firm.id, firm.schema_name, step.migration);
                UPDATE piste.company SET blueprint_version = step.version WHERE id = firm.id;
                PERFORM piste.note_migration(firm.id, step.version, from_version, 'done', NULL, NULL, begun);
                PERFORM piste.append(firm.id, me.login, NULL, NULL, 'company.migrate', 'company',
                    jsonb_build_object('from', step.version - 1, 'to', step.version, 'blueprint', step.origin));
            END LOOP;
            IF firm.grown THEN
                EXECUTE piste.filled(step.growth, firm.id, firm.schema_name);
                PERFORM piste.hide_statistics(firm.schema_name);
            END IF;
            error := piste.structure_problem(firm.schema_name);
            IF error IS NOT NULL THEN
                RAISE EXCEPTION '%', error USING ERRCODE = 'PT422';
            END IF;
            whole := true;
            IF rehearse THEN
                RAISE EXCEPTION 'only a rehearsal' USING ERRCODE = 'PT299';
            END IF;
        EXCEPTION
            WHEN lock_not_available OR deadlock_detected OR object_in_use THEN
                RAISE lock_not_available;
            WHEN OTHERS THEN
                IF NOT whole THEN
                    state := 'failed';
                    error_state := SQLSTATE;
                    error := left(CASE WHEN SQLSTATE LIKE '22%' THEN split_part(SQLERRM, ':', 1) ELSE SQLERRM END, 500);
                END IF;
        END;
    EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
        NULL;
    END;
    milliseconds := extract(epoch FROM clock_timestamp() - begun) * 1000;
    IF whole THEN
        SELECT 'done', NULL, NULL INTO state, error_state, error;
    ELSIF NOT rehearse THEN
        PERFORM piste.note_migration(
            firm.id, coalesce(step.version, to_version), from_version, state, error_state, error, begun);
        IF state = 'failed' THEN
            PERFORM piste.append(firm.id, me.login, NULL, NULL, 'company.migrate_failed', 'company',
                jsonb_build_object('from', from_version, 'to', step.version, 'blueprint', step.origin,
                    'sqlstate', error_state, 'error', error));
        END IF;
    END IF;
    RETURN NEXT;
END
$$;

-- The number of the advisory lock that marks a company as being migrated.
CREATE OR REPLACE FUNCTION piste.migration_mark(home text)
RETURNS bigint
LANGUAGE sql STABLE
AS $$
    SELECT (1885959028::bigint << 32) | to_regnamespace(quote_ident(home))::oid::bigint
$$;

-- Who may call it: the engine's own definer functions. Records: nothing.
-- Where each company stands. `running` is what holds its mark at this moment; `pending` has not been tried yet.
CREATE OR REPLACE FUNCTION piste.migration_states()
RETURNS TABLE (
    url_id text, version integer, target integer, state text, error_state text, error text, started_at timestamptz,
    milliseconds integer, attempts integer, done_by text)
LANGUAGE sql VOLATILE
AS $$
    WITH newest AS (
        SELECT max(b.version) AS version FROM piste.blueprint b
    ), running AS MATERIALIZED (
        SELECT n.nspname::text AS home
        FROM pg_locks l JOIN pg_namespace n ON n.oid = l.objid
        WHERE l.locktype = 'advisory' AND l.classid = 1885959028 AND l.objsubid = 1
          AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
    )
    SELECT k.url_id, k.blueprint_version, newest.version,
        CASE
            WHEN k.blueprint_version = newest.version THEN 'done'
            WHEN k.schema_name IN (SELECT r.home FROM running r) THEN 'running'
            ELSE coalesce(m.state, 'pending')
        END,
        m.error_state, m.error, m.started_at, m.milliseconds, m.attempts, m.done_by
    FROM piste.company k
    CROSS JOIN newest
    LEFT JOIN piste.migration m ON m.company = k.id
        AND m.version = CASE
            WHEN k.blueprint_version = newest.version THEN newest.version
            ELSE (
                SELECT max(t.version) FROM piste.migration t
                WHERE t.company = k.id AND t.version > k.blueprint_version)
        END
    -- What was adopted is its application's to migrate.
    WHERE k.adopted IS NULL
$$;

-- Who may call it: admin. Trusts: session_user. Records: `company.refused` for anybody else.
-- Companies by url_id and where they stand; `behind` leaves out those with the newest blueprint, `wanted` those in another
-- state; `after` is the last row seen, in the direction of reading. Read backward, the rows come in descending order.
-- `search` and `matching` are those of piste.companies, over url_id, state, error and who did it.
CREATE OR REPLACE FUNCTION piste.migrations(
    behind boolean DEFAULT false, after text DEFAULT NULL, "limit" integer DEFAULT 10000, wanted text DEFAULT NULL,
    backward boolean DEFAULT false, search text DEFAULT NULL, matching text DEFAULT 'fragment')
RETURNS TABLE (
    url_id text, version integer, target integer, state text, error_state text, error text, started_at timestamptz,
    milliseconds integer, attempts integer, done_by text, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    condition text := piste.filter_condition(search, matching,
        'piste.folded(concat_ws('' '', s.url_id, s.state, s.error_state, s.error, s.done_by))',
        ARRAY['s.url_id', 's.state', 's.error_state', 's.error', 's.done_by']);
BEGIN
    IF coalesce("limit" NOT BETWEEN 1 AND 10000, true) OR backward IS NULL
        OR wanted NOT IN ('pending', 'running', 'waiting', 'failed', 'done')
    THEN
        RAISE EXCEPTION 'limit must be from 1 to 10000, and a state one of pending, running, waiting, failed and done'
            USING ERRCODE = 'PT400';
    END IF;
    IF NOT (piste.me()).administers THEN
        refusal := piste.refuse(NULL, 'company.refused', 'company', 'not_allowed', 'this is for admins',
            jsonb_build_object('wish', 'migrations'));
        RETURN NEXT;
        RETURN;
    END IF;
    RETURN QUERY EXECUTE format(
        'SELECT s.*, NULL::text FROM piste.migration_states() AS s '
        'WHERE (NOT $2 OR s.version < s.target) AND ($3 IS NULL OR s.state = $3) '
        '  AND ($4 IS NULL OR CASE WHEN $5 THEN s.url_id COLLATE "C" < $4 ELSE s.url_id COLLATE "C" > $4 END) AND %s '
        'ORDER BY CASE WHEN $5 THEN s.url_id END COLLATE "C" DESC, s.url_id COLLATE "C" LIMIT $6',
        coalesce(condition, 'true'))
    USING piste.filter_value(search, matching), behind, wanted, after, backward, "limit";
END
$$;

-- Who may call it: admin. Trusts: session_user. Records: `company.refused` for anybody else.
-- The fleet at a glance: how many companies are at which version and in which state.
CREATE OR REPLACE FUNCTION piste.fleet()
RETURNS TABLE (version integer, target integer, state text, companies bigint, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    IF NOT (piste.me()).administers THEN
        refusal := piste.refuse(NULL, 'company.refused', 'company', 'not_allowed', 'this is for admins',
            jsonb_build_object('wish', 'fleet'));
        RETURN NEXT;
        RETURN;
    END IF;
    RETURN QUERY
    SELECT s.version, s.target, s.state, count(*), NULL::text FROM piste.migration_states() AS s
    GROUP BY s.version, s.target, s.state ORDER BY s.version, s.state;
END
$$;

RESET ROLE;
