-- The server that a database lives on: its name from start to end, its timeline, its clock, and what a promotion may have
-- lost.

SET LOCAL ROLE piste_owner;

-- The timeline on which this server writes now.
CREATE OR REPLACE FUNCTION piste.this_timeline()
RETURNS bigint
LANGUAGE sql VOLATILE
AS $$
    SELECT ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::bigint
$$;

-- Who may call it: the engine's own definer functions, whose plans take it in. Trusts: what the server says of itself. Records:
-- nothing. This server, from its start to its end: a pid means something beside this name only. NULL on one that follows another.
CREATE OR REPLACE FUNCTION piste.this_server()
RETURNS text
LANGUAGE sql VOLATILE
AS $$
    SELECT CASE WHEN NOT pg_is_in_recovery() THEN
        left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) || '/' || extract(epoch FROM pg_postmaster_start_time()) END
$$;

-- Which server has noted itself last: the number of its start, which is another's where another server goes on, after a crash, a
-- promotion or a recovery to a moment.
CREATE SEQUENCE IF NOT EXISTS piste.noted_server MINVALUE 0 START 0;

-- Who may call it: the engine's own definer functions, whose plans take it in. Records: nothing.
-- This server and this database on it, as a number: the microsecond of its start, moved by where the sequence itself lies, since a
-- copy of the database has the sequence too, and may have taken the name as well.
CREATE OR REPLACE FUNCTION piste.server_number()
RETURNS bigint
LANGUAGE sql STABLE
AS $$
    SELECT floor(extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint + hashtext(pg_relation_filepath('piste.noted_server'))
$$;

-- Who may call it: the engine's own definer functions, whose plans take it in. Records: nothing.
-- Whether this server has noted itself since its start.
CREATE OR REPLACE FUNCTION piste.server_is_noted()
RETURNS boolean
LANGUAGE sql VOLATILE
AS $$
    SELECT coalesce(pg_sequence_last_value('piste.noted_server') = piste.server_number(), false)
$$;

-- Who may call it: the guard, and whoever seals the trails; never where a client's statement can follow, since two of them
-- wait for each other here. Trusts: what the server says of itself.
-- Records: `engine.timeline` in the engine's own trail, when nothing was recorded on this timeline of this cluster yet:
-- after a promotion, a recovery to a moment, or in a copy that was restored elsewhere.
CREATE OR REPLACE FUNCTION piste.note_server()
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    cluster bigint;
    writes  CONSTANT bigint := piste.this_timeline();
    before  record;
BEGIN
    IF piste.server_is_noted() THEN
        RETURN;
    ELSIF EXISTS (
        SELECT FROM piste.server s JOIN pg_database d ON d.oid = s.database
        WHERE s.timeline = writes AND s.started = pg_postmaster_start_time() AND d.datname = current_database())
    THEN
        -- Committed before: what counts outside of transactions may say so.
        PERFORM setval('piste.noted_server', piste.server_number());
        RETURN;
    END IF;
    PERFORM piste.check_home();
    cluster := (SELECT c.system_identifier FROM pg_control_system() c);
    IF EXISTS (SELECT FROM piste.server s WHERE s.system_identifier = cluster AND s.timeline = writes) THEN
        -- Whoever is at it at this moment writes the same.
        UPDATE piste.server s SET started = pg_postmaster_start_time(), database = piste.this_database()
        WHERE (s.system_identifier, s.timeline) IN (
            SELECT o.system_identifier, o.timeline FROM piste.server o
            WHERE o.system_identifier = cluster AND o.timeline = writes FOR UPDATE SKIP LOCKED);
        RETURN;
    END IF;
    SELECT * INTO before FROM piste.server s ORDER BY s.since DESC, s.timeline DESC LIMIT 1;
    INSERT INTO piste.server (system_identifier, timeline, started, database)
    VALUES (cluster, writes, pg_postmaster_start_time(), piste.this_database())
    ON CONFLICT DO NOTHING;
    IF FOUND AND before.since IS NOT NULL THEN
        PERFORM piste.append(
            NULL::uuid, session_user::text, NULL, NULL, 'engine.timeline', 'engine', jsonb_build_object(
                'system', cluster::text, 'timeline', writes,
                'system_before', before.system_identifier::text, 'timeline_before', before.timeline));
    END IF;
END
$$;

-- Who may call it: the engine's own definer functions. Records: nothing.
-- By how much the server's clock is behind the newest record that was made here; NULL when it is not. Records of another
-- server, before a promotion, do not count: that one's clock is not this one's. Nor does the one record up to which an
-- admin has let the clock be (the setting `clock`).
CREATE OR REPLACE FUNCTION piste.clock_is_behind_by()
RETURNS interval
LANGUAGE plpgsql
AS $$
DECLARE
    -- In this order: what is newer than the clock was written by a clock that was ahead.
    newest  bigint := (SELECT n.last_value FROM piste.newest_record n);
    now_    bigint := extract(epoch FROM clock_timestamp()) * 1000000;
BEGIN
    IF now_ >= newest
        OR newest::text = (SELECT s.value FROM piste.setting s WHERE s.name = 'clock')
        OR NOT EXISTS (
            SELECT FROM piste.server s
            WHERE s.system_identifier = (SELECT c.system_identifier FROM pg_control_system() c)
              AND s.timeline = piste.this_timeline())
    THEN
        RETURN NULL;
    END IF;
    RETURN (newest - now_) * interval '1 microsecond';
END
$$;

-- Who may call it: the engine's own definer functions, when they make a record. Records: nothing.
-- Raises PT409 while the server's clock is behind the newest record that was made here: times would lie, and what has
-- expired would live again. Else notes the moment.
CREATE OR REPLACE FUNCTION piste.check_clock()
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    now_   bigint := extract(epoch FROM clock_timestamp()) * 1000000;
    behind interval;
BEGIN
    IF now_ < pg_sequence_last_value('piste.newest_record') THEN
        behind := piste.clock_is_behind_by();
        IF behind IS NOT NULL THEN
            RAISE EXCEPTION 'the server''s clock is % behind its newest record', behind USING
                ERRCODE = 'PT409',
                HINT = 'Set the clock right; where the newest record is wrong, an admin sets clock to now.';
        END IF;
    END IF;
    now_ := setval('piste.newest_record', now_);
END
$$;

-- What is known to have been lost: a trail was seen at this point outside, and does not pass through it any more.
CREATE TABLE IF NOT EXISTS piste.lost_head (
    company     uuid        NOT NULL,
    seq         bigint      NOT NULL,
    hash        bytea       NOT NULL,
    lost_from   bigint      NOT NULL,
    found_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    found_by    text        COLLATE "C" NOT NULL,
    PRIMARY KEY (company, seq, hash)
);

-- Who may call it: the engine's own definer functions. Records: nothing.
-- The hash of a sealed record; NULL where there is none of this number.
CREATE OR REPLACE FUNCTION piste.sealed_hash(trail uuid, seq bigint)
RETURNS bytea
LANGUAGE sql STABLE
AS $$
    SELECT e.hash FROM piste.entry e WHERE e.company = trail AND e.seq = sealed_hash.seq
$$;

-- Who may call it: admin; NULL is the engine's own trail. Trusts: session_user, and the admin's word that the trail had
-- this record once (a checkpoint that was kept outside says so with a signature). Records: `incident.head`, once for each
-- point, in the engine's own trail, with the range of numbers whose records are lost, or `audit.refused`.
-- Whether the trail still passes through a point that was seen outside. After a promotion of a standby that lacked the
-- last records it does not: its head went back, or has other records in their place. `lost_from` is the number behind the
-- last point before it that the trail is known to pass through. `ok` is NULL for a point among archived records: the file of
-- the archive knows.
CREATE OR REPLACE FUNCTION piste.compare_head(url_id text, seq bigint, hash text)
RETURNS TABLE (ok boolean, head bigint, lost_from bigint, lost_to bigint, why text, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    me    record := piste.me();
    firm  uuid   := (SELECT c.id FROM piste.company c WHERE c.url_id = compare_head.url_id);
    trail uuid   := coalesce(firm, piste.no_company());
    known bytea;
    there bytea;
    begins record;
BEGIN
    IF NOT me.administers OR (firm IS NULL AND compare_head.url_id IS NOT NULL) THEN
        refusal := piste.refuse(
            NULL::uuid, 'audit.refused', 'audit',
            CASE WHEN me.administers THEN 'unknown_company' ELSE 'not_allowed' END,
            CASE WHEN me.administers THEN 'there is no company of this name' ELSE 'this is for admins' END,
            jsonb_build_object('wish', 'compare', 'url_id', left(compare_head.url_id, 100)));
        RETURN NEXT;
        RETURN;
    END IF;
    IF coalesce(compare_head.seq < 1 OR compare_head.hash !~ '^[0-9a-f]{64}$', true) THEN
        RAISE EXCEPTION 'say the number of a record, and its hash in 64 hexadecimal digits' USING ERRCODE = 'PT400';
    END IF;
    known := decode(compare_head.hash, 'hex');
    SELECT t.seq, t.begins_after AS after, t.begins_hash AS hash INTO begins FROM piste.trail t WHERE t.company = trail;
    head := begins.seq;
    IF compare_head.seq < begins.after THEN
        why := format('the records up to %s are archived', begins.after);
        RETURN NEXT;
        RETURN;
    END IF;
    there := CASE compare_head.seq WHEN begins.after THEN begins.hash ELSE piste.sealed_hash(trail, compare_head.seq) END;
    ok := there IS NOT DISTINCT FROM known;
    IF NOT ok THEN
        lost_from := 1 + least(head, coalesce((
            SELECT max(a.seq) FROM piste.audit_anchor a
            WHERE a.company = trail AND a.seq < compare_head.seq
              AND a.hash IS NOT DISTINCT FROM piste.sealed_hash(trail, a.seq)),
            CASE WHEN head < compare_head.seq THEN head WHEN begins.after < compare_head.seq THEN begins.after ELSE 0 END));
        lost_to := compare_head.seq;
        why := CASE WHEN head < compare_head.seq
            THEN format('the trail ends at record %s, and was at %s before', head, compare_head.seq)
            ELSE format('record %s is not the one that it was', compare_head.seq) END;
        INSERT INTO piste.lost_head (company, seq, hash, lost_from, found_by)
        VALUES (trail, compare_head.seq, known, lost_from, me.login)
        ON CONFLICT DO NOTHING;
        IF NOT FOUND THEN
            -- Found before: new records have taken numbers since.
            lost_from := (
                SELECT l.lost_from FROM piste.lost_head l
                WHERE l.company = trail AND l.seq = compare_head.seq AND l.hash = known);
        ELSE
            PERFORM piste.append(
                NULL::uuid, me.login, NULL, NULL, 'incident.head', 'audit', jsonb_strip_nulls(jsonb_build_object(
                    'company', firm, 'url_id', compare_head.url_id, 'head', head, 'lost_from', lost_from,
                    'lost_to', lost_to, 'hash', compare_head.hash, 'timeline', piste.this_timeline())));
        END IF;
    END IF;
    RETURN NEXT;
END
$$;

-- Who may call it: every operator. Trusts: what the server says of itself. Records: nothing.
-- How durable records are here, what follows this server, and how its clock stands: what a doctor tells, with the mend.
-- `state` is good, warning or problem.
CREATE OR REPLACE FUNCTION piste.durability_report()
RETURNS TABLE (subject text, state text, what text, mend text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    durability text     := piste.durability();
    problem    text     := piste.durability_problem();
    wanted     integer  := piste.standbys_wanted();
    following  bigint   := piste.standbys_following();
    behind     interval := piste.clock_is_behind_by();
    prepared   text     := current_setting('max_prepared_transactions');
    lost       bigint   := (SELECT count(*) FROM piste.lost_head);
BEGIN
    PERFORM piste.me();
    RETURN QUERY
    SELECT 'records',
        CASE WHEN problem IS NOT NULL THEN 'problem' WHEN durability = 'local' AND following > 0 THEN 'warning' ELSE 'good' END,
        CASE
            WHEN problem IS NOT NULL THEN problem || ': nothing can be read'
            WHEN durability = 'replicated' THEN format(
                'replicated: on %s of %s synchronous standbys before their rows are readable', wanted,
                (SELECT count(*) FROM piste.synchronous_standbys()))
            WHEN following > 0 THEN format(
                'local, and %s standbys follow: after a promotion the last records may be missing', following)
            ELSE 'local: on this server''s disk before their rows are readable' END,
        CASE
            WHEN problem IS NOT NULL THEN
                'have the standbys follow, mend synchronous_standby_names, or: piste setting durability local'
            WHEN durability = 'local' AND following > 0 THEN
                CASE WHEN wanted IS NULL THEN 'set synchronous_standby_names' ELSE 'piste setting durability --standard' END
        END;
    RETURN QUERY
    SELECT 'server clock', CASE WHEN behind IS NULL THEN 'good' ELSE 'problem' END,
        CASE WHEN behind IS NULL THEN 'not behind the newest record'
            ELSE format('it is %s behind the newest record: nothing can be read', behind) END,
        CASE WHEN behind IS NOT NULL THEN 'set it right; where the newest record is wrong: piste setting clock now' END;
    RETURN QUERY
    SELECT 'prepared transactions', CASE prepared WHEN '0' THEN 'good' ELSE 'problem' END,
        CASE prepared WHEN '0' THEN 'none can be made' ELSE 'they can be made, and hold locks that no sweep can end' END,
        CASE WHEN prepared <> '0' THEN 'max_prepared_transactions = 0, and a restart' END;
    RETURN QUERY SELECT r.* FROM piste.running_report() AS r;
    RETURN QUERY SELECT 'without a superuser', 'warning', l.lost, l.mend FROM piste.losses() l;
    IF lost > 0 THEN
        RETURN QUERY
        SELECT 'trails', 'warning', format('%s trails do not pass through points where they were seen before', lost),
            'piste audit show tells the lost ranges: incident.head';
    END IF;
END
$$;

-- Who may call it: the engine's own definer functions, for a table that was just made or changed. Records: nothing.
-- Sees to it that a publication stops no change: a table (each partition, too) whose key PostgreSQL cannot use to name a
-- row is named by the whole row.
CREATE OR REPLACE FUNCTION piste.identify_rows(relation regclass)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    each regclass;
BEGIN
    FOR each IN
        -- By number, a few at a time: of ten thousand companies pg_class has a quarter of a million rows.
        SELECT c.oid
        FROM unnest(CASE WHEN (SELECT k.relkind FROM pg_class k WHERE k.oid = relation) = 'p'
            THEN ARRAY(SELECT p.relid FROM pg_partition_tree(relation) p) ELSE ARRAY[relation] END) AS r (oid)
        JOIN pg_class c ON c.oid = r.oid
        WHERE c.relkind IN ('r', 'p') AND c.relpersistence = 'p' AND c.relreplident <> 'f'
          AND pg_get_replica_identity_index(c.oid) IS NULL
    LOOP
        EXECUTE format('ALTER TABLE %s REPLICA IDENTITY FULL', each);
    END LOOP;
END
$$;

-- Who may call it: the engine's own definer functions, for a schema whose tables were just made or changed. Records: nothing.
CREATE OR REPLACE FUNCTION piste.identify_rows_in(home text)
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM piste.identify_rows(c.oid)
    FROM piste.relations_in(ARRAY[home]) AS r (oid)
    JOIN pg_class c ON c.oid = r.oid AND c.relkind IN ('r', 'p');
END
$$;

RESET ROLE;
