-- How many tickets a service may ask for, and how many may lie about unused.

SET LOCAL ROLE piste_owner;

-- Who may call it: `ticket`, for a service. Trusts: session_user and piste.ticket; `number`, the how manieth ticket of this second
-- this is, of all services together. Records: nothing (the caller does).
-- What stands against another ticket, and until when: too many in this second, or too many that nobody uses. As long as all
-- services together stay within what one may have, a look at the number is enough, and it was had; every 128th ticket comes
-- here all the same. Nobody waits for anybody: whoever begins the second sets the count back (a number below 1 says that it
-- has to be), and when two do it at once a few go uncounted.
CREATE OR REPLACE FUNCTION piste.ticket_excess(firm uuid, number bigint, rate integer, OUT words text)
LANGUAGE plpgsql
AS $$
DECLARE
    second CONSTANT bigint := floor(extract(epoch FROM clock_timestamp()))::bigint * 100000;
    -- Once for all rows: what the clock tells anew for each finds nothing in an index.
    moment CONSTANT timestamptz := clock_timestamp();
    most   integer;
    found_ bigint;
    free   timestamptz;
BEGIN
    IF number < 1 THEN
        PERFORM setval('piste.ticket_pace', second + 1);
    ELSIF number > rate THEN
        SELECT count(*), min(r.made_at) + interval '1 second' INTO found_, free
        FROM (
            SELECT t.made_at FROM piste.ticket t
            WHERE t.login = session_user::text AND t.company = firm AND t.made_at > moment - interval '1 second'
            LIMIT rate
        ) AS r;
        IF found_ >= rate THEN
            words := format('this service asks for more than %s tickets a second for one company; again at %s', rate, free);
            RETURN;
        END IF;
    END IF;
    most := piste.setting_of('max_unused_tickets');
    SELECT count(*), min(r.expires_at) INTO found_, free
    FROM (
        SELECT t.expires_at FROM piste.ticket t
        WHERE t.login = session_user::text AND t.company = firm AND t.made_at > moment - interval '10 seconds'
          AND t.used IS NULL AND t.expires_at > moment
        LIMIT most
    ) AS r;
    IF found_ >= most THEN
        -- From here on every ticket of this second looks.
        PERFORM setval('piste.ticket_pace', second + least(rate, 90000));
        words := format('%s tickets of this service for this company were not used yet; again at %s', most, free);
    END IF;
    -- What is over is taken away in passing, so that there is little where nobody sweeps.
    DELETE FROM piste.ticket t
    WHERE t.ctid = ANY (ARRAY(
        SELECT o.ctid FROM piste.ticket o
        WHERE o.login = session_user::text AND o.company = firm AND o.made_at < moment - interval '70 seconds'
        LIMIT 500
        FOR UPDATE SKIP LOCKED));
END
$$;

RESET ROLE;
