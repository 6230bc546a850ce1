-- The outbox of a company: what is to be done outside, promised in the same transaction as the change that asks for it.

SET LOCAL ROLE piste_owner;

-- Who may call it: whoever is inside a company and may change something there at this moment: by a ticket that is not for reading
-- only, or in a context with read+write access after a declaration. Trusts: this transaction's own ticket, the backend's own context,
-- and the gate. Records: `outbox.enqueue` in the company's trail, with the job's number, its kind and its size; nothing of the payload.
-- Puts a job into the company's outbox; it is there when the transaction commits. The job's number.
-- Raises, so that no change commits without its job: PT401 outside, what the gate says where a change would be refused (PT403, PT409,
-- PT410, PT503), PT409 above READ COMMITTED, PT400 for what is no kind, PT413 for more than 65,536 bytes, PT429 when too many wait
-- (`max_waiting_jobs`: here of what is committed and the transaction's own, and once more at its commit).
CREATE OR REPLACE FUNCTION piste.enqueue(kind text, payload jsonb DEFAULT '{}')
RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    place   CONSTANT record := piste.place_here();
    author  CONSTANT record := piste.change_author(place.company);
    most    CONSTANT bigint := piste.limit_of('max_waiting_jobs');
    job     CONSTANT uuid   := gen_random_uuid();
    bytes   CONSTANT bigint := octet_length(payload::text);
    named   text;
    why     record;
    waiting bigint;
    last    bigint;
BEGIN
    -- Any table that was named says whether this is a moment to change something.
    named := coalesce(
        (SELECT t.tables[1] FROM piste.ticket t WHERE t.id = (piste.ticket_here()).ticket),
        (SELECT (array_remove(array_remove(d.resources, 'audit'), 'token'))[1] FROM piste.declaration d
         WHERE d.pid = pg_backend_pid() AND d.jti = author.id),
        'a table');
    IF clock_timestamp() < piste.open_until(place.company, named, 'write') IS NOT TRUE THEN
        why := piste.why_shut(place.company, named, 'write');
        RAISE EXCEPTION 'enqueue is refused: %', why.words USING
            ERRCODE = why.state, HINT = 'A job goes with a change: declare one, or use a ticket that may write.';
    ELSIF coalesce(enqueue.kind !~ '^[a-z][a-z0-9_]*([.][a-z][a-z0-9_]*)*$' OR length(enqueue.kind) > 64, true) THEN
        RAISE EXCEPTION 'a kind is a word such as mail.welcome of at most 64 characters, and not %', piste.told(enqueue.kind)
            USING ERRCODE = 'PT400';
    ELSIF payload IS NULL THEN
        RAISE EXCEPTION 'payload is missing' USING ERRCODE = 'PT400', HINT = 'A job without one has {}.';
    ELSIF bytes > 65536 THEN
        RAISE EXCEPTION 'the payload has % bytes, and may have 65536', bytes USING
            ERRCODE = 'PT413', HINT = 'Name rows by their keys: whoever does the job looks them up by a ticket.';
    END IF;
    -- How many there are is counted by each statement anew.
    PERFORM piste.check_read_committed();
    SELECT count(*), max(w.turn) INTO waiting, last
    FROM (SELECT j.turn FROM piste.job j WHERE j.company = place.company ORDER BY j.turn DESC LIMIT most) AS w;
    IF waiting >= most THEN
        PERFORM piste.raise_full_outbox(most);
    END IF;
    PERFORM piste.spend(place.company, entries => 1);
    INSERT INTO piste.enqueuing (made, company) VALUES (pg_current_xact_id(), place.company) ON CONFLICT DO NOTHING;
    INSERT INTO piste.job (id, company, kind, payload, turn, enqueued_at, visible_at)
    -- A company that has nothing waiting begins where the others are now, and not behind them.
    VALUES (job, place.company, enqueue.kind, enqueue.payload,
        coalesce(greatest((SELECT min(j.turn) FROM piste.job j), last + 1), 0), clock_timestamp(), clock_timestamp());
    PERFORM piste.append(
        place.company, session_user::text, author.subject, author.id, 'outbox.enqueue', 'outbox',
        jsonb_build_object('job', job, 'kind', enqueue.kind, 'bytes', bytes));
    RETURN job;
END
$$;

-- Who may call it: the engine's own definer functions. Records: nothing. Raises PT429.
CREATE OR REPLACE FUNCTION piste.raise_full_outbox(most bigint)
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    RAISE EXCEPTION '% jobs wait in the outbox of this company, and no more may', most USING
        ERRCODE = 'PT429', HINT = 'A service has to drain it first; an admin can raise the setting max_waiting_jobs.';
END
$$;

-- Who may call it: the commit of a transaction that has enqueued, behind its last statement. Trusts: the row. Records: nothing.
-- Transactions that were open at the same time saw nothing of each other's jobs: so each counts once more when nothing of the
-- client's can follow, one commit of a company after the other. Raises PT429 when there are too many then: the change goes with its
-- job.
--
-- Nobody holds the lane longer than a commit takes. Where constraints are immediate this is not the commit: its own change of the row
-- fires it inside itself then, and it puts itself off (as piste.refuse_late_commit does). A cursor that outlives the transaction has
-- its query run behind this, as slowly as the client likes: none may be there.
CREATE OR REPLACE FUNCTION piste.guard_outbox()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    most bigint;
BEGIN
    IF pg_trigger_depth() > 1 THEN
        SET CONSTRAINTS piste.full_outbox DEFERRED;
        UPDATE piste.enqueuing e SET closing = false WHERE e.made = NEW.made AND e.company = NEW.company;
    ELSIF NOT NEW.closing THEN
        UPDATE piste.enqueuing e SET closing = true WHERE e.made = NEW.made AND e.company = NEW.company;
    ELSE
        PERFORM piste.check_no_held_cursor();
        INSERT INTO piste.outbox_lane (company) VALUES (NEW.company) ON CONFLICT DO NOTHING;
        PERFORM FROM piste.outbox_lane l WHERE l.company = NEW.company FOR UPDATE;
        most := piste.limit_of('max_waiting_jobs');
        IF (SELECT count(*) FROM (SELECT FROM piste.job j WHERE j.company = NEW.company LIMIT most + 1) AS w) > most THEN
            PERFORM piste.raise_full_outbox(most);
        END IF;
        DELETE FROM piste.enqueuing e WHERE e.made = NEW.made AND e.company = NEW.company;
    END IF;
    RETURN NULL;
END
$$;

-- Not made anew when it is there: that would wait for whoever is at work.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = 'piste.enqueuing'::regclass AND t.tgname = 'full_outbox') THEN
        CREATE CONSTRAINT TRIGGER full_outbox AFTER INSERT OR UPDATE OF closing ON piste.enqueuing
        DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION piste.guard_outbox();
    END IF;
