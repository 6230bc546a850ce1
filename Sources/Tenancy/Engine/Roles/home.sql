-- The database that the companies' roles belong to. Roles are the cluster's, and a copy of a database in the same cluster
-- names the same ones: it must neither use nor harm those of the original.

SET LOCAL ROLE piste_owner;

-- Where the engine was installed, or has come to since: the number of the database, which no other one of the same cluster has,
-- and which pg_upgrade, a standby and a base backup keep.
CREATE TABLE IF NOT EXISTS piste.home (
    one       boolean  PRIMARY KEY DEFAULT true CHECK (one),
    database  oid      NOT NULL
);

-- Who may call it: the engine's own definer functions. Records: nothing. This database's number, which no copy has.
CREATE OR REPLACE FUNCTION piste.this_database()
RETURNS oid
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT d.oid FROM pg_database d WHERE d.datname = current_database()
$$;

-- Who may call it: the engine's own definer functions. Trusts: the catalogs of the cluster. Records: nothing.
-- The companies whose roles another database of this cluster has, while this one is not where the engine was installed: then
-- this is a copy. A database that was moved or upgraded is where it is, and has its roles for itself.
CREATE OR REPLACE FUNCTION piste.shared_companies(firm uuid DEFAULT NULL)
RETURNS SETOF uuid
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    here_ CONSTANT oid := piste.this_database();
BEGIN
    IF EXISTS (SELECT FROM piste.home h WHERE h.database = here_) THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT k.id
    FROM piste.company k
    WHERE (firm IS NULL OR k.id = firm) AND EXISTS (
        SELECT FROM pg_roles r
        JOIN pg_shdepend d ON d.refclassid = 'pg_authid'::regclass AND d.refobjid = r.oid AND d.dbid NOT IN (0, here_)
        WHERE r.rolname = ANY (ARRAY(
            SELECT piste.role_stem(k.window_name) || s FROM unnest(ARRAY['_reader', '_agent', '_writer']) AS s)));
END
$$;

-- Who may call it: piste_roles, before it touches a role of a company; the sweep and the guard, for all of them.
-- Trusts: the catalogs of the cluster. Records: nothing. Raises PT426 in a copy that has no roles of its own yet.
CREATE OR REPLACE FUNCTION piste.check_home(firm uuid DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM piste.shared_companies(firm)) THEN
        RAISE EXCEPTION 'this database is a copy of another one in the same cluster, and its companies have no roles of their own yet'
            USING ERRCODE = 'PT426', HINT = 'piste init gives it its own; the original is left as it is.';
    END IF;
END
$$;

GRANT EXECUTE ON FUNCTION piste.check_home(uuid) TO piste_roles;

-- Who may call it: the installation. Trusts: the catalogs of the cluster. Records: `engine.copy` in the engine's own trail, where
-- this is a copy. Gives every company whose roles are another database's a store, windows and roles under a new name, and ends
-- what was open when the copy was made: contexts, tokens, leases and tickets are the original's. Of how many companies.
CREATE OR REPLACE FUNCTION piste.settle_home()
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    here_    CONSTANT oid := piste.this_database();
    copied   uuid[] := ARRAY(SELECT piste.shared_companies());
    each     record;
    pane     text;
    mark     text;
    old      text;
    kind     text;
BEGIN
    INSERT INTO piste.home (database) VALUES (here_)
    ON CONFLICT (one) DO UPDATE SET database = here_ WHERE home.database <> here_;
    IF copied = '{}' THEN
        RETURN 0;
    END IF;
    UPDATE piste.context c
    SET ended_at = clock_timestamp(), end_reason = 'it belongs to the database that this is a copy of',
        ended_by = session_user::text, backend_pid = NULL, lingering = false
    WHERE c.ended_at IS NULL;
    DELETE FROM piste.lease;
    DELETE FROM piste.ticket;
    DELETE FROM piste.declaration;
    FOR each IN SELECT k.* FROM piste.company k WHERE k.id = ANY (copied) LOOP
        mark := encode(piste.random_bytes(6), 'hex');
        pane := 'w_' || mark;
        old := piste.role_stem(each.window_name);
        UPDATE piste.company k
        SET schema_name = CASE WHEN k.adopted IS NULL THEN 't_' || mark ELSE k.schema_name END, window_name = pane
        WHERE k.id = each.id;
        PERFORM piste.create_company_roles(each.id);
        -- An adopted store is its application's, which knows it by its name.
        IF each.adopted IS NULL THEN
            EXECUTE format('ALTER SCHEMA %I RENAME TO %I', each.schema_name, 't_' || mark);
        END IF;
        EXECUTE format('ALTER SCHEMA %I RENAME TO %I', each.window_name, pane);
        FOREACH kind IN ARRAY ARRAY['reader', 'agent', 'writer'] LOOP
            EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', pane, 't_' || mark || '_' || kind);
            EXECUTE format('REVOKE ALL ON SCHEMA %I FROM %I', pane, old || '_' || kind);
            EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA %I FROM %I', pane, old || '_' || kind);
        END LOOP;
        PERFORM piste.make_windows(each.id);
    END LOOP;
    PERFORM piste.append(NULL, session_user::text, NULL, NULL, 'engine.copy', 'engine', jsonb_build_object(
        'companies', cardinality(copied), 'database', current_database()));
    RETURN cardinality(copied);
END
$$;

RESET ROLE;
