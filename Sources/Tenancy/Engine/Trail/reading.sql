-- Reading a trail: records to whoever is inside or has said so from outside; values like a table's rows, inside only.

SET LOCAL ROLE piste_owner;

-- Who may call it: the engine's own definer functions. Records: nothing. The company's id; NULL when there is none.
CREATE OR REPLACE FUNCTION piste.company_of(url_id text)
RETURNS uuid
LANGUAGE sql STABLE
AS $$
    SELECT c.id FROM piste.company c WHERE c.url_id = company_of.url_id
$$;

-- Who may call it: the engine's own definer functions. Trusts: session_user and the backend's own context.
-- Records: the refusal. Whose trail it is for whoever may read it: in a context, whoever holds it, that company's (NULL is that
-- company too); outside, an admin, any company's or (NULL) the control trail, filed under the zero uuid.
-- A company's trail is read from outside only after `declare_trail` was committed, at most ten seconds ago. Raises PT409.
CREATE OR REPLACE FUNCTION piste.readable_trail(
    asked text, wish text, OUT company uuid, OUT url_id text, OUT inside boolean, OUT refusal text)
LANGUAGE plpgsql
AS $$
#variable_conflict use_column
DECLARE
    me   record := piste.me();
    here record := piste.here();
    firm uuid;
BEGIN
    SELECT c.id, c.url_id INTO firm, url_id
    FROM piste.company c WHERE c.url_id = coalesce(asked, CASE WHEN here.live THEN here.url_id END);
    inside := coalesce(here.live AND firm = here.company, false);
    IF inside THEN
        IF here.opened_xid IS NOT DISTINCT FROM pg_current_xact_id_if_assigned() THEN
            RAISE EXCEPTION 'the record of this context is not committed yet' USING ERRCODE = 'PT409';
        END IF;
    ELSIF NOT me.administers THEN
        refusal := piste.refuse(
            firm, 'audit.refused', 'audit', 'not_allowed', 'outside a context of this company its trail is for admins',
            jsonb_build_object('wish', wish, 'url_id', left(asked, 100)));
        RETURN;
    ELSIF asked IS NULL THEN
        firm := piste.no_company();
    ELSIF firm IS NULL THEN
        refusal := piste.refuse(
            NULL, 'audit.refused', 'audit', 'unknown_company', 'there is no company of this name',
            jsonb_build_object('wish', wish, 'url_id', left(asked, 100)));
        RETURN;
    ELSIF NOT EXISTS (
        SELECT FROM piste.trail_declaration d
        WHERE d.pid = pg_backend_pid() AND d.login = me.login AND d.company = firm AND d.sync
          AND d.xid IS DISTINCT FROM pg_current_xact_id_if_assigned()
          AND d.declared_at BETWEEN clock_timestamp() - interval '10 seconds' AND clock_timestamp()
    ) THEN
        RAISE EXCEPTION 'no reading of this trail is declared' USING
            ERRCODE = 'PT409', HINT = 'Call declare_trail(url_id) first, and commit.';
    ELSIF NOT piste.await_standbys() THEN
        RAISE EXCEPTION 'the synchronous standbys do not have the record of this reading yet' USING ERRCODE = 'PT503';
    END IF;
    company := firm;
END
$$;

