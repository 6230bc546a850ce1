-- What was touched in vain. A shut gate gives no rows and never raises, since an error in the midst of a read would tell of
-- one. So that nothing is lost in silence all the same, the gate notes what it was asked for, and why it stayed shut; and
-- whoever found nothing can ask.

SET LOCAL ROLE piste_owner;

-- Who may call it: `open_until`, for whoever reads. Trusts: what the engine wrote down about this backend and this transaction.
-- Records: nothing. Never raises.
-- Notes a table that was read while the gate was shut, with the first reason, in a setting of the reader's own session:
-- anybody may change that, and misleads nobody but themselves. The gate is asked once and before any row is looked for, so a
-- note tells nothing of rows. A ticket's notes end with its transaction, a context's with its next declaration. A write ends
-- in an error, which says the same.
CREATE OR REPLACE FUNCTION piste.note_missed(firm uuid, resource text, command text)
RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    noted text := coalesce(current_setting('piste.missed', true), '');
    here  record;
    why   record;
BEGIN
    -- On a standby nobody is in a company, and what is known of backends cannot be read.
    IF pg_is_in_recovery() OR command <> 'read' OR (resource = ANY (piste.resources(firm))) IS NOT TRUE
        OR strpos(E'\n' || noted, E'\n' || resource || E'\t') > 0
    THEN
        RETURN;
    END IF;
    here := piste.here();
    why := piste.why_shut(firm, resource, command);
    -- Of a session without any right nothing may stay for whom the pool lends its backend to next.
    PERFORM set_config(
        'piste.missed', noted || resource || E'\t' || why.words || E'\n',
        here.jti IS NULL OR coalesce(current_setting('piste.ticket', true), '') <> '');
END
$$;

-- Who may call it: whoever is inside a company, by a ticket or in a context. Trusts: the reader's own setting, as note_missed
-- says. Records: nothing. Raises PT401 outside; PT410 when ticket or context is over, PT409 in REPEATABLE READ and beside a
-- cursor WITH HOLD: then whatever is read is nothing.
-- The tables that were read in vain, and why: in this transaction by its ticket, else in this session since its last
-- declaration. What a rollback took back is forgotten with it: ask before.
CREATE OR REPLACE FUNCTION piste.missed_reasons()
RETURNS TABLE (resource text, why text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    used record := piste.ticket_here();
BEGIN
    IF used.ticket IS NULL THEN
        PERFORM piste.check_in_context(piste.here()), piste.check_read_committed();
    ELSE
        PERFORM piste.check_ticket_time(used.until, used.token);
    END IF;
    PERFORM piste.check_no_held_cursor();
    RETURN QUERY
    SELECT split_part(n.line, E'\t', 1), split_part(n.line, E'\t', 2)
    FROM string_to_table(current_setting('piste.missed', true), E'\n') AS n (line)
    WHERE split_part(n.line, E'\t', 1) = ANY (piste.resources(coalesce(used.company, (piste.here()).company)));
END
$$;

-- Who may call it: whoever may call missed_reasons, and raises as that does. Records: nothing. The tables alone.
CREATE OR REPLACE FUNCTION piste.missed()
RETURNS SETOF text
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT m.resource FROM piste.missed_reasons() AS m
$$;

RESET ROLE;
