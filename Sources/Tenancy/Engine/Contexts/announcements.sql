-- Announcements: a hint to whoever listens, and never a reason for a call to fail.

SET LOCAL ROLE piste_owner;

-- Who may call it: the engine's own definer functions. Trusts: how full the server says its queue is. Records: nothing.
-- Announces something when this transaction commits. All databases of a server share one queue, and whoever listens and idles
-- in a transaction keeps everything in it: when it was full, commits would fail, so it stays silent long before. Whoever
-- listens looks by itself now and then.
CREATE OR REPLACE FUNCTION piste.announce(channel text, payload text DEFAULT '')
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    IF pg_notification_queue_usage() < 0.4 THEN
        PERFORM pg_notify(channel, payload);
    END IF;
END
$$;

RESET ROLE;
