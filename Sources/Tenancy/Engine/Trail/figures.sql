-- Figures of a company's audit trail: how much was recorded, day by day, of which kind and by whom.
--
-- A trail is numbered without a gap, in the order of time. So the days are found by halving, all at once, and what lies
-- between two of them is a subtraction: a few hundred looks by the primary key, however long the trail is. (Where somebody
-- turned the server's clock back, a record may be counted to the day beside its own.)

SET LOCAL ROLE piste_owner;

-- Who may call it: the engine's own definer functions. Trusts: the trail's name. Records: nothing.
-- The number of the first record at or after the beginning of each of the last days, the oldest first, and at last the one
-- after the last record of all. Days begin where the caller's time zone says.
CREATE OR REPLACE FUNCTION piste.audit_days_of(firm uuid, days integer)
RETURNS bigint[]
LANGUAGE plpgsql
AS $$
DECLARE
    numbers bigint[];
BEGIN
    WITH RECURSIVE extent AS (
        SELECT coalesce(min(e.seq), 1) AS first, coalesce(max(e.seq), 0) + 1 AS beyond
        FROM piste.entry e WHERE e.company = firm AND e.seq IS NOT NULL
    ), search AS (
        SELECT (current_date - n)::timestamptz AS begins, x.first AS low, x.beyond AS high
        FROM generate_series(0, days - 1) AS n, extent x
        UNION ALL
        SELECT s.begins, CASE WHEN e.at < s.begins THEN s.middle + 1 ELSE s.low END,
            CASE WHEN e.at < s.begins THEN s.high ELSE s.middle END
        FROM (SELECT q.begins, q.low, q.high, (q.low + q.high) / 2 AS middle FROM search q WHERE q.low < q.high) s
        LEFT JOIN LATERAL (
            SELECT o.at FROM piste.entry o WHERE o.company = firm AND o.seq = s.middle LIMIT 1
        ) e ON true
    )
    SELECT array_agg(q.low ORDER BY q.begins) || (SELECT x.beyond FROM extent x) INTO numbers
    FROM search q WHERE q.low >= q.high;
    RETURN numbers;
END
$$;

-- Who may call it: the engine's own definer functions. Records: nothing. How many entries of a trail wait to be sealed: they are
-- of this moment.
CREATE OR REPLACE FUNCTION piste.unsealed_of(firm uuid)
RETURNS bigint
LANGUAGE sql STABLE
AS $$
    SELECT count(*) FROM piste.entry e WHERE e.company = firm AND e.seq IS NULL
$$;

-- Who may call it: every operator. Trusts: session_user. Records: nothing: like the number of records that piste.company
-- tells, it is a count of the engine's own, and says nothing of any row or of who did what.
-- How many records each of the last days brought, the oldest first; no row for a company that is not there.
CREATE OR REPLACE FUNCTION piste.audit_days(url_id text, days integer DEFAULT 28)
RETURNS TABLE (ago integer, records bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    firm    uuid := piste.company_of(audit_days.url_id);
    numbers bigint[];
BEGIN
    PERFORM piste.me();
    IF coalesce(days NOT BETWEEN 1 AND 400, true) THEN
        RAISE EXCEPTION 'days must be from 1 to 400' USING ERRCODE = 'PT400';
    END IF;
    IF firm IS NOT NULL THEN
        numbers := piste.audit_days_of(firm, days);
        RETURN QUERY
        SELECT days - n, numbers[n + 1] - numbers[n] + CASE WHEN n = days THEN piste.unsealed_of(firm) ELSE 0 END
        FROM generate_series(1, days) AS n;
    END IF;
END
$$;

-- Who may call it: whoever holds a context and has declared the reading of `audit` in it. Trusts: the backend's own context.
-- Records: nothing; the declaration is on record already.
-- The last days of this company's trail in counts: by day ('day', the name says how many days ago), by kind of record
-- ('action') and by who did it ('actor'). The days are counted; of many records every so many-th is looked at, and stands for
-- those beside it (`sampled`).
-- Raises PT401 without a context, PT410 when it has ended, PT409 when no reading of the trail is declared.
CREATE OR REPLACE FUNCTION piste.audit_figures(days integer DEFAULT 28)
RETURNS TABLE (kind text, name text, records bigint, sampled boolean)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    here    record := piste.here();
    numbers bigint[];
    stride  bigint;
BEGIN
    IF coalesce(days NOT BETWEEN 1 AND 400, true) THEN
        RAISE EXCEPTION 'days must be from 1 to 400' USING ERRCODE = 'PT400';
    END IF;
    PERFORM piste.check_in_context(here);
    IF clock_timestamp() >= piste.open_until(here.company, 'audit') THEN
        RAISE EXCEPTION 'no reading of the audit trail is declared' USING
            ERRCODE = 'PT409', HINT = 'Declare it first, and commit: declare(''audit.read'', ''audit'').';
    END IF;
    numbers := piste.audit_days_of(here.company, days);
    stride := greatest(1, (numbers[days + 1] - numbers[1]) / 4000);
    RETURN QUERY
    SELECT 'day', (days - n)::text,
        numbers[n + 1] - numbers[n] + CASE WHEN n = days THEN piste.unsealed_of(here.company) ELSE 0 END, false
    FROM generate_series(1, days) AS n;
    RETURN QUERY
    WITH looked AS MATERIALIZED (
        SELECT e.action, e.actor
        FROM generate_series(numbers[1], numbers[days + 1] - 1, stride) AS g
        CROSS JOIN LATERAL (
            SELECT o.action, o.actor FROM piste.entry o WHERE o.company = here.company AND o.seq = g LIMIT 1
        ) e
    ), counted AS (
        SELECT t.kind, t.name, sum(t.records) AS records
        FROM (
            SELECT 'action' AS kind, l.action AS name, count(*) * stride AS records FROM looked l GROUP BY l.action
            UNION ALL
            SELECT 'actor', l.actor, count(*) * stride FROM looked l GROUP BY l.actor
            UNION ALL
            SELECT 'action', e.action, count(*) FROM piste.entry e
            WHERE e.company = here.company AND e.seq IS NULL GROUP BY e.action
            UNION ALL
            SELECT 'actor', e.actor, count(*) FROM piste.entry e
            WHERE e.company = here.company AND e.seq IS NULL GROUP BY e.actor
        ) t
        GROUP BY t.kind, t.name
    ), ranked AS (
        SELECT c.*, row_number() OVER (PARTITION BY c.kind ORDER BY c.records DESC, c.name) AS place FROM counted c
    )
    SELECT r.kind, r.name::text, r.records::bigint, stride > 1 FROM ranked r WHERE r.place <= 24 ORDER BY r.kind, r.place;
END
$$;

RESET ROLE;
