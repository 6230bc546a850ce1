-- The claims of a token: what it says must be, word for word, what is on record.

SET LOCAL ROLE piste_owner;

-- Who may call it: the engine's own definer functions, for claims whose signature is verified. Trusts: the record of the
-- context and its company, and nothing that the claims say. Records: nothing (the caller does).
-- What is wrong with the claims of a context token; NULL when each is what this engine wrote, and none is missing or new.
-- A context may have been shortened since: a token may say a later end than the record, within thirty minutes of its issue.
CREATE OR REPLACE FUNCTION piste.claims_problem(claims jsonb, asked piste.context, firm piste.company)
RETURNS text
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    issued   bigint := floor(extract(epoch FROM asked.issued_at));
    ends     bigint := floor(extract(epoch FROM asked.expires_at));
    -- Whom the operator acts as; an impersonation of nobody in particular has the company for its subject.
    person   text   := nullif(asked.subject, firm.url_id);
    expected jsonb;
    wrong    text;
BEGIN
    IF asked.jti IS NULL OR firm.id IS NULL THEN
        RETURN NULL;
    END IF;
    expected := jsonb_build_object(
        'iss', 'piste', 'aud', firm.url_id, 'sub', coalesce(person, asked.operator), 'jti', asked.jti,
        'iat', issued, 'nbf', issued, 'company', firm.id, 'purpose', asked.purpose)
        || CASE WHEN asked.subject IS NOT NULL
            THEN jsonb_build_object('act', jsonb_build_object('sub', asked.operator)) ELSE '{}' END;
    SELECT coalesce(e.key, c.key) INTO wrong
    FROM jsonb_each(expected) AS e FULL JOIN jsonb_each(claims - 'exp') AS c USING (key)
    WHERE e.value IS DISTINCT FROM c.value
    ORDER BY 1 LIMIT 1;
    IF wrong IS NULL AND (
        jsonb_typeof(claims -> 'exp') IS DISTINCT FROM 'number' OR claims ->> 'exp' !~ '^[0-9]{1,12}$'
        OR (claims ->> 'exp')::bigint NOT BETWEEN ends AND issued + 1800)
    THEN
        wrong := 'exp';
    END IF;
    RETURN CASE WHEN wrong IS NOT NULL
        THEN format('this token''s claim %s is not what is on record; ask for a fresh one', left(wrong, 40)) END;
END
$$;

-- Who may call it: the engine's own definer functions. Trusts: what was found of the token's signature, and the record of the
-- context. Records: nothing (the caller does).
-- What speaks against a token that a login brings, in the order in which it is told; nothing when it is good.
CREATE OR REPLACE FUNCTION piste.token_problem(
    login text, token_code text, token_words text, claims jsonb, asked piste.context, firm piste.company,
    OUT code text, OUT words text)
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    wrong text := piste.claims_problem(claims, asked, firm);
BEGIN
    SELECT v.code, v.words INTO code, words
    FROM (VALUES
        (1, token_code IS NOT NULL, token_code, token_words),
        (2, asked.jti IS NULL, 'token_unknown', 'this token is not on record'),
        (3, asked.operator <> login, 'token_foreign', 'this token was issued to another login'),
        (4, wrong IS NOT NULL, 'token_claims', wrong),
        (5, firm.status <> 'active', 'company_suspended', 'this company is suspended'),
        (6, asked.ended_at IS NOT NULL AND asked.end_reason <> 'expired', 'token_ended',
            format('this token ended at %s: %s; ask for a fresh one',
                date_trunc('second', asked.ended_at), asked.end_reason)),
        (7, asked.expires_at <= clock_timestamp() OR asked.ended_at IS NOT NULL, 'token_expired',
            format('this token ended at %s; ask for a fresh one', date_trunc('second', asked.expires_at))),
        (8, asked.made_at < firm.tokens_since, 'token_ended',
            'this token ended when the company was suspended; ask for a fresh one')
    ) AS v (rank, refused, code, words)
    WHERE v.refused ORDER BY v.rank LIMIT 1;
END
$$;

RESET ROLE;
