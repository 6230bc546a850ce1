-- Draining: a service takes the jobs of all companies' outboxes, some at a time. As with a ticket the record comes first: `drain`
-- leases jobs and says so in the trails, and only when that is committed does `jobs` give them out. What is not acknowledged in time
-- is there again for whoever drains next: nothing is lost with a client, and a job may be given out twice.

SET LOCAL ROLE piste_owner;

-- Who may call it: admin. Trusts: session_user. Records: `operator.drain` in the control trail, or `operator.refused`.
-- Lets a service drain, or no more: then the jobs that it leased are not given to it again. Another level ends the right too.
CREATE OR REPLACE FUNCTION piste.let_drain(login text, allowed boolean DEFAULT true)
RETURNS TABLE (refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    me    CONSTANT record := piste.me();
    level CONSTANT text   := (SELECT o.level FROM piste.operator o WHERE o.login = let_drain.login);
    code  text;
    words text;
BEGIN
    IF let_drain.login IS NULL OR allowed IS NULL THEN
        RAISE EXCEPTION 'say which login, and whether it may drain' USING ERRCODE = 'PT400';
    END IF;
    SELECT v.code, v.words INTO code, words
    FROM (VALUES
        (1, NOT me.administers, 'not_allowed', 'this is for admins'),
        (2, level IS NULL, 'unknown_operator', 'there is no such operator'),
        (3, allowed AND level <> 'service', 'not_a_service', 'only a service drains outboxes')
    ) AS v (rank, refused, code, words)
    WHERE v.refused ORDER BY v.rank LIMIT 1;
    IF code IS NOT NULL THEN
        refusal := piste.refuse(NULL, 'operator.refused', 'operator', code, words,
            jsonb_build_object('wish', 'drain', 'login', left(let_drain.login, 63)));
    ELSIF allowed <> EXISTS (SELECT FROM piste.drainer r WHERE r.login = let_drain.login) THEN
        IF allowed THEN
            INSERT INTO piste.drainer (login, granted_by) VALUES (let_drain.login, me.login);
        ELSE
            PERFORM piste.end_draining_by(let_drain.login);
        END IF;
        PERFORM piste.append(NULL, me.login, NULL, NULL, 'operator.drain', 'operator',
            jsonb_build_object('login', let_drain.login, 'drains', allowed));
    END IF;
    RETURN NEXT;
END
$$;

-- Who may call it: the engine's own definer functions. Records: nothing (the caller does).
-- Takes the right to drain from a login, and what it leased by it.
CREATE OR REPLACE FUNCTION piste.end_draining_by(holder text)
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    DELETE FROM piste.job_lease l WHERE l.login = holder;
    DELETE FROM piste.drainer r WHERE r.login = holder;
END
$$;

-- Who may call it: the engine's own definer functions. Trusts: session_user. Records: `outbox.refused` in the control trail.
-- The refusal for whoever may not drain; nothing for who may, or who tries it on the throw-away companies of their own proof.
CREATE OR REPLACE FUNCTION piste.drain_refusal(wish text)
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    me CONSTANT record := piste.me();
BEGIN
    IF me.level = 'service' AND EXISTS (SELECT FROM piste.drainer r WHERE r.login = me.login) OR piste.probes_here(me.login) THEN
        RETURN NULL;
    END IF;
    RETURN piste.refuse(NULL, 'outbox.refused', 'outbox', 'not_allowed',
        'outboxes are for a service whom an admin lets drain', jsonb_build_object('wish', wish));
END
$$;

-- Who may call it: services that may drain. Trusts: session_user. Records: `outbox.drain` once in the control trail, with the companies
-- and how many jobs of each, and in the trail of each with its own number, under the lease's number; or `outbox.refused`.
-- Nothing waits: no lease, and no record.
-- Leases up to `limit` jobs of active companies for `seconds`, in the order of their turns, those of one kind only where that is asked
-- for. What somebody else is taking at this moment is left to them. Once it is committed, `jobs` gives them out.
-- Raises PT400 for what makes no sense, PT409 as check_ticket_session says, PT503 where the standbys are not there.
CREATE OR REPLACE FUNCTION piste.drain("limit" integer DEFAULT 100, seconds integer DEFAULT 60, kind text DEFAULT NULL)
RETURNS TABLE (lease uuid, until timestamptz, jobs bigint, companies jsonb, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    me      CONSTANT text        := session_user::text;
    moment  CONSTANT timestamptz := clock_timestamp();
    drawn   CONSTANT uuid        := gen_random_uuid();
    proves  CONSTANT boolean     := piste.probes_here(me);
    -- A proof drains its own throw-away companies, and nobody else drains any.
    thrown  CONSTANT uuid[]      := ARRAY(SELECT p.company FROM piste.probe p WHERE NOT proves OR p.backend_pid = pg_backend_pid());
    ends    timestamptz;
    firms   uuid[];
    numbers bigint[];
BEGIN
    refusal := piste.drain_refusal('drain');
    IF refusal IS NOT NULL THEN
        RETURN NEXT;
        RETURN;
    ELSIF coalesce("limit" NOT BETWEEN 1 AND 1000, true) THEN
        RAISE EXCEPTION 'limit must be from 1 to 1000, and not %', coalesce("limit"::text, 'NULL') USING ERRCODE = 'PT400';
    ELSIF coalesce(drain.seconds NOT BETWEEN 1 AND 1800, true) THEN
        RAISE EXCEPTION 'seconds must be from 1 to 1800, and not %', coalesce(drain.seconds::text, 'NULL')
            USING ERRCODE = 'PT400';
    END IF;
    PERFORM piste.check_ticket_session(), piste.check_no_held_cursor(), piste.check_durability(), piste.check_clock(),
        piste.spend(NULL, entries => 1);
    ends := moment + make_interval(secs => drain.seconds);
    WITH next AS (
        SELECT j.id FROM piste.job j JOIN piste.company k ON k.id = j.company
        WHERE j.visible_at <= moment AND k.status = 'active' AND (drain.kind IS NULL OR j.kind = drain.kind)
          AND (j.company = ANY (thrown)) = proves
        ORDER BY j.turn, j.enqueued_at
        LIMIT "limit"
        FOR UPDATE OF j SKIP LOCKED
    ), taken AS (
        UPDATE piste.job j SET lease = drawn, leased_by = me, visible_at = ends, attempts = j.attempts + 1
        FROM next n WHERE j.id = n.id
        RETURNING j.company
    ), counted AS (
        SELECT t.company, count(*) AS number FROM taken t GROUP BY t.company
    )
    SELECT array_agg(c.company ORDER BY c.company), array_agg(c.number ORDER BY c.company),
        jsonb_object_agg(k.url_id, c.number), coalesce(sum(c.number), 0)
    INTO firms, numbers, companies, jobs
    FROM counted c JOIN piste.company k ON k.id = c.company;
    IF jobs = 0 THEN
        RETURN NEXT;
        RETURN;
    END IF;
    lease := drawn;
    until := ends;
    DELETE FROM piste.job_lease l WHERE l.login = me AND l.until < moment - interval '1 minute';
    INSERT INTO piste.job_lease (id, login, made, until) VALUES (drawn, me, pg_current_xact_id(), ends);
    PERFORM piste.append(NULL, me, NULL, drawn, 'outbox.drain', 'outbox',
        jsonb_strip_nulls(jsonb_build_object(
            'jobs', jobs, 'companies', companies, 'seconds', drain.seconds, 'kind', left(drain.kind, 64))));
    PERFORM piste.append(f.company, me, NULL, drawn, 'outbox.drain', 'outbox', jsonb_build_object('jobs', f.number))
    FROM unnest(firms, numbers) AS f (company, number);
    RETURN NEXT;
END
$$;

-- Who may call it: the service that leased them, as often as it likes until the lease is over. Trusts: session_user, and of the lease
-- what `drain` wrote down and its commit has marked. Records: nothing (`drain` did). Raises PT409 in the transaction that leased them,
-- PT410 when the lease is over or was never this login's, PT503 when the standbys do not have its record.
-- The jobs of a lease that are not acknowledged yet, but for those of companies that were suspended since. `attempt` tells how often a
-- job was leased: 1 at first.
CREATE OR REPLACE FUNCTION piste.jobs(lease uuid)
RETURNS TABLE (job uuid, company text, kind text, payload jsonb, attempt integer, enqueued_at timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    held piste.job_lease;
BEGIN
    PERFORM piste.check_read_committed(), piste.check_no_held_cursor();
    SELECT * INTO held FROM piste.job_lease l WHERE l.id = jobs.lease AND l.login = session_user::text;
    IF held.made = pg_current_xact_id_if_assigned() THEN
        RAISE EXCEPTION 'the record of this lease is not committed yet' USING
            ERRCODE = 'PT409', HINT = 'Drain in autocommit, and ask for the jobs then.';
    ELSIF (held.sync AND held.until > clock_timestamp()
        AND (EXISTS (SELECT FROM piste.drainer r WHERE r.login = held.login) OR piste.probes_here(held.login))) IS NOT TRUE
    THEN
        RAISE EXCEPTION 'this lease is over, or is none of this login''s' USING ERRCODE = 'PT410', HINT = 'Drain again.';
    ELSIF NOT piste.await_standbys() THEN
        RAISE EXCEPTION 'the synchronous standbys do not have the record of this lease yet' USING
            ERRCODE = 'PT503', HINT = 'Try again when they follow, until the lease is over.';
    END IF;
    RETURN QUERY
    SELECT j.id, k.url_id, j.kind, j.payload, j.attempts, j.enqueued_at
    FROM piste.job j JOIN piste.company k ON k.id = j.company
    WHERE j.lease = jobs.lease AND j.leased_by = held.login AND j.visible_at > clock_timestamp() AND k.status = 'active'
    ORDER BY j.turn, j.enqueued_at;
END
$$;

-- Who may call it: the service that leased them. Trusts: session_user. Records: `outbox.finish` in the trail of each company, with the
-- number of its jobs; or `outbox.refused`.
-- Acknowledges jobs of a lease, all of them when none is named: they are done and gone. Inside the transaction of a ticket it is part
-- of that: a job that is finished with its own work is done once. How many there were: fewer than named when the lease was over and
-- somebody else has leased them, or finished them.
CREATE OR REPLACE FUNCTION piste.finish_jobs(lease uuid, jobs uuid[] DEFAULT NULL)
RETURNS TABLE (finished bigint, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    me      CONSTANT text := session_user::text;
    firms   uuid[];
    numbers bigint[];
BEGIN
    IF finish_jobs.lease IS NULL THEN
        RAISE EXCEPTION 'say which lease' USING ERRCODE = 'PT400';
    END IF;
    refusal := piste.drain_refusal('finish');
    IF refusal IS NOT NULL THEN
        RETURN NEXT;
        RETURN;
    END IF;
    WITH done AS (
        DELETE FROM piste.job j
        WHERE j.lease = finish_jobs.lease AND j.leased_by = me AND (finish_jobs.jobs IS NULL OR j.id = ANY (finish_jobs.jobs))
        RETURNING j.company
    ), counted AS (
        SELECT d.company, count(*) AS number FROM done d GROUP BY d.company
    )
    SELECT array_agg(c.company ORDER BY c.company), array_agg(c.number ORDER BY c.company), coalesce(sum(c.number), 0)
    INTO firms, numbers, finished
    FROM counted c;
    PERFORM piste.append(f.company, me, NULL, finish_jobs.lease, 'outbox.finish', 'outbox', jsonb_build_object('jobs', f.number))
    FROM unnest(firms, numbers) AS f (company, number);
    RETURN NEXT;
END
$$;

RESET ROLE;
