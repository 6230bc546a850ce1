-- Leases: the memberships of services in company roles.
--
-- A membership costs one commit to give and one to take, and every membership of a login is looked through whenever anybody's
-- changes: so a service keeps those that it used last, 32 of them, and no longer than half an hour. Two locks stand here,
-- which clients cannot take (piste.lease_key). Whoever makes a ticket shares that of its lease, and whoever ends the lease
-- has it alone; whoever gives or takes a membership has that of the company's role alone. All are held until the transaction
-- ends, and nobody waits for them but for a moment (piste.take_lease_lock).

SET LOCAL ROLE piste_owner;

-- How many memberships a service keeps, and how many it has at most while tickets need them.
CREATE OR REPLACE FUNCTION piste.lease_bounds(OUT kept integer, OUT most integer)
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT 32, 256
$$;

-- The lock of one login's lease on one company, or (without a login) of the company's role itself: from PostgreSQL 16 on,
-- GRANT locks the role that is granted until the transaction ends, also against another login's.
CREATE OR REPLACE FUNCTION piste.lease_key(firm uuid, login text DEFAULT NULL)
RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    -- Nothing here but what is immutable, so that PostgreSQL puts it where it is called.
    SELECT hashtextextended('piste lease ' || firm::text || coalesce(' ' || login, ''), 0)
$$;

-- Who may call it: the engine's own definer functions. Trusts: pg_locks. Records: nothing.
-- Takes the lock for this transaction, shared or alone. Who holds it makes a ticket at this moment, or gives a membership: in
-- autocommit, as it should be, for a millisecond. An operator that idles on it in a transaction is ended, and one that is
-- seen to hold it for two seconds also when it keeps busy; who waits behind many, each of which holds it for a moment, ends
-- none of them. False when the lock is not free within three seconds all the same.
CREATE OR REPLACE FUNCTION piste.take_lease_lock(key bigint, shared boolean DEFAULT false)
RETURNS boolean
LANGUAGE plpgsql
AS $$
DECLARE
    attempts integer := 0;
    -- Who held it at the last look, and the attempt since which each has been seen at every look.
    holders  jsonb   := '{}';
BEGIN
    WHILE NOT CASE WHEN shared THEN pg_try_advisory_xact_lock_shared(key) ELSE pg_try_advisory_xact_lock(key) END LOOP
        attempts := attempts + 1;
        IF attempts > 150 THEN
            RETURN false;
        END IF;
        IF attempts % 10 = 0 THEN
            holders := (
                SELECT coalesce(jsonb_object_agg(l.pid, coalesce((holders -> l.pid::text)::integer, attempts)), '{}')
                FROM pg_locks l
                WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.granted AND l.pid <> pg_backend_pid()
                  AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
                  AND l.classid = ((key >> 32) & 4294967295)::oid AND l.objid = (key & 4294967295)::oid);
            PERFORM piste.end_those_in_the_way(
                array_agg(h.key::integer), array_agg(h.key::integer) FILTER (WHERE attempts - h.value::integer >= 90))
            FROM jsonb_each(holders) AS h;
        END IF;
        PERFORM pg_sleep(0.02);
    END LOOP;
    RETURN true;
END
$$;

-- Who may call it: the engine's own definer functions. Trusts: the catalogs. Records: nothing.
-- The foreign keys from one table of a company to another, as 'journeys>users'. Asks by number and index only: a new lease
-- costs the same among ten thousand companies.
CREATE OR REPLACE FUNCTION piste.table_links(home text)
RETURNS text[]
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    store CONSTANT oid := to_regnamespace(quote_ident(home));
    names oid[] := ARRAY(
        SELECT d.objid FROM pg_catalog.pg_depend d
        WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = store AND d.classid = 'pg_class'::regclass);
BEGIN
    RETURN (
        SELECT coalesce(array_agg(DISTINCT piste.resource_of(child.relname) || '>' || piste.resource_of(parent.relname)), '{}')
        FROM pg_catalog.pg_constraint f
        JOIN pg_catalog.pg_class child ON child.oid = f.conrelid
        JOIN pg_catalog.pg_class parent ON parent.oid = f.confrelid
        -- A shared table is nobody's to name.
        WHERE f.conrelid = ANY (names) AND f.contype = 'f' AND f.conrelid <> f.confrelid AND NOT child.relispartition
          AND parent.relnamespace = store);
END
$$;

-- Who may call it: the engine's own definer functions. Trusts: its arguments. Records: nothing.
-- Whether a ticket of this login for this company waits to be used: its `use` will need the membership.
CREATE OR REPLACE FUNCTION piste.ticket_waits(firm uuid, holder text)
RETURNS boolean
LANGUAGE plpgsql
AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM piste.ticket t
        WHERE t.login = holder AND t.company = firm AND t.made_at > clock_timestamp() - interval '10 seconds'
          AND t.used IS NULL AND t.expires_at > clock_timestamp());
END
$$;

