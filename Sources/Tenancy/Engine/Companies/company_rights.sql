-- What a company's roles need, and may have lost: a restore without the cluster's roles, or a hand that took too much back.

SET LOCAL ROLE piste_owner;

-- Who may call it: the installation; it runs with the rights of whoever installs. Trusts: the catalogs.
-- Records: `membership.revoke` in the company's trail for each membership that it takes back.
-- From PostgreSQL 16 on a role is given and taken by whoever administers it, and roles that a dump or pg_upgrade brought here from
-- an older server are administered by nobody but the superuser: lets their makers do so again. And a membership that somebody else
-- granted, or that was open when it came, can be taken back only now. A lease whose membership did not come along is over. How
-- many roles, memberships and leases that were.
CREATE OR REPLACE FUNCTION piste.mend_administration()
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    mended bigint := 0;
    gone   bigint;
    each   record;
BEGIN
    FOR each IN
        SELECT r.rolname FROM pg_roles r
        JOIN piste.company k ON piste.windows_of_role(r.rolname) = k.window_name
        WHERE r.rolname ~ '^t_[0-9a-f]{12}_(reader|agent|writer)$' AND NOT piste.is_administered(r.oid)
          AND NOT EXISTS (SELECT FROM piste.shared_companies(k.id))
    LOOP
        BEGIN
            EXECUTE format('GRANT %I TO %I WITH ADMIN TRUE, INHERIT FALSE, SET FALSE',
                each.rolname, piste.maker_of(each.rolname));
            mended := mended + 1;
        EXCEPTION WHEN insufficient_privilege THEN
            -- roles.companies names it.
            CONTINUE;
        END;
    END LOOP;
    FOR each IN
        SELECT k.id, r.rolname AS role, pg_get_userbyid(m.member)::text AS member,
            pg_get_userbyid((to_jsonb(m) ->> 'grantor')::oid)::text AS grantor
        FROM pg_auth_members m
        JOIN pg_roles r ON r.oid = m.roleid AND r.rolname ~ '^t_[0-9a-f]{12}_(reader|agent|writer)$'
        JOIN piste.company k ON k.window_name = piste.windows_of_role(r.rolname)
        WHERE current_setting('server_version_num')::integer >= 160000
          AND NOT piste.is_creators(m) AND pg_get_userbyid(m.grantor) <> piste.maker_of(r.rolname)
          AND NOT (piste.only_administers(m) AND piste.is_outside(m.member))
          AND NOT EXISTS (SELECT FROM piste.shared_companies(k.id))
    LOOP
        BEGIN
            EXECUTE format('REVOKE %I FROM %I GRANTED BY %I CASCADE', each.role, each.member, each.grantor);
        EXCEPTION WHEN insufficient_privilege THEN
            CONTINUE;
        END;
        PERFORM piste.append(each.id, session_user::text, NULL, NULL, 'membership.revoke', 'role', jsonb_build_object(
            'operator', each.member, 'role', split_part(each.role, '_', 3), 'granted_by', each.grantor,
            'why', 'the engine did not grant it'));
        mended := mended + 1;
    END LOOP;
    DELETE FROM piste.lease l USING piste.company k
    WHERE k.id = l.company AND NOT EXISTS (
        SELECT FROM pg_auth_members m
        WHERE m.roleid = to_regrole(piste.role_stem(k.window_name) || '_writer') AND m.member = to_regrole(quote_ident(l.login)));
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN mended + gone;
END
$$;

-- Who may call it: the engine's own definer functions, and the installation. Trusts: the catalogs. Records: nothing.
-- Whether the engine can put somebody into a role, and take them out; before PostgreSQL 16 it can always.
CREATE OR REPLACE FUNCTION piste.is_administered(role oid)
RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT current_setting('server_version_num')::integer < 160000 OR EXISTS (
        SELECT FROM pg_auth_members m
        WHERE m.roleid = role AND m.member = to_regrole(piste.maker_of(pg_get_userbyid(role))) AND m.admin_option)
$$;

-- Who may call it: the installation. Trusts: the catalogs, and piste.gated_table. Records: nothing.
-- Gives back to the roles of companies what they need and do not have: the right to call the engine, to name their windows, and
-- their privileges on these. Takes nothing from anybody: what is too much is left for the proof to name. Of how many companies.
CREATE OR REPLACE FUNCTION piste.mend_company_rights()
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    mended uuid[] := '{}';
    each   record;
BEGIN
    FOR each IN
        SELECT k.id
        FROM piste.company k
        JOIN pg_roles r ON left(r.rolname, 14) = k.schema_name AND r.rolname ~ '^t_[0-9a-f]{12}_(reader|agent|writer)$'
        GROUP BY k.id
        -- Roles that are not there at all are for nobody to give rights to.
        HAVING count(*) = 3 AND bool_or(NOT EXISTS (
            SELECT FROM pg_auth_members m WHERE m.member = r.oid AND m.roleid = 'piste_operators'::regrole))
    LOOP
        PERFORM piste.let_roles_call(each.id);
        mended := mended || each.id;
    END LOOP;
    FOR each IN
        SELECT k.id, k.window_name, r.rolname
        FROM piste.company k
        JOIN pg_namespace n ON n.nspname = k.window_name
        JOIN pg_roles r ON left(r.rolname, 14) = k.schema_name AND r.rolname ~ '^t_[0-9a-f]{12}_(reader|agent|writer)$'
        WHERE NOT EXISTS (SELECT FROM aclexplode(n.nspacl) AS a WHERE a.grantee = r.oid AND a.privilege_type = 'USAGE')
    LOOP
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', each.window_name, each.rolname);
        mended := mended || each.id;
    END LOOP;
    FOR each IN
        SELECT k.id, w.pane, p.role, p.privilege, p.column_name
        FROM (SELECT DISTINCT o.firm FROM piste.privilege_problems(NULL) AS o) AS o
        JOIN piste.company k ON k.id = o.firm
        JOIN piste.gated_table g ON g.company = k.id
        CROSS JOIN LATERAL (
            SELECT to_regclass(format('%I.%I', k.window_name, g.table_name)) AS pane,
                piste.store_table(k.schema_name, g.table_name) AS relation
        ) AS w
        CROSS JOIN LATERAL piste.window_privileges(k.id, w.relation) AS p
        WHERE w.pane IS NOT NULL AND to_regrole(p.role) IS NOT NULL
          AND (p.column_name IS NULL OR EXISTS (
              SELECT FROM pg_attribute a WHERE a.attrelid = w.pane AND a.attname = p.column_name AND NOT a.attisdropped))
          AND NOT CASE WHEN p.column_name IS NULL THEN has_table_privilege(p.role, w.pane, p.privilege)
              ELSE has_column_privilege(p.role, w.pane, p.column_name, p.privilege) END
    LOOP
        EXECUTE format('GRANT %s%s ON %s TO %I',
            each.privilege, coalesce(' (' || quote_ident(each.column_name) || ')', ''), each.pane, each.role);
        mended := mended || each.id;
    END LOOP;
    RETURN (SELECT count(DISTINCT m) FROM unnest(mended) AS m);
END
$$;

RESET ROLE;
