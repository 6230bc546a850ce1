-- Asking about a context token without entering with it: how another service checks one. The secret that signs never leaves
-- PostgreSQL, so nobody else verifies; and what a token may still do changes after it was signed, so a signature would not tell.

SET LOCAL ROLE piste_owner;

-- Who may call it: a service and an admin about every token; everybody else about tokens of their own login.
-- Trusts: session_user, and nothing of the token before its signature is verified. Records: nothing: it tells of a token only
-- what whoever holds it could find out by using it, and nothing of any row.
-- What the record says of a token that this engine signed, and whether its login could enter with it now (`good`); else the code
-- of what is wrong, and the words. Of a token that is not this engine's, or not the caller's, nothing but that.
CREATE OR REPLACE FUNCTION piste.inspect_token(token text)
RETURNS TABLE (
    good boolean, code text, words text, jti uuid, url_id text, company uuid, operator text, subject text, purpose text,
    access text, issued_at timestamptz, expires_at timestamptz, ended_at timestamptz, is_open boolean, claims jsonb)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    me    record := piste.me();
    found record := piste.read_token(inspect_token.token);
    asked piste.context;
    firm  piste.company;
BEGIN
    good := false;
    IF found.claims IS NULL THEN
        code := found.code;
        words := found.words;
        RETURN NEXT;
        RETURN;
    END IF;
    SELECT * INTO asked FROM piste.context c WHERE c.jti = (found.claims ->> 'jti')::uuid;
    SELECT * INTO firm FROM piste.company c WHERE c.id = asked.company;
    IF asked.operator IS DISTINCT FROM me.login AND coalesce(me.level NOT IN ('service', 'admin'), true) THEN
        code := 'token_foreign';
        words := 'this token was issued to another login';
        RETURN NEXT;
        RETURN;
    END IF;
    SELECT p.code, p.words INTO code, words
    FROM piste.token_problem(asked.operator, found.code, found.words, found.claims, asked, firm) AS p;
    good := code IS NULL;
    SELECT asked.jti, firm.url_id, firm.id, asked.operator, asked.subject, asked.purpose, asked.access, asked.issued_at,
        asked.expires_at, asked.ended_at
    INTO jti, url_id, company, operator, subject, purpose, access, issued_at, expires_at, ended_at;
    is_open := asked.opened_at IS NOT NULL AND asked.ended_at IS NULL AND asked.expires_at > clock_timestamp();
    claims := found.claims;
    RETURN NEXT;
END
$$;

RESET ROLE;