-- Who may call it: the engine's own definer functions. Trusts: its arguments. Records: nothing.
-- Ends a lease with its membership, unless a ticket is being made or waits to be used; false when it has to stay. `hard`
-- does not ask after tickets: the company or the service is done with. Never waits.
CREATE OR REPLACE FUNCTION piste.end_lease(firm uuid, holder text, hard boolean DEFAULT false)
RETURNS boolean
LANGUAGE plpgsql
AS $$
BEGIN
    IF NOT hard AND (
        NOT pg_try_advisory_xact_lock(piste.lease_key(firm, holder))
        OR NOT pg_try_advisory_xact_lock(piste.lease_key(firm))
        -- A statement of its own: it sees what was committed before the lock was had.
        OR piste.ticket_waits(firm, holder))
    THEN
        RETURN false;
    END IF;
    DELETE FROM piste.lease l WHERE l.company = firm AND l.login = holder;
    PERFORM piste.release_membership(firm, 'writer', holder);
    RETURN true;
END
$$;

-- Who may call it: `ticket`, for a service. Trusts: session_user. Records: nothing (the ticket's record says who is where).
-- The lease on a company, granted in this transaction unless there is one. Of more than 32 those unused for longest go, in
-- the same commit, as far as no ticket needs them. Past 256, all of which are needed, `free_at` says when one may be had.
CREATE OR REPLACE FUNCTION piste.lease_company(firm uuid, OUT links text[], OUT free_at timestamptz)
LANGUAGE plpgsql
AS $$
DECLARE
    holder text := session_user::text;
    bounds record;
    held   piste.lease;
    newest integer;
    number integer;
    each   record;
BEGIN
    IF NOT piste.take_lease_lock(piste.lease_key(firm, holder), shared => true) THEN
        RAISE EXCEPTION 'the membership of this service in this company is being taken away' USING
            ERRCODE = 'PT423', HINT = 'Try again.';
    END IF;
    -- A statement of its own: it sees what was committed before the lock was had.
    SELECT l.login, l.used_at, l.version, l.links, coalesce(k.blueprint_version, -k.revision)
    INTO held.login, held.used_at, held.version, links, newest
    FROM piste.lease l JOIN piste.company k ON k.id = l.company
    WHERE l.login = holder AND l.company = firm;
    IF held.version <> newest THEN
        -- The company was migrated, or adopted anew: its foreign keys may be others now.
        links := piste.table_links((SELECT k.schema_name FROM piste.company k WHERE k.id = firm));
    END IF;
    IF held.version <> newest OR held.used_at < clock_timestamp() - interval '10 seconds' THEN
        UPDATE piste.lease l SET
            version = newest, links = lease_company.links, used_at = clock_timestamp(),
            tables = CASE WHEN l.version = newest THEN l.tables ELSE array_remove(piste.resources(firm), 'token') END
        WHERE l.ctid = (
            SELECT m.ctid FROM piste.lease m WHERE m.login = holder AND m.company = firm FOR UPDATE SKIP LOCKED);
    END IF;
    IF held.login IS NOT NULL THEN
        RETURN;
    END IF;

    -- Who also holds contexts gets and loses memberships in the turn of its login.
    IF NOT piste.take_lease_lock(piste.lease_key(firm))
        OR EXISTS (SELECT FROM piste.operator o WHERE o.login = holder AND o.sessions)
            AND NOT piste.take_turn('login:' || holder, 'brief')
    THEN
        RAISE EXCEPTION 'somebody is being let into this company, or out of it' USING
            ERRCODE = 'PT423', HINT = 'Try again.';
    END IF;
    SELECT l.links INTO links FROM piste.lease l WHERE l.login = holder AND l.company = firm;
    IF FOUND THEN
        RETURN;
    END IF;
    bounds := piste.lease_bounds();
    number := (SELECT count(*) FROM piste.lease l WHERE l.login = holder);
    IF number >= bounds.kept THEN
        FOR each IN SELECT l.company FROM piste.lease l WHERE l.login = holder ORDER BY l.used_at, l.company LOOP
            IF piste.end_lease(each.company, holder) THEN
                number := number - 1;
                EXIT WHEN number < bounds.kept;
            END IF;
        END LOOP;
    END IF;
    IF number >= bounds.most THEN
        free_at := coalesce((
            SELECT min(t.expires_at) FROM piste.ticket t
            WHERE t.login = holder AND t.used IS NULL AND t.expires_at > clock_timestamp()), clock_timestamp());
        RETURN;
    END IF;
    PERFORM piste.grant_company_role(firm, 'writer', holder);
    INSERT INTO piste.lease (login, company, granted_at, used_at, version, tables, links)
    SELECT holder, k.id, clock_timestamp(), clock_timestamp(), coalesce(k.blueprint_version, -k.revision),
        array_remove(piste.resources(firm), 'token'), piste.table_links(k.schema_name)
    FROM piste.company k WHERE k.id = firm
    RETURNING lease.links INTO links;
END
$$;

RESET ROLE;
