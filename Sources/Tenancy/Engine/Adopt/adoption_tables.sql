-- What is written down of schemas that were there before Piste: those that are looked at, and those that were adopted.

SET LOCAL ROLE piste_owner;

-- Schemas that are known as somebody's, and as nothing more: nobody enters them, and nothing of them was changed.
CREATE TABLE IF NOT EXISTS piste.observed_schema (
    schema_name  text        COLLATE "C" PRIMARY KEY,
    url_id       text        COLLATE "C" NOT NULL UNIQUE CHECK (piste.is_url_id(url_id)),
    name         text        COLLATE piste.human NOT NULL CHECK (char_length(name) BETWEEN 1 AND 300),
    observed_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    observed_by  text        COLLATE "C" NOT NULL
);

-- How a store was adopted: which of its tables play the company's users and journeys, with their columns; which have no window;
-- which columns are redacted; whether changes are recorded.
CREATE TABLE IF NOT EXISTS piste.adoption (
    company      uuid        PRIMARY KEY REFERENCES piste.company ON DELETE CASCADE,
    map          jsonb       NOT NULL,
    adopted_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    adopted_by   text        COLLATE "C" NOT NULL
);

-- Who may call it: the engine's own definer functions. Trusts: the map of an adoption. Records: nothing.
-- Which of a company's tables plays its users; NULL where an adopted one's map names none.
CREATE OR REPLACE FUNCTION piste.users_table(firm uuid)
RETURNS text
LANGUAGE plpgsql STABLE
AS $$
BEGIN
    RETURN (
        SELECT CASE WHEN count(*) = 0 THEN 'users' ELSE max(a.map #>> '{users,table}') END
        FROM piste.adoption a WHERE a.company = firm);
END
$$;

-- What had to be done in the store itself, by whoever may: the ledger by which it is undone. `done` is what was there already
-- when that transaction had ended; what was there before it is none of the ledger's. `before` is what was there. Where a schema is
-- guarded whole, a step has its own statements, in the order of `place` (Adopt/adoption_guard).
CREATE TABLE IF NOT EXISTS piste.adoption_step (
    schema_name  text        COLLATE "C" NOT NULL,
    kind         text        COLLATE "C" NOT NULL,
    object       text        COLLATE "C" NOT NULL,
    privilege    text        COLLATE "C" NOT NULL DEFAULT '',
    before       text        COLLATE "C",
    done         boolean     NOT NULL DEFAULT false,
    place        integer     NOT NULL DEFAULT 0,
    forth        text,
    back         text,
    PRIMARY KEY (schema_name, kind, object, privilege)
);

ALTER TABLE piste.adoption_step ADD COLUMN IF NOT EXISTS place integer NOT NULL DEFAULT 0, ADD COLUMN IF NOT EXISTS forth text,
    ADD COLUMN IF NOT EXISTS back text;

-- Who may call it: the engine's own definer functions. Trusts: the ledger. Records: nothing.
-- Whether a table of an adopted schema has the gate by the ledger, so that its policies are the engine's own.
CREATE OR REPLACE FUNCTION piste.has_gate(home text, called text)
RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT EXISTS (
        SELECT FROM piste.adoption_step s
        WHERE s.schema_name = home AND s.kind = 'whole table' AND s.object = called AND s.privilege = 'gate' AND s.done)
$$;

RESET ROLE;
