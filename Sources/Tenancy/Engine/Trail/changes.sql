-- What was changed: every row that is written in a company's tables is recorded; its old and new values go apart.

SET LOCAL ROLE piste_owner;

-- Who may call it: the triggers of a company's tables. Trusts: the trigger's own facts, the backend's own context,
-- and the ticket that this transaction uses.
-- Records: `users.update` and the like on `users/7`, in the transaction of the change, with the names of the columns of an
-- update; the values that they had and have go into the company's values, but for redacted columns, whose values are kept nowhere. A change
-- outside a context can only be a superuser's, and is recorded as theirs.
CREATE OR REPLACE FUNCTION piste.record_change()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    derived  CONSTANT text[] := ARRAY['search_text', 'last_seen_key'];
    here     record := piste.here();
    firm     uuid   := (SELECT k.id FROM piste.company k WHERE k.schema_name = TG_TABLE_SCHEMA);
    hidden   text[] := coalesce((
        SELECT g.redacted FROM piste.gated_table g WHERE g.company = firm AND g.table_name = TG_TABLE_NAME), '{}');
    inside   boolean := here.live AND here.company = firm;
    used     record;
    old_     jsonb  := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) - derived END;
    new_     jsonb  := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) - derived END;
    id       text   := coalesce(new_, old_) ->> 'id';
    changed  text[];
BEGIN
    IF NOT inside THEN
        used := piste.ticket_here();
        inside := used.company = firm;
        here.jti := used.ticket;
        here.subject := used.subject;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        changed := ARRAY(
            SELECT o.key FROM jsonb_each(old_) AS o JOIN jsonb_each(new_) AS n USING (key)
            WHERE o.value <> n.value ORDER BY o.key);
        IF changed = '{}' THEN
            RETURN NULL;
        END IF;
        old_ := (SELECT jsonb_object_agg(o.key, o.value) FROM jsonb_each(old_) AS o WHERE o.key = ANY (changed));
        new_ := (SELECT jsonb_object_agg(n.key, n.value) FROM jsonb_each(new_) AS n WHERE n.key = ANY (changed));
    ELSE
        old_ := jsonb_strip_nulls(old_);
        new_ := jsonb_strip_nulls(new_);
    END IF;
    PERFORM piste.append(
        firm, session_user::text,
        CASE WHEN inside THEN here.subject END, CASE WHEN inside THEN here.jti END,
        TG_TABLE_NAME || '.' || lower(TG_OP), TG_TABLE_NAME || '/' || id,
        CASE WHEN TG_OP = 'UPDATE' THEN jsonb_build_object('columns', to_jsonb(changed)) END,
        CASE WHEN old_ - hidden <> '{}' THEN jsonb_build_object('old', old_ - hidden) ELSE '{}' END
            || CASE WHEN new_ - hidden <> '{}' THEN jsonb_build_object('new', new_ - hidden) ELSE '{}' END);
    RETURN NULL;
END
$$;

-- Who may call it: a superuser, after loading rows in bulk with the triggers off (COPY is refused to everybody else).
-- Trusts: its caller. Records: `company.load`, with what was loaded. Many rows call for the indexes of a large company.
CREATE OR REPLACE FUNCTION piste.record_load(url_id text, resource text, rows_loaded bigint)
RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    firm  uuid := (SELECT c.id FROM piste.company c WHERE c.url_id = record_load.url_id);
BEGIN
    IF firm IS NULL THEN
        RAISE EXCEPTION 'there is no company of this name' USING ERRCODE = 'PT404';
    END IF;
    IF rows_loaded >= 5000 THEN
        PERFORM piste.grow(firm);
    END IF;
    RETURN piste.append(
        firm, session_user::text, NULL, NULL, 'company.load', array_to_string(piste.resources_named(resource), ','),
        jsonb_build_object('rows', rows_loaded));
END
$$;

RESET ROLE;
