-- Companies: finding them, and their life from creation to deletion.

SET LOCAL ROLE piste_owner;

-- Who may call it: the engine's own definer functions. Records: nothing.
-- About how many rows a table of a company has, from statistics: nobody counts another's rows.
CREATE OR REPLACE FUNCTION piste.rows_estimate(schema_name text, table_name text)
RETURNS bigint
LANGUAGE sql STABLE
AS $$
    SELECT CASE WHEN c.reltuples < 0 THEN pg_stat_get_live_tuples(c.oid) ELSE c.reltuples::bigint END
    FROM pg_catalog.pg_class c
    WHERE c.relname = table_name
      AND c.relnamespace = (SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = schema_name)
$$;

-- Who may call it: the engine's own definer functions. Records: nothing. Raises PT400.
-- The SQL condition for a search whose value is $1; NULL for no search. `matching` says how the search is meant: 'fragment',
-- 'expression' (a regular expression), or 'no_fragment' and 'no_expression' for the rows that have neither. Fragments are
-- looked for in `small`, which is folded (folding.sql), expressions in each of `texts`. Both are the engine's own SQL.
CREATE OR REPLACE FUNCTION piste.filter_condition(search text, matching text, small text, texts text[])
RETURNS text
LANGUAGE plpgsql STABLE
AS $$
BEGIN
    IF coalesce(matching NOT IN ('fragment', 'no_fragment', 'expression', 'no_expression'), true) THEN
        RAISE EXCEPTION 'matching is fragment, no_fragment, expression or no_expression' USING ERRCODE = 'PT400';
    ELSIF char_length(search) > 4000 THEN
        RAISE EXCEPTION 'a search has at most 4000 characters' USING ERRCODE = 'PT400';
    ELSIF nullif(search, '') IS NULL THEN
        RETURN NULL;
    END IF;
    RETURN CASE WHEN matching LIKE 'no%' THEN 'NOT ' ELSE '' END || CASE
        WHEN matching LIKE '%fragment' THEN format('(%s LIKE $1)', small)
        ELSE (SELECT '(' || string_agg(format('coalesce(%s COLLATE piste.human ~* $1, false)', t), ' OR ') || ')'
            FROM unnest(texts) AS t)
    END;
END
$$;

-- Who may call it: the engine's own definer functions. Records: nothing.
-- The value of $1 for such a condition.
CREATE OR REPLACE FUNCTION piste.filter_value(search text, matching text)
RETURNS text
LANGUAGE sql STABLE
AS $$
    SELECT CASE WHEN matching LIKE '%fragment' THEN piste.fragment_pattern(search) ELSE search END
$$;

-- Who may call it: the engine's own definer functions. Records: nothing.
-- What a search among companies asks for besides its words for one column (status:suspended, provider:okta).
CREATE OR REPLACE FUNCTION piste.company_text(search text, matching text)
RETURNS text
LANGUAGE sql STABLE
AS $$
    SELECT CASE
        WHEN matching LIKE '%fragment' THEN btrim(
            regexp_replace(search, '(^| +)!?(status|provider):[^ ]+', '', 'gi'))
        ELSE search END
$$;

-- Who may call it: the engine's own definer functions. Records: nothing.
-- The condition for a search among companies, whose value piste.company_value gives as $1. A word that is a status or a
-- provider finds the companies that have it, too.
CREATE OR REPLACE FUNCTION piste.company_condition(search text, matching text)
RETURNS text
LANGUAGE sql STABLE
AS $$
    SELECT CASE WHEN matching NOT LIKE '%fragment' OR nullif(search, '') IS NULL
        THEN piste.filter_condition(search, matching, 'c.search_text', ARRAY['c.name', 'c.url_id'])
        ELSE CASE WHEN matching LIKE 'no%' THEN 'NOT ' ELSE '' END || '(' || concat_ws(' AND ',
            CASE WHEN piste.filter_condition(
                piste.company_text(search, matching), matching, 'c.search_text', '{}') IS NOT NULL
            THEN '(c.search_text LIKE $1 OR $1 IN (''%'' || c.status || ''%'', ''%'' || lower(c.auth_provider) || ''%''))' END,
            (SELECT string_agg(
                CASE WHEN word[1] = '!' THEN 'NOT ' ELSE '' END || format(
                    'starts_with(lower(%s), %L)',
                    CASE lower(word[2]) WHEN 'status' THEN 'c.status' ELSE 'c.auth_provider' END, lower(word[3])),
                ' AND ')
            FROM regexp_matches(search, '(?:^| )(!?)(status|provider):([^ ]+)', 'gi') AS word),
            -- Only a word for a column, which was read above: what is left of it fits everything.
            'true') || ')' END
