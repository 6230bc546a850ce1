-- Where this database lives now, and how its rows are named to whoever follows it; when every table is there.

SET LOCAL ROLE piste_owner;

-- Where this database begins needs no record.
DO $$
BEGIN
    PERFORM piste.note_server();
END
$$;

-- The engine's own tables and every company's.
DO $$
BEGIN
    PERFORM piste.identify_rows_in('piste');
    PERFORM piste.identify_rows_in(k.schema_name) FROM piste.company k;
END
$$;

RESET ROLE;
