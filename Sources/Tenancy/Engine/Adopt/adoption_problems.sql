-- What stands against adopting a schema: in the map that people edited, in its name, and in who can reach it today.

SET LOCAL ROLE piste_owner;

DROP FUNCTION IF EXISTS piste.adoption_problem(text, text, text, text, jsonb);
DROP FUNCTION IF EXISTS piste.mapped_table(jsonb, oid, text);

-- Who may call it: the engine's own definer functions. Trusts: the catalogs. Records: nothing.
-- Which of the named columns a table has not; NULL when it has them all.
CREATE OR REPLACE FUNCTION piste.columns_missing(relation oid, names jsonb)
RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT string_agg(c, ', ') FROM jsonb_array_elements_text(coalesce(names, '[]')) AS c
    WHERE NOT EXISTS (
        SELECT FROM pg_attribute a
        WHERE a.attrelid = relation AND a.attname = c AND a.attnum > 0 AND NOT a.attisdropped)
$$;

-- Who may call it: the engine's own definer functions. Records: nothing.
-- The table's part in a map: the columns that are redacted (by their names, unless the map says otherwise), those that whoever
-- impersonates may change (none, unless it names them), and whether it has a window at all.
CREATE OR REPLACE FUNCTION piste.mapped_table(
    map jsonb, relation oid, name text, OUT redacted text[], OUT changed text[], OUT hidden boolean)
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    part jsonb := map -> 'tables' -> name;
BEGIN
    hidden := coalesce((part ->> 'hide')::boolean, false);
    IF part ? 'redact' THEN
        redacted := ARRAY(SELECT jsonb_array_elements_text(part -> 'redact'));
    ELSE
        redacted := piste.secret_columns(relation);
    END IF;
    changed := ARRAY(SELECT jsonb_array_elements_text(coalesce(part -> 'change', '[]')));
END
$$;

-- Who may call it: the engine's own definer functions. Records: nothing.
-- The columns of a table of which the planner keeps samples of values, by a map: none, unless it names them.
CREATE OR REPLACE FUNCTION piste.kept_statistics(map jsonb, name text)
RETURNS SETOF text
LANGUAGE sql STABLE
AS $$
    SELECT jsonb_array_elements_text(coalesce(map -> 'tables' -> name -> 'statistics', '[]'))
$$;

-- Who may call it: the engine's own definer functions. Records: nothing.
-- What keeps agents from changing a table's columns that a map names for it, in words; NULL when nothing does.
CREATE OR REPLACE FUNCTION piste.change_problem(map jsonb, relation oid, name text)
RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    mapped record := piste.mapped_table(map, relation, name);
    wrong  text   := piste.columns_missing(relation, map -> 'tables' -> name -> 'change');
BEGIN
    IF mapped.changed = '{}' THEN
        RETURN NULL;
    ELSIF wrong IS NOT NULL THEN
        RETURN format('table %s has no column %s to change', name, wrong);
    ELSIF (SELECT c.relkind NOT IN ('r', 'p') FROM pg_class c WHERE c.oid = relation) THEN
        RETURN format('%s is no table whose rows somebody could change', name);
    ELSIF mapped.changed && mapped.redacted THEN
        RETURN format('table %s: what is redacted nobody changes: %s', name, (
            SELECT string_agg(c, ', ') FROM unnest(mapped.changed) AS c WHERE c = ANY (mapped.redacted)));
    END IF;
    SELECT string_agg(a.attname, ', ' ORDER BY a.attnum) INTO wrong
    FROM pg_attribute a
    WHERE a.attrelid = relation AND a.attname = ANY (mapped.changed) AND (a.attgenerated <> '' OR a.attidentity = 'a');
    RETURN CASE WHEN wrong IS NOT NULL THEN format('table %s: PostgreSQL fills %s, and nobody changes it', name, wrong) END;
END
$$;

-- Who may call it: the engine's own definer functions. Records: nothing.
-- What a column can be to the users or the journeys of a company.
CREATE OR REPLACE FUNCTION piste.played_roles(kind text)
RETURNS text[]
LANGUAGE sql IMMUTABLE
AS $$
    SELECT CASE kind WHEN 'users' THEN ARRAY['id', 'email', 'name', 'role', 'status', 'locale', 'created_at', 'last_seen_at']
        ELSE ARRAY['id', 'user', 'name', 'status', 'started_at', 'updated_at'] END
$$;

-- Who may call it: the engine's own definer functions. Trusts: the catalogs. Records: nothing.
-- What is wrong with a map for this schema, in words; NULL when nothing is. A table that other schemas have and this one has not is
-- no mistake.
CREATE OR REPLACE FUNCTION piste.map_problem(schema_name text, map jsonb)
RETURNS text
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    each    record;
    missing text;
