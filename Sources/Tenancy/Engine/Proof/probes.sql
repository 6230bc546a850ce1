-- Hostile probes: a throw-away company to attack from, and what a proof leaves in the control trail.
--
-- The probes themselves run over connections of their own with the login of the admin who proves: a context, a token and the
-- gate treat an admin like any operator, so that no login has to be made and no password is handed about, whatever way of
-- logging in the server asks for. What a second login would be needed for (a token that was issued to another) is written
-- down here instead. Nothing here opens a context: that takes a token and `enter`, as ever.

SET LOCAL ROLE piste_owner;

-- The throw-away companies of proofs that run, and the backend of each proof: without it, they are rubbish.
CREATE TABLE IF NOT EXISTS piste.probe (
    company        uuid        PRIMARY KEY REFERENCES piste.company ON DELETE CASCADE,
    begun_by       text        COLLATE "C" NOT NULL,
    begun_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    backend_pid    integer     NOT NULL DEFAULT pg_backend_pid()
);

-- Who may call it: `begin_probes`. Trusts: nothing. Records: `company.create`, in the company's own trail.
-- One more company, with twelve users and four journeys that nobody is sorry for. Its name says what it is.
CREATE OR REPLACE FUNCTION piste.make_probe_company(OUT firm uuid, OUT url_id text, OUT home text)
LANGUAGE plpgsql
AS $$
DECLARE
    made  record;
    each  text;
BEGIN
    url_id := 'probe-' || encode(piste.random_bytes(6), 'hex');
    made := piste.create_company('Throw-away of a proof', url_id, 'piste prove');
    IF made.refusal IS NOT NULL THEN
        RAISE EXCEPTION '%', made.refusal USING ERRCODE = 'PT409';
    END IF;
    firm := made.id;
    home := made.schema_name;
    INSERT INTO piste.probe (company, begun_by) VALUES (firm, session_user::text);
    -- Made in this very transaction: nobody else has seen the tables yet, and their gate is back before anybody does.
    PERFORM piste.begin_work('a throw-away company');
    FOREACH each IN ARRAY ARRAY['users', 'journeys'] LOOP
        EXECUTE format('ALTER TABLE %I.%I NO FORCE ROW LEVEL SECURITY', home, each);
    END LOOP;
    EXECUTE format(
        'INSERT INTO %1$I.users (email, name) '
        'SELECT ''u'' || n || ''@probe.example'', ''User '' || n FROM generate_series(1, 12) AS n; '
        'INSERT INTO %1$I.journeys (user_id, name) SELECT id, ''Onboarding'' FROM %1$I.users WHERE id <= 4', home);
    -- Foreign keys are checked now: a table with checks in waiting cannot be altered.
    SET CONSTRAINTS ALL IMMEDIATE;
    FOREACH each IN ARRAY ARRAY['users', 'journeys'] LOOP
        EXECUTE format('ALTER TABLE %I.%I FORCE ROW LEVEL SECURITY', home, each);
    END LOOP;
    PERFORM piste.end_work();
END
$$;

-- Who may call it: the engine's own definer functions. Trusts: piste.probe. Records: nothing (the caller does).
-- Removes one throw-away company, with everything it has; nothing else can be removed by it. Its url_id; NULL when there is
-- none, or when it is somebody else's turn and the manner is to skip it (see piste.take_turn).
CREATE OR REPLACE FUNCTION piste.remove_probe_company(asked uuid, manner text)
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    firm piste.company;
BEGIN
    SELECT k.* INTO firm FROM piste.company k JOIN piste.probe p ON p.company = k.id WHERE k.id = asked;
    IF firm.id IS NULL OR NOT piste.take_turn('company:' || firm.id, manner) THEN
        RETURN NULL;
    END IF;
    -- Nobody wants to be told of each table that goes.
    PERFORM set_config('client_min_messages', 'warning', true);
    PERFORM piste.end_contexts_of(firm.id, 'the proof is over');
    PERFORM piste.end_tickets_of(firm.id);
    DELETE FROM piste.lease l WHERE l.company = firm.id;
    EXECUTE format('DROP SCHEMA %I, %I CASCADE', firm.window_name, firm.schema_name);
    PERFORM piste.drop_company_roles(firm.id);
    DELETE FROM piste.company WHERE id = firm.id;
    PERFORM piste.drop_trail(firm.id);
    RETURN firm.url_id;
