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

-- Where the database's own listeners are called: a channel for each purpose, drawn at random. What is said there holds no word
-- of anybody.
CREATE TABLE IF NOT EXISTS piste.channel (
    purpose text COLLATE "C" PRIMARY KEY,
    channel text COLLATE "C" NOT NULL
);

INSERT INTO piste.channel (purpose, channel)
SELECT p.purpose, format('piste_%s_%s', p.purpose, encode(piste.random_bytes(12), 'hex'))
FROM unnest(ARRAY['sweep', 'requests']) AS p (purpose)
ON CONFLICT (purpose) DO NOTHING;

-- Who may call it: triggers, whose arguments are the purposes. Calls whoever listens for them.
CREATE OR REPLACE FUNCTION piste.call_listeners()
RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM piste.announce(c.channel) FROM piste.channel c WHERE c.purpose = ANY (TG_ARGV);
    RETURN NULL;
END
$$;

RESET ROLE;
