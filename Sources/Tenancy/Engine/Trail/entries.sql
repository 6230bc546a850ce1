-- The trail: what is recorded, and what is kept apart from it.
--
-- Making a record inserts an entry. It takes no lock that anybody else needs, and is durable when its transaction is. Sealing
-- (Trail/sealing) later gives committed entries a number and a place in their trail's chain. What came from rows (old and new
-- values, typed filters) is no part of an entry: it goes into the values of its company, and the entry holds the commitment
-- sha256(salt || text). So the chain verifies without values, and values can be erased without breaking it.
--
-- A trail is named by its company; the zero uuid is that of the engine itself, the control trail.

SET LOCAL ROLE piste_owner;

-- The company that the control trail is filed under.
CREATE OR REPLACE FUNCTION piste.no_company()
RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT '00000000-0000-0000-0000-000000000000'::uuid
$$;

-- Refuses what an append-only table refuses, to its owner too. An entry is changed once, when it is sealed, and then in its
-- number and hash only; it goes with its company, or into an archive.
CREATE OR REPLACE FUNCTION piste.refuse_rewrite()
RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND TG_LEVEL = 'ROW' THEN
        IF OLD.seq IS NULL AND NEW.seq IS NOT NULL
            AND (NEW.company, NEW.id, NEW.at, NEW.actor, NEW.action, NEW.resource)
                = (OLD.company, OLD.id, OLD.at, OLD.actor, OLD.action, OLD.resource)
            AND (NEW.subject, NEW.context, NEW.detail, NEW.values_hash)
                IS NOT DISTINCT FROM (OLD.subject, OLD.context, OLD.detail, OLD.values_hash)
        THEN
            RETURN NEW;
        END IF;
    ELSIF TG_OP = 'DELETE' AND TG_LEVEL = 'ROW' THEN
        IF OLD.company <> piste.no_company()
            AND NOT EXISTS (SELECT FROM piste.company k WHERE k.id = OLD.company)
            OR OLD.seq <= (SELECT t.begins_after FROM piste.trail t WHERE t.company = OLD.company)
        THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'an audit trail is append-only' USING ERRCODE = 'PT405';
END
$$;

CREATE OR REPLACE TRIGGER append_only
BEFORE UPDATE OR DELETE ON piste.entry
FOR EACH ROW EXECUTE FUNCTION piste.refuse_rewrite();

CREATE OR REPLACE TRIGGER never_emptied
BEFORE TRUNCATE ON piste.entry
FOR EACH STATEMENT EXECUTE FUNCTION piste.refuse_rewrite();

