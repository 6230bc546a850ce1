-- Settings of the engine: what an admin chooses for this whole database, each on record with what it was before.

-- A prepared transaction keeps its locks without a backend that anybody could end.
DO $$
BEGIN
    IF current_setting('max_prepared_transactions')::integer > 0 THEN
        RAISE EXCEPTION 'Piste needs a server with max_prepared_transactions = 0' USING
            ERRCODE = 'PT426',
            HINT = 'A prepared transaction holds locks that no sweep can end. Set it to 0, and restart the server.';
    END IF;
END
$$;

SET LOCAL ROLE piste_owner;

-- What was chosen; what is not here has its standard.
CREATE TABLE IF NOT EXISTS piste.setting (
    name        text        COLLATE "C" PRIMARY KEY,
    value       text        COLLATE "C" NOT NULL,
    set_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    set_by      text        COLLATE "C" NOT NULL
);

-- The settings that there are: the standard, the bounds of a number, and what it is in words.
CREATE OR REPLACE FUNCTION piste.known_settings()
RETURNS TABLE (place integer, name text, standard text, lowest bigint, highest bigint, what text)
LANGUAGE sql IMMUTABLE
AS $$
    VALUES
        (1, 'durability', NULL, NULL::bigint, NULL::bigint,
            'where a record must be before the rows that it is about are readable: local (on this server''s disk) or '
            'replicated (on its synchronous standbys'' too)'),
        (2, 'clock', NULL, NULL, NULL,
            'now: go on although the server''s clock was set back behind its newest record'),
        (3, 'ticket_rate', '5000', 1, 90000, 'tickets that a service may ask for of one company, a second'),
        (4, 'max_unused_tickets', '1000', 1, 100000, 'tickets of a service for one company that wait for their use'),
        (5, 'token_rate', '120', 1, 1000000, 'tokens that a person may ask for of one company, a minute'),
        (6, 'refusal_rate', '300', 1, 1000000, 'refusals of a person that are recorded for one company, a minute'),
        (7, 'entry_rate', '3000', 1, 1000000, 'records that a person may make in one company, a minute'),
        (8, 'detail_rate', '1048576', 8192, 1073741824,
            'bytes of detail that a person may write into one company''s records, a minute'),
        (9, 'service_token_rate', '60000', 1, 10000000, 'tokens that a service may ask for of one company, a minute'),
        (10, 'service_refusal_rate', '600', 1, 10000000,
            'refusals of a service that are recorded for one company, a minute'),
        (11, 'service_entry_rate', '300000', 1, 10000000, 'records that a service may make in one company, a minute'),
        (12, 'service_detail_rate', '67108864', 8192, 10737418240,
            'bytes of detail that a service may write into one company''s records, a minute'),
        (13, 'max_unopened_tokens', '20', 1, 1000, 'tokens of a person for one company that wait to be opened'),
        (14, 'service_max_unopened_tokens', '60', 1, 1000,
            'tokens of a service for one company that wait to be opened'),
        (15, 'person_connections', '20', 1, 1000, 'connections that the login of a person may have'),
        (16, 'service_connections', '60', 1, 1000, 'connections that the login of a service may have'),
        (17, 'monitor_connections', '10', 1, 1000, 'connections that the login of a monitor may have'),
        (18, 'keep_values_days', '0', 0, 36500,
            'days for which a company''s trail keeps what came from rows; a sweep destroys what is older; 0: for ever'),
        (19, 'keep_control_days', '0', 0, 36500,
            'days for which ended contexts, decided requests and older verifications are kept; a sweep removes what is older, '
            'on record; 0: for ever'),
        (20, 'max_waiting_jobs', '10000', 1, 1000000, 'jobs in the outbox of one company that nobody has acknowledged yet')
$$;

-- Who may call it: the engine's own definer functions. Trusts: the name. Records: nothing.
-- The standard of a setting; immutable, so that a plan that names one has it worked out once.
CREATE OR REPLACE FUNCTION piste.standard_of(name text)
RETURNS text
LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
    RETURN (SELECT k.standard FROM piste.known_settings() k WHERE k.name = standard_of.name);
END
$$;

-- Who may call it: the engine's own definer functions. Trusts: the name. Records: nothing.
-- What holds: what was chosen, else the standard; NULL where the standard depends on the server (piste.durability).
CREATE OR REPLACE FUNCTION piste.setting_of(name text)
RETURNS text
LANGUAGE plpgsql
AS $$
BEGIN
    RETURN coalesce((SELECT s.value FROM piste.setting s WHERE s.name = setting_of.name), piste.standard_of(name));
END
$$;

-- Who may call it: the engine's own definer functions. Trusts: the name. Records: nothing.
-- What holds, as people read it.
CREATE OR REPLACE FUNCTION piste.setting_shown(name text)
RETURNS text
LANGUAGE plpgsql
AS $$
BEGIN
    RETURN CASE name
        WHEN 'durability' THEN piste.durability()
        WHEN 'clock' THEN (timestamptz 'epoch' + piste.setting_of(name)::bigint * interval '1 microsecond')::text
        ELSE piste.setting_of(name) END;