BEGIN
    IF jsonb_typeof(map) IS DISTINCT FROM 'object' THEN
        RETURN 'a map is an object';
    END IF;
    missing := (SELECT string_agg(k, ', ') FROM jsonb_object_keys(map) AS k WHERE k NOT IN ('tables', 'users', 'journeys', 'record'));
    IF missing IS NOT NULL THEN
        RETURN format('it has %s, and knows tables, users, journeys and record', missing);
    END IF;
    IF map ? 'record' AND jsonb_typeof(map -> 'record') <> 'boolean' THEN
        RETURN 'record is true or false';
    END IF;
    FOR each IN
        SELECT p.kind, p.part FROM (VALUES ('users', map -> 'users'), ('journeys', map -> 'journeys'), ('tables', map -> 'tables'))
            AS p (kind, part) WHERE p.part IS NOT NULL
    LOOP
        IF jsonb_typeof(each.part) <> 'object' THEN
            RETURN format('%s is a table of its own', each.kind);
        ELSIF each.kind <> 'tables' AND coalesce(jsonb_typeof(each.part -> 'table') <> 'string', true) THEN
            RETURN format('%s does not say which table plays it', each.kind);
        END IF;
    END LOOP;
    FOR each IN
        SELECT t.key AS name, t.value AS part, s.relation, s.verdict
        FROM jsonb_each(coalesce(map -> 'tables', '{}')) AS t
        LEFT JOIN piste.store_tables(schema_name) AS s ON s.name = t.key
    LOOP
        IF jsonb_typeof(each.part) <> 'object'
            OR EXISTS (SELECT FROM jsonb_object_keys(each.part) AS k WHERE k NOT IN ('redact', 'hide', 'statistics', 'change'))
            OR jsonb_typeof(coalesce(each.part -> 'hide', 'false')) <> 'boolean'
            OR jsonb_typeof(coalesce(each.part -> 'redact', '[]')) <> 'array'
            OR jsonb_typeof(coalesce(each.part -> 'statistics', '[]')) <> 'array'
            OR jsonb_typeof(coalesce(each.part -> 'change', '[]')) <> 'array'
            OR jsonb_path_exists(each.part, '$.redact[*] ? (@.type() != "string")')
            OR jsonb_path_exists(each.part, '$.statistics[*] ? (@.type() != "string")')
            OR jsonb_path_exists(each.part, '$.change[*] ? (@.type() != "string")')
        THEN
            RETURN format('table %s may say redact = ["column", …], change = ["column", …], statistics = ["column", …] and '
                'hide = true', each.name);
        END IF;
        CONTINUE WHEN each.relation IS NULL;
        missing := piste.columns_missing(each.relation, each.part -> 'redact');
        IF missing IS NOT NULL THEN
            RETURN format('table %s has no column %s to redact', each.name, missing);
        END IF;
        missing := piste.columns_missing(each.relation, each.part -> 'statistics');
        IF missing IS NOT NULL THEN
            RETURN format('table %s has no column %s whose statistics could stay', each.name, missing);
        END IF;
        missing := piste.change_problem(map, each.relation, each.name);
        IF missing IS NOT NULL THEN
            RETURN missing;
        END IF;
    END LOOP;
    SELECT format('%1$s.%2$s means nothing: %1$s have %3$s', p.kind, k, array_to_string(piste.played_roles(p.kind), ', ')) INTO missing
    FROM (VALUES ('users', map -> 'users'), ('journeys', map -> 'journeys')) AS p (kind, part)
    CROSS JOIN LATERAL jsonb_object_keys(coalesce(p.part, '{}')) AS k
    WHERE k <> ALL (piste.played_roles(p.kind) || 'table'::text) LIMIT 1;
    IF missing IS NOT NULL THEN
        RETURN missing;
    END IF;
    FOR each IN
        SELECT p.kind, c.key, c.value #>> '{}' AS named, p.part ->> 'table' AS table_name, s.relation
        FROM (VALUES ('users', map -> 'users'), ('journeys', map -> 'journeys')) AS p (kind, part)
        CROSS JOIN LATERAL jsonb_each(p.part) AS c
        LEFT JOIN piste.store_tables(schema_name) AS s ON s.name = p.part ->> 'table' AND s.verdict <> 'refused'
    LOOP
        IF each.relation IS NULL THEN
            RETURN format('%s is played by table %s, which has no window here', each.kind, each.table_name);
        ELSIF each.key <> 'table' AND NOT EXISTS (
            SELECT FROM pg_attribute a
            WHERE a.attrelid = each.relation AND a.attname = each.named AND a.attnum > 0 AND NOT a.attisdropped)
        THEN
            RETURN format('%s: table %s has no column %s', each.kind, each.table_name, each.named);
        END IF;
    END LOOP;
    RETURN NULL;
END
$$;

-- Who may call it: the engine's own definer functions. Trusts: session_user and the catalogs. Records: nothing.
-- Why this schema cannot be this company's store, guarded so far: a code and a sentence; nothing when it can. For a schema that is
-- adopted already by this name there is nothing in the way.
CREATE OR REPLACE FUNCTION piste.adoption_problem(
    schema_name text, url_id text, name text, auth_provider text, map jsonb, degree text, OUT code text, OUT words text)
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    holder record;
    opened record;
