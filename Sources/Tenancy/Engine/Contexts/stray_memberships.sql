-- Memberships in companies' roles that no context and no lease accounts for: put on record, and taken back where that can be.

SET LOCAL ROLE piste_owner;

-- The memberships that nothing accounts for and that could not be taken back, as they were when they were put on record.
CREATE TABLE IF NOT EXISTS piste.stray_membership (
    company     uuid    NOT NULL REFERENCES piste.company ON DELETE CASCADE,
    login       text    COLLATE "C" NOT NULL,
    role        text    COLLATE "C" NOT NULL,
    grants      jsonb   NOT NULL,
    PRIMARY KEY (company, login, role)
);

DROP FUNCTION IF EXISTS piste.memberships_held();

-- Who may call it: the engine's own definer functions. Trusts: pg_auth_members. Records: nothing.
-- Every membership in a role of a company, with the grants that it is made of. One statement sees them as of one moment. (From
-- PostgreSQL 16 on whoever creates a role is in it, to administer it: that is its maker. There may be several grants there,
-- each with the one who granted it, who alone takes it back.)
CREATE OR REPLACE FUNCTION piste.memberships_held()
RETURNS TABLE (company uuid, url_id text, stem text, role text, login text, grants jsonb)
LANGUAGE sql VOLATILE
AS $$
    SELECT k.id, k.url_id, piste.role_stem(k.window_name), split_part(h.role, '_', 3), h.login, h.grants
    FROM (
        SELECT pg_get_userbyid(m.roleid)::text AS role, pg_get_userbyid(m.member)::text AS login,
            jsonb_agg(to_jsonb(m) ORDER BY to_jsonb(m)) AS grants
        FROM pg_auth_members m
        WHERE m.roleid <> 'piste_operators'::regrole
          -- Drawn up once: half of all memberships are makers'.
          AND m.member <> ALL (ARRAY(SELECT r.oid FROM pg_roles r WHERE r.rolname IN (SELECT piste.makers())))
          AND NOT (piste.only_administers(m) AND piste.is_outside(m.member))
        GROUP BY m.roleid, m.member
    ) AS h
    JOIN piste.company k ON k.window_name = piste.windows_of_role(h.role)
    WHERE h.role ~ '^t_[0-9a-f]{12}_(reader|agent|writer)$'
$$;

-- Who may call it: `sweep`. Trusts: pg_auth_members. Records: `incident.membership` and `membership.revoke` each: once, and again
-- when its grants have changed, where somebody has granted it whose grant the engine cannot take back.
-- Memberships that nothing accounts for.
CREATE OR REPLACE FUNCTION piste.sweep_memberships(sweeper text)
RETURNS TABLE (did text, url_id text, operator text, jti uuid, detail text)
LANGUAGE plpgsql
AS $$
#variable_conflict use_column
DECLARE
    each    record;
    outcome boolean;
    known   boolean;
BEGIN
    DELETE FROM piste.stray_membership s
    WHERE s.ctid = ANY (ARRAY(
        SELECT o.ctid FROM piste.stray_membership o
        WHERE NOT EXISTS (
            SELECT FROM piste.memberships_held() AS h
            WHERE h.company = o.company AND h.login = o.login AND h.role = o.role AND h.grants = o.grants)
        FOR UPDATE SKIP LOCKED));
    FOR each IN
        SELECT h.company AS id, h.url_id, h.stem, h.role, h.login, h.grants
        FROM piste.memberships_held() AS h
        WHERE NOT piste.accounts_for(h.company, h.login, h.role)
    LOOP
        known := EXISTS (
            SELECT FROM piste.stray_membership s
            WHERE s.company = each.id AND s.login = each.login AND s.role = each.role AND s.grants = each.grants);
        CONTINUE WHEN known AND NOT piste.may_revoke(each.grants);
        IF NOT piste.take_turn('login:' || each.login, 'skip') THEN
            RETURN QUERY SELECT 'postponed', each.url_id, each.login, NULL::uuid, 'its operator is at work';
            CONTINUE;
        END IF;
        -- Another sweep may have been faster, or the operator has just entered.
        CONTINUE WHEN piste.accounts_for(each.id, each.login, each.role) OR NOT EXISTS (
            SELECT FROM pg_auth_members m
            WHERE m.roleid = to_regrole(each.stem || '_' || each.role)
              AND m.member = to_regrole(quote_ident(each.login)));
        outcome := piste.release_membership(each.id, each.role, each.login);
        CONTINUE WHEN known AND NOT outcome;
        IF NOT known THEN
            PERFORM piste.append(each.id, sweeper, NULL, NULL, 'incident.membership', 'role', jsonb_build_object(
                'operator', each.login, 'role', each.role, 'why', 'no open context accounts for it'));
            PERFORM piste.append(NULL, sweeper, NULL, NULL, 'incident.membership', 'role', jsonb_build_object(
                'url_id', each.url_id, 'operator', each.login, 'role', each.role, 'revoked', outcome));
            RETURN QUERY SELECT 'incident', each.url_id, each.login, NULL::uuid,
                format('in the role %s without an open context', each.role);
        END IF;
        PERFORM piste.append(each.id, sweeper, NULL, NULL, 'membership.revoke', 'role', jsonb_build_object(
            'operator', each.login, 'role', each.role, 'revoked', outcome));
        IF outcome THEN
            RETURN QUERY SELECT 'revoked', each.url_id, each.login, NULL::uuid, each.role;
        ELSE
            INSERT INTO piste.stray_membership AS s (company, login, role, grants)
            -- As it is now: the engine's own grant may be gone, and another's left.
            SELECT h.company, h.login, h.role, h.grants FROM piste.memberships_held() AS h
            WHERE h.company = each.id AND h.login = each.login AND h.role = each.role
            ON CONFLICT ON CONSTRAINT stray_membership_pkey DO UPDATE SET grants = excluded.grants;
        END IF;
    END LOOP;
END
$$;

-- Who may call it: the engine's own definer functions. Records: nothing.
-- Whether a login has a reason to be in a role of a company: an open context, or a lease for tickets.
CREATE OR REPLACE FUNCTION piste.accounts_for(firm uuid, login text, kind text)
RETURNS boolean
LANGUAGE sql VOLATILE
AS $$
    SELECT EXISTS (
        SELECT FROM piste.context c
        WHERE c.company = firm AND c.operator = login AND c.role = kind AND c.ended_at IS NULL
          AND c.backend_pid IS NOT NULL)
        OR kind = 'writer' AND EXISTS (SELECT FROM piste.lease l WHERE l.company = firm AND l.login = accounts_for.login)
$$;

RESET ROLE;
