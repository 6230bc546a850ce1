-- What is found wrong with a blueprint, its registration, and taking it back.

SET LOCAL ROLE piste_owner;

-- Who may call it: a superuser or the installer (`piste migrate --add`). Trusts: nothing in the statements. Records: nothing: all of
-- it is rolled back.
-- Runs a migration statement by statement on a throw-away company of the newest blueprint, goes on after what fails, and tells
-- everything that is wrong at once: `number` is the statement's, NULL for what is wrong with the company that comes of it.
CREATE OR REPLACE FUNCTION piste.migration_findings(statements text[])
RETURNS TABLE (number integer, finding text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    tried   record;
    panes   text;
    each    record;
    numbers integer[] := '{}';
    words   text[]    := '{}';
BEGIN
    IF NOT piste.is_installer(session_user::text) THEN
        RAISE EXCEPTION 'only a superuser, or whoever installed the engine, registers a blueprint' USING ERRCODE = '42501';
    END IF;
    BEGIN
        tried := piste.build_throwaway((SELECT max(b.version) FROM piste.blueprint b));
        SELECT string_agg(format('%I.%I', k.window_name, g.table_name), ', ') INTO panes
        FROM piste.company k JOIN piste.gated_table g ON g.company = k.id WHERE k.id = tried.firm;
        EXECUTE 'DROP VIEW ' || panes;
        PERFORM piste.begin_work('a trial');
        FOR n IN 1 .. coalesce(cardinality(statements), 0) LOOP
            BEGIN
                EXECUTE piste.filled(statements[n], tried.firm, tried.home);
                SET CONSTRAINTS ALL IMMEDIATE;
            EXCEPTION WHEN OTHERS THEN
                numbers := numbers || n;
                words := words || format('%s (SQLSTATE %s)', replace(SQLERRM, tried.home, '{schema}'), SQLSTATE);
            END;
        END LOOP;
        PERFORM piste.end_work();
        PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);
        BEGIN
            PERFORM piste.make_windows(tried.firm);
        EXCEPTION WHEN OTHERS THEN
            numbers := numbers || NULL::integer;
            words := words || replace(SQLERRM, tried.home, '{schema}');
        END;
        FOR each IN SELECT f AS finding FROM piste.structure_findings(tried.home) AS f LOOP
            numbers := numbers || NULL::integer;
            words := words || each.finding;
        END LOOP;
        RAISE EXCEPTION 'the trial is over' USING ERRCODE = 'PT299';
    EXCEPTION WHEN SQLSTATE 'PT299' THEN
        NULL;
    END;
    RETURN QUERY SELECT * FROM unnest(numbers, words);
END
$$;

-- Who may call it: a superuser or the installer (the installation, or `piste migrate --add`). Trusts: nothing in the templates.
-- Records: `engine.blueprint` in the engine's own trail, when there is a new version. Raises PT422 with a sentence that
-- names the object when the trial finds something; nothing is registered then, and nobody was touched.
-- A further blueprint: with a template of its own, or the newest so far and then the migration. It gets the next number;
-- a known origin keeps its own, and the newer text of it counts. Companies stay as they are until they are migrated.
CREATE OR REPLACE FUNCTION piste.register_blueprint(origin text, template text, growth text, migration text)
RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    me     record := piste.me();
    newest piste.blueprint;
    known  piste.blueprint;
    plan   piste.blueprint;
    trial  record;
