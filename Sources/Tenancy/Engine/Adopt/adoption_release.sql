-- Releasing: an adopted schema is again what it was, and nobody's store.

SET LOCAL ROLE piste_owner;

-- Who may call it: the engine's own definer functions. Trusts: the ledger and the catalogs. Records: nothing.
-- What takes back all that was done in a schema and still stands, statement by statement, the last step first.
CREATE OR REPLACE FUNCTION piste.steps_back(home text)
RETURNS SETOF text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT b.statement
    FROM piste.adoption_step s CROSS JOIN LATERAL (SELECT piste.step_statement(s, true) AS statement) b
    WHERE s.schema_name = home AND s.done AND b.statement IS NOT NULL AND piste.step_stands(s)
      -- A table that is gone meanwhile has nothing to be given back.
      AND (s.kind <> 'whole table' OR to_regclass(s.object) IS NOT NULL)
    -- Without a superuser, who gives a table back has to give it to somebody who may make one there: the schema goes first.
    ORDER BY CASE WHEN s.privilege = 'owner' AND s.object LIKE 'SCHEMA %' THEN 29 ELSE s.place END DESC, piste.step_rank(s.kind) DESC, s.object COLLATE "C",
        s.privilege COLLATE "C"
$$;

-- Who may call it: admin, and `release` does, who repeats the url_id as the confirmation. Trusts: session_user and the ledger.
-- Records: `company.release` in the engine's own trail, with the number and the hash of the last record of the company's trail.
-- Ends every right to be in the company; windows, roles, keys and trail are gone when the transaction commits. What is left to be
-- taken back in the store itself, by whoever may, statement by statement; or a refusal.
CREATE OR REPLACE FUNCTION piste.release_company(url_id text, confirmation text)
RETURNS TABLE (statement text, audit_entries bigint, audit_hash text, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    me    record := piste.me();
    here  record := piste.here();
    asked record;
    firm  piste.company;
    seen  piste.observed_schema;
    code  text;
    words text;
    last  record;
    ended bigint;
BEGIN
    SELECT * INTO seen FROM piste.observed_schema o WHERE o.url_id = release_company.url_id;
    IF FOUND AND me.administers THEN
        IF confirmation IS DISTINCT FROM seen.url_id THEN
            RETURN QUERY SELECT NULL::text, NULL::bigint, NULL::text, piste.refuse(NULL, 'company.refused', 'company', 'not_confirmed',
                'repeat the url_id to confirm', jsonb_build_object('wish', 'release', 'url_id', seen.url_id));
            RETURN;
        END IF;
        DELETE FROM piste.observed_schema o WHERE o.url_id = release_company.url_id;
        PERFORM piste.append(NULL, me.login, NULL, NULL, 'company.release', 'company', jsonb_build_object(
            'url_id', seen.url_id, 'schema', seen.schema_name, 'guard', 'observe'));
        RETURN QUERY SELECT NULL::text, 0::bigint, NULL::text, NULL::text;
        RETURN;
    END IF;
    asked := piste.company_for_admin(release_company.url_id, 'release');
    firm := asked.firm;
    IF asked.refusal IS NULL THEN
        IF firm.adopted IS NULL THEN
            code := 'not_adopted';
            words := 'this company was not adopted: Piste made it, and only deletes it';
        ELSIF confirmation IS DISTINCT FROM firm.url_id THEN
            code := 'not_confirmed';
            words := 'repeat the url_id to confirm';
        ELSIF here.company = firm.id AND here.live THEN
            code := 'in_context';
            words := 'leave this company before you release it';
        ELSIF firm.adopted = 'all' AND NOT piste.is_installer(session_user::text) THEN
            code := 'not_allowed';
            words := 'its tables go back to their owners: that is for superusers, and for whoever installed the engine';
        END IF;
        IF code IS NOT NULL THEN
            asked.refusal := piste.refuse(
                firm.id, 'company.refused', 'company', code, words, jsonb_build_object('wish', 'release'));
        END IF;
    END IF;
    IF asked.refusal IS NOT NULL THEN
        RETURN QUERY SELECT NULL::text, NULL::bigint, NULL::text, asked.refusal;
        RETURN;
    END IF;
    PERFORM piste.check_guards(firm.schema_name, firm.adopted);
    ended := piste.end_rights_of(firm.id, 'the company was released');
    DELETE FROM piste.lease WHERE company = firm.id;
    PERFORM piste.seal_trail(firm.id, 'wait', 100000000);
    SELECT t.seq, encode(t.hash, 'hex') AS hash INTO STRICT last FROM piste.trail t WHERE t.company = firm.id;
    EXECUTE format('DROP SCHEMA %I CASCADE', firm.window_name);
    PERFORM piste.drop_company_roles(firm.id);
    DELETE FROM piste.company WHERE id = firm.id;
    PERFORM piste.drop_trail(firm.id);
    PERFORM piste.append(NULL, session_user::text, NULL, NULL, 'company.release', 'company', jsonb_build_object(
        'company', firm.id, 'url_id', firm.url_id, 'schema', firm.schema_name, 'guard', firm.adopted, 'contexts_ended', ended,
        'audit_entries', last.seq, 'audit_hash', last.hash));
    RETURN QUERY SELECT NULL::text, last.seq, last.hash, NULL::text;
    RETURN QUERY
    SELECT b.statement, last.seq, last.hash, NULL::text FROM piste.steps_back(firm.schema_name) WITH ORDINALITY AS b (statement, place)
    ORDER BY b.place;
END
$$;

-- Who may call it: admin, and `release` does. Trusts: the catalogs. Records: nothing.
-- Forgets the steps that were taken back, of schemas that are nobody's store. What still stands is told.
CREATE OR REPLACE FUNCTION piste.forget_steps()
RETURNS SETOF text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM piste.check_adopts();
    DELETE FROM piste.adoption_step s
    WHERE NOT EXISTS (SELECT FROM piste.company k WHERE k.schema_name = s.schema_name) AND NOT piste.step_stands(s);
    RETURN QUERY
    SELECT piste.step_statement(s, true) FROM piste.adoption_step s
    WHERE s.done AND NOT EXISTS (SELECT FROM piste.company k WHERE k.schema_name = s.schema_name)
    ORDER BY 1;
END
$$;

-- Who may call it: admin, who repeats the url_id as the confirmation. It runs with the caller's own rights, so that PostgreSQL asks
-- whether the tables are theirs. Trusts: nothing but what the two halves say. Records: as they do.
-- Gives an adopted schema back as it was: all of it or nothing. Raises PT426 where what an adoption granted is not the caller's to
-- take back.
CREATE OR REPLACE FUNCTION piste.release(url_id text, confirmation text)
RETURNS TABLE (audit_entries bigint, audit_hash text, refusal text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    each      record;
    statement text;
BEGIN
    FOR each IN SELECT r.* FROM piste.release_company(release.url_id, release.confirmation) AS r LOOP
        IF each.refusal IS NOT NULL THEN
            refusal := each.refusal;
            RETURN NEXT;
            RETURN;
        END IF;
        statement := each.statement;
        audit_entries := each.audit_entries;
        audit_hash := each.audit_hash;
        CONTINUE WHEN each.statement IS NULL;
        IF NOT piste.try_statement(each.statement) THEN
            RAISE EXCEPTION 'what was granted when this company was adopted is not yours to take back' USING
                ERRCODE = 'PT426', HINT = format('A superuser or the owner of its tables releases it: %s', each.statement);
        END IF;
    END LOOP;
    PERFORM piste.forget_steps();
    RETURN NEXT;
EXCEPTION WHEN undefined_object THEN
    RAISE EXCEPTION 'what was there when this company was adopted cannot be given back: %', SQLERRM USING
        ERRCODE = 'PT409', HINT = format('Make it again, and release it then: %s', statement);
END
$$;

-- Who may call it: admin. Trusts: session_user. Records: `company.windows_down`.
-- Takes the windows of an adopted company down, so that its application may drop and retype columns, which PostgreSQL refuses
-- while a window shows them. Nobody sees anything until `adopt` puts them up again. How many there were; -1 where it is none.
CREATE OR REPLACE FUNCTION piste.take_windows_down(url_id text)
RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '5s'
AS $$
DECLARE
    firm  piste.company;
    names text;
    number bigint;
BEGIN
    PERFORM piste.check_adopts();
    SELECT * INTO firm FROM piste.company k WHERE k.url_id = take_windows_down.url_id AND k.adopted IS NOT NULL;
    IF NOT FOUND THEN
        RETURN -1;
    END IF;
    SELECT string_agg(format('%I.%I', firm.window_name, c.relname), ', '), count(*) INTO names, number
    FROM pg_class c WHERE c.relnamespace = to_regnamespace(firm.window_name) AND c.relkind = 'v';
    IF number > 0 THEN
        EXECUTE 'DROP VIEW ' || names;
        PERFORM piste.append(firm.id, session_user::text, NULL, NULL, 'company.windows_down', 'company',
            jsonb_build_object('windows', number));
    END IF;
    RETURN number;
END
$$;

RESET ROLE;
