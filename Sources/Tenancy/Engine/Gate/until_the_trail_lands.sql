-- The new trail's signatures on the old one. Goes when the new trail comes.

SET LOCAL ROLE piste_owner;

-- Who may call it: the engine's own definer functions. Trusts: its arguments. Records: one entry; `firm` NULL is the
-- engine's own trail.
CREATE OR REPLACE FUNCTION piste.append(
    firm uuid, actor text, subject text, context uuid, action text, resource text, detail jsonb,
    secret jsonb DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql
AS $$
BEGIN
    RETURN piste.append(
        coalesce((SELECT c.schema_name FROM piste.company c WHERE c.id = firm), 'piste'),
        actor, subject, context, action, resource, detail);
END
$$;

-- Who may call it: the engine's own definer functions. Records: the refusal, with what was asked for.
CREATE OR REPLACE FUNCTION piste.refuse(
    firm uuid, action text, resource text, code text, explanation text, detail jsonb DEFAULT '{}')
RETURNS text
LANGUAGE plpgsql
AS $$
BEGIN
    RETURN piste.refuse(
        coalesce((SELECT c.schema_name FROM piste.company c WHERE c.id = firm), 'piste'),
        action, resource, code, explanation, detail);
END
$$;

-- The number of a trail's last record, and the hash of one; the zero uuid is the engine's own trail.
CREATE OR REPLACE FUNCTION piste.sealed_head(trail uuid)
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    head bigint;
BEGIN
    EXECUTE format('SELECT seq FROM %I.audit_head',
        coalesce((SELECT c.schema_name FROM piste.company c WHERE c.id = trail), 'piste')) INTO head;
    RETURN head;
END
$$;

CREATE OR REPLACE FUNCTION piste.sealed_hash(trail uuid, seq bigint)
RETURNS bytea
LANGUAGE plpgsql
AS $$
DECLARE
    hash bytea;
BEGIN
    EXECUTE format('SELECT a.hash FROM %I.audit a WHERE a.seq = $1',
        coalesce((SELECT c.schema_name FROM piste.company c WHERE c.id = trail), 'piste')) INTO hash USING seq;
    RETURN hash;
END
$$;

RESET ROLE;
