-- Operators: the people and services with a login of their own, and what each login may execute.

SET LOCAL ROLE piste_owner;

-- Who may call it: the engine's own definer functions. Trusts: the catalogs. Records: nothing.
-- Why a login must not be an operator; NULL when nothing speaks against it. What counts is every role that it could take on.
CREATE OR REPLACE FUNCTION piste.login_problem(login text)
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    problem text;
BEGIN
    WITH RECURSIVE reach AS (
        SELECT r.oid FROM pg_roles r WHERE r.rolname = login
        UNION
        SELECT m.roleid FROM pg_auth_members m JOIN reach ON m.member = reach.oid
    ), face AS (
        SELECT r.*, r.rolname = login AS itself FROM pg_roles r JOIN reach USING (oid)
    )
    SELECT CASE
        WHEN NOT EXISTS (SELECT FROM face) THEN 'there is no such login'
        WHEN bool_or(f.rolsuper) THEN 'it is, or can become, a superuser'
        WHEN bool_or(f.rolbypassrls) THEN 'it bypasses row level security'
        WHEN bool_or(f.rolcreaterole) THEN 'it can create roles'
        WHEN bool_or(f.rolcreatedb) THEN 'it can create databases'
        WHEN bool_or(f.rolreplication) THEN 'it can replicate'
        WHEN bool_or(starts_with(f.rolname, 'pg_')) THEN 'it is a member of a predefined role'
        WHEN bool_or(f.rolname IN ('piste_owner', 'piste_signal') OR f.rolname IN (SELECT piste.makers())) THEN 'it is a member of the engine''s own role'
        WHEN bool_or(f.itself AND NOT f.rolcanlogin) THEN 'it cannot log in'
        WHEN bool_or(f.itself AND f.rolinherit) THEN format('it inherits the rights of its roles: ALTER ROLE %I NOINHERIT', login)
        WHEN bool_or(has_database_privilege(f.oid, current_database(), 'TEMPORARY')) THEN 'it may create temporary tables'
        WHEN bool_or(has_database_privilege(f.oid, current_database(), 'CREATE')) THEN 'it may create schemas'
        WHEN bool_or(EXISTS (
            SELECT FROM pg_namespace n
            WHERE n.nspname !~ '^pg_(toast_)?temp_' AND has_schema_privilege(f.oid, n.oid, 'CREATE')
        )) THEN 'it may create objects'
    END
    INTO problem
    FROM face f;
    RETURN problem;
END
$$;

-- Who may call it: the engine's own definer functions, and the installation. Records: nothing (the caller does).
-- Gives a login by name what the group may execute, or takes it away: operators inherit nothing. A monitor gets the figures,
-- the sweep and the sealing, and nothing else: PostgreSQL itself refuses it the rest.
CREATE OR REPLACE FUNCTION piste.let_call(login text, allowed boolean)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    callable text := (
        SELECT string_agg(p.oid::regprocedure::text, ', ')
        FROM pg_proc p
        WHERE p.pronamespace = 'piste'::regnamespace
          AND has_function_privilege('piste_operators', p.oid, 'EXECUTE')
          AND (NOT allowed OR p.proname IN (
              'whoami', 'metrics', 'chain_heads', 'sweep', 'next_sweep', 'seal', 'durability_report')
              OR NOT EXISTS (SELECT FROM piste.operator o WHERE o.login = let_call.login AND o.level = 'monitor'))
    );
BEGIN
    IF to_regrole(quote_ident(login)) IS NULL THEN
        RETURN;
    END IF;
    IF allowed THEN
        EXECUTE format('GRANT USAGE ON SCHEMA piste TO %I', login);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I', callable, login);
    ELSE
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM %I', callable, login);
        EXECUTE format('REVOKE ALL ON SCHEMA piste FROM %I', login);
    END IF;
END
$$;

-- Who may call it: the engine's own definer functions. Records: `context.end` for each context of this operator, `token.end` for
-- their tokens. Ends every backend of the login in this database, whether it is in a context or not.
CREATE OR REPLACE FUNCTION piste.end_contexts_by(holder text, why text)
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    ended bigint;
BEGIN
    -- All of them at once, then each for a moment: what a backend holds is free when it is gone.
    PERFORM piste.end_backend(b.pid, clock_timestamp(), 0) FROM piste.live_backends() AS b WHERE b.login = holder;
    ended := piste.end_contexts(
        ARRAY(SELECT c.jti FROM piste.context c WHERE c.operator = holder AND c.ended_at IS NULL), why, session_user::text);
    PERFORM piste.end_backend(b.pid, clock_timestamp(), 200) FROM piste.live_backends() AS b WHERE b.login = holder;
    RETURN ended;
