-- Shared tables: what is the same for every company, plans and countries and the like. Whoever is inside reads them under their own
-- names, and nobody writes them; a company's foreign keys may lead to them.

SET LOCAL ROLE piste_owner;

-- The schema of their windows: one plain view each, at the end of the path of whoever is inside.
CREATE SCHEMA IF NOT EXISTS piste_shared;
GRANT USAGE ON SCHEMA piste_shared TO piste_operators;

-- `granted` is what sharing had to grant to the windows' owner, and what an end of it takes back.
CREATE TABLE IF NOT EXISTS piste.shared_table (
    name         text        COLLATE "C" PRIMARY KEY,
    schema_name  text        COLLATE "C" NOT NULL,
    granted      text[]      COLLATE "C" NOT NULL,
    shared_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    shared_by    text        COLLATE "C" NOT NULL
);

-- Who may call it: the engine's own definer functions. Records: nothing.
-- A table's name as people write it: `plans` is `public.plans`. NULL for what is no name of a table.
CREATE OR REPLACE FUNCTION piste.shared_name(written text, OUT schema_name text, OUT name text)
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    parts text[];
BEGIN
    parts := parse_ident(written);
    IF cardinality(parts) <= 2 THEN
        name := parts[cardinality(parts)];
        schema_name := CASE WHEN cardinality(parts) = 2 THEN parts[1] ELSE 'public' END;
    END IF;
EXCEPTION WHEN invalid_parameter_value THEN
    NULL;
END
$$;

-- Who may call it: the engine's own definer functions. Trusts: the catalogs. Records: nothing.
-- The query of a shared table's window, as PostgreSQL prints it.
CREATE OR REPLACE FUNCTION piste.shared_text(relation oid)
RETURNS text
LANGUAGE sql STABLE
AS $$
    SELECT format(' SELECT %s' || E'\n   FROM %I.%I;', string_agg(
            CASE WHEN current_setting('server_version_num')::integer < 160000 THEN quote_ident(c.relname) || '.' ELSE '' END
            || quote_ident(a.attname), E',\n    ' ORDER BY a.attnum), n.nspname, c.relname)
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.oid = relation
    GROUP BY n.nspname, c.relname
$$;

-- Who may call it: the engine's own definer functions. Trusts: the catalogs and piste.shared_table. Records: nothing.
-- Whether a foreign key leads to a shared table, and changes nothing where it comes from: with a cascade a row that somebody changes
-- out there would change rows of companies.
CREATE OR REPLACE FUNCTION piste.leads_to_shared(key oid)
RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT EXISTS (
        SELECT FROM pg_constraint k
        JOIN pg_class c ON c.oid = k.confrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN piste.shared_table s ON s.name = c.relname AND s.schema_name = n.nspname
        WHERE k.oid = key AND k.contype = 'f' AND k.confdeltype IN ('a', 'r') AND k.confupdtype IN ('a', 'r'))
$$;

-- Who may call it: the engine's own definer functions. Trusts: the catalogs and piste.shared_table. Records: nothing.
-- Whether it is a shared table, or the index of one.
CREATE OR REPLACE FUNCTION piste.is_shared(relation oid)
RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT EXISTS (
        SELECT FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN piste.shared_table s ON s.name = c.relname AND s.schema_name = n.nspname
        WHERE c.oid = coalesce((SELECT i.indrelid FROM pg_index i WHERE i.indexrelid = relation), relation))
$$;

