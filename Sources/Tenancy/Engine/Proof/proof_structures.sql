-- Each company, object by object, against one freshly built by the same blueprint; and its windows.

SET LOCAL ROLE piste_owner;

-- Who may call it: the comparison below. Trusts: piste.blueprint. Records: nothing: all of it is rolled back.
-- What a company of this version is made of when it has just been built, line by line.
CREATE OR REPLACE FUNCTION piste.reference_structure(built_version integer, grown boolean)
RETURNS text[]
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    built record;
    lines text[];
BEGIN
    BEGIN
        built := piste.build_throwaway(built_version);
        IF grown THEN
            EXECUTE (
                SELECT piste.filled(b.growth, built.firm, built.home) FROM piste.blueprint b
                    WHERE b.version = built_version);
            PERFORM piste.hide_statistics(built.home);
        END IF;
        lines := piste.structure_lines(built.home);
        RAISE EXCEPTION 'the reference is taken' USING ERRCODE = 'PT299';
    EXCEPTION WHEN SQLSTATE 'PT299' THEN
        RETURN lines;
    END;
END
$$;

CREATE OR REPLACE FUNCTION piste.structure_lines(home text)
RETURNS text[]
LANGUAGE sql VOLATILE
AS $$
    SELECT array_agg(concat_ws(chr(9), s.kind, s.object, s.definition) ORDER BY s.kind, s.object, s.definition)
    FROM piste.company_structure(home) AS s
$$;

-- Who may call it: the engine's own definer functions. Records: nothing.
-- What one company has otherwise than the reference, in words; NULL when it is the same.
CREATE OR REPLACE FUNCTION piste.structure_difference(lines text[], reference text[])
RETURNS text
LANGUAGE sql IMMUTABLE
AS $$
    WITH there AS (
        SELECT split_part(l, chr(9), 1) || ' ' || split_part(l, chr(9), 2) AS object,
            string_agg(split_part(l, chr(9), 3), '; ') AS definition
        FROM unnest(lines) AS l GROUP BY 1
    ), wanted AS (
        SELECT split_part(l, chr(9), 1) || ' ' || split_part(l, chr(9), 2) AS object,
            string_agg(split_part(l, chr(9), 3), '; ') AS definition
        FROM unnest(reference) AS l GROUP BY 1
    )
    SELECT string_agg(CASE
        WHEN w.object IS NULL THEN format('%s is one too many', t.object)
        WHEN t.object IS NULL THEN format('%s is missing', w.object)
        ELSE format('%s is "%s" instead of "%s"', w.object, left(t.definition, 300), left(w.definition, 300)) END,
            '; '
        ORDER BY coalesce(w.object, t.object) COLLATE "C")
    FROM wanted w FULL JOIN there t ON t.object = w.object
    WHERE t.definition IS DISTINCT FROM w.definition
$$;

