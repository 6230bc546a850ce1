-- Where this database lives now, and how its rows are named to whoever follows it; when every table is there.

SET LOCAL ROLE piste_owner;

-- Where this database begins needs no record.
DO $$
BEGIN
    PERFORM piste.note_server();
END
$$;

-- The engine's own tables, whatever they are.
DO $$
BEGIN
    PERFORM piste.identify_rows(c.oid)
    FROM pg_class c
    WHERE c.relnamespace = 'piste'::regnamespace AND c.relkind IN ('r', 'p');
END
$$;

RESET ROLE;
