-- Audit trails: append-only, hash-chained, one for each company and one for the engine itself.
--
-- A trail is named by the schema it lives in: a company's, or 'piste'. The single row of its audit_head is the lock of
-- everything that changes a company's contexts: who holds it, may grant, revoke, open and end.

SET LOCAL ROLE piste_owner;

-- Refuses what an append-only table refuses, to its owner too.
CREATE OR REPLACE FUNCTION piste.refuse_rewrite()
RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    RAISE EXCEPTION 'an audit trail is append-only' USING ERRCODE = 'PT405';
END
$$;

CREATE OR REPLACE TRIGGER append_only
BEFORE UPDATE OR DELETE OR TRUNCATE ON piste.audit
FOR EACH STATEMENT EXECUTE FUNCTION piste.refuse_rewrite();

-- Who may call it: the engine's own definer functions; it runs as they do. Trusts: its arguments.
-- Records: as many entries as there are actions, one after the other. Waits its turn at the head of the trail; returns the
-- number of the last entry.
CREATE OR REPLACE FUNCTION piste.append_all(
    trail text, actor text, subject text, context uuid, actions text[], resources text[], details jsonb[])
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    head     record;
    moment   timestamptz;
    previous bytea;
    hash     bytea;
BEGIN
    -- Three plain statements: planned anew for each trail, they cost less than one that does it all.
    EXECUTE format('SELECT seq, hash, channel, watched_until FROM %I.audit_head FOR UPDATE', trail)
    INTO STRICT head;
    moment := clock_timestamp();
    hash := decode(head.hash, 'hex');
    FOR n IN 1 .. cardinality(actions) LOOP
        previous := hash;
        hash := piste.audit_hash(
            previous, head.seq + n, moment, actor, subject, context, actions[n], resources[n], details[n]);
        EXECUTE format(
            'INSERT INTO %I.audit '
            '    (seq, at, actor, subject, context, action, resource, detail, previous_hash, hash) '
            'VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)', trail)
        USING head.seq + n, moment, actor, subject, context, actions[n], resources[n], details[n], previous, hash;
    END LOOP;
    EXECUTE format('UPDATE %I.audit_head SET seq = $1, hash = $2', trail)
    USING head.seq + cardinality(actions), encode(hash, 'hex');
    IF head.watched_until > moment THEN
        PERFORM piste.announce(head.channel, (head.seq + cardinality(actions))::text);
    END IF;
    RETURN head.seq + cardinality(actions);
END
$$;

-- One entry.
CREATE OR REPLACE FUNCTION piste.append(
    trail text, actor text, subject text, context uuid, action text, resource text, detail jsonb)
RETURNS bigint
LANGUAGE plpgsql
AS $$
BEGIN
    RETURN piste.append_all(trail, actor, subject, context, ARRAY[action], ARRAY[resource], ARRAY[detail]);
END
$$;

-- Who may call it: the engine's own definer functions. Records: nothing.
-- Whether an operator's transaction that stands in the way has done so for long enough: ten seconds of idling, or two
-- minutes altogether, since whoever wants to be in the way keeps busy. (An admin may migrate for longer than that.)
CREATE OR REPLACE FUNCTION piste.holds_up_others(
    holder text, state text, state_change timestamptz, xact_start timestamptz)
RETURNS boolean
LANGUAGE sql VOLATILE
AS $$
    SELECT (state LIKE 'idle in transaction%' AND state_change < clock_timestamp() - interval '10 seconds')
        OR (xact_start < clock_timestamp() - interval '2 minutes'
            AND EXISTS (SELECT FROM piste.operator o WHERE o.login = holder AND o.level <> 'admin'))
$$;

-- Who may call it: the engine's own definer functions. Records: nothing.
-- Takes the lock of a trail. How it waits:
--   'wait'   as long as it takes
--   'skip'   not at all: false when somebody else holds it
--   'evict'  an operator's backend that holds it and idles is ended, and after three seconds also one that keeps itself
--            busy, so that nobody can put off its own end
CREATE OR REPLACE FUNCTION piste.lock_trail(trail text, manner text DEFAULT 'wait')
RETURNS boolean
LANGUAGE plpgsql
AS $$
DECLARE
    attempts integer := 0;
    held_by  xid;
BEGIN
    WHILE manner <> 'wait' LOOP
        BEGIN
            EXECUTE format('SELECT FROM %I.audit_head FOR UPDATE NOWAIT', trail);
            RETURN true;
        EXCEPTION WHEN lock_not_available THEN
            attempts := attempts + 1;
        END;
        EXIT WHEN attempts > 100;
        EXECUTE format('SELECT xmax FROM %I.audit_head', trail) INTO held_by;
        PERFORM piste.end_backend(holder.pid, clock_timestamp())
        FROM piste.backend_of_transaction(held_by) AS holder
        WHERE holder.login IN (SELECT login FROM piste.operator)
          AND CASE manner
              WHEN 'evict' THEN
                  attempts > 60
                  OR (holder.state LIKE 'idle in transaction%'
                      AND holder.state_change < clock_timestamp() - interval '1 second')
              ELSE piste.holds_up_others(holder.login, holder.state, holder.state_change, holder.xact_start)
          END;
        IF manner = 'skip' THEN
            RETURN false;
        END IF;
        PERFORM pg_sleep(0.05);
    END LOOP;
    EXECUTE format('SELECT FROM %I.audit_head FOR UPDATE', trail);
    RETURN true;
