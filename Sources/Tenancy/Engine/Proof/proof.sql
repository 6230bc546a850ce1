-- The report: every check by name, with its evidence; and what the control trail keeps of a proof.

SET LOCAL ROLE piste_owner;

-- What is checked, in the order in which it is told, and by which function.
CREATE OR REPLACE FUNCTION piste.proof_checks()
RETURNS TABLE (place integer, id text, what text, section text)
LANGUAGE sql IMMUTABLE
AS $$
    SELECT row_number() OVER ()::integer, c.id, c.what, CASE
        WHEN c.id = 'company.structure' THEN 'prove_structures'
        WHEN c.id = 'gate.windows' THEN 'prove_windows'
        WHEN c.id ~ '^(server|settings|database)[.]' THEN 'prove_server'
        WHEN c.id ~ '^(schemas|surroundings)[.]' THEN 'prove_surroundings'
        WHEN c.id ~ '^(roles|memberships|operators)[.]' THEN 'prove_roles'
        WHEN c.id ~ '^engine[.]' THEN 'prove_engine'
        ELSE 'prove_companies' END
    FROM (VALUES
        ('server.version', 'The server is PostgreSQL 15.14 or newer'),
        ('server.flaws', 'The known flaws that would open the gate are closed in it'),
        ('server.durability', 'What is committed survives a crash'),
        ('server.settings', 'No setting of the server weakens row level security'),
        ('server.installer', 'What is lost without a superuser is named'),
        ('server.libraries', 'No unknown library is loaded into sessions'),
        ('server.languages', 'Only SQL and PL/pgSQL can be programmed in'),
        ('server.extensions', 'Only harmless extensions are installed'),
        ('settings.defaults', 'No default of a role or of the database changes what a session may do'),
        ('database.privileges', 'Nobody else creates schemas or temporary tables in the database'),
        ('database.foreign-data', 'No foreign data leads out of the database'),
        ('database.replication', 'No publication, subscription or logical slot carries rows away'),
        ('database.event-triggers', 'There is no event trigger'),
        ('database.large-objects', 'There is no large object'),
        ('database.system-objects', 'Nothing was added to the system''s own schema'),
        ('database.system-privileges', 'Nobody has more on the system''s objects than PostgreSQL gives'),
        ('schemas.all', 'Every schema is explained, or out of the operators'' reach'),
        ('surroundings.relations', 'Operators can touch no table or view outside of the companies'),
        ('surroundings.shared', 'Shared tables are known, and only read'),
        ('surroundings.functions', 'Operators can call no foreign function that has more rights than they'),
        ('surroundings.leakproof', 'No foreign function claims to be LEAKPROOF'),
        ('surroundings.default-privileges', 'No default privileges wait for new objects'),
        ('roles.superusers', 'No operator is a superuser'),
        ('roles.bypass', 'No login bypasses row level security'),
        ('roles.createrole', 'No login can create roles'),
        ('roles.replication', 'No operator can replicate, and who else can is known'),
        ('roles.predefined', 'No login reads or writes everything through a predefined role'),
        ('memberships.engine', 'Nobody is in the engine''s own roles'),
        ('memberships.companies', 'Every membership in a company''s role has its open context'),
        ('roles.companies', 'The companies'' roles cannot log in and have no powers'),
        ('operators.attributes', 'Operators are plain logins that inherit nothing'),
        ('operators.recorded',
            'Operators were registered by the engine, with the level that the control trail tells'),
        ('operators.memberships', 'Operators are in no role but companies'''),
        ('operators.privileges', 'Operators hold the engine''s public functions and nothing else'),
        ('operators.creating', 'Operators can create nothing, not even temporary tables'),
        ('engine.manifest', 'The manifest of the engine is the one that its installation recorded'),
        ('engine.tables', 'The engine''s tables are as installed'),
        ('engine.functions', 'The engine''s functions are as installed, to the letter'),
        ('engine.triggers', 'The engine''s triggers are as installed, and switched on'),
        ('engine.roles', 'The engine''s roles, schemas and default privileges are as installed'),
        ('engine.other-objects', 'The engine''s other objects are as installed'),
        ('engine.definer-paths', 'Functions with their owner''s rights have a fixed search path'),
        ('engine.public', 'PUBLIC has nothing of the engine'),
        ('engine.control-tables', 'Nobody but the engine''s owner touches the control tables'),
        ('engine.belongings', 'The engine''s roles own nothing elsewhere'),
        ('engine.blueprints', 'The blueprints are the registered ones'),
        ('company.schemas', 'Every company has a store and windows of its own, which the engine''s owner owns'),
        ('gate.enabled-and-forced', 'Row level security is enabled and forced on every table'),
        ('gate.one-policy-per-command', 'The gate is the one policy for each command, word for word'),
        ('gate.windows', 'Every window is word for word its table''s, and PostgreSQL asks the gate first'),
        ('gate.function', 'The function that every gate asks is as the gate needs it'),
        ('company.owners', 'Everything in a company''s schemas belongs to the engine''s owner'),
        ('company.relations', 'A store has tables and nothing else: no view, no partition, no inheritance, no foreign table'),
        ('company.grants', 'A company''s roles have their windows and nothing of the store, and nobody else has anything'),
        ('company.role-privileges', 'A company''s roles have no privilege anywhere else'),
        ('company.triggers', 'Every change is recorded, or refused before it begins; every trail is append-only'),
        ('company.foreign-keys', 'No foreign key leads from one company to another, or out'),
        ('company.functions', 'No function with its owner''s rights and no rule in a company''s schema'),
        ('company.dependents', 'Nothing outside hangs on a company''s tables'),
        ('company.statistics', 'The planner keeps no samples of any value, but where a blueprint says so'),
        ('company.adopted', 'What adopted companies leave outside of the claim is named'),
        ('company.keys', 'Every company signs with a key of its own'),
        ('contexts.limits', 'No context is open for longer than 30 minutes, or for a stranger'),
        ('company.structure', 'Every company is, object by object, what its blueprint builds'),
        ('company.blueprint', 'Every company is at the blueprint that its ledger tells')
    ) AS c (id, what)
