-- Text as people compare it, wherever they look for a fragment of it.

SET LOCAL ROLE piste_owner;

-- Who may call it: the engine's own definer functions. Records: nothing.
-- In small letters, without accents, with one kind of apostrophe. The same stands in the blueprint's `search_text`, where services
-- write, and in the program (FoldedText), for whoever is inside a company: neither may call this.
CREATE OR REPLACE FUNCTION piste.folded(t text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT CASE WHEN octet_length(t) = length(t) THEN lower(translate(t, '`', '''') COLLATE "C") ELSE translate(
        regexp_replace(
            lower(normalize(translate(t, '’‘ʼ`´', ''''''''''''), NFKD) COLLATE piste.human),
            '[' || chr(768) || '-' || chr(879) || ']+', '', 'g'),
        'øłđı', 'oldi') COLLATE "C" END
$$;

-- Who may call it: the engine's own definer functions. Records: nothing.
-- What LIKE takes for a fragment anywhere in a folded text; NULL for no search. What LIKE knows as a sign is one only after the
-- folding, which makes some. (The engine writes no backslash in its literals: what that means is a setting of whoever calls.)
CREATE OR REPLACE FUNCTION piste.fragment_pattern(search text)
RETURNS text
LANGUAGE sql STABLE
AS $$
    SELECT '%' || regexp_replace(
        piste.folded(nullif(search, '')),
        '([%_' || repeat(chr(92), 2) || '])', repeat(chr(92), 3) || '1', 'g') || '%'
$$;

RESET ROLE;