END
$$;

-- Who may call it: admin, and a superuser for the first of them. Trusts: session_user and the catalogs.
-- Records: `operator.add`, `operator.level` for one who is there already (whose contexts and tickets end when the level
-- changes), or `operator.refused`. With `sessions` a service may hold contexts too.
-- Makes the login when there is none: without a password, and without inheriting anything.
CREATE OR REPLACE FUNCTION piste.add_operator(login text, level text, sessions boolean DEFAULT false)
RETURNS TABLE (login_created boolean, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    me      record := piste.me();
    was     text   := (SELECT o.level FROM piste.operator o WHERE o.login = add_operator.login);
    pinned  boolean := coalesce((SELECT o.sessions FROM piste.operator o WHERE o.login = add_operator.login), false);
    created boolean := false;
    problem text;
BEGIN
    IF coalesce(add_operator.level NOT IN ('viewer', 'support', 'admin', 'service', 'monitor'), true) THEN
        RAISE EXCEPTION 'a level is viewer, support, admin, service or monitor' USING ERRCODE = 'PT400';
    END IF;
    IF coalesce(add_operator.sessions AND add_operator.level <> 'service', true) THEN
        RAISE EXCEPTION 'sessions are for a service to have or not; everybody else has them' USING ERRCODE = 'PT400';
    END IF;
    IF coalesce(octet_length(add_operator.login) NOT BETWEEN 1 AND 63, true) THEN
        RAISE EXCEPTION 'a login has 1 to 63 bytes' USING ERRCODE = 'PT400';
    END IF;
    IF NOT me.administers THEN
        RETURN QUERY SELECT false, piste.refuse(
            NULL, 'operator.refused', 'operator', 'not_allowed', 'this is for admins',
            jsonb_build_object('wish', 'add', 'login', add_operator.login, 'level', add_operator.level));
        RETURN;
    END IF;
    IF to_regrole(quote_ident(add_operator.login)) IS NULL THEN
        IF add_operator.login !~ '^[A-Za-z_][A-Za-z0-9_.@-]*$' OR add_operator.login ~* '^(pg_|piste_|t_)'
            OR lower(add_operator.login) IN ('public', 'none', 'current_user', 'session_user', 'current_role')
        THEN
            RAISE EXCEPTION 'this cannot be the name of a new login' USING ERRCODE = 'PT400';
        END IF;
        BEGIN
            PERFORM piste.create_login(add_operator.login, piste.connections_of(add_operator.level));
            created := true;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            -- Another database of this cluster made it in the meantime.
            created := false;
        END;
    END IF;
    problem := piste.login_problem(add_operator.login);
    IF problem IS NOT NULL THEN
        RETURN QUERY SELECT created, piste.refuse(
            NULL, 'operator.refused', 'operator', 'login_unsafe', problem,
            jsonb_build_object('wish', 'add', 'login', add_operator.login, 'level', add_operator.level));
        RETURN;
    END IF;
    IF was = 'admin' AND add_operator.level <> 'admin' AND piste.is_last_admin(add_operator.login) THEN
        RETURN QUERY SELECT created, piste.refuse(
            NULL, 'operator.refused', 'operator', 'last_admin', 'there would be no admin left',
            jsonb_build_object('wish', 'level', 'login', add_operator.login, 'level', add_operator.level));
        RETURN;
    END IF;
    IF was <> add_operator.level OR pinned AND NOT add_operator.sessions THEN
        PERFORM piste.end_contexts_by(add_operator.login, 'the level of the operator changed');
        PERFORM piste.end_tickets_by(add_operator.login);
    END IF;
    IF was <> add_operator.level THEN
        PERFORM piste.end_draining_by(add_operator.login);
    END IF;
    INSERT INTO piste.operator AS o (login, level, sessions, added_by)
    VALUES (add_operator.login, add_operator.level, add_operator.sessions, me.login)
    ON CONFLICT (login) DO UPDATE SET level = excluded.level, sessions = excluded.sessions;
    IF was <> add_operator.level THEN
        PERFORM piste.let_call(add_operator.login, false);
        PERFORM piste.limit_login(
            add_operator.login, piste.connections_of(was), piste.connections_of(add_operator.level));
    END IF;
    PERFORM piste.let_call(add_operator.login, true);
    IF was IS DISTINCT FROM add_operator.level OR pinned <> add_operator.sessions THEN
        PERFORM piste.append(NULL, me.login, NULL, NULL,
            CASE WHEN was IS NULL THEN 'operator.add' ELSE 'operator.level' END, 'operator',
            jsonb_strip_nulls(jsonb_build_object(
                'login', add_operator.login, 'level', add_operator.level, 'was', was,
                'sessions', CASE WHEN add_operator.level = 'service' THEN add_operator.sessions END,
                'login_created', CASE WHEN created THEN true END)));
    END IF;
    RETURN QUERY SELECT created, NULL::text;
END
$$;

-- Who may call it: the engine's own definer functions. Records: nothing.
CREATE OR REPLACE FUNCTION piste.is_last_admin(login text)
RETURNS boolean
LANGUAGE sql VOLATILE
AS $$
    SELECT NOT EXISTS (SELECT FROM piste.operator o WHERE o.level = 'admin' AND o.login <> is_last_admin.login)
$$;

-- Who may call it: admin. Trusts: session_user. Records: `operator.remove` and the ends of their contexts, or
-- `operator.refused`. The login stays (it belongs to the whole cluster), without any right here.
CREATE OR REPLACE FUNCTION piste.remove_operator(login text)
RETURNS TABLE (contexts_ended bigint, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    me    record := piste.me();
    was   text   := (SELECT o.level FROM piste.operator o WHERE o.login = remove_operator.login);
    code  text;
    words text;
    ended bigint;
BEGIN
    IF remove_operator.login IS NULL THEN
        RAISE EXCEPTION 'login is missing' USING ERRCODE = 'PT400';
    END IF;
    SELECT v.code, v.words INTO code, words
    FROM (VALUES
        (1, NOT me.administers, 'not_allowed', 'this is for admins'),
        (2, was IS NULL, 'unknown_operator', 'there is no such operator'),
        (3, was = 'admin' AND piste.is_last_admin(remove_operator.login), 'last_admin', 'there would be no admin left')
    ) AS v (rank, refused, code, words)
    WHERE v.refused ORDER BY v.rank LIMIT 1;
    IF code IS NOT NULL THEN
        RETURN QUERY SELECT NULL::bigint, piste.refuse(
            NULL, 'operator.refused', 'operator', code, words,
            jsonb_build_object('wish', 'remove', 'login', left(remove_operator.login, 63)));
        RETURN;
    END IF;
    ended := piste.end_contexts_by(remove_operator.login, 'the operator was removed');
    PERFORM piste.end_tickets_by(remove_operator.login), piste.end_draining_by(remove_operator.login);
    DELETE FROM piste.operator o WHERE o.login = remove_operator.login;
    PERFORM piste.let_call(remove_operator.login, false);
    PERFORM piste.append(NULL, me.login, NULL, NULL, 'operator.remove', 'operator',
        jsonb_build_object('login', remove_operator.login, 'level', was, 'contexts_ended', ended));
    RETURN QUERY SELECT ended, NULL::text;
END
$$;

-- It tells more now than the 2.0 of its first day did, and what a function returns cannot be replaced.
DO $$
BEGIN
    IF NOT (SELECT 'drains' = ANY (p.proargnames) FROM pg_proc p WHERE p.oid = to_regprocedure('piste.operators()')) THEN
        DROP FUNCTION piste.operators();
    END IF;
END
$$;

-- Who may call it: admin. Trusts: session_user and the catalogs. Records: `operator.refused` for anybody else.
-- `problem` tells what has become wrong with a login since it was added.
CREATE OR REPLACE FUNCTION piste.operators()
RETURNS TABLE (
    login text, level text, added_at timestamptz, added_by text, open_contexts bigint, problem text, refusal text,
    sessions boolean, drains boolean)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    me record := piste.me();
BEGIN
    IF NOT me.administers THEN
        refusal := piste.refuse(NULL, 'operator.refused', 'operator', 'not_allowed', 'this is for admins',
            jsonb_build_object('wish', 'list'));
        RETURN NEXT;
        RETURN;
    END IF;
    RETURN QUERY
    SELECT o.login, o.level, o.added_at, o.added_by,
        (
            SELECT count(*) FROM piste.context c
            WHERE c.operator = o.login AND c.opened_at IS NOT NULL AND c.ended_at IS NULL
              AND c.expires_at > clock_timestamp()
        ),
        piste.login_problem(o.login), NULL::text, o.sessions,
        EXISTS (SELECT FROM piste.drainer r WHERE r.login = o.login)
    FROM piste.operator o
    ORDER BY o.login;
END
$$;

RESET ROLE;
