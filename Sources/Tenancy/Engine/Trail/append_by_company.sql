-- Stands in for the trail to come, in which an entry names its company.

SET LOCAL ROLE piste_owner;

-- Who may call it: the engine's own definer functions. Records: one entry, in the trail of the company or (NULL) the engine's.
CREATE OR REPLACE FUNCTION piste.append(
    firm uuid, actor text, subject text, context uuid, action text, resource text, detail jsonb)
RETURNS bigint
LANGUAGE plpgsql
AS $$
BEGIN
    RETURN piste.append(
        coalesce((SELECT c.schema_name FROM piste.company c WHERE c.id = firm), 'piste'),
        actor, subject, context, action, resource, detail);
END
$$;

RESET ROLE;
