-- Renaming, suspending, resuming, deleting: what an admin does to a company that exists. (Its policy: Policy/policy.)

SET LOCAL ROLE piste_owner;

-- Who may call it: the engine's own definer functions, for an operator whom they have identified.
-- Records: `company.refused`. The company, whose turn is the caller's; or a refusal.
CREATE OR REPLACE FUNCTION piste.company_for_admin(
    url_id text, wish text, OUT firm piste.company, OUT refusal text)
LANGUAGE plpgsql
AS $$
#variable_conflict use_column
DECLARE
    me record := piste.me();
BEGIN
    IF company_for_admin.url_id IS NULL THEN
        RAISE EXCEPTION 'url_id is missing' USING ERRCODE = 'PT400';
    END IF;
    SELECT * INTO firm FROM piste.company c WHERE c.url_id = company_for_admin.url_id;
    IF NOT me.administers THEN
        refusal := piste.refuse(
            firm.id, 'company.refused', 'company', 'not_allowed', 'this is for admins',
            jsonb_build_object('wish', wish, 'url_id', left(company_for_admin.url_id, 100)));
    ELSIF firm.id IS NULL THEN
        refusal := piste.refuse(
            NULL, 'company.refused', 'company', 'unknown_company', 'there is no company of this name',
            jsonb_build_object('wish', wish, 'url_id', left(company_for_admin.url_id, 100)));
    ELSE
        PERFORM piste.take_turn('company:' || firm.id);
        SELECT * INTO firm FROM piste.company c WHERE c.url_id = company_for_admin.url_id FOR NO KEY UPDATE;
    END IF;
END
$$;

-- Who may call it: the engine's own definer functions, in the company's turn. Records: `context.end` each, and once for all
-- tokens that nobody opened. Ends the backends first, and then what they held: all of them, or those that were given for a sign-in of the company's own
-- people. How many contexts were open.
CREATE OR REPLACE FUNCTION piste.end_contexts_of(firm uuid, why text, only_signed_in boolean DEFAULT false)
RETURNS bigint
LANGUAGE plpgsql
AS $$
BEGIN
    -- Whoever closed a context and stayed in the company's role goes as well.
    PERFORM piste.end_backend(c.backend_pid, c.entered_at, 500)
    FROM piste.context c WHERE c.company = firm AND c.lingering;
    RETURN piste.end_contexts(ARRAY(
        SELECT c.jti FROM piste.context c
        WHERE c.company = firm AND c.ended_at IS NULL
            AND (NOT only_signed_in OR c.purpose = 'service' AND c.subject IS NOT NULL)), why, session_user::text);
END
$$;

-- Who may call it: the engine's own definer functions, in the company's turn. Records: as end_contexts_of.
-- Ends every right to be in the company, contexts and tickets, or those that its people's sign-ins began. How many contexts
-- were open.
CREATE OR REPLACE FUNCTION piste.end_rights_of(firm uuid, why text, only_signed_in boolean DEFAULT false)
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    ended bigint := piste.end_contexts_of(firm, why, only_signed_in);
BEGIN
    PERFORM piste.end_tickets_of(firm, only_signed_in);
    RETURN ended;
END
$$;