-- Who may call it: `isolation_report` and `companies_report`. Trusts: piste.blueprint and the catalogs. Records: nothing.
-- The named companies' schemas, each held object by object against one that was freshly built by the same blueprint, both
-- ways. One that was built by an older blueprint is held against that; one that is migrated meanwhile is looked at once more.
-- One row a company: what differs (NULL: nothing), and what it was held against.
CREATE OR REPLACE FUNCTION piste.compare_structures(names text[])
RETURNS TABLE (url_id text, difference text, held_against text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    each       text;
    firm       piste.company;
    fresh      jsonb := '{}';
    kind       text;
    difference text;
BEGIN
    FOREACH each IN ARRAY names LOOP
        FOR attempt IN 1 .. 2 LOOP
            SELECT * INTO firm FROM piste.company k WHERE k.url_id = each;
            EXIT WHEN NOT FOUND;
            IF firm.adopted IS NOT NULL THEN
                kind := 'its application';
                difference := NULL;
                EXIT;
            END IF;
            kind := firm.blueprint_version || CASE WHEN firm.grown THEN ' grown' ELSE '' END;
            BEGIN
                IF NOT fresh ? kind THEN
                    fresh := fresh || jsonb_build_object(
                        kind, to_jsonb(piste.reference_structure(firm.blueprint_version, firm.grown)));
                END IF;
                difference := piste.structure_difference(
                    piste.structure_lines(firm.schema_name), ARRAY(SELECT jsonb_array_elements_text(fresh -> kind)));
            EXCEPTION WHEN OTHERS THEN
                difference := format('it cannot be compared: %s (SQLSTATE %s)', SQLERRM, SQLSTATE);
            END;
            EXIT WHEN difference IS NULL;
        END LOOP;
        -- Whoever was deleted meanwhile has no structure.
        IF firm.id IS NOT NULL THEN
            RETURN QUERY SELECT each,
                replace(replace(difference, '{schema}', firm.schema_name), '{window}', firm.window_name), kind;
        END IF;
    END LOOP;
END
$$;

-- Who may call it: `isolation_report`. Records: nothing.
CREATE OR REPLACE FUNCTION piste.prove_structures(which text)
RETURNS TABLE (id text, finding text, fact text)
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
    WITH compared AS MATERIALIZED (
        SELECT * FROM piste.compare_structures(ARRAY(
            SELECT k.url_id FROM piste.company k
            WHERE k.adopted IS NULL AND (which IS NULL OR k.url_id = which) ORDER BY k.url_id))
    )
    SELECT 'company.structure',
        format('%s: %s', c.url_id, c.difference), NULL FROM compared c WHERE c.difference IS NOT NULL
    UNION ALL
    SELECT 'company.structure', NULL, format('%s companies, object by object as if freshly built by blueprint %s',
        count(*), string_agg(DISTINCT c.held_against, ', ' ORDER BY c.held_against))
    FROM compared c WHERE c.difference IS NULL
$$;

-- Who may call it: `isolation_report`. Records: nothing.
CREATE OR REPLACE FUNCTION piste.prove_windows(which text)
RETURNS TABLE (id text, finding text, fact text)
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT 'gate.windows', format('%s: %s', h.url_id, w.problem), NULL::text
    FROM piste.window_problems(CASE WHEN which IS NOT NULL THEN ARRAY(SELECT h.firm FROM piste.homes(which) h) END) w
    JOIN piste.homes(which) h ON h.firm = w.firm
    UNION ALL
    SELECT 'gate.windows', NULL, format('%s windows, each the one text that its table gives, each asked first in a left join',
        count(*))
    FROM piste.homes(which) h JOIN pg_class c ON c.relnamespace = h.panes
$$;

-- Who may call it: `companies_report`. Records: nothing.
-- What is wrong with one company's windows, in words; also when they cannot be looked at.
CREATE OR REPLACE FUNCTION piste.window_problems_told(firm uuid)
RETURNS text
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (SELECT string_agg(w.problem, '; ' ORDER BY w.problem COLLATE "C") FROM piste.window_problems(ARRAY[firm]) AS w);
EXCEPTION WHEN OTHERS THEN
    RETURN format('they cannot be checked: %s (SQLSTATE %s)', SQLERRM, SQLSTATE);
END
$$;

DROP FUNCTION IF EXISTS piste.structure_report(text[]);

-- Who may call it: admin. Trusts: session_user and the catalogs. Records: `proof.refused` for anybody else.
-- What `isolation_report` says as company.structure and gate.windows, for some companies at a time: whoever proves thousands of
-- them can tell how far that is, and spread it over several sessions; and no session remembers all of their tables. One row a
-- company, in the given order: what differs, what it was held against, how many windows it has and what is wrong with them.
CREATE OR REPLACE FUNCTION piste.companies_report(url_ids text[])
RETURNS TABLE (
    url_id text, difference text, held_against text, windows bigint, window_problems text, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    firms uuid[];
    wrong jsonb;
BEGIN
    IF coalesce(cardinality(url_ids) NOT BETWEEN 1 AND 1000, true) OR array_position(url_ids, NULL) IS NOT NULL THEN
        RAISE EXCEPTION 'name 1 to 1000 companies' USING ERRCODE = 'PT400';
    END IF;
    IF NOT (piste.me()).administers THEN
        refusal := piste.refuse(NULL, 'proof.refused', 'engine', 'not_allowed', 'this is for admins');
        RETURN NEXT;
        RETURN;
    END IF;
    SELECT array_agg(k.id) INTO firms FROM piste.company k WHERE k.url_id = ANY (url_ids);
    BEGIN
        SELECT coalesce(jsonb_object_agg(w.firm, w.problems), '{}') INTO wrong
        FROM (
            SELECT w.firm, string_agg(w.problem, '; ' ORDER BY w.problem COLLATE "C") AS problems
            FROM piste.window_problems(coalesce(firms, '{}')) AS w GROUP BY w.firm
        ) w;
    EXCEPTION WHEN OTHERS THEN
        -- One of them was dropped in that moment: then each is looked at by itself.
        SELECT coalesce(jsonb_object_agg(f.firm, piste.window_problems_told(f.firm)), '{}') INTO wrong
        FROM unnest(firms) AS f (firm);
    END;
    RETURN QUERY
    SELECT c.url_id, c.difference, c.held_against, (
            SELECT count(*) FROM pg_depend d
            WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = to_regnamespace(quote_ident(k.window_name))
              AND d.classid = 'pg_class'::regclass),
        wrong ->> k.id::text, NULL::text
    FROM piste.compare_structures(url_ids) AS c LEFT JOIN piste.company k ON k.url_id = c.url_id;
END
$$;

RESET ROLE;
