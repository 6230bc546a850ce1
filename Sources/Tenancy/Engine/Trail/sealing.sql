-- Sealing: committed entries get a number and a place in the chain of their trail.
--
-- The number is the order of sealing, so times may go back a little. Whoever seals takes the turn of the trail and skips one
-- that somebody else seals; nothing is ever sealed in passing by a client's transaction, which could then hold the head. What
-- was committed late is found like everything else: it has no number yet.

SET LOCAL ROLE piste_owner;

-- What the first record of a trail follows: sha256('piste trail 2 ' || the company's uuid). It ties the chain to its company.
CREATE OR REPLACE FUNCTION piste.trail_origin(firm uuid)
RETURNS bytea
LANGUAGE sql IMMUTABLE
AS $$
    SELECT sha256(convert_to('piste trail 2 ' || firm, 'UTF8'))
$$;

-- sha256(previous || field(seq) || field(at) || … || field(values_hash)). A field is a netstring: the length in bytes, a colon,
-- the bytes, a comma; NULL is a lone hyphen, which no netstring begins with. `at` is whole microseconds since the epoch,
-- `context` the uuid's usual text, `detail` the text of the jsonb, `values_hash` in hex. Whoever has an export can compute the
-- same without PostgreSQL.
CREATE OR REPLACE FUNCTION piste.entry_hash(previous bytea, number bigint, e piste.entry)
RETURNS bytea
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    moment text := (extract(epoch FROM e.at) * 1000000)::bigint::text;
    sealed text := encode(e.values_hash, 'hex');
BEGIN
    -- One expression and no loop: every record of every trail goes through here.
    RETURN sha256(previous || convert_to(concat(
        octet_length(number::text), ':', number, ',',
        octet_length(moment), ':', moment, ',',
        octet_length(e.actor), ':', e.actor, ',',
        coalesce(octet_length(e.subject) || ':' || e.subject || ',', '-'),
        coalesce('36:' || e.context || ',', '-'),
        octet_length(e.action), ':', e.action, ',',
        octet_length(e.resource), ':', e.resource, ',',
        coalesce(octet_length(e.detail::text) || ':' || e.detail || ',', '-'),
        coalesce('64:' || sealed || ',', '-')), 'UTF8'));
END
$$;

-- Who may call it: the engine's own definer functions. Trusts: what is committed. Records: nothing.
-- Seals up to so many entries of one trail, in the order of their ids. How many; NULL when somebody else seals it.
CREATE OR REPLACE FUNCTION piste.seal_trail(firm uuid, manner text DEFAULT 'skip', most integer DEFAULT 20000)
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    head    piste.trail;
    each    piste.entry;
    ids     bigint[] := '{}';
    numbers bigint[] := '{}';
    hashes  bytea[]  := '{}';
BEGIN
    IF NOT piste.take_turn('seal:' || firm, manner) THEN
        RETURN NULL;
    END IF;
    SELECT * INTO head FROM piste.trail t WHERE t.company = firm;
    FOR each IN
        SELECT e.* FROM piste.entry e WHERE e.company = firm AND e.seq IS NULL ORDER BY e.id LIMIT most
    LOOP
        head.seq := head.seq + 1;
        head.hash := piste.entry_hash(head.hash, head.seq, each);
        ids := ids || each.id;
        numbers := numbers || head.seq;
        hashes := hashes || head.hash;
    END LOOP;
    IF cardinality(ids) > 0 THEN
        UPDATE piste.entry e SET seq = s.seq, hash = s.hash
        FROM unnest(ids, numbers, hashes) AS s (id, seq, hash)
        WHERE e.company = firm AND e.id = s.id;
        UPDATE piste.trail t SET seq = head.seq, hash = head.hash WHERE t.company = firm;
        PERFORM piste.announce_entry(nullif(firm, piste.no_company()), ids[cardinality(ids)]);
    END IF;
    RETURN cardinality(ids);
END
$$;

-- Who may call it: whoever may sweep; not viewers. Trusts: session_user. Records: nothing.
-- Seals what every trail has waiting. How many entries. Raises PT403 for anybody else, PT409 in a transaction that has done
-- something before or whose snapshot is older than the statement.
CREATE OR REPLACE FUNCTION piste.seal()
RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    firm   uuid;
    sealed bigint := 0;
BEGIN
    IF (piste.me()).level NOT IN ('support', 'admin', 'service', 'monitor', 'superuser') THEN
        RAISE EXCEPTION 'sealing is for support, admins, services and monitors' USING ERRCODE = 'PT403';
    END IF;
    PERFORM piste.check_fresh_transaction('seal');
    FOR firm IN
        WITH RECURSIVE waiting AS (
            (SELECT e.company FROM piste.entry e WHERE e.seq IS NULL ORDER BY e.company LIMIT 1)
            UNION ALL
            SELECT (
                SELECT e.company FROM piste.entry e
                WHERE e.seq IS NULL AND e.company > w.company ORDER BY e.company LIMIT 1)
            FROM waiting w WHERE w.company IS NOT NULL
        )
        SELECT w.company FROM waiting w WHERE w.company IS NOT NULL
    LOOP
        sealed := sealed + coalesce(piste.seal_trail(firm), 0);
        EXIT WHEN sealed > 100000;
    END LOOP;
    RETURN sealed;
END
$$;

-- Who may call it: the engine's own definer functions. Records: nothing. Raises PT409.
-- What judges backends and trails by what is so now must not do so by what an older snapshot saw, and must not keep what it
-- takes beyond its own statement.
CREATE OR REPLACE FUNCTION piste.check_fresh_transaction(what text)
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
        RAISE EXCEPTION '% works in READ COMMITTED only', what USING ERRCODE = 'PT409';
    END IF;
    -- An earlier statement of this transaction has left the locks of what it looked at.
    IF pg_current_xact_id_if_assigned() IS NOT NULL OR EXISTS (
        SELECT FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
        WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation' AND c.relname !~ '^pg_(locks|class|stat_activity)'
          AND c.relnamespace <> 'piste'::regnamespace AND c.relname !~ '^pg_(authid|roles|db_role_setting|auth_members|settings)')
    THEN
        RAISE EXCEPTION '% comes first in a transaction of its own', what USING
            ERRCODE = 'PT409', HINT = 'Call it outside of any transaction.';
    END IF;
    PERFORM pg_stat_clear_snapshot();
END
$$;

RESET ROLE;