END
$$;

-- Who may call it: `metrics`. Trusts: nothing. Records: nothing.
-- What waits in all outboxes together, by nobody's name: jobs that nobody is at, that somebody is at, and of suspended companies, for
-- how long the oldest waits, and how full the fullest outbox is. Of the first 100,000 jobs in the order of their turns: these figures
-- are asked for every few seconds.
CREATE OR REPLACE FUNCTION piste.outbox_metrics()
RETURNS TABLE (name text, label text, value double precision)
LANGUAGE sql VOLATILE
AS $$
    WITH looked AS MATERIALIZED (
        SELECT f.company, f.enqueued_at,
            CASE WHEN k.status <> 'active' THEN 'suspended' WHEN f.visible_at > clock_timestamp() THEN 'leased'
                ELSE 'waiting' END AS state
        FROM (SELECT j.company, j.enqueued_at, j.visible_at FROM piste.job j ORDER BY j.turn, j.enqueued_at LIMIT 100000) AS f
        JOIN piste.company k ON k.id = f.company
    )
    SELECT 'jobs', s.state, count(l.company)::double precision
    FROM unnest(ARRAY['waiting', 'leased', 'suspended']) AS s (state) LEFT JOIN looked l ON l.state = s.state
    GROUP BY s.state
    UNION ALL
    SELECT 'jobs_oldest_age', NULL, coalesce(extract(epoch FROM clock_timestamp() - min(l.enqueued_at)), 0)
    FROM looked l WHERE l.state <> 'suspended'
    UNION ALL
    SELECT 'outbox_fullest', NULL, coalesce(max(n.number), 0)::double precision / piste.limit_of('max_waiting_jobs')
    FROM (SELECT count(*) AS number FROM looked l GROUP BY l.company) AS n
