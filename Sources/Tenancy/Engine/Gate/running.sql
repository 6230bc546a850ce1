-- How the engine is kept running: what a doctor tells beside how durable records are.

SET LOCAL ROLE piste_owner;

-- Who may call it: `durability_report`. Trusts: the catalogs, and what the server says of itself. Records: nothing.
-- One row for each thing that is not as it should be, with a mend that can be carried out as it stands; those of the standbys only
-- where records are replicated.
CREATE OR REPLACE FUNCTION piste.running_report()
RETURNS TABLE (subject text, state text, what text, mend text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    here_   CONSTANT oid  := piste.this_database();
    names   CONSTANT text := current_setting('synchronous_standby_names');
    waiting bigint;
    oldest  timestamptz;
    each    record;
BEGIN
    SELECT count(*), min(e.at) INTO waiting, oldest
    FROM piste.entry e WHERE e.seq IS NULL AND e.at < clock_timestamp() - interval '10 seconds';
    IF waiting > 0 THEN
        RETURN QUERY SELECT 'sealing', 'warning', format(
            '%s records wait for their place in the chain, the oldest since %s: nobody sweeps', waiting,
            date_trunc('second', oldest)), 'piste sweep --watch, as a service of the system';
    END IF;
    SELECT count(*) INTO waiting FROM piste.context c WHERE c.lingering AND piste.lives_here(c);
    IF waiting > 0 THEN
        RETURN QUERY SELECT 'lingering sessions', 'warning', format(
            '%s sessions closed their context and stayed in the company''s role', waiting), 'piste sweep';
    END IF;
    -- What an operator's login begins with, beyond what only its owner notices.
    FOR each IN
        SELECT pg_get_userbyid(s.setrole)::text AS login, s.setdatabase <> 0 AS only_here, c.entry
        FROM pg_db_role_setting s CROSS JOIN LATERAL unnest(s.setconfig) AS c (entry)
        WHERE s.setdatabase IN (0, here_) AND pg_get_userbyid(s.setrole) IN (SELECT o.login FROM piste.operator o)
          AND split_part(c.entry, '=', 1) NOT IN (
              'application_name', 'work_mem', 'jit', 'TimeZone', 'timezone', 'DateStyle', 'datestyle', 'client_encoding',
              'lc_messages', 'client_min_messages', 'statement_timeout', 'log_statement')
        ORDER BY 1, 3
    LOOP
        RETURN QUERY SELECT 'defaults', 'warning', format('%s begins every session with %s', each.login, each.entry),
            format('ALTER ROLE %I %sRESET %I', each.login,
                CASE WHEN each.only_here THEN format('IN DATABASE %I ', current_database()) ELSE '' END,
                split_part(each.entry, '=', 1));
    END LOOP;
    IF EXISTS (
        SELECT FROM pg_collation c
        WHERE c.collname = 'human' AND c.collnamespace = 'piste'::regnamespace
          AND c.collversion IS DISTINCT FROM pg_collation_actual_version(c.oid))
    THEN
        RETURN QUERY SELECT 'collation', 'warning',
            'names are sorted by another version of the system''s library than their indexes were made with', format(
            'REINDEX DATABASE %I; ALTER COLLATION piste.human REFRESH VERSION', current_database());
    END IF;
    IF names ~ '[*]' THEN
        RETURN QUERY SELECT 'standbys', 'warning', format(
            'synchronous_standby_names is %L: whoever may replicate under any name counts as a standby', names),
            'name the standbys in synchronous_standby_names';
    ELSIF piste.durability() = 'replicated' AND piste.durability_problem() IS NULL
        AND piste.standbys_following() <= piste.standbys_wanted()
    THEN
        RETURN QUERY SELECT 'standbys', 'warning', format(
            'as many standbys follow as a commit waits for (%s): when one is gone, nothing can be read', piste.standbys_wanted()),
            'one standby more';
    END IF;
    -- Whichever is promoted judges by its own clock what has expired, and refuses to record behind its newest record.
    FOR each IN SELECT c.standby, c.ahead FROM piste.standby_clocks() AS c ORDER BY 1 LOOP
        IF each.ahead > interval '1 second' THEN
            RETURN QUERY SELECT 'standby''s clock', 'warning', format(
                'the clock of %s is %s ahead: promoted, it would end contexts before their time', each.standby,
                date_trunc('milliseconds', each.ahead)), 'set it right there, by NTP';
        ELSIF each.ahead < interval '-40 seconds' THEN
            RETURN QUERY SELECT 'standby''s clock', 'warning', format(
                'the clock of %s is %s behind, or it has not answered for so long: promoted, it would refuse to record',
                each.standby, date_trunc('milliseconds', -each.ahead)), 'set it right there, by NTP';
        END IF;
    END LOOP;
    SELECT count(*) INTO waiting FROM piste.server s
    WHERE NOT pg_is_in_recovery() AND s.system_identifier = (SELECT c.system_identifier FROM pg_control_system() c) AND s.timeline <> piste.this_timeline();
    IF waiting > 0 THEN
        RETURN QUERY SELECT 'timeline', 'good', format(
            'timeline %s, after %s promotions or recoveries: audit verify tells by a checkpoint from outside whether records were lost',
            piste.this_timeline(), waiting), NULL::text;
    END IF;
END
$$;

RESET ROLE;
