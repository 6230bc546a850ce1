-- Stands in for the trail of engine 2 until that is here: entries named by their company. Not to be merged.

SET LOCAL ROLE piste_owner;

CREATE OR REPLACE FUNCTION piste.append(
    firm uuid, actor text, subject text, context uuid, action text, resource text, detail jsonb, secret jsonb DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql
AS $$
BEGIN
    RETURN piste.append(
        coalesce((SELECT k.schema_name FROM piste.company k WHERE k.id = firm), 'piste'), actor, subject, context, action,
        resource, detail);
END
$$;

CREATE OR REPLACE FUNCTION piste.refuse(
    firm uuid, action text, resource text, code text, explanation text, detail jsonb DEFAULT '{}')
RETURNS text
LANGUAGE plpgsql
AS $$
BEGIN
    RETURN piste.refuse(
        coalesce((SELECT k.schema_name FROM piste.company k WHERE k.id = firm), 'piste'), action, resource, code,
        explanation, detail);
END
$$;

RESET ROLE;