-- Who may call it: admin, and `share_table` does. Trusts: session_user and the catalogs. Records: `engine.refused`.
-- What the table's owner has to grant before it can be shared, statement by statement; or a refusal.
CREATE OR REPLACE FUNCTION piste.plan_share("table" text)
RETURNS TABLE (statement text, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    asked    record := piste.shared_name("table");
    relation oid    := piste.store_table(asked.schema_name, asked.name);
    code     text;
    words    text;
BEGIN
    IF NOT (piste.me()).administers THEN
        code := 'not_allowed';
        words := 'sharing is for admins';
    ELSIF relation IS NULL OR NOT EXISTS (
        SELECT FROM pg_class c WHERE c.oid = relation AND c.relkind IN ('r', 'p', 'm'))
    THEN
        code := 'unknown_table';
        words := format('there is no table %s', piste.told("table"));
    ELSIF asked.schema_name ~ '^(pg_|piste|information_schema$|[tw]_[0-9a-f]{12}$)'
        OR EXISTS (SELECT FROM piste.company k WHERE k.schema_name = asked.schema_name)
        OR EXISTS (SELECT FROM piste.observed_schema o WHERE o.schema_name = asked.schema_name)
    THEN
        code := 'not_shareable';
        words := 'a table of a company, of the engine or of the system is not shared';
    ELSIF (SELECT c.relrowsecurity FROM pg_class c WHERE c.oid = relation) THEN
        code := 'not_shareable';
        words := 'a table with policies of its own is not the same for everybody';
    ELSIF EXISTS (SELECT FROM piste.shared_table s WHERE s.name = asked.name AND s.schema_name <> asked.schema_name) THEN
        code := 'not_shareable';
        words := 'another table of this name is shared already';
    END IF;
    IF code IS NOT NULL THEN
        RETURN QUERY SELECT NULL::text, piste.refuse(NULL, 'engine.refused', 'engine', code, words,
            jsonb_build_object('wish', 'share', 'table', left("table", 200)));
        RETURN;
    END IF;
    IF NOT has_schema_privilege('piste_owner', asked.schema_name, 'USAGE') THEN
        RETURN QUERY SELECT format('GRANT USAGE ON SCHEMA %I TO piste_owner', asked.schema_name), NULL::text;
    END IF;
    RETURN QUERY
    SELECT format('GRANT %s ON TABLE %I.%I TO piste_owner', p, asked.schema_name, asked.name), NULL::text
    FROM unnest(ARRAY['SELECT', 'REFERENCES']) AS p
    WHERE NOT has_table_privilege('piste_owner', relation, p)
      AND (p = 'SELECT' OR EXISTS (SELECT FROM pg_class c WHERE c.oid = relation AND c.relkind <> 'm'));
END
$$;

-- Who may call it: admin, and `share_table` does. Trusts: session_user, the catalogs, and of what was granted only what stands.
-- Records: `engine.share`. Raises PT426 where rights are missing.
CREATE OR REPLACE FUNCTION piste.finish_share("table" text, granted text[])
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET client_min_messages = warning
AS $$
DECLARE
    me       record := piste.me();
    asked    record := piste.shared_name("table");
    relation oid    := piste.store_table(asked.schema_name, asked.name);
    missing  text;
BEGIN
    SELECT string_agg(coalesce(p.statement, p.refusal), '; ') INTO missing FROM piste.plan_share("table") AS p;
    IF missing IS NOT NULL THEN
        RAISE EXCEPTION 'the table % is not yours to share', piste.told("table") USING
            ERRCODE = 'PT426', HINT = format('A superuser or its owner shares it; or runs first: %s', missing);
    END IF;
    EXECUTE format('DROP VIEW IF EXISTS piste_shared.%I', asked.name);
    EXECUTE format('CREATE VIEW piste_shared.%I AS%s', asked.name, piste.shared_text(relation));
    EXECUTE format('GRANT SELECT ON piste_shared.%I TO piste_operators', asked.name);
    INSERT INTO piste.shared_table AS s (name, schema_name, granted, shared_by)
    -- Only grants to the windows' owner are ever taken back, of this table and its schema.
    VALUES (asked.name, asked.schema_name, ARRAY(
        SELECT g FROM unnest(finish_share.granted) AS g WHERE g IN ('USAGE', 'SELECT', 'REFERENCES')), me.login)
    ON CONFLICT (name) DO UPDATE SET granted = s.granted || excluded.granted;
    PERFORM piste.append(NULL, me.login, NULL, NULL, 'engine.share', 'engine', jsonb_build_object(
        'table', asked.schema_name || '.' || asked.name));
END
$$;

-- Who may call it: admin, who owns the table or is superuser, or for whom its owner granted it before. It runs with the caller's own
-- rights. Trusts: nothing but what the two halves say. Records: as they do.
-- From here on whoever is inside a company reads the table under its own name, without a declaration: it is the same for all.
CREATE OR REPLACE FUNCTION piste.share_table("table" text)
RETURNS TABLE (refusal text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    each    record;
    granted text[] := '{}';
BEGIN
    FOR each IN SELECT p.* FROM piste.plan_share(share_table."table") AS p LOOP
        IF each.refusal IS NOT NULL THEN
            RETURN QUERY SELECT each.refusal;
            RETURN;
        END IF;
        IF piste.try_statement(each.statement) THEN
            granted := granted || split_part(each.statement, ' ', 2);
        END IF;
    END LOOP;
    PERFORM piste.finish_share(share_table."table", granted);
    RETURN QUERY SELECT NULL::text;
END
$$;

-- Who may call it: admin, and `stop_sharing` does. Trusts: session_user and the catalogs. Records: `engine.unshare`.
CREATE OR REPLACE FUNCTION piste.end_share("table" text)
RETURNS TABLE (statement text, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    me       record := piste.me();
    asked    record := piste.shared_name("table");
    shared   piste.shared_table;
    relation oid    := piste.store_table(asked.schema_name, asked.name);
    user_    text   := (
        SELECT min(c.conrelid::regclass::text) FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid
        JOIN pg_namespace n ON n.oid = r.relnamespace JOIN piste.company k ON k.schema_name = n.nspname
        WHERE c.confrelid = relation AND c.contype = 'f' AND k.adopted IS DISTINCT FROM 'people');
    code     text;
    words    text;
BEGIN
    SELECT * INTO shared FROM piste.shared_table s WHERE s.name = asked.name AND s.schema_name = asked.schema_name;
    IF NOT me.administers THEN
        code := 'not_allowed';
        words := 'sharing is for admins';
    ELSIF shared.name IS NULL THEN
        code := 'unknown_table';
        words := format('no table %s is shared', piste.told("table"));
    ELSIF user_ IS NOT NULL THEN
        code := 'share_in_use';
        words := 'foreign keys of companies lead there';
    END IF;
    IF code IS NOT NULL THEN
        RETURN QUERY SELECT NULL::text, piste.refuse(NULL, 'engine.refused', 'engine', code, words,
            jsonb_build_object('wish', 'unshare', 'table', left("table", 200)));
        RETURN;
    END IF;
    EXECUTE format('DROP VIEW IF EXISTS piste_shared.%I', shared.name);
    DELETE FROM piste.shared_table s WHERE s.name = shared.name;
    PERFORM piste.append(NULL, me.login, NULL, NULL, 'engine.unshare', 'engine', jsonb_build_object(
        'table', shared.schema_name || '.' || shared.name));
    RETURN QUERY
    SELECT format('REVOKE %s ON %s FROM piste_owner', g, CASE g WHEN 'USAGE' THEN format('SCHEMA %I', shared.schema_name)
        ELSE format('TABLE %I.%I', shared.schema_name, shared.name) END), NULL::text
    FROM unnest(shared.granted) AS g
    WHERE relation IS NOT NULL AND (g <> 'USAGE' OR NOT EXISTS (
        SELECT FROM piste.shared_table o WHERE o.schema_name = shared.schema_name));
END
$$;

-- Who may call it: as share_table. Records: as its half does. Raises PT426 where what was granted is not the caller's to take back.
CREATE OR REPLACE FUNCTION piste.stop_sharing("table" text)
RETURNS TABLE (refusal text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    each record;
BEGIN
    FOR each IN SELECT e.* FROM piste.end_share(stop_sharing."table") AS e LOOP
        IF each.refusal IS NOT NULL THEN
            RETURN QUERY SELECT each.refusal;
            RETURN;
        END IF;
        IF NOT piste.try_statement(each.statement) THEN
            RAISE EXCEPTION 'what was granted when this table was shared is not yours to take back' USING
                ERRCODE = 'PT426', HINT = format('A superuser or its owner does: %s', each.statement);
        END IF;
    END LOOP;
    RETURN QUERY SELECT NULL::text;
END
$$;

-- Who may call it: every operator. Trusts: session_user. Records: nothing.
CREATE OR REPLACE FUNCTION piste.shared_tables()
RETURNS TABLE (name text, schema_name text, shared_at timestamptz, shared_by text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    PERFORM piste.me();
    RETURN QUERY SELECT s.name, s.schema_name, s.shared_at, s.shared_by FROM piste.shared_table s ORDER BY s.name;
END
$$;

-- Who may call it: `isolation_report`. Trusts: the catalogs. Records: nothing.
-- What is wrong with shared tables (`finding`), and which there are (`fact`).
CREATE OR REPLACE FUNCTION piste.share_facts()
RETURNS TABLE (finding text, fact text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    WITH pane AS (
        SELECT c.oid, c.relname, c.relkind, c.relacl, c.relowner
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'piste_shared'
    )
    SELECT format('%s in piste_shared is no shared table''s window', p.relname), NULL::text
    FROM pane p
    WHERE NOT EXISTS (
        SELECT FROM piste.shared_table s
        WHERE s.name = p.relname AND p.relkind = 'v' AND p.relowner = 'piste_owner'::regrole
          AND pg_get_viewdef(p.oid) = piste.shared_text(piste.store_table(s.schema_name, s.name)))
    UNION ALL
    SELECT format('%s on the shared %s is granted to %s', a.privilege_type, p.relname,
        CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee) END), NULL
    FROM pane p CROSS JOIN LATERAL aclexplode(p.relacl) AS a
    WHERE a.grantee <> p.relowner
      AND (a.grantee <> 'piste_operators'::regrole OR a.privilege_type <> 'SELECT' OR a.is_grantable)
    UNION ALL
    SELECT format('%s on the schema piste_shared is granted to %s', a.privilege_type,
        CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee) END), NULL
    FROM pg_namespace n CROSS JOIN LATERAL aclexplode(n.nspacl) AS a
    WHERE n.nspname = 'piste_shared' AND a.grantee <> n.nspowner
      AND (a.grantee <> 'piste_operators'::regrole OR a.privilege_type <> 'USAGE' OR a.is_grantable)
    UNION ALL
    SELECT NULL, format('%I.%I is read by everybody inside a company, without a record', s.schema_name, s.name)
    FROM piste.shared_table s
$$;

RESET ROLE;