END
$$;

-- Who may call it: the engine's own definer functions. Records: the refusal, with what was asked for.
-- A refusal is an answer, not an error: an error would roll its record back. The text begins with a stable code.
CREATE OR REPLACE FUNCTION piste.refuse(
    trail text, action text, resource text, code text, explanation text, detail jsonb DEFAULT '{}')
RETURNS text
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM piste.spend((SELECT c.id FROM piste.company c WHERE c.schema_name = trail), refusals => 1);
    PERFORM piste.append(
        trail, session_user::text, NULL, NULL, action, resource,
        jsonb_build_object('refusal', code) || jsonb_strip_nulls(detail));
    PERFORM nextval('piste.refusals_' || piste.refusal_kind(code));
    RETURN code || ': ' || explanation;
END
$$;

-- Who may call it: the engine's own definer functions. Records: nothing.
-- The schema of the trail, for somebody who may read all of it: NULL when there is no such company.
CREATE OR REPLACE FUNCTION piste.trail_of(url_id text)
RETURNS text
LANGUAGE sql STABLE
AS $$
    SELECT schema_name FROM piste.company c WHERE c.url_id = trail_of.url_id
$$;

-- Who may call it: in a context, whoever holds it, for that company; outside, an admin, for any company or (NULL) for the
-- engine's own trail. Trusts: session_user and the backend's own context. Records: an admin's reading from outside, as
-- `audit.read` in the trail that was read, and in the server's log, which no rollback can reach.
-- Newest first; `before` is the smallest seq already seen. With `after`, the records that follow that seq, oldest first. How
-- `search` is meant stands at piste.filter_condition.
CREATE OR REPLACE FUNCTION piste.audit_trail(
    url_id text DEFAULT NULL, before bigint DEFAULT NULL, "limit" integer DEFAULT 50,
    search text DEFAULT NULL, matching text DEFAULT 'fragment', after bigint DEFAULT NULL)
RETURNS TABLE (
    seq bigint, at timestamptz, actor text, subject text, context uuid, action text, resource text, detail jsonb,
    previous_hash text, hash text, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    me    record := piste.me();
    here  record := piste.here();
    trail text   := CASE WHEN audit_trail.url_id IS NULL THEN 'piste' ELSE piste.trail_of(audit_trail.url_id) END;
    condition text := piste.filter_condition(search, matching,
        'lower(concat_ws('' '', actor, subject, action, resource, detail::text, ''#'' || seq) COLLATE piste.human)',
        ARRAY['actor', 'subject', 'action', 'resource', 'detail::text', '(''#'' || seq)']);
BEGIN
    IF coalesce("limit" NOT BETWEEN 1 AND 10000, true) THEN
        RAISE EXCEPTION 'limit must be from 1 to 10000' USING ERRCODE = 'PT400';
    END IF;
    IF here.live AND (audit_trail.url_id IS NULL OR trail = here.schema_name) THEN
        IF here.opened_xid IS NOT DISTINCT FROM pg_current_xact_id_if_assigned() THEN
            RAISE EXCEPTION 'the record of this context is not committed yet' USING ERRCODE = 'PT409';
        END IF;
        trail := here.schema_name;
    ELSIF NOT me.administers THEN
        RETURN QUERY SELECT NULL::bigint, NULL::timestamptz, NULL::text, NULL::text, NULL::uuid, NULL::text, NULL::text,
            NULL::jsonb, NULL::text, NULL::text, piste.refuse(
                coalesce(trail, 'piste'), 'audit.refused', 'audit', 'not_allowed',
                'outside a context of this company its trail is for admins',
                jsonb_build_object('url_id', left(audit_trail.url_id, 100)));
        RETURN;
    ELSIF trail IS NULL THEN
        RETURN QUERY SELECT NULL::bigint, NULL::timestamptz, NULL::text, NULL::text, NULL::uuid, NULL::text, NULL::text,
            NULL::jsonb, NULL::text, NULL::text, piste.refuse(
                'piste', 'audit.refused', 'audit', 'unknown_company', 'there is no company of this name',
                jsonb_build_object('url_id', left(audit_trail.url_id, 100)));
        RETURN;
    ELSIF trail <> 'piste' THEN
        RAISE LOG 'piste: % reads the audit trail of %', session_user, trail;
        PERFORM piste.append(trail, me.login, NULL, NULL, 'audit.read', 'audit',
            jsonb_strip_nulls(jsonb_build_object(
                'before', before, 'after', after, 'limit', "limit", 'search', left(nullif(search, ''), 200))));
    END IF;
    RETURN QUERY EXECUTE format(
        'SELECT seq, at, actor, subject, context, action, resource, detail, '
        '    encode(previous_hash, ''hex''), encode(hash, ''hex''), NULL::text '
        'FROM %I.audit WHERE seq < $2 AND seq > $3 AND %s ORDER BY seq %s LIMIT $4',
        trail, coalesce(condition, 'true'), CASE WHEN after IS NULL THEN 'DESC' ELSE 'ASC' END)
    USING piste.filter_value(search, matching), coalesce(before, 9223372036854775807), coalesce(after, 0), "limit";
END
$$;

RESET ROLE;