END
$$;

-- Who may call it: `begin_probes` and `sweep`. Trusts: piste.probe and the list of backends.
-- Records: `proof.clean` in the control trail for each throw-away company that a killed proof left behind.
-- How many were removed, at most two: a sweep is short. What somebody else removes or holds is left to the next one, which
-- nothing here may keep from its other work.
CREATE OR REPLACE FUNCTION piste.remove_dead_probes()
RETURNS bigint
LANGUAGE plpgsql
SET lock_timeout = '1s'
AS $$
DECLARE
    removed bigint := 0;
    each    record;
    name    text;
BEGIN
    FOR each IN
        SELECT p.company FROM piste.probe p
        WHERE NOT EXISTS (
            SELECT FROM piste.live_backends() b
            WHERE b.pid = p.backend_pid AND b.login = p.begun_by AND b.backend_start <= p.begun_at)
        ORDER BY p.begun_at LIMIT 2
        FOR UPDATE SKIP LOCKED
    LOOP
        BEGIN
            name := piste.remove_probe_company(each.company, 'skip');
            IF name IS NOT NULL THEN
                PERFORM piste.append(NULL, session_user::text, NULL, NULL, 'proof.clean', 'company',
                    jsonb_build_object('url_id', name, 'why', 'its proof did not end by itself'));
                removed := removed + 1;
            END IF;
        EXCEPTION WHEN OTHERS THEN
            RAISE LOG 'piste: a throw-away company stays for now: %', SQLERRM;
        END;
    END LOOP;
    RETURN removed;
END
$$;