END
$$;

-- Who may call it: every operator. Trusts: session_user. Records: nothing.
-- What holds. Raises PT404 for a setting that there is not.
CREATE OR REPLACE FUNCTION piste.setting(name text)
RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM piste.me();
    PERFORM piste.check_setting(setting.name, NULL);
    RETURN piste.setting_shown(setting.name);
END
$$;

-- Who may call it: every operator. Trusts: session_user. Records: nothing.
-- All settings, with what holds, whether somebody chose it, when and who.
CREATE OR REPLACE FUNCTION piste.settings()
RETURNS TABLE (name text, value text, chosen boolean, what text, set_at timestamptz, set_by text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    PERFORM piste.me();
    RETURN QUERY
    SELECT k.name, piste.setting_shown(k.name), s.name IS NOT NULL, k.what, s.set_at, s.set_by
    FROM piste.known_settings() k
    LEFT JOIN piste.setting s ON s.name = k.name
    ORDER BY k.place;
END
$$;

-- Who may call it: `set_setting`. Trusts: nothing. Records: nothing.
-- Raises PT400 with what the setting may be, PT404 for one that there is not, PT409 for what the server cannot keep now.
CREATE OR REPLACE FUNCTION piste.check_setting(name text, value text)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    known record;
BEGIN
    SELECT * INTO known FROM piste.known_settings() k WHERE k.name = check_setting.name;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no such setting' USING
            ERRCODE = 'PT404',
            HINT = (SELECT 'Settings are ' || string_agg(k.name, ', ' ORDER BY k.place) || '.' FROM piste.known_settings() k);
    END IF;
    IF value IS NULL THEN
        RETURN;
    END IF;
    IF known.lowest IS NOT NULL THEN
        IF value !~ '^[0-9]{1,18}$' OR value::bigint NOT BETWEEN known.lowest AND known.highest THEN
            RAISE EXCEPTION '% is a whole number from % to %', known.name, known.lowest, known.highest
                USING ERRCODE = 'PT400', HINT = initcap(left(known.what, 1)) || substr(known.what, 2) || '.';
        END IF;
    ELSIF known.name = 'durability' THEN
        IF value NOT IN ('local', 'replicated') THEN
            RAISE EXCEPTION 'durability is local or replicated' USING ERRCODE = 'PT400';
        END IF;
        IF value = 'replicated' AND piste.standbys_wanted() IS NULL THEN
            RAISE EXCEPTION 'this server has no synchronous standby, so nothing could be read' USING
                ERRCODE = 'PT409', HINT = 'Set synchronous_standby_names first.';
        END IF;
    ELSIF known.name = 'clock' THEN
        IF value <> 'now' THEN
            RAISE EXCEPTION 'the clock is set to now, or not at all' USING ERRCODE = 'PT400';
        END IF;
        IF piste.clock_is_behind_by() IS NULL THEN
            RAISE EXCEPTION 'the server''s clock is not behind its newest record' USING ERRCODE = 'PT409';
        END IF;
    END IF;
END
$$;

-- Who may call it: admin. Trusts: session_user. Records: `engine.setting` with what it was and is, in the engine's own
-- trail, or `engine.refused` for anybody else. NULL goes back to the standard.
-- Raises PT400, PT404, PT409 as check_setting says.
CREATE OR REPLACE FUNCTION piste.set_setting(name text, value text)
RETURNS TABLE (was text, holds text, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    me     record := piste.me();
    chosen text   := btrim(set_setting.value);
BEGIN
    IF NOT me.administers THEN
        refusal := piste.refuse(
            NULL::uuid, 'engine.refused', 'setting', 'not_allowed', 'this is for admins',
            jsonb_build_object('name', left(set_setting.name, 100)));
        RETURN NEXT;
        RETURN;
    END IF;
    PERFORM piste.check_setting(set_setting.name, chosen);
    was := piste.setting_shown(set_setting.name);
    IF set_setting.name = 'clock' THEN
        -- The very record that is ahead of the clock is let pass, and none that comes after it.
        chosen := (SELECT n.last_value FROM piste.newest_record n)::text;
    END IF;
    IF chosen IS NULL THEN
        DELETE FROM piste.setting s WHERE s.name = set_setting.name;
    ELSE
        INSERT INTO piste.setting AS s (name, value, set_by)
        VALUES (set_setting.name, chosen, me.login)
        ON CONFLICT (name) DO UPDATE SET
            value = excluded.value, set_at = clock_timestamp(), set_by = excluded.set_by;
    END IF;
    holds := piste.setting_shown(set_setting.name);
    PERFORM piste.append(
        NULL::uuid, me.login, NULL, NULL, 'engine.setting', 'setting',
        jsonb_build_object('name', set_setting.name, 'old', was, 'new', holds));
    RETURN NEXT;
END
$$;

RESET ROLE;