$$;

-- Who may call it: the engine's own definer functions. Records: nothing.
-- The value of $1 for it.
CREATE OR REPLACE FUNCTION piste.company_value(search text, matching text)
RETURNS text
LANGUAGE sql STABLE
AS $$
    SELECT piste.filter_value(piste.company_text(search, matching), matching)
$$;

-- Who may call it: every operator. Trusts: session_user. Records: nothing.
-- Companies by name, or by another column, then url_id; `after` is the url_id of the last row seen, in the direction of
-- reading. Read backward, the rows come in the opposite order. How `search` is meant stands at piste.filter_condition.
CREATE OR REPLACE FUNCTION piste.companies(
    search text DEFAULT NULL, after text DEFAULT NULL, "limit" integer DEFAULT 50, backward boolean DEFAULT false,
    matching text DEFAULT 'fragment', sort text DEFAULT 'name', descending boolean DEFAULT false)
RETURNS TABLE (
    url_id text, name text, auth_provider text, status text, users_estimate bigint, impersonation text,
    created_at timestamptz, id uuid, max_minutes integer, ticket_required boolean, ticket_pattern text, rights text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    condition text;
    source    text := 'piste.company c';
    key       text;
    type      text := 'text';
    goes_down boolean := descending <> backward;
    anchor    text;
    place     text;
BEGIN
    PERFORM piste.me();
    condition := piste.company_condition(search, matching);
    IF coalesce("limit" NOT BETWEEN 1 AND 10000, true) THEN
        RAISE EXCEPTION 'limit must be from 1 to 10000' USING ERRCODE = 'PT400';
    ELSIF coalesce(sort NOT IN ('name', 'url_id', 'auth_provider', 'status', 'created_at', 'users_estimate'), true)
        OR goes_down IS NULL
    THEN
        RAISE EXCEPTION 'sort is name, url_id, auth_provider, status, created_at or users_estimate; descending and backward are true or false'
            USING ERRCODE = 'PT400';
    END IF;
    key := 'c.' || sort;
    IF sort = 'created_at' THEN
        type := 'timestamptz';
    ELSIF sort = 'users_estimate' THEN
        -- One look at the catalog for all of them: the statistics of each by itself would take ten times as long.
        type := 'bigint';
        key := 'coalesce(CASE WHEN c.adopted IS NULL THEN e.users'
            ' ELSE piste.rows_estimate(c.schema_name, piste.users_table(c.id)) END, 0)';
        source := 'piste.company c LEFT JOIN ('
            'SELECT n.nspname, CASE WHEN t.reltuples < 0 THEN pg_stat_get_live_tuples(t.oid) ELSE t.reltuples::bigint END AS users '
            'FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace WHERE t.relname = ''users''::name) e '
            'ON e.nspname = c.schema_name::name';
    END IF;
    IF after IS NOT NULL THEN
        EXECUTE format('SELECT (%s)::text, c.url_id FROM %s WHERE c.url_id = $1', key, source)
        INTO anchor, place USING after;
        IF place IS NULL THEN
            RAISE EXCEPTION 'no company to continue after' USING ERRCODE = 'PT404';
        END IF;
    END IF;
    RETURN QUERY EXECUTE format(
        'SELECT c.url_id, c.name, c.auth_provider, c.status, piste.rows_estimate(c.schema_name, piste.users_table(c.id)), '
        '    c.impersonation, c.created_at, c.id, '
        '    c.impersonation_minutes, c.ticket_required, c.ticket_pattern, c.impersonation_access '
        'FROM %s WHERE %s %s ORDER BY %s %s, c.url_id %5$s LIMIT $4',
        source, coalesce(condition, 'true'),
        CASE WHEN place IS NOT NULL THEN format(
            'AND (%s, c.url_id) %s ($2::%s, $3)', key, CASE WHEN goes_down THEN '<' ELSE '>' END, type) END,
        key, CASE WHEN goes_down THEN 'DESC' ELSE 'ASC' END)
    USING piste.company_value(search, matching), anchor, place, "limit";
END
$$;

-- Who may call it: every operator. Trusts: session_user. Records: nothing.
CREATE OR REPLACE FUNCTION piste.companies_count(search text DEFAULT NULL, matching text DEFAULT 'fragment')
RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    condition text := piste.company_condition(search, matching);
    result    bigint;
BEGIN
    PERFORM piste.me();
    EXECUTE format('SELECT count(*) FROM piste.company c WHERE %s', coalesce(condition, 'true'))
    INTO result USING piste.company_value(search, matching);
    RETURN result;
END
$$;

-- Who may call it: every operator. Trusts: session_user.
-- Records: `companies.export` in the engine's own trail, with what was asked for and how many companies that is by the
-- engine's own count; committed before the first of them is read into a file. Gives the number of companies.
CREATE OR REPLACE FUNCTION piste.declare_companies_export(
    search text DEFAULT NULL, matching text DEFAULT 'fragment', marked text[] DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    me     record := piste.me();
    number bigint;
    detail jsonb;
BEGIN
    IF marked IS NULL THEN
        number := piste.companies_count(search, matching);
    ELSIF cardinality(marked) > 10000 THEN
        RAISE EXCEPTION 'at most 10000 companies are marked' USING ERRCODE = 'PT400';
    ELSE
        number := (SELECT count(*) FROM piste.company c WHERE c.url_id = ANY (marked));
    END IF;
    detail := jsonb_strip_nulls(jsonb_build_object(
        'companies', number, 'search', left(nullif(search, ''), 200),
        'matching', CASE WHEN search <> '' THEN matching END,
        -- Only such as there are: nobody fills the trail with anything else.
        'marked', (SELECT jsonb_agg(c.url_id ORDER BY c.url_id) FROM piste.company c WHERE c.url_id = ANY (marked))));
    PERFORM piste.spend(NULL, entries => 1, detail_bytes => octet_length(detail::text));
    PERFORM piste.append(NULL, me.login, NULL, NULL, 'companies.export', 'companies', detail);
    RETURN number;
END
$$;

-- Who may call it: every operator. Trusts: session_user. Records: nothing.
-- The company of this url_id, or no row. The schema's name is for admins, and for whoever is in the company now: beside
-- PostgreSQL's own catalogs it would tell everybody else who is where.
CREATE OR REPLACE FUNCTION piste.company(which text)
RETURNS TABLE (
    url_id text, name text, auth_provider text, status text, users_estimate bigint, impersonation text,
    created_at timestamptz, id uuid, schema_name text, blueprint_version integer, audit_entries bigint,
    max_minutes integer, ticket_required boolean, ticket_pattern text, rights text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    me   record := piste.me();
    here record := piste.here();
    firm piste.company;
BEGIN
    SELECT * INTO firm FROM piste.company c WHERE c.url_id = which;
    IF FOUND THEN
        RETURN QUERY
        SELECT firm.url_id, firm.name::text, firm.auth_provider, firm.status,
            piste.rows_estimate(firm.schema_name, piste.users_table(firm.id)), firm.impersonation, firm.created_at, firm.id,
            CASE WHEN me.administers OR here.live AND here.company = firm.id THEN firm.schema_name END,
            firm.blueprint_version, t.seq + (
                SELECT count(*) FROM piste.entry e WHERE e.company = firm.id AND e.seq IS NULL),
            firm.impersonation_minutes, firm.ticket_required, firm.ticket_pattern, firm.impersonation_access
        FROM piste.trail t WHERE t.company = firm.id;
    END IF;
END
$$;

-- Who may call it: the engine's own definer functions. Records: nothing. Raises PT400.
CREATE OR REPLACE FUNCTION piste.check_name(name text)
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    IF coalesce(char_length(name) NOT BETWEEN 1 AND 300 OR btrim(name) = '', true) THEN
        RAISE EXCEPTION 'a name has 1 to 300 characters' USING ERRCODE = 'PT400';
    END IF;
END
$$;

-- Who may call it: the engine's own definer functions. Records: nothing.
-- A template of the blueprint with its placeholders filled in for one company: its id, its store and its roles; and, wherever
-- pg_trgm lives, the operator class of its indexes.
CREATE OR REPLACE FUNCTION piste.filled(template text, firm uuid, home text)
RETURNS text
LANGUAGE sql STABLE
AS $$
    SELECT replace(replace(replace(replace(replace(replace(template,
        '{schema}', quote_ident(home)),
        '{reader}', quote_ident(piste.role_stem(firm) || '_reader')),
        '{agent}', quote_ident(piste.role_stem(firm) || '_agent')),
        '{writer}', quote_ident(piste.role_stem(firm) || '_writer')),
        '{company}', quote_literal(firm) || '::uuid'),
        '{trigram}', coalesce(
            (SELECT format('%I.gin_trgm_ops', n.nspname)
             FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
             WHERE e.extname = 'pg_trgm'), 'gin_trgm_ops'))
    FROM piste.company k WHERE k.id = firm
$$;

-- Who may call it: the engine's own definer functions. Records: `company.grow`, when there was something to do.
-- Builds the indexes that a company needs once it is large. Writers of this company wait meanwhile.
CREATE OR REPLACE FUNCTION piste.grow(firm uuid)
RETURNS boolean
LANGUAGE plpgsql
AS $$
DECLARE
    home   text;
    growth text;
BEGIN
    UPDATE piste.company c SET grown = true
    FROM piste.blueprint b
    WHERE c.id = firm AND NOT c.grown AND b.version = c.blueprint_version
    RETURNING c.schema_name, b.growth INTO home, growth;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM piste.begin_work('grow');
    EXECUTE piste.filled(growth, firm, home);
    PERFORM piste.hide_statistics(home);
    PERFORM piste.end_work();
    PERFORM piste.append(firm, session_user::text, NULL, NULL, 'company.grow', 'company', NULL);
    RETURN true;
END
$$;

-- Who may call it: admin. Trusts: session_user, and the newest blueprint in piste.blueprint.
-- Records: `company.create`, the first record of the company's own trail.
-- Schemas, roles, tables, gate, windows, key and trail, all in the caller's transaction, or nothing at all.
CREATE OR REPLACE FUNCTION piste.create_company(name text, url_id text, auth_provider text)
RETURNS TABLE (id uuid, schema_name text, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    me    record := piste.me();
    plan  record;
    firm  uuid   := gen_random_uuid();
    mark  text   := encode(piste.random_bytes(6), 'hex');
    home  text   := 't_' || mark;
BEGIN
    PERFORM piste.check_name(create_company.name);
    IF NOT coalesce(piste.is_url_id(create_company.url_id), false) THEN
        RAISE EXCEPTION 'a url_id has 2 to 63 characters: a-z first, then a-z and 0-9, and single hyphens between them'
            USING ERRCODE = 'PT400';
    END IF;
    IF coalesce(create_company.auth_provider COLLATE "C" !~ '^[A-Za-z0-9][A-Za-z0-9 ._:/-]{0,62}$', true) THEN
        RAISE EXCEPTION 'an auth provider has 1 to 63 characters: letters, digits, space and . _ : / -'
            USING ERRCODE = 'PT400';
    END IF;
    IF NOT me.administers THEN
        RETURN QUERY SELECT NULL::uuid, NULL::text, piste.refuse(
            NULL, 'company.refused', 'company', 'not_allowed', 'only an admin creates companies',
            jsonb_build_object('url_id', create_company.url_id));
        RETURN;
    END IF;

    SELECT version, template INTO STRICT plan FROM piste.blueprint ORDER BY version DESC LIMIT 1;
    INSERT INTO piste.company (id, url_id, name, auth_provider, schema_name, window_name, blueprint_version)
    VALUES (
        firm, create_company.url_id, create_company.name, create_company.auth_provider, home, 'w_' || mark, plan.version)
    ON CONFLICT (url_id) DO NOTHING;
    IF NOT FOUND THEN
        RETURN QUERY SELECT NULL::uuid, NULL::text, piste.refuse(
            NULL, 'company.refused', 'company', 'company_exists', 'this url_id is taken',
            jsonb_build_object('url_id', create_company.url_id));
        RETURN;
    END IF;
    INSERT INTO piste.signing_key (kid, company, secret)
    VALUES (encode(piste.random_bytes(16), 'hex'), firm, piste.random_bytes(32));

    PERFORM piste.make_trail(firm);
    PERFORM piste.create_company_roles(firm);
    PERFORM piste.make_schemas(firm);
    PERFORM piste.build_store(firm, home, plan.template);

    PERFORM piste.append(firm, me.login, NULL, NULL, 'company.create', 'company', jsonb_build_object(
        'company', firm, 'url_id', create_company.url_id, 'name', create_company.name,
        'auth_provider', create_company.auth_provider, 'blueprint', plan.version));
    RETURN QUERY SELECT firm, home, NULL::text;
END
$$;

RESET ROLE;