-- Who may call it: admin. Trusts: session_user. Records: `company.rename`, with the old name and the new.
-- A name is a label: nothing else changes.
CREATE OR REPLACE FUNCTION piste.rename_company(url_id text, name text)
RETURNS TABLE (old_name text, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    asked record;
    firm  piste.company;
BEGIN
    PERFORM piste.check_name(rename_company.name);
    asked := piste.company_for_admin(rename_company.url_id, 'rename');
    firm := asked.firm;
    IF asked.refusal IS NULL THEN
        UPDATE piste.company SET name = rename_company.name WHERE id = firm.id;
        PERFORM piste.append(firm.id, session_user::text, NULL, NULL, 'company.rename', 'company',
            jsonb_build_object('old', firm.name, 'new', rename_company.name));
    END IF;
    RETURN QUERY SELECT firm.name, asked.refusal;
END
$$;

-- Who may call it: admin. Trusts: session_user. Records: `context.end` for each context it ends, and `company.suspend`.
-- From here on nobody enters, and who is inside is thrown out.
CREATE OR REPLACE FUNCTION piste.suspend_company(url_id text)
RETURNS TABLE (status text, contexts_ended bigint, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    asked record := piste.company_for_admin(suspend_company.url_id, 'suspend');
    firm  piste.company := asked.firm;
    ended bigint := 0;
BEGIN
    IF asked.refusal IS NULL AND firm.status = 'active' THEN
        UPDATE piste.company SET status = 'suspended', tokens_since = clock_timestamp() WHERE id = firm.id
        RETURNING status INTO firm.status;
        ended := piste.end_rights_of(firm.id, 'the company was suspended');
        PERFORM piste.append(firm.id, session_user::text, NULL, NULL, 'company.suspend', 'company',
            jsonb_build_object('contexts_ended', ended));
    END IF;
    RETURN QUERY SELECT firm.status, ended, asked.refusal;
END
$$;

-- Who may call it: admin. Trusts: session_user. Records: `company.resume`. Old tokens stay dead.
CREATE OR REPLACE FUNCTION piste.resume_company(url_id text)
RETURNS TABLE (status text, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    asked record := piste.company_for_admin(resume_company.url_id, 'resume');
    firm  piste.company := asked.firm;
BEGIN
    IF asked.refusal IS NULL AND firm.status = 'suspended' THEN
        UPDATE piste.company SET status = 'active' WHERE id = firm.id RETURNING status INTO firm.status;
        PERFORM piste.append(firm.id, session_user::text, NULL, NULL, 'company.resume', 'company', NULL);
    END IF;
    RETURN QUERY SELECT firm.status, asked.refusal;
END
$$;

-- Who may call it: the engine's own definer functions, for a company whose contexts have ended. Records: nothing.
-- How many rows each table of a company has, exactly: the owner reads on behalf of the windows, and here only the numbers come
-- out, of what is about to be dropped.
CREATE OR REPLACE FUNCTION piste.count_last_rows(home text)
RETURNS jsonb
LANGUAGE plpgsql
AS $$
DECLARE
    each   record;
    number bigint;
    counts jsonb := '{}';
BEGIN
    FOR each IN SELECT t.table_name FROM piste.archive_tables(home) t LOOP
        EXECUTE format('SELECT count(*) FROM %I.%I', home, each.table_name) INTO number;
        counts := counts || jsonb_build_object(each.table_name, number);
    END LOOP;
    RETURN counts;
END
$$;

-- Who may call it: admin, who repeats the url_id as the confirmation, and may name the archive that was made before, by its
-- SHA-256. Trusts: session_user, and of the archive what the company's trail says about it: rows that changed since stop
-- the deletion.
-- Records: `company.delete` in the engine's own trail: which company (its id and url_id, and no name), how many rows, how many
-- jobs that nobody had done, the number and the hash of the last record of its trail, the keys that are destroyed, and the
-- archive. That record is the certificate. Schema, roles, keys, tokens and trail are gone when the transaction commits.
CREATE OR REPLACE FUNCTION piste.delete_company(url_id text, confirmation text, archive text DEFAULT NULL)
RETURNS TABLE (audit_entries bigint, audit_hash text, refusal text, certificate json)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    asked record := piste.company_for_admin(delete_company.url_id, 'delete');
    firm  piste.company := asked.firm;
    code  text;
    words text;
    here  record := piste.here();
    last  record;
    ended bigint;
    rows_ jsonb;
    jobs  bigint;
    keys  jsonb;
    number bigint;
BEGIN
    IF asked.refusal IS NULL THEN
        IF firm.adopted IS NOT NULL THEN
            code := 'company_adopted';
            words := 'this company was adopted: piste release gives it back as it was, with its rows';
        ELSIF confirmation IS DISTINCT FROM firm.url_id THEN
            code := 'not_confirmed';
            words := 'repeat the url_id to confirm';
        ELSIF here.company = firm.id AND here.live THEN
            code := 'in_context';
            words := 'leave this company before you delete it';
        ELSIF delete_company.archive IS NOT NULL THEN
            SELECT p.code, p.words INTO code, words
            FROM piste.archive_problem(firm.id, delete_company.archive) AS p;
        END IF;
        IF code IS NOT NULL THEN
            asked.refusal := piste.refuse(
                firm.id, 'company.refused', 'company', code, words,
                jsonb_build_object('wish', 'delete', 'archive', left(delete_company.archive, 64)));
        END IF;
    END IF;
    IF asked.refusal IS NOT NULL THEN
        RETURN QUERY SELECT NULL::bigint, NULL::text, asked.refusal, NULL::json;
        RETURN;
    END IF;
    ended := piste.end_rights_of(firm.id, 'the company was deleted');
    DELETE FROM piste.lease WHERE company = firm.id;
    PERFORM piste.seal_trail(firm.id, 'wait', 100000000);
    SELECT t.seq, encode(t.hash, 'hex') AS hash INTO STRICT last FROM piste.trail t WHERE t.company = firm.id;
    rows_ := piste.count_last_rows(firm.schema_name);
    jobs := piste.drop_jobs(firm.id);
    keys := (SELECT jsonb_agg(k.kid ORDER BY k.created_at) FROM piste.signing_key k WHERE k.company = firm.id);
    EXECUTE format('DROP SCHEMA %I, %I CASCADE', firm.window_name, firm.schema_name);
    PERFORM piste.drop_company_roles(firm.id);
    DELETE FROM piste.company WHERE id = firm.id;
    PERFORM piste.drop_trail(firm.id);
    number := piste.append(NULL, session_user::text, NULL, NULL, 'company.delete', 'company', jsonb_build_object(
        'company', firm.id, 'url_id', firm.url_id, 'contexts_ended', ended, 'rows', rows_, 'jobs', jobs,
        'audit_entries', last.seq, 'audit_hash', last.hash, 'keys_destroyed', keys, 'archive', delete_company.archive));
    -- The certificate is given out now, so its record is sealed now.
    PERFORM piste.seal_trail(piste.no_company(), 'wait', 100000000);
    RETURN QUERY SELECT last.seq, last.hash, NULL::text, piste.certificate_of(number);
END
$$;

RESET ROLE;