-- Who may call it: admin. Trusts: session_user. Records: `audit.read` in the company's trail, or `audit.refused`. Once it is
-- committed, this session may read the records of this trail from outside for ten seconds; never their values. The entry's id.
CREATE OR REPLACE FUNCTION piste.declare_trail(url_id text, detail jsonb DEFAULT NULL)
RETURNS TABLE (entry bigint, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    me    record := piste.me();
    firm  uuid   := piste.company_of(declare_trail.url_id);
    parts record;
BEGIN
    IF declare_trail.url_id IS NULL THEN
        RAISE EXCEPTION 'url_id is missing' USING ERRCODE = 'PT400';
    END IF;
    IF octet_length(detail::text) > 8192 THEN
        RAISE EXCEPTION 'detail is longer than 8192 bytes' USING ERRCODE = 'PT413';
    END IF;
    IF NOT me.administers OR firm IS NULL THEN
        refusal := piste.refuse(
            firm, 'audit.refused', 'audit', CASE WHEN me.administers THEN 'unknown_company' ELSE 'not_allowed' END,
            CASE WHEN me.administers THEN 'there is no company of this name' ELSE 'this is for admins' END,
            jsonb_build_object('wish', 'read', 'url_id', left(declare_trail.url_id, 100)));
        RETURN NEXT;
        RETURN;
    END IF;
    PERFORM piste.check_durability(), piste.check_clock();
    RAISE LOG 'piste: % reads the audit trail of company %', session_user, firm;
    parts := piste.split_detail(detail);
    entry := piste.append(firm, me.login, NULL, NULL, 'audit.read', 'audit', parts.facts, parts.secret);
    INSERT INTO piste.trail_declaration AS d (pid, login, company, xid, declared_at)
    VALUES (pg_backend_pid(), me.login, firm, pg_current_xact_id(), clock_timestamp())
    ON CONFLICT (pid) DO UPDATE SET
        login = excluded.login, company = excluded.company, xid = excluded.xid, declared_at = excluded.declared_at,
        sync = false;
    RETURN NEXT;
END
$$;

-- Who may call it: whoever may read the trail (see above). Trusts: session_user and the backend's own context.
-- Records: nothing by itself: from outside `declare_trail` did.
-- Newest first; `before` is the smallest entry already seen. With `after`, the entries that follow that one, oldest first. What
-- has no `seq` yet is committed and not sealed. How `search` is meant stands at piste.filter_condition.
CREATE OR REPLACE FUNCTION piste.audit_trail(
    url_id text DEFAULT NULL, before bigint DEFAULT NULL, "limit" integer DEFAULT 50,
    search text DEFAULT NULL, matching text DEFAULT 'fragment', after bigint DEFAULT NULL)
RETURNS TABLE (
    entry bigint, seq bigint, at timestamptz, actor text, subject text, context uuid, action text, resource text,
    detail jsonb, has_values boolean, previous_hash text, hash text, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    source    record;
    condition text := piste.filter_condition(search, matching,
        'piste.folded(concat_ws('' '', actor, subject, action, resource, detail::text, ''#'' || seq))',
        ARRAY['actor', 'subject', 'action', 'resource', 'detail::text', '(''#'' || seq)']);
BEGIN
    IF coalesce("limit" NOT BETWEEN 1 AND 10000, true) THEN
        RAISE EXCEPTION 'limit must be from 1 to 10000' USING ERRCODE = 'PT400';
    END IF;
    source := piste.readable_trail(audit_trail.url_id, 'read');
    IF source.refusal IS NOT NULL THEN
        refusal := source.refusal;
        RETURN NEXT;
        RETURN;
    END IF;
    RETURN QUERY EXECUTE format(
        'SELECT id, seq, at, actor, subject, context, action, resource, detail, values_hash IS NOT NULL, '
        '    CASE WHEN seq IS NOT NULL THEN encode(coalesce(('
        '        SELECT b.hash FROM piste.entry b WHERE b.company = $5 AND b.seq = e.seq - 1), ('
        '        SELECT t.begins_hash FROM piste.trail t WHERE t.company = $5 AND t.begins_after = e.seq - 1)), ''hex'') END, '
        '    encode(hash, ''hex''), NULL::text '
        'FROM piste.entry e WHERE company = $5 AND id < $2 AND id > $3 AND %s ORDER BY id %s LIMIT $4',
        coalesce(condition, 'true'), CASE WHEN after IS NULL THEN 'DESC' ELSE 'ASC' END)
    USING piste.filter_value(search, matching), coalesce(before, 9223372036854775807), coalesce(after, 0), "limit",
        source.company;
END
$$;

-- Who may call it: in a context, whoever holds it, for that company; outside, an admin for any. Trusts: session_user.
-- Records: nothing. NULL when it is not allowed.
-- The channel on which new entries of the trail are announced for so many seconds: LISTEN on it, and ask again in time.
-- The announcement is an entry's id and nothing else, and a hint only. NOTIFY makes commits wait for each other, so nothing is
-- announced while nobody watches. Where somebody else is asking at this moment, theirs counts.
CREATE OR REPLACE FUNCTION piste.watch_audit(seconds integer DEFAULT 60, url_id text DEFAULT NULL)
RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    me      record := piste.me();
    here    record := piste.here();
    firm    uuid   := CASE WHEN watch_audit.url_id IS NULL THEN coalesce(here.company, piste.no_company())
        ELSE piste.company_of(watch_audit.url_id) END;
    heard   text;
BEGIN
    IF coalesce(seconds NOT BETWEEN 1 AND 3600, true) THEN
        RAISE EXCEPTION 'seconds must be from 1 to 3600' USING ERRCODE = 'PT400';
    END IF;
    IF firm IS NULL OR NOT (me.administers OR (here.live AND firm = here.company)) THEN
        RETURN NULL;
    END IF;
    UPDATE piste.trail_watch w SET
        channel = CASE WHEN w.watched_until > clock_timestamp() THEN w.channel
            ELSE 'piste_' || encode(piste.random_bytes(16), 'hex') END,
        watched_until = greatest(w.watched_until, clock_timestamp() + make_interval(secs => seconds))
    WHERE w.ctid = (SELECT o.ctid FROM piste.trail_watch o WHERE o.company = firm FOR UPDATE SKIP LOCKED);
    SELECT w.channel INTO heard FROM piste.trail_watch w WHERE w.company = firm;
    RETURN heard;
END
$$;

RESET ROLE;
