-- Quotas: how much one operator may ask of one company's trail in a minute, how many tokens may lie about unopened, and how
-- many connections a login has. Whoever asks for more is told until when, and fills nothing for anybody.
--
-- Each backend counts for itself, in a row that no other touches, and adds what the login's other backends have committed:
-- nobody waits for anybody, not even for another session of their own. What is rolled back is not counted, and left nothing.

SET LOCAL ROLE piste_owner;

-- What was asked for in the minute that began then, by one backend. Never logged: after a crash the counting begins anew. The
-- company is the zero uuid for the trail of the engine itself.
CREATE UNLOGGED TABLE IF NOT EXISTS piste.quota (
    login          text        COLLATE "C" NOT NULL,
    company        uuid        NOT NULL,
    pid            integer     NOT NULL,
    minute         timestamptz NOT NULL,
    tokens         bigint      NOT NULL,
    refusals       bigint      NOT NULL,
    entries        bigint      NOT NULL,
    detail_bytes   bigint      NOT NULL,
    PRIMARY KEY (login, company, pid)
) WITH (fillfactor = 50, autovacuum_vacuum_threshold = 500);

-- Who may call it: the engine's own definer functions. Trusts: the settings. Records: nothing.
CREATE OR REPLACE FUNCTION piste.limit_of(name text)
RETURNS bigint
LANGUAGE plpgsql STABLE
AS $$
BEGIN
    RETURN piste.setting_of(limit_of.name)::bigint;
END
$$;

-- Who may call it: the engine's own definer functions. Records: nothing.
-- How many connections a login of this level may have. All of them together leave room for an admin and the sweeper.
CREATE OR REPLACE FUNCTION piste.connections_of(level text)
RETURNS integer
LANGUAGE plpgsql STABLE
AS $$
BEGIN
    RETURN piste.limit_of(CASE level WHEN 'service' THEN 'service' WHEN 'monitor' THEN 'monitor' ELSE 'person' END
        || '_connections');
END
$$;

-- Who may call it: the engine's own definer functions, before they do what it counts. Trusts: session_user, and the number of
-- this backend. Records: nothing.
-- Counts what the caller asks of a company (NULL: of the engine's own trail). Raises PT429 with the moment from which on
-- there is room again. A superuser is outside.
CREATE OR REPLACE FUNCTION piste.spend(
    firm uuid, tokens bigint DEFAULT 0, refusals bigint DEFAULT 0, entries bigint DEFAULT 0, detail_bytes bigint DEFAULT 0)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    me     record      := piste.me();
    now_   timestamptz := date_trunc('minute', clock_timestamp());
    place  uuid        := coalesce(firm, '00000000-0000-0000-0000-000000000000');
    kind   text        := CASE me.level WHEN 'service' THEN 'service_' ELSE '' END;
    sum_   record;
    excess text;
    fresh  boolean;
BEGIN
    IF me.level = 'superuser' THEN
        RETURN;
    END IF;
    INSERT INTO piste.quota AS q (login, company, pid, minute, tokens, refusals, entries, detail_bytes)
    VALUES (me.login, place, pg_backend_pid(), now_, spend.tokens, spend.refusals, spend.entries, spend.detail_bytes)
    ON CONFLICT (login, company, pid) DO UPDATE SET
        minute = excluded.minute,
        tokens = excluded.tokens + CASE WHEN q.minute = excluded.minute THEN q.tokens ELSE 0 END,
        refusals = excluded.refusals + CASE WHEN q.minute = excluded.minute THEN q.refusals ELSE 0 END,
        entries = excluded.entries + CASE WHEN q.minute = excluded.minute THEN q.entries ELSE 0 END,
        detail_bytes = excluded.detail_bytes + CASE WHEN q.minute = excluded.minute THEN q.detail_bytes ELSE 0 END
    RETURNING q.xmax = 0 INTO fresh;
    IF fresh THEN
        -- Of backends that were before this one.
        DELETE FROM piste.quota q
        WHERE q.ctid IN (
            SELECT o.ctid FROM piste.quota o
            WHERE o.login = me.login AND o.company = place AND o.minute < now_ - interval '1 minute'
            FOR UPDATE SKIP LOCKED);
    END IF;
    SELECT sum(q.tokens) AS tokens, sum(q.refusals) AS refusals, sum(q.entries) AS entries,
        sum(q.detail_bytes) AS detail_bytes
    INTO sum_
    FROM piste.quota q WHERE q.login = me.login AND q.company = place AND q.minute = now_;
    excess := CASE
        WHEN spend.tokens > 0 AND sum_.tokens > piste.limit_of(kind || 'token_rate') THEN 'tokens'
        WHEN spend.refusals > 0 AND sum_.refusals > piste.limit_of(kind || 'refusal_rate') THEN 'refused calls'
        WHEN spend.entries > 0 AND sum_.entries > piste.limit_of(kind || 'entry_rate') THEN 'records'
        WHEN spend.detail_bytes > 0 AND sum_.detail_bytes > piste.limit_of(kind || 'detail_rate') THEN 'details'
    END;
    IF excess IS NOT NULL THEN
        RAISE EXCEPTION 'too many % of this login for one company in this minute: there is room again at %',
            excess, to_char(now_ + interval '1 minute', 'YYYY-MM-DD HH24:MI:SSOF') USING ERRCODE = 'PT429';
    END IF;
END
$$;

-- Who may call it: `issue_token`, before it issues one more. Trusts: its arguments. Records: `token.end`, once for all that
-- end here, with their number and which they are.
-- Ends the oldest tokens of an operator that nobody opened, so that with one more there are not too many. What another
-- transaction holds is left to the next time: it waits for nobody.
CREATE OR REPLACE FUNCTION piste.make_room_for_token(firm uuid, login text)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    most  bigint := piste.limit_of(
        CASE WHEN EXISTS (SELECT FROM piste.operator o WHERE o.login = make_room_for_token.login AND o.level = 'service')
            THEN 'service_' ELSE '' END || 'max_unopened_tokens');
    why   text   := format('there were more than %s that nobody opened', most);
    spare uuid[];
    ended uuid[];
BEGIN
    spare := ARRAY(
        SELECT c.jti FROM piste.context c
        WHERE c.company = firm AND c.operator = make_room_for_token.login
          AND c.ended_at IS NULL AND c.opened_at IS NULL AND c.expires_at > clock_timestamp()
        ORDER BY c.made_at DESC, c.jti  -- issued_at has whole seconds, as a token's claims do
        OFFSET most - 1);
    IF spare = '{}' THEN
        RETURN;
    END IF;
    WITH over AS (
        UPDATE piste.context c
        SET ended_at = clock_timestamp(), end_reason = why, ended_by = make_room_for_token.login
        WHERE c.jti IN (
            SELECT o.jti FROM piste.context o
            WHERE o.jti = ANY (spare) AND o.ended_at IS NULL AND o.opened_at IS NULL
            FOR UPDATE SKIP LOCKED)
        RETURNING c.jti
    )
    SELECT array_agg(o.jti ORDER BY o.jti) INTO ended FROM over o;
    IF ended IS NOT NULL THEN
        PERFORM piste.append(firm, login, NULL, NULL, 'token.end', 'token', jsonb_build_object(
            'why', why, 'operator', login, 'tokens', cardinality(ended), 'jtis', to_jsonb(ended)));
    END IF;
END
$$;

RESET ROLE;
