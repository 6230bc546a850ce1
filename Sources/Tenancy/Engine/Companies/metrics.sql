-- Figures for whoever keeps the engine running: how many contexts are open, how much is declared and refused, how old the
-- heads of the audit chains are. Numbers only: no name of a company, a user or an operator is among them.
--
-- What is counted is counted by sequences: nobody waits for another, and a refusal that is rolled back was a refusal all the
-- same. After a crash of the server a sequence may have jumped ahead by up to 32.

SET LOCAL ROLE piste_owner;

-- Who may call it: the engine's own definer functions. Records: nothing.
-- What kind of refusal a code is.
CREATE OR REPLACE FUNCTION piste.refusal_kind(code text)
RETURNS text
LANGUAGE sql IMMUTABLE
AS $$
    SELECT CASE
        WHEN code = 'not_allowed' THEN 'not_allowed'
        WHEN code ~ '^(id_token|user|provider)_' THEN 'sign_in'
        WHEN code ~ '^token_' THEN 'token'
        WHEN code ~ '^(unknown|foreign)_' THEN 'unknown'
        WHEN code ~ '^(impersonation|reason|ticket|approval|request|nested|own|added|requester|approver|read|too)_' THEN 'policy'
        ELSE 'other'
    END
$$;

-- Who may call it: the engine's own definer functions. Records: nothing. How far a sequence has counted.
CREATE OR REPLACE FUNCTION piste.counted(counter regclass)
RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    figure bigint;
BEGIN
    EXECUTE format('SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM %s', counter) INTO figure;
    RETURN figure;
END
$$;

-- Who may call it: the engine's own definer functions. Trusts: session_user. Records: `engine.refused`.
-- The refusal for whoever may not see the figures; nothing for admins, services and monitors.
CREATE OR REPLACE FUNCTION piste.metrics_refusal(wish text)
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    me record := piste.me();
BEGIN
    IF NOT me.administers AND me.level NOT IN ('service', 'monitor') THEN
        RETURN piste.refuse(
            NULL, 'engine.refused', 'metrics', 'not_allowed', 'this is for admins, services and monitors',
            jsonb_build_object('wish', wish));
    END IF;
    RETURN NULL;
END
$$;

-- Who may call it: `metrics`. Trusts: the catalogs. Records: nothing.
-- How many tickets each service was given for each company in the last minute, by numbers that are no names: that of the
-- service's login in pg_roles, and the company's id. The hundred busiest of them, and all others as one, so that what is kept of
-- these figures does not grow with the companies.
CREATE OR REPLACE FUNCTION piste.busiest_tickets()
RETURNS TABLE (pair text, tickets double precision)
LANGUAGE sql VOLATILE
AS $$
    SELECT CASE WHEN t.place <= 100 THEN format('%s %s', t.service, t.company) ELSE 'other other' END,
        sum(t.tickets)::double precision
    FROM (
        SELECT m.company, m.tickets, coalesce(to_regrole(quote_ident(m.login))::oid::text, 'gone') AS service,
            row_number() OVER (ORDER BY m.tickets DESC, m.login, m.company) AS place
        FROM piste.tickets_of_last_minute() AS m
    ) AS t
    GROUP BY 1
$$;

-- Who may call it: admin, service and monitor. Trusts: session_user. Records: `engine.refused` for anybody else.
-- The figures of this moment, each with what it is of where there are several.
CREATE OR REPLACE FUNCTION piste.metrics()
RETURNS TABLE (name text, label text, value double precision, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    refusal := piste.metrics_refusal('metrics');
    IF refusal IS NOT NULL THEN
        RETURN NEXT;
        RETURN;
    END IF;
    RETURN QUERY
        SELECT 'contexts_live', p.purpose, count(c.jti)::double precision, NULL::text
        FROM unnest(ARRAY['access', 'impersonation', 'service']) AS p (purpose)
        LEFT JOIN piste.context c ON c.purpose = p.purpose
            AND c.ended_at IS NULL AND c.opened_at IS NOT NULL AND c.expires_at > clock_timestamp()
        GROUP BY p.purpose
        UNION ALL
        SELECT 'contexts_overdue', NULL, count(*)::double precision, NULL
        FROM piste.context c WHERE c.ended_at IS NULL AND c.expires_at <= clock_timestamp()
        UNION ALL
        SELECT 'companies', s.status, count(k.id)::double precision, NULL
        FROM unnest(ARRAY['active', 'suspended']) AS s (status) LEFT JOIN piste.company k ON k.status = s.status
        GROUP BY s.status
        UNION ALL
        SELECT 'requests_pending', NULL, count(*)::double precision, NULL
        FROM piste.request r WHERE r.state = 'pending' AND r.expires_at > clock_timestamp()
        UNION ALL
        SELECT 'declarations', NULL, piste.counted('piste.declarations')::double precision, NULL
        UNION ALL
        SELECT 'refusals', k.kind, piste.counted(('piste.refusals_' || k.kind)::regclass)::double precision, NULL
        FROM unnest(ARRAY['not_allowed', 'other', 'policy', 'sign_in', 'token', 'unknown']) AS k (kind)
        UNION ALL
        SELECT 'control_head_age', NULL, extract(epoch FROM clock_timestamp() - a.at)::double precision, NULL
        FROM piste.trail h JOIN piste.entry a ON a.company = h.company AND a.seq = h.seq
        WHERE h.company = piste.no_company()
        UNION ALL
        SELECT 'entries_unsealed', NULL, count(*)::double precision, NULL FROM piste.entry e WHERE e.seq IS NULL
        UNION ALL
        SELECT 'tickets', NULL, piste.counted('piste.tickets')::double precision, NULL
        UNION ALL
        SELECT 'tickets_last_minute', t.pair, t.tickets, NULL FROM piste.busiest_tickets() AS t
        UNION ALL
        SELECT j.name, j.label, j.value, NULL FROM piste.outbox_metrics() AS j;
END
$$;

-- Who may call it: admin, service and monitor. Trusts: session_user. Records: `engine.refused` for anybody else.
-- The age of the newest sealed record of some companies' trails, in seconds, in the order of their ids, from behind `after` on.
CREATE OR REPLACE FUNCTION piste.chain_heads(after uuid DEFAULT NULL, "limit" integer DEFAULT 250)
RETURNS TABLE (company uuid, age double precision, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    IF coalesce("limit" NOT BETWEEN 1 AND 10000, true) THEN
        RAISE EXCEPTION 'limit must be from 1 to 10000' USING ERRCODE = 'PT400';
    END IF;
    refusal := piste.metrics_refusal('chain_heads');
    IF refusal IS NOT NULL THEN
        RETURN NEXT;
        RETURN;
    END IF;
    RETURN QUERY
    SELECT k.id, extract(epoch FROM clock_timestamp() - e.at)::double precision, NULL::text
    FROM piste.company k
    JOIN piste.trail t ON t.company = k.id
    LEFT JOIN piste.entry e ON e.company = k.id AND e.seq = t.seq
    WHERE chain_heads.after IS NULL OR k.id > chain_heads.after
    ORDER BY k.id LIMIT "limit";
END
$$;

RESET ROLE;
