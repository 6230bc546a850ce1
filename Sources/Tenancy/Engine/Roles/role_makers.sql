-- Who makes the roles of companies, and puts logins into them.
--
-- From PostgreSQL 16 on whoever creates a role is a member of it, to administer it, and each GRANT and REVOKE looks through all
-- memberships of whoever grants: 12 ms on 18 where those are the roles of a thousand companies, and more with every company. So
-- there are 256 makers, piste_roles_00 to piste_roles_ff, each for the companies whose store's name ends so. Before 16 piste_roles
-- makes them all.

-- Who may call it: the engine's own functions, and the installation. Records: nothing.
-- The roles that make roles: piste_roles, and from PostgreSQL 16 on those that make companies' roles.
CREATE OR REPLACE FUNCTION piste.makers()
RETURNS SETOF name
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT 'piste_roles'::name
    UNION ALL
    SELECT ('piste_roles_' || lpad(to_hex(n), 2, '0'))::name
    FROM generate_series(0, 255) AS n WHERE current_setting('server_version_num')::integer >= 160000
$$;

-- Who may call it: the engine's own functions, and the installation. Records: nothing.
-- Who makes a role of a company, by the role's name.
CREATE OR REPLACE FUNCTION piste.maker_of(role text)
RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT 'piste_roles' || CASE WHEN current_setting('server_version_num')::integer >= 160000 THEN '_' || substr(role, 13, 2)
        ELSE '' END
$$;

DO $install$
DECLARE
    maker text;
BEGIN
    FOR maker IN
        SELECT m FROM piste.makers() AS m
        WHERE m <> 'piste_roles' OR current_setting('server_version_num')::integer < 160000
    LOOP
        EXECUTE format(
            $form$
            -- Who may call it: piste_roles. Trusts: the form of the role's name. Records: nothing (the caller does).
            -- Does one of five things to one role of a company, with the rights of its maker.
            CREATE OR REPLACE FUNCTION piste.%1$I(verb text, role text, login text)
            RETURNS void
            LANGUAGE plpgsql VOLATILE SECURITY DEFINER
            SET search_path = pg_catalog, pg_temp
            AS $body$
            BEGIN
                IF role !~ '^t_[0-9a-f]{12}_(reader|agent|writer)$' THEN
                    RAISE EXCEPTION 'no such role' USING ERRCODE = 'PT400';
                END IF;
                EXECUTE format(
                    CASE verb
                        WHEN 'create' THEN 'CREATE ROLE %%1$I NOLOGIN'
                        WHEN 'drop'   THEN 'DROP ROLE %%1$I'
                        WHEN 'grant'  THEN 'GRANT %%1$I TO %%2$I'
                        WHEN 'revoke' THEN 'REVOKE %%1$I FROM %%2$I CASCADE'
                        WHEN 'reset'  THEN
                            'ALTER ROLE %%1$I RESET ALL; ALTER ROLE %%1$I PASSWORD NULL; ALTER ROLE %%1$I IN DATABASE %%3$I RESET ALL'
                    END, role, login, current_database());
            END
            $body$
            $form$, 'administer_as_' || maker);
        EXECUTE format('ALTER FUNCTION piste.%I(text, text, text) OWNER TO %I', 'administer_as_' || maker, maker);
        EXECUTE format('REVOKE ALL ON FUNCTION piste.%I(text, text, text) FROM PUBLIC', 'administer_as_' || maker);
        EXECUTE format('GRANT EXECUTE ON FUNCTION piste.%I(text, text, text) TO piste_roles', 'administer_as_' || maker);
    END LOOP;
END
$install$;

-- Who may call it: the functions of backends_and_roles that touch a role of a company. Trusts: its arguments.
-- Records: nothing (the caller does). Has the maker of the role do it. PT426 on a server that was upgraded to one where each
-- role has a maker, until that one is there.
CREATE OR REPLACE FUNCTION piste.administer(verb text, role text, login text DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    maker text := 'administer_as_' || piste.maker_of(role);
BEGIN
    IF to_regproc('piste.' || quote_ident(maker)) IS NULL THEN
        RAISE EXCEPTION 'this server was upgraded, and the roles of companies are nobody''s to give here yet'
            USING ERRCODE = 'PT426', HINT = 'piste init, as whoever installed the engine.';
    END IF;
    EXECUTE format('SELECT piste.%I($1, $2, $3)', maker) USING verb, role, login;
END
$$;

ALTER FUNCTION piste.makers() OWNER TO piste_roles;
ALTER FUNCTION piste.maker_of(text) OWNER TO piste_roles;
ALTER FUNCTION piste.administer(text, text, text) OWNER TO piste_roles;