$$;

-- Who may call it: admins, and services that may drain. Trusts: session_user. Records: `outbox.refused` for anybody else.
-- How many jobs wait in each company's outbox, how many of them somebody is at, and since when the oldest waits.
CREATE OR REPLACE FUNCTION piste.outbox()
RETURNS TABLE (url_id text, waiting bigint, leased bigint, oldest timestamptz, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    me CONSTANT record := piste.me();
BEGIN
    IF NOT me.administers THEN
        refusal := piste.drain_refusal('figures');
        IF refusal IS NOT NULL THEN
            RETURN NEXT;
            RETURN;
        END IF;
    END IF;
    RETURN QUERY
    SELECT k.url_id, count(*), count(*) FILTER (WHERE j.visible_at > clock_timestamp()), min(j.enqueued_at), NULL::text
    FROM piste.job j JOIN piste.company k ON k.id = j.company
    GROUP BY k.url_id ORDER BY k.url_id;
END
$$;

-- Who may call it: the engine's own definer functions, which delete the company, in its turn. Trusts: its argument. Records: nothing
-- (the caller does).
-- Destroys the jobs of a company; how many there were. Nobody else holds any but who drains or finishes: one that idles on them in its
-- transaction is ended, and after two seconds also one that keeps busy; who drains other companies' meanwhile is left alone. Raises
-- PT409 when they are not free within three.
CREATE OR REPLACE FUNCTION piste.drop_jobs(firm uuid)
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    attempts integer := 0;
    dropped  bigint  := 0;
    number   bigint;
    holders  integer[];
BEGIN
    LOOP
        DELETE FROM piste.job j
        WHERE j.ctid = ANY (ARRAY(SELECT o.ctid FROM piste.job o WHERE o.company = firm FOR UPDATE SKIP LOCKED));
        GET DIAGNOSTICS number = ROW_COUNT;
        dropped := dropped + number;
        IF NOT EXISTS (SELECT FROM piste.job j WHERE j.company = firm) THEN
            RETURN dropped;
        END IF;
        attempts := attempts + 1;
        IF attempts > 150 THEN
            RAISE EXCEPTION 'a service holds jobs of this company and does not end; try again' USING ERRCODE = 'PT423';
        END IF;
        IF attempts % 10 = 0 THEN
            holders := ARRAY(
                SELECT l.pid FROM piste.job j
                JOIN pg_locks l ON l.locktype = 'transactionid' AND l.granted AND l.transactionid = j.xmax
                WHERE j.company = firm);
            IF holders = '{}' AND attempts > 100 THEN
                -- Whose savepoint took them, and is released, holds them by no lock that says so.
                holders := ARRAY(
                    SELECT b.pid FROM piste.live_backends() AS b JOIN piste.drainer r ON r.login = b.login);
            END IF;
            PERFORM piste.end_those_in_the_way(holders, CASE WHEN attempts > 100 THEN holders END);
        END IF;
        PERFORM pg_sleep(0.02);
    END LOOP;
END
$$;

RESET ROLE;