-- Who may call it: an admin with a login of their own (a superuser is outside the engine, and no gate would stop one).
-- Trusts: session_user. Records: `proof.begin` in the control trail, or `proof.refused`.
-- Two throw-away companies for this session: one to attack from, and one to attack beside a real one. They go with
-- `end_probes`, or with the next sweep after this session.
CREATE OR REPLACE FUNCTION piste.begin_probes()
RETURNS TABLE (url_id text, schema_name text, neighbour_url_id text, neighbour_schema_name text, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    me  record := piste.me();
    own record;
    other record;
BEGIN
    IF me.level <> 'admin' THEN
        refusal := piste.refuse(NULL, 'proof.refused', 'engine', 'not_allowed',
            CASE WHEN me.level = 'superuser' THEN 'a superuser is outside the engine: probes take an admin''s login'
                ELSE 'this is for admins' END);
        RETURN NEXT;
        RETURN;
    END IF;
    PERFORM piste.remove_dead_probes();
    own := piste.make_probe_company();
    other := piste.make_probe_company();
    PERFORM piste.append(NULL, me.login, NULL, NULL, 'proof.begin', 'company',
        jsonb_build_object('url_id', own.url_id, 'neighbour', other.url_id));
    RETURN QUERY SELECT own.url_id, own.home, other.url_id, other.home, NULL::text;
END
$$;

-- Who may call it: admin. Trusts: session_user. Records: nothing.
-- What the names of a company's roles begin with, so that a proof can try them; NULL where there is none.
CREATE OR REPLACE FUNCTION piste.role_stem_of(url_id text)
RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT (piste.me()).administers THEN
        RETURN NULL;
    END IF;
    RETURN (SELECT piste.role_stem(k.window_name) FROM piste.company k WHERE k.url_id = role_stem_of.url_id);
END
$$;

-- Who may call it: the admin whose throw-away company the context is in. Trusts: session_user and piste.probe.
-- Records: nothing. False when there is no such context.
-- Does to a token of a throw-away company what else only time or another login could do:
--   'expire'   its time is up in so many milliseconds
--   'foreign'  it was issued to another login
CREATE OR REPLACE FUNCTION piste.change_probe_token(jti uuid, manner text, milliseconds integer DEFAULT 0)
RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    me record := piste.me();
BEGIN
    IF coalesce(manner NOT IN ('expire', 'foreign') OR milliseconds NOT BETWEEN 0 AND 60000, true) THEN
        RAISE EXCEPTION 'a token expires within a minute, or is foreign' USING ERRCODE = 'PT400';
    END IF;
    IF me.level <> 'admin' THEN
        RETURN false;
    END IF;
    -- Never later than it was, and never an open one's holder.
    UPDATE piste.context c
    SET expires_at = CASE manner WHEN 'expire' THEN
            least(c.expires_at, clock_timestamp() + milliseconds * interval '1 millisecond') ELSE c.expires_at END,
        operator = CASE WHEN manner = 'foreign' THEN 'somebody else' ELSE c.operator END
    WHERE c.jti = change_probe_token.jti AND c.operator = me.login AND c.ended_at IS NULL
      AND (manner = 'expire' OR c.opened_at IS NULL)
      AND c.company IN (SELECT p.company FROM piste.probe p WHERE p.begun_by = me.login);
    RETURN FOUND;
END
$$;

-- Who may call it: the engine's own definer functions. Trusts: piste.probe. Records: nothing.
-- Whether an admin may have tickets of a company although they are for services: of the throw-away ones of their own proof.
CREATE OR REPLACE FUNCTION piste.probes_tickets(level text, firm uuid, login text)
RETURNS boolean
LANGUAGE plpgsql
AS $$
BEGIN
    RETURN level = 'admin' AND EXISTS (
        SELECT FROM piste.probe p WHERE p.company = firm AND p.begun_by = probes_tickets.login);
END
$$;

-- Who may call it: the engine's own definer functions. Trusts: piste.probe. Records: nothing.
-- Whether this very session runs a proof of that login's: it drains its own throw-away companies' outboxes, as a control of what other
-- sessions of the same login are refused.
CREATE OR REPLACE FUNCTION piste.probes_here(login text)
RETURNS boolean
LANGUAGE plpgsql
AS $$
BEGIN
    RETURN EXISTS (SELECT FROM piste.probe p WHERE p.begun_by = probes_here.login AND p.backend_pid = pg_backend_pid());
END
$$;

-- Who may call it: the admin who is in a throw-away company of their own proof. Trusts: session_user, the backend's own context
-- and piste.probe. Records: nothing. Takes from its windows the line that keeps the gate before the table (windows.sql says why), so that a proof can see what
-- would happen without it. For a transaction that is rolled back; the gate itself is asked there as ever. How many windows had
-- one: none before PostgreSQL 16.
CREATE OR REPLACE FUNCTION piste.strip_probe_windows()
RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    me       record := piste.me();
    each     record;
    stripped bigint := 0;
BEGIN
    IF me.level <> 'admin' THEN
        RETURN 0;
    END IF;
    FOR each IN
        SELECT w.pane, pg_get_viewdef(w.pane) AS made
        FROM piste.probe p
        JOIN piste.company k ON k.id = p.company
        JOIN piste.gated_table g ON g.company = k.id
        CROSS JOIN LATERAL to_regclass(format('%I.%I', k.window_name, g.table_name)) AS w (pane)
        WHERE p.company = (piste.here()).company AND p.begun_by = me.login AND w.pane IS NOT NULL
    LOOP
        CONTINUE WHEN each.made !~ 'IN [(] SELECT true[)]';
        -- The sweep lets alone who changes a company's objects with the engine's own lock on them.
        PERFORM piste.begin_work('windows of a proof'), piste.end_work();
        EXECUTE format('CREATE OR REPLACE VIEW %s AS %s', each.pane,
            regexp_replace(each.made, 'WHERE .*? IN [(] SELECT true[)][)] AND ', 'WHERE ('));
        stripped := stripped + 1;
    END LOOP;
    RETURN stripped;
END
$$;

-- Who may call it: the admin who began them. Trusts: session_user and piste.probe. Records: `proof.end` in the control trail.
-- Removes the throw-away companies of this session. How many there were.
CREATE OR REPLACE FUNCTION piste.end_probes()
RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    me      record := piste.me();
    each    record;
    names   text[] := '{}';
BEGIN
    FOR each IN
        SELECT p.company FROM piste.probe p
            WHERE p.begun_by = me.login AND p.backend_pid = pg_backend_pid() FOR UPDATE
    LOOP
        names := array_remove(names || piste.remove_probe_company(each.company, 'wait'), NULL);
    END LOOP;
    IF names <> '{}' THEN
        DELETE FROM piste.job_lease l WHERE l.login = me.login;
        PERFORM piste.append(NULL, me.login, NULL, NULL, 'proof.end', 'company',
            jsonb_build_object('removed', to_jsonb(names)));
    END IF;
    RETURN cardinality(names);
END
$$;

-- Who may call it: admin. Trusts: session_user. Records: nothing; `proof.refused` for anybody else.
-- What a report says at its head: where, what and when, and the checksums of the files that the engine was installed from.
CREATE OR REPLACE FUNCTION piste.proof_facts()
RETURNS TABLE (
    database text, server text, server_number integer, engine_version text, manifest text, files jsonb,
        companies bigint,
    operators bigint, admin text, at timestamptz, flaws jsonb, superusers jsonb, refusal text, losses jsonb)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    me record := piste.me();
BEGIN
    IF NOT me.administers THEN
        refusal := piste.refuse(NULL, 'proof.refused', 'engine', 'not_allowed', 'this is for admins');
        RETURN NEXT;
        RETURN;
    END IF;
    database := current_database();
    server := version();
    server_number := current_setting('server_version_num');
    engine_version := piste.installed_version();
    manifest := piste.manifest_digest();
    files := (SELECT jsonb_object_agg(f.name, f.checksum) FROM piste.engine_file f);
    companies := (SELECT count(*) FROM piste.company);
    operators := (SELECT count(*) FROM piste.operator);
    admin := me.login;
    at := clock_timestamp();
    flaws := (
        SELECT jsonb_agg(jsonb_build_object('cve', f.cve, 'what', f.what, 'fixed',
            CASE server_number / 10000 WHEN 15 THEN f.in_15 WHEN 16 THEN f.in_16 WHEN 17 THEN f.in_17
                ELSE f.in_18 END))
        FROM piste.known_flaws() f);
    superusers := (
        SELECT jsonb_agg(r.rolname ORDER BY r.rolname) FROM pg_roles r WHERE piste.is_installer(r.rolname::text));
    losses := (SELECT coalesce(jsonb_agg(jsonb_build_object('what', l.lost, 'probes', l.probes)), '[]') FROM piste.losses() l);
    RETURN NEXT;
END
$$;

-- Who may call it: admin. Trusts: session_user; the digest is written down as it was given. Records: `proof.report` with it
-- in the control trail, and how many checks passed and failed; or `proof.refused`.
-- The number and the hash of that record: whoever has the report can find it there, and knows that it is the one.
CREATE OR REPLACE FUNCTION piste.record_proof(digest text, scope text, passed integer, failed integer)
RETURNS TABLE (seq bigint, hash text, at timestamptz, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    me     record := piste.me();
    number bigint;
BEGIN
    IF coalesce(digest !~ '^[0-9a-f]{64}$' OR char_length(scope) NOT BETWEEN 1 AND 100 OR passed < 0
        OR failed < 0, true) THEN
        RAISE EXCEPTION 'a digest is a SHA-256 in hex, with its scope and how many checks passed and failed'
            USING ERRCODE = 'PT400';
    END IF;
    IF NOT me.administers THEN
        refusal := piste.refuse(NULL, 'proof.refused', 'engine', 'not_allowed', 'this is for admins');
        RETURN NEXT;
        RETURN;
    END IF;
    number := piste.append(NULL, me.login, NULL, NULL, 'proof.report', 'engine', jsonb_build_object(
        'sha256', digest, 'scope', scope, 'passed', passed, 'failed', failed));
    -- Its number goes into the report, so it is sealed now.
    PERFORM piste.seal_trail(piste.no_company(), 'wait', 100000000);
    RETURN QUERY SELECT e.seq, encode(e.hash, 'hex'), e.at, NULL::text FROM piste.entry e
    WHERE e.company = piste.no_company() AND e.id = number;
END
$$;

RESET ROLE;