$$;

-- Who may call it: admin. Trusts: session_user and the catalogs. Records: `proof.refused` for anybody else.
-- One row a check, for one company or (NULL) for all. What is right has its evidence in numbers; what is wrong names the
-- things, the first twenty of them. Anything that is not explained fails, and so does what could not be checked. Whoever asks
-- `companies_report` for company.structure and gate.windows leaves those out here.
CREATE OR REPLACE FUNCTION piste.isolation_report(url_id text DEFAULT NULL, structures boolean DEFAULT true)
RETURNS TABLE (id text, what text, passed boolean, evidence text, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    me       record := piste.me();
    each     record;
    part     record;
    ids      text[] := '{}';
    findings text[] := '{}';
    facts    text[] := '{}';
BEGIN
    IF NOT me.administers THEN
        refusal := piste.refuse(
            piste.company_of(isolation_report.url_id), 'proof.refused', 'engine', 'not_allowed',
            'this is for admins', jsonb_build_object('url_id', left(isolation_report.url_id, 100)));
    ELSIF isolation_report.url_id IS NOT NULL AND piste.company_of(isolation_report.url_id) IS NULL THEN
        refusal := piste.refuse(NULL, 'proof.refused', 'engine', 'unknown_company',
            'there is no company of this name', jsonb_build_object('url_id', left(isolation_report.url_id, 100)));
    END IF;
    IF refusal IS NOT NULL THEN
        RETURN NEXT;
        RETURN;
    END IF;
    FOR each IN
        SELECT c.section, array_agg(c.id) AS checks FROM piste.proof_checks() c
        WHERE coalesce(structures, true) OR c.section NOT IN ('prove_structures', 'prove_windows')
        GROUP BY c.section ORDER BY min(c.place)
    LOOP
        BEGIN
            EXECUTE format('SELECT array_agg(t.id) AS ids, array_agg(t.finding) AS findings, array_agg(t.fact) AS facts '
                'FROM piste.%I(%s) t', each.section,
                CASE WHEN each.section IN ('prove_companies', 'prove_structures', 'prove_windows') THEN '$1' END)
            INTO part USING isolation_report.url_id;
        EXCEPTION WHEN OTHERS THEN
            SELECT each.checks AS ids,
                array_agg(format('not checked: %s (SQLSTATE %s)', SQLERRM, SQLSTATE)) AS findings,
                array_agg(NULL::text) AS facts
            INTO part FROM unnest(each.checks);
        END;
        ids := ids || part.ids;
        findings := findings || part.findings;
        facts := facts || part.facts;
    END LOOP;
    RETURN QUERY
    WITH told AS (
        SELECT DISTINCT t.id, t.finding, CASE WHEN t.finding IS NULL THEN t.fact END AS fact
        FROM unnest(ids, findings, facts) AS t (id, finding, fact)
    ), numbered AS (
        SELECT t.id, t.finding IS NULL AS sound, coalesce(t.finding, t.fact) AS words,
            row_number() OVER (PARTITION BY t.id,
                t.finding IS NULL ORDER BY coalesce(t.finding, t.fact) COLLATE "C") AS place
        FROM told t
        WHERE coalesce(t.finding, t.fact) IS NOT NULL
    ), summed AS (
        SELECT n.id, n.sound, count(*) AS number,
            string_agg(left(n.words, 1000), '; ' ORDER BY n.place) FILTER (WHERE n.place <= 20) AS words
        FROM numbered n GROUP BY n.id, n.sound
    )
    SELECT c.id, c.what, f.id IS NULL,
        CASE WHEN f.id IS NULL THEN coalesce(g.words, 'none') ELSE f.words END
            || CASE WHEN coalesce(f.number, g.number) > 20
                THEN format('; and %s more', coalesce(f.number, g.number) - 20) ELSE '' END,
        NULL::text
    FROM piste.proof_checks() c
    LEFT JOIN summed f ON f.id = c.id AND NOT f.sound
    LEFT JOIN summed g ON g.id = c.id AND g.sound
    WHERE coalesce(structures, true) OR c.section NOT IN ('prove_structures', 'prove_windows')
    ORDER BY c.place;
END
$$;

RESET ROLE;
