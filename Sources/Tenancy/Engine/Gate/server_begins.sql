-- Where this database lives now, and how its rows are named to whoever follows it; when every table is there.

-- Roles that came without whoever administers them, and memberships that the engine could never take back.
DO $$
BEGIN
    PERFORM piste.mend_administration();
END
$$;

SET LOCAL ROLE piste_owner;

-- A copy in the same cluster gets roles of its own.
DO $$
BEGIN
    PERFORM piste.settle_home();
END
$$;

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
    PERFORM piste.identify_rows_in(k.schema_name) FROM piste.company k WHERE k.adopted IS NULL;
END
$$;

RESET ROLE;
