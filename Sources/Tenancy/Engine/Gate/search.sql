-- Searching behind the gate.
--
-- A policy is always judged before anything that could betray a row, and LIKE counts as such: its errors can carry what
-- it saw. Behind a gate an ordinary trigram index would therefore never be used. `text @~ pattern` is a LIKE that can do
-- nothing but answer: it neither raises nor writes, so it is declared LEAKPROOF and may use the index. The pattern is
-- that of LIKE and must end in %, otherwise nothing matches (the one error of LIKE is a pattern that ends in \). One that
-- begins with % and a space is looked for where words begin, the first word too: trigrams have two spaces before each, so
-- that the index finds the same.

DO $$
DECLARE
    home name := (SELECT extnamespace::regnamespace::name FROM pg_extension WHERE extname = 'pg_trgm');
BEGIN
    CREATE OR REPLACE FUNCTION piste.matches(whole text, pattern text)
    RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 20
    AS $body$
    BEGIN
        -- One expression, in this order: a call of its own for each row of a search.
        RETURN pattern COLLATE pg_catalog."C" OPERATOR(pg_catalog.~~) '%\%'
            AND CASE WHEN pattern COLLATE pg_catalog."C" OPERATOR(pg_catalog.^@) '% '
                THEN ' ' OPERATOR(pg_catalog.||) whole ELSE whole END COLLATE pg_catalog."C"
                OPERATOR(pg_catalog.~~) pattern COLLATE pg_catalog."C";
    END
    $body$;
    ALTER FUNCTION piste.matches(text, text) OWNER TO piste_owner;
    REVOKE ALL ON FUNCTION piste.matches(text, text) FROM PUBLIC;

    IF to_regoperator('piste.@~(text,text)') IS NULL THEN
        CREATE OPERATOR piste.@~ (
            LEFTARG = text, RIGHTARG = text, FUNCTION = piste.matches, RESTRICT = likesel, JOIN = likejoinsel);
        ALTER OPERATOR piste.@~ (text, text) OWNER TO piste_owner;
    END IF;

    IF NOT EXISTS (
        SELECT FROM pg_opclass WHERE opcname = 'fragment_ops' AND opcnamespace = 'piste'::regnamespace
    ) THEN
        -- Strategy 3 is that of LIKE in pg_trgm, whose support functions do the work.
        EXECUTE format(
            'CREATE OPERATOR CLASS piste.fragment_ops FOR TYPE text USING gin AS '
            '    OPERATOR 3 piste.@~ (text, text), '
            '    FUNCTION 1 btint4cmp (integer, integer), '
            '    FUNCTION 2 %1$I.gin_extract_value_trgm (text, internal), '
            '    FUNCTION 3 %1$I.gin_extract_query_trgm (text, internal, smallint, internal, internal, internal, internal), '
            '    FUNCTION 4 %1$I.gin_trgm_consistent (internal, smallint, text, integer, internal, internal, internal, internal), '
            '    FUNCTION 6 %1$I.gin_trgm_triconsistent (internal, smallint, text, integer, internal, internal, internal), '
            '    STORAGE integer', home);
        ALTER OPERATOR CLASS piste.fragment_ops USING gin OWNER TO piste_owner;
        ALTER OPERATOR FAMILY piste.fragment_ops USING gin OWNER TO piste_owner;
    END IF;
END
$$;
