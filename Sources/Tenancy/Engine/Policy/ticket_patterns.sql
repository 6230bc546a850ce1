-- What a ticket of a company looks like, and what a pattern for it may be.

SET LOCAL ROLE piste_owner;

-- Who may call it: the engine's own definer functions, and the table's own check. Trusts: nothing. Records: nothing.
-- What is wrong with a ticket's pattern; NULL when nothing is. It is a regular expression of PostgreSQL's own kind, and is
-- compared with the whole ticket, by the characters' numbers. What could take long is refused: what refers back to its own
-- match, looks around or sets options, and repetitions that multiply to more than 300.
CREATE OR REPLACE FUNCTION piste.pattern_problem(pattern text)
RETURNS text
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    -- (The engine writes no backslash in its literals: what that means is a setting of whoever calls.)
    slash  CONSTANT text := chr(92) || chr(92);
    bare   text := regexp_replace(pattern, slash || '.', '', 'g');
    bound  text[];
    copies numeric := 1;
BEGIN
    IF pattern IS NULL THEN
        RETURN NULL;
    END IF;
    IF char_length(pattern) NOT BETWEEN 1 AND 200 OR pattern ~ '[[:cntrl:]]' THEN
        RETURN 'it has 1 to 200 characters, none of them a control character';
    END IF;
    IF EXISTS (SELECT FROM regexp_matches(pattern, slash || '(.)', 'g') AS m WHERE m[1] ~ '[0-9]') THEN
        RETURN 'it must not refer back to what it matched before';
    END IF;
    IF bare ~ '[(][?]' AND replace(bare, '(?:', '') ~ '[(][?]' THEN
        RETURN 'of the groups that begin with (? it may only have (?:';
    END IF;
    FOR bound IN SELECT m FROM regexp_matches(bare, '[{]([0-9]+)(,([0-9]*))?[}]', 'g') AS m LOOP
        copies := copies * greatest(1, coalesce(nullif(bound[3], ''), bound[1])::numeric);
    END LOOP;
    IF copies > 300 THEN
        RETURN 'its repetitions multiply to more than 300';
    END IF;
    -- Alone as well: a pattern that closes the group around it would escape the anchors.
    PERFORM ('' COLLATE "C") ~ ('***:' || pattern), piste.ticket_fits('', pattern);
    RETURN NULL;
EXCEPTION WHEN invalid_regular_expression THEN
    RETURN SQLERRM;
END
$$;

-- Who may call it: the engine's own definer functions. Trusts: that the pattern was found good. Records: nothing.
CREATE OR REPLACE FUNCTION piste.ticket_fits(ticket text, pattern text)
RETURNS boolean
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT (ticket COLLATE "C") ~ ('***:^(?:' || pattern || ')$')
$$;

RESET ROLE;