BEGIN
    SELECT k.url_id, k.adopted INTO holder FROM piste.company k WHERE k.schema_name = adoption_problem.schema_name;
    IF NOT (piste.me()).administers THEN
        code := 'not_allowed';
        words := 'adopting is for admins';
    ELSIF piste.schema_problem(schema_name) IS NOT NULL THEN
        code := 'bad_schema';
        words := piste.schema_problem(schema_name);
    ELSIF NOT coalesce(piste.is_url_id(url_id), false) THEN
        code := 'bad_url_id';
        words := format('%s is no url_id, which has 2 to 63 characters: a-z first, then a-z and 0-9, and single hyphens between them',
            piste.told(url_id));
    ELSIF coalesce(char_length(name) NOT BETWEEN 1 AND 300 OR btrim(name) = '', true) THEN
        code := 'bad_name';
        words := 'a name has 1 to 300 characters';
    ELSIF coalesce(auth_provider COLLATE "C" !~ '^[A-Za-z0-9][A-Za-z0-9 ._:/-]{0,62}$', true) THEN
        code := 'bad_provider';
        words := 'an auth provider has 1 to 63 characters: letters, digits, space and . _ : / -';
    ELSIF holder.url_id <> url_id THEN
        code := 'schema_taken';
        words := format('the schema %I is the store of %s already', schema_name, holder.url_id);
    ELSIF holder.url_id IS NULL AND EXISTS (SELECT FROM piste.company k WHERE k.url_id = adoption_problem.url_id)
        OR EXISTS (SELECT FROM piste.observed_schema o
            WHERE o.url_id = adoption_problem.url_id AND o.schema_name <> adoption_problem.schema_name)
    THEN
        code := 'company_exists';
        words := format('the url_id %s is taken by another schema''s company', url_id);
    ELSIF piste.map_problem(schema_name, map) IS NOT NULL THEN
        code := 'bad_map';
        words := format('the map does not fit the schema %I: %s', schema_name, piste.map_problem(schema_name, map));
    ELSIF NOT EXISTS (SELECT FROM piste.store_tables(schema_name) AS t WHERE t.verdict <> 'refused') THEN
        code := 'no_tables';
        words := format('the schema %I has no table that could have a window', schema_name);
    ELSIF degree = 'all' AND piste.guard_obstacle(to_regnamespace(quote_ident(schema_name))) IS NOT NULL THEN
        code := 'not_guardable';
        words := piste.guard_obstacle(to_regnamespace(quote_ident(schema_name)));
    ELSIF degree = 'people' AND piste.trigger_obstacle(schema_name, map) IS NOT NULL THEN
        code := 'not_guardable';
        words := piste.trigger_obstacle(schema_name, map);
    END IF;
    -- Guarding all takes everybody's rights away.
    IF code IS NOT NULL OR degree = 'all' THEN
        RETURN;
    END IF;
    -- A window is no guard where there is a door beside it.
    SELECT c.relname, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee)::text END AS who INTO opened
    FROM pg_namespace n
    CROSS JOIN LATERAL aclexplode(n.nspacl) AS s
    JOIN pg_class c ON c.relnamespace = n.oid AND c.relkind IN ('r', 'p', 'm', 'v', 'f')
    CROSS JOIN LATERAL aclexplode(c.relacl) AS a
    WHERE n.nspname = schema_name AND s.privilege_type = 'USAGE'
      AND (s.grantee = 0 OR s.grantee IN (SELECT r.oid FROM pg_roles r JOIN piste.operator o ON o.login = r.rolname))
      AND (a.grantee = 0 OR a.grantee IN (SELECT r.oid FROM pg_roles r JOIN piste.operator o ON o.login = r.rolname))
    LIMIT 1;
    IF opened.relname IS NOT NULL THEN
        code := 'open_to_operators';
        words := format('%I.%I is open to %s, and so to operators: revoke that first', schema_name, opened.relname, opened.who);
        RETURN;
    END IF;
    SELECT r.rolname, pg_get_userbyid(m.roleid)::text AS owner INTO opened
    FROM pg_namespace n
    JOIN pg_class c ON c.relnamespace = n.oid AND c.relkind IN ('r', 'p', 'm', 'v', 'f')
    JOIN pg_auth_members m ON m.roleid = c.relowner
    JOIN pg_roles r ON r.oid = m.member
    JOIN piste.operator o ON o.login = r.rolname
    WHERE n.nspname = schema_name LIMIT 1;
    IF opened.rolname IS NOT NULL THEN
        code := 'open_to_operators';
        words := format('the operator %s is in %s, who owns tables of the schema %I: revoke that first',
            opened.rolname, opened.owner, schema_name);
    END IF;
END
$$;

RESET ROLE;