BEGIN
    IF NOT piste.is_installer(session_user::text) THEN
        RAISE EXCEPTION 'only a superuser, or whoever installed the engine, registers a blueprint' USING ERRCODE = '42501';
    END IF;
    IF coalesce(origin !~ '^[a-z][a-z0-9 ._-]{0,99}$', true) THEN
        RAISE EXCEPTION 'an origin has 1 to 100 characters: a-z first, then a-z, 0-9, space and . _ -' USING ERRCODE = 'PT400';
    END IF;
    -- One at a time; who builds or migrates a company meanwhile reads the versions that there were.
    LOCK TABLE piste.blueprint IN SHARE ROW EXCLUSIVE MODE;
    SELECT * INTO newest FROM piste.blueprint b ORDER BY b.version DESC LIMIT 1;
    SELECT * INTO known FROM piste.blueprint b WHERE b.origin = register_blueprint.origin;
    IF template IS NULL AND (newest.version IS NULL OR migration IS NULL) THEN
        RAISE EXCEPTION 'a blueprint needs a template or a migration' USING ERRCODE = 'PT400';
    END IF;
    IF newest.version IS NOT NULL AND known.version IS NULL AND migration IS NULL THEN
        RAISE EXCEPTION 'a further blueprint needs a migration' USING ERRCODE = 'PT400';
    END IF;

    plan.version := coalesce(known.version, newest.version + 1, 1);
    plan.origin := origin;
    plan.migration := migration;
    SELECT * INTO newest FROM piste.blueprint b WHERE b.version = plan.version - 1;
    -- After a version of the application's owner, the engine's own template would lack what that one added.
    IF template IS NOT NULL AND NOT EXISTS (
        SELECT FROM piste.blueprint b WHERE b.version < plan.version AND b.origin NOT LIKE 'engine %')
    THEN
        plan.template := template;
        plan.growth := growth;
    ELSE
        plan.template := newest.template || E'\n' || migration;
        plan.growth := newest.growth || coalesce(E'\n' || growth, '');
    END IF;
    IF (known.template, known.growth, known.migration, known.resources IS NULL)
        IS NOT DISTINCT FROM (plan.template, plan.growth, plan.migration, false)
    THEN
        RETURN plan.version;
    END IF;
    IF known.version IS NOT NULL AND origin NOT LIKE 'engine %' THEN
        RAISE EXCEPTION 'a blueprint of this origin is registered with another text' USING ERRCODE = 'PT409';
    END IF;
    INSERT INTO piste.blueprint AS b (version, template, growth, origin, migration)
    VALUES (plan.version, plan.template, plan.growth, plan.origin, plan.migration)
    ON CONFLICT (version) DO UPDATE SET
        template = excluded.template, growth = excluded.growth, migration = excluded.migration;
    trial := piste.try_blueprint(plan);
    IF trial.problem IS NOT NULL THEN
        RAISE EXCEPTION 'blueprint % (%): %', plan.version, origin, trial.problem USING ERRCODE = 'PT422';
    END IF;
    UPDATE piste.blueprint b SET resources = trial.tables || ARRAY['audit', 'token'] WHERE b.version = plan.version;
    IF known.version IS NULL THEN
        PERFORM piste.append(NULL, me.login, NULL, NULL, 'engine.blueprint', 'engine',
            jsonb_build_object('version', plan.version, 'origin', origin, 'tables', to_jsonb(trial.tables),
                'sha256', encode(sha256(convert_to(coalesce(migration, template), 'UTF8')), 'hex')));
    END IF;
    RETURN plan.version;
END
$$;

-- Who may call it: a superuser or the installer. Trusts: session_user. Records: `engine.blueprint_withdrawn` in the engine's own trail.
-- Takes the newest blueprint back, as long as no company has it; one of the application's owner, never the engine's. Its number is
-- the next one's. Raises PT404 where there is none of that kind, PT409 where companies have it.
CREATE OR REPLACE FUNCTION piste.withdraw_blueprint()
RETURNS TABLE (version integer, origin text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    newest piste.blueprint;
BEGIN
    IF NOT piste.is_installer(session_user::text) THEN
        RAISE EXCEPTION 'only a superuser, or whoever installed the engine, withdraws a blueprint' USING ERRCODE = '42501';
    END IF;
    LOCK TABLE piste.blueprint IN SHARE ROW EXCLUSIVE MODE;
    SELECT * INTO newest FROM piste.blueprint b ORDER BY b.version DESC LIMIT 1;
    IF newest.origin LIKE 'engine %' THEN
        RAISE EXCEPTION 'the newest blueprint is the engine''s own: it stays' USING ERRCODE = 'PT404';
    END IF;
    IF EXISTS (SELECT FROM piste.company k WHERE k.blueprint_version = newest.version) THEN
        RAISE EXCEPTION 'blueprint % (%) is what companies have: another one changes them further', newest.version, newest.origin
            USING ERRCODE = 'PT409';
    END IF;
    DELETE FROM piste.migration m WHERE m.version = newest.version;
    DELETE FROM piste.blueprint b WHERE b.version = newest.version;
    PERFORM piste.append(NULL, session_user::text, NULL, NULL, 'engine.blueprint_withdrawn', 'engine',
        jsonb_build_object('version', newest.version, 'origin', newest.origin));
    RETURN QUERY SELECT newest.version, newest.origin;
END
$$;

RESET ROLE;