-- Who may call it: the engine's own definer functions; it runs as they do. Trusts: its arguments.
-- Records: one entry in the company's trail (NULL: the control trail), and its values apart. The entry's id.
CREATE OR REPLACE FUNCTION piste.add_entry(
    firm uuid, actor text, subject text, context uuid, action text, resource text, detail jsonb,
    secret jsonb DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    number bigint;
    salt   bytea;
BEGIN
    IF secret IS NULL OR secret IN ('{}', 'null') THEN
        INSERT INTO piste.entry (company, actor, subject, context, action, resource, detail)
        VALUES (
            coalesce(firm, piste.no_company()), add_entry.actor, add_entry.subject, add_entry.context,
            add_entry.action, add_entry.resource, add_entry.detail)
        RETURNING id INTO number;
        RETURN number;
    END IF;
    salt := piste.random_bytes(16);
    WITH noted AS (
        INSERT INTO piste.entry (company, actor, subject, context, action, resource, detail, values_hash)
        VALUES (
            firm, add_entry.actor, add_entry.subject, add_entry.context, add_entry.action, add_entry.resource,
            add_entry.detail, sha256(salt || convert_to(secret::text, 'UTF8')))
        RETURNING id
    )
    INSERT INTO piste.entry_values (company, entry, about, salt, content)
    SELECT firm, n.id, add_entry.resource, salt, secret::text FROM noted n
    RETURNING entry INTO number;
    RETURN number;
END
$$;

-- Who may call it: the engine's own definer functions. Records: nothing.
-- Tells whoever watches this trail that there is something new. An announcement never fails a call: a queue that somebody
-- has filled (a listener that does not listen) is left alone, and whoever watches asks by itself.
CREATE OR REPLACE FUNCTION piste.announce_entry(firm uuid, number bigint)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    heard text;
BEGIN
    SELECT w.channel INTO heard FROM piste.trail_watch w
    WHERE w.company = coalesce(firm, piste.no_company()) AND w.watched_until > clock_timestamp();
    IF FOUND THEN
        PERFORM piste.announce(heard, number::text);
    END IF;
END
$$;

-- Who may call it: the engine's own definer functions. Records: one entry, announced to whoever watches. Its id.
CREATE OR REPLACE FUNCTION piste.append(
    firm uuid, actor text, subject text, context uuid, action text, resource text, detail jsonb,
    secret jsonb DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    number bigint := piste.add_entry(firm, actor, subject, context, action, resource, detail, secret);
BEGIN
    PERFORM piste.announce_entry(firm, number);
    RETURN number;
END
$$;

-- Who may call it: the engine's own definer functions. Records: as many entries as there are actions. The id of the last.
CREATE OR REPLACE FUNCTION piste.append_all(
    firm uuid, actor text, subject text, context uuid, actions text[], resources text[], details jsonb[])
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    number bigint;
BEGIN
    FOR n IN 1 .. cardinality(actions) LOOP
        number := piste.add_entry(firm, actor, subject, context, actions[n], resources[n], details[n]);
    END LOOP;
    PERFORM piste.announce_entry(firm, number);
    RETURN number;
END
$$;

-- Who may call it: the engine's own definer functions. Records: the refusal, with what was asked for.
-- A refusal is an answer, not an error: an error would roll its record back. The text begins with a stable code.
CREATE OR REPLACE FUNCTION piste.refuse(
    firm uuid, action text, resource text, code text, explanation text, detail jsonb DEFAULT '{}')
RETURNS text
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM piste.spend(firm, refusals => 1);
    PERFORM piste.append(
        firm, session_user::text, NULL, NULL, action, resource,
        jsonb_build_object('refusal', code) || jsonb_strip_nulls(detail));
    PERFORM nextval('piste.refusals_' || piste.refusal_kind(code));
    RETURN code || ': ' || explanation;
END
$$;

-- Who may call it: the engine's own definer functions. Trusts: nothing. Records: nothing.
-- Of the detail that a client gives to a declaration, what belongs into the record: numbers, and the words of which order
-- and format it asks for. Every other text may have come from a row, or look for one, and goes to the values.
CREATE OR REPLACE FUNCTION piste.split_detail(detail jsonb, OUT facts jsonb, OUT secret jsonb)
LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
    IF detail IS NULL THEN
        RETURN;
    END IF;
    SELECT jsonb_object_agg(d.key, d.value) FILTER (WHERE d.plain), jsonb_object_agg(d.key, d.value) FILTER (WHERE NOT d.plain)
    INTO facts, secret
    FROM (
        SELECT e.key, e.value,
            e.key ~ '^[a-z][a-z0-9_]{0,40}$' AND (
                jsonb_typeof(e.value) IN ('number', 'boolean', 'null')
                OR jsonb_typeof(e.value) = 'array'
                    AND NOT EXISTS (SELECT FROM jsonb_array_elements(e.value) AS v WHERE jsonb_typeof(v) <> 'number')
                OR jsonb_typeof(e.value) = 'string'
                    AND e.key IN ('direction', 'format', 'jti', 'order', 'place', 'sort', 'state', 'status')
                    AND e.value #>> '{}' ~ '^[A-Za-z0-9_., +-]{1,100}$') AS plain
        FROM jsonb_each(CASE WHEN jsonb_typeof(detail) = 'object' THEN detail ELSE jsonb_build_object('detail', detail) END) AS e
    ) d;
END
$$;

RESET ROLE;
