-- The control tables: who may be where, and why. They hold no row of any company's own data.
--
-- Nobody has a privilege on any of them: they are reached through the definer functions alone.

SET LOCAL ROLE piste_owner;

-- Every sequence is logged: of one that is not, a promoted standby may have a page that nobody can read, where it came after the
-- standby began to follow. Those that were not are made anew, and nothing of what they counted is missed.
DO $$
DECLARE
    each regclass;
BEGIN
    FOR each IN
        SELECT c.oid FROM pg_class c
        WHERE c.relnamespace = 'piste'::regnamespace AND c.relkind = 'S' AND c.relpersistence = 'u'
    LOOP
        EXECUTE format('DROP SEQUENCE %s', each);
    END LOOP;
END
$$;

-- A url_id is a name in an address: a letter first, then letters and digits, and single hyphens between them.
CREATE OR REPLACE FUNCTION piste.is_url_id(url_id text)
RETURNS boolean
LANGUAGE sql IMMUTABLE
AS $$
    SELECT url_id COLLATE "C" ~ '^[a-z][a-z0-9]*(-[a-z0-9]+)*$' AND char_length(url_id) BETWEEN 2 AND 63
$$;

-- What the names of a company's three roles begin with.
CREATE OR REPLACE FUNCTION piste.role_stem(window_name text)
RETURNS text
LANGUAGE sql IMMUTABLE
AS $$
    SELECT 't_' || right(window_name, 12)
$$;

-- The windows that a role of a company's is made for, by the role's name.
CREATE OR REPLACE FUNCTION piste.windows_of_role(role text)
RETURNS text
LANGUAGE sql IMMUTABLE
AS $$
    SELECT CASE WHEN left(role, 2) = 't_' THEN 'w_' || substr(role, 3, 12) END
$$;

GRANT EXECUTE ON FUNCTION piste.role_stem(text), piste.windows_of_role(text) TO piste_roles;

CREATE TABLE IF NOT EXISTS piste.engine_file (
    name        text        COLLATE "C" PRIMARY KEY,
    checksum    text        COLLATE "C" NOT NULL,
    applied_at  timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE IF NOT EXISTS piste.engine_version (
    version     text        COLLATE "C" NOT NULL,
    applied_at  timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Who may call it: the engine's own definer functions. Records: nothing. The version that was installed last.
CREATE OR REPLACE FUNCTION piste.installed_version()
RETURNS text
LANGUAGE sql STABLE
AS $$
    SELECT v.version FROM piste.engine_version v ORDER BY v.applied_at DESC LIMIT 1
$$;

-- The SQL that builds a company's store, and the SQL that prepares it for many rows. Their placeholders are {company},
-- {schema}, {reader}, {agent}, {writer} and {trigram} (see piste.filled). Where a blueprint comes from ('engine 1', or the application's owner), the way
-- from the version before it, and the tables of a company of this version, with the two words that have no table (see
-- piste.resources).
CREATE TABLE IF NOT EXISTS piste.blueprint (
    version     integer     PRIMARY KEY CHECK (version > 0),
    template    text        NOT NULL,
    growth      text        NOT NULL,
    origin      text        COLLATE "C" NOT NULL UNIQUE,
    migration   text,
    resources   text[]      COLLATE "C",
    stored_at   timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- The names of the schemas are drawn at random, because the catalogs are readable to every login: the store with the
-- company's tables, and the windows through which its roles see them. A store that was there before Piste keeps its own name:
-- `adopted` says how far it is guarded, from people or from all, and then it has no blueprint, since its application makes its
-- tables: `revision` counts how often they were taken in.
-- A token that was issued before `tokens_since` is dead: a suspension moves it.
CREATE TABLE IF NOT EXISTS piste.company (
    id                uuid        PRIMARY KEY,
    url_id            text        COLLATE "C" NOT NULL UNIQUE CHECK (piste.is_url_id(url_id)),
    name              text        COLLATE piste.human NOT NULL CHECK (char_length(name) BETWEEN 1 AND 300),
    auth_provider     text        COLLATE "C" NOT NULL,
    status            text        COLLATE "C" NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended')),
    impersonation     text        COLLATE "C" NOT NULL DEFAULT 'allowed'
                                  CHECK (impersonation IN ('allowed', 'denied', 'approval')),
    impersonation_minutes integer NOT NULL DEFAULT 30 CHECK (impersonation_minutes BETWEEN 1 AND 30),
    ticket_required   boolean     NOT NULL DEFAULT false,
    ticket_pattern    text        COLLATE "C" CHECK (piste.pattern_problem(ticket_pattern) IS NULL),
    impersonation_access text     COLLATE "C" NOT NULL DEFAULT 'read+write'
                                  CHECK (impersonation_access IN ('read', 'read+write')),
    schema_name       text        COLLATE "C" NOT NULL UNIQUE,
    window_name       text        COLLATE "C" NOT NULL UNIQUE CHECK (window_name ~ '^w_[0-9a-f]{12}$'),
    adopted           text        COLLATE "C",
    revision          integer     NOT NULL DEFAULT 0,
    blueprint_version integer     REFERENCES piste.blueprint,
    grown             boolean     NOT NULL DEFAULT false,
    tokens_since      timestamptz NOT NULL DEFAULT '-infinity',
    created_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    search_text       text        COLLATE "C" NOT NULL
                                  GENERATED ALWAYS AS (piste.folded(name || ' ' || url_id)) STORED
);

-- A database that was installed before companies could be adopted; once, since it wants the table to itself.
DO $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM pg_constraint k
        WHERE k.conrelid = 'piste.company'::regclass AND k.conname = 'company_adopted_check'
          AND pg_get_constraintdef(k.oid) LIKE '%''all''%')
    THEN
        ALTER TABLE piste.company ADD COLUMN IF NOT EXISTS adopted text COLLATE "C",
            ADD COLUMN IF NOT EXISTS revision integer NOT NULL DEFAULT 0;
        ALTER TABLE piste.company ALTER blueprint_version DROP NOT NULL,
            DROP CONSTRAINT IF EXISTS company_schema_name_check,
            DROP CONSTRAINT IF EXISTS company_adopted_check,
            ADD CONSTRAINT company_adopted_check CHECK (CASE WHEN adopted IS NULL
                THEN schema_name ~ '^t_[0-9a-f]{12}$' AND blueprint_version IS NOT NULL
                ELSE adopted IN ('people', 'all') AND blueprint_version IS NULL END);
    END IF;
END
$$;

-- A database whose companies were found by small letters, and not by folded ones; its index is made anew below.
DO $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
        WHERE d.adrelid = 'piste.company'::regclass AND a.attname = 'search_text'
          AND pg_get_expr(d.adbin, d.adrelid) LIKE '%folded%')
    THEN
        ALTER TABLE piste.company DROP COLUMN search_text;
        ALTER TABLE piste.company ADD COLUMN search_text text COLLATE "C" NOT NULL
            GENERATED ALWAYS AS (piste.folded(name || ' ' || url_id)) STORED;
    END IF;
END
$$;

-- Every order of the list of companies; that of their users comes from the catalog.
CREATE INDEX IF NOT EXISTS company_by_name ON piste.company (name, url_id);
CREATE INDEX IF NOT EXISTS company_by_auth_provider ON piste.company (auth_provider, url_id);
CREATE INDEX IF NOT EXISTS company_by_status ON piste.company (status, url_id);
CREATE INDEX IF NOT EXISTS company_by_creation ON piste.company (created_at, url_id);

-- One 256-bit key a company. The algorithm is a property of the key, never of the token.
CREATE TABLE IF NOT EXISTS piste.signing_key (
    kid         text        COLLATE "C" PRIMARY KEY,
    company     uuid        NOT NULL REFERENCES piste.company ON DELETE CASCADE,
    algorithm   text        COLLATE "C" NOT NULL DEFAULT 'HS256' CHECK (algorithm = 'HS256'),
    secret      bytea       CHECK (octet_length(secret) = 32),
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_by  text        COLLATE "C" NOT NULL DEFAULT session_user,
    retired_at  timestamptz,
    retired_by  text        COLLATE "C",
    CONSTRAINT signing_key_destroyed CHECK ((secret IS NULL) = (retired_at IS NOT NULL))
);

CREATE INDEX IF NOT EXISTS signing_key_of_company ON piste.signing_key (company, created_at);

CREATE UNIQUE INDEX IF NOT EXISTS signing_key_in_use ON piste.signing_key (company) WHERE retired_at IS NULL;

-- A service works by tickets; with `sessions` it may hold contexts as well, on connections of its own.
CREATE TABLE IF NOT EXISTS piste.operator (
    login       text        COLLATE "C" PRIMARY KEY,
    level       text        COLLATE "C" NOT NULL CHECK (level IN ('viewer', 'support', 'admin', 'service', 'monitor')),
    sessions    boolean     NOT NULL DEFAULT false,
    added_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    added_by    text        COLLATE "C" NOT NULL
);

-- One row is one token and one context: it is issued, opened, and ended, once. A backend with this pid that started before
-- entered_at is the one that entered.
CREATE TABLE IF NOT EXISTS piste.context (
    jti            uuid        PRIMARY KEY,
    company        uuid        NOT NULL REFERENCES piste.company ON DELETE CASCADE,
    operator       text        COLLATE "C" NOT NULL,
    purpose        text        COLLATE "C" NOT NULL CHECK (purpose IN ('access', 'impersonation', 'service')),
    access         text        COLLATE "C" NOT NULL CHECK (access IN ('read', 'read+write')),
    role           text        COLLATE "C" NOT NULL,
    subject        text        COLLATE "C",
    reason         text,
    ticket         text,
    request        uuid,
    kid            text        COLLATE "C" NOT NULL,
    issued_at      timestamptz NOT NULL,
    made_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at     timestamptz NOT NULL,
    opened_at      timestamptz,
    opened_xid     xid8,
    entered_at     timestamptz,
    backend_pid    integer,
    -- The server on which this pid means something (piste.this_server).
    server         text        COLLATE "C",
    lingering      boolean     NOT NULL DEFAULT false,
    ended_at       timestamptz,
    end_reason     text,
    ended_by       text        COLLATE "C",
    CHECK (purpose <> 'impersonation' OR reason IS NOT NULL)
) WITH (fillfactor = 80);

CREATE INDEX IF NOT EXISTS context_not_ended ON piste.context (company, operator) WHERE ended_at IS NULL;
CREATE INDEX IF NOT EXISTS context_lingering ON piste.context (backend_pid) WHERE lingering;
CREATE INDEX IF NOT EXISTS context_by_time ON piste.context (issued_at, jti);
CREATE INDEX IF NOT EXISTS context_by_expiry ON piste.context (expires_at) WHERE ended_at IS NULL;
-- Asked at every entering: however many tokens lie about unopened, only the open contexts are looked at.
CREATE INDEX IF NOT EXISTS context_open_by_expiry ON piste.context (expires_at)
    WHERE ended_at IS NULL AND opened_at IS NOT NULL;

-- Every backend draws a number when it enters for the first time. PostgreSQL remembers it in the backend itself (currval), and
-- nobody can set it from outside: it tells this backend from a later one with the same pid, and costs nothing to ask for.
CREATE SEQUENCE IF NOT EXISTS piste.backend_entry;

-- What is counted for whoever keeps the engine running (metrics).
CREATE SEQUENCE IF NOT EXISTS piste.declarations;
CREATE SEQUENCE IF NOT EXISTS piste.refusals_not_allowed;
CREATE SEQUENCE IF NOT EXISTS piste.refusals_other;
CREATE SEQUENCE IF NOT EXISTS piste.refusals_policy;
CREATE SEQUENCE IF NOT EXISTS piste.refusals_sign_in;
CREATE SEQUENCE IF NOT EXISTS piste.refusals_token;
CREATE SEQUENCE IF NOT EXISTS piste.refusals_unknown;

-- What each backend is doing: the context it holds, and its last declaration. One hot row a backend, never logged:
-- after a crash no backend is left that could use it. `sync` and `settled` are written by the engine alone, the first at
-- the commit of the declaration and the second when the standbys that were asked for have it (Gate/durability).
CREATE UNLOGGED TABLE IF NOT EXISTS piste.declaration (
    pid            integer     PRIMARY KEY,
    entry          bigint      NOT NULL,
    login          text        COLLATE "C" NOT NULL,
    jti            uuid        NOT NULL,
    company        uuid        NOT NULL,
    resources      text[]      COLLATE "C" NOT NULL,
    xid            xid8        NOT NULL,
    declared_at    timestamptz NOT NULL,
    server         text        COLLATE "C" NOT NULL,
    server_started timestamptz NOT NULL DEFAULT pg_postmaster_start_time(),
    sync           boolean     NOT NULL DEFAULT false,
    settled        boolean     NOT NULL DEFAULT false,
    mark           uuid
) WITH (fillfactor = 50, autovacuum_vacuum_threshold = 500);

-- The servers on which this database made records: each timeline of each cluster, and since when.
CREATE TABLE IF NOT EXISTS piste.server (
    system_identifier bigint   NOT NULL,
    timeline       bigint      NOT NULL,
    since          timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- Of its last start: as long as it runs, nobody has to read who it is.
    started        timestamptz,
    -- The database that wrote this here: a copy in the same cluster has another number.
    database       oid,
    PRIMARY KEY (system_identifier, timeline)
);

-- When this server made its newest record, in microseconds since 1970: not undone by any rollback. No bookkeeping of the
-- records themselves, which hold their own moments.
CREATE SEQUENCE IF NOT EXISTS piste.newest_record MINVALUE 0 START 0;

-- What was recorded, of every company and of the engine itself (the zero uuid). An entry is sealed in place, once: it gets its
-- number and its place in the chain of its trail. What came from rows is not here but in the company's own values.
CREATE TABLE IF NOT EXISTS piste.entry (
    company        uuid        NOT NULL,
    id             bigint      GENERATED ALWAYS AS IDENTITY,
    at             timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor          text        COLLATE "C" NOT NULL,
    subject        text        COLLATE "C",
    context        uuid,
    action         text        COLLATE "C" NOT NULL,
    resource       text        COLLATE "C" NOT NULL,
    detail         jsonb,
    values_hash    bytea,
    seq            bigint,
    hash           bytea,
    PRIMARY KEY (company, id),
    -- One for all: PostgreSQL reads the text of each check anew for each statement.
    CHECK ((seq IS NULL) = (hash IS NULL) AND coalesce(seq, 1) > 0
        AND coalesce(octet_length(hash), 32) = 32 AND coalesce(octet_length(values_hash), 32) = 32)
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05);

CREATE UNIQUE INDEX IF NOT EXISTS entry_by_seq ON piste.entry (company, seq) WHERE seq IS NOT NULL;
CREATE INDEX IF NOT EXISTS entry_unsealed ON piste.entry (company, id) WHERE seq IS NULL;

-- What came from rows, beside the trail and never in it (Trail/values): the salt and the text that an entry commits to. Their
-- numbers and words are nobody's to sample.
CREATE TABLE IF NOT EXISTS piste.entry_values (
    company        uuid        NOT NULL,
    entry          bigint      NOT NULL,
    about          text        COLLATE "C" NOT NULL,
    salt           bytea       NOT NULL,
    content        text        NOT NULL,
    PRIMARY KEY (company, entry)
) WITH (autovacuum_vacuum_insert_scale_factor = 0.05);

ALTER TABLE piste.entry_values ALTER about SET STATISTICS 0, ALTER salt SET STATISTICS 0, ALTER content SET STATISTICS 0;

-- The head of each trail: the number and the hash of its last sealed record. What was archived ends with `begins_after`, whose
-- hash the first record that is still here follows, and the signed note that says so.
CREATE TABLE IF NOT EXISTS piste.trail (
    company        uuid        PRIMARY KEY,
    seq            bigint      NOT NULL DEFAULT 0,
    hash           bytea       NOT NULL CHECK (octet_length(hash) = 32),
    begins_after   bigint      NOT NULL DEFAULT 0,
    begins_hash    bytea       NOT NULL CHECK (octet_length(begins_hash) = 32),
    begins_note    text
) WITH (fillfactor = 50);

-- Where a trail is announced, and until when somebody listens.
CREATE TABLE IF NOT EXISTS piste.trail_watch (
    company        uuid        PRIMARY KEY,
    channel        text        COLLATE "C" NOT NULL,
    watched_until  timestamptz NOT NULL
) WITH (fillfactor = 50);

-- Which trail an admin's backend announced it would read from outside. Never logged, like the declarations of contexts.
CREATE UNLOGGED TABLE IF NOT EXISTS piste.trail_declaration (
    pid            integer     PRIMARY KEY,
    login          text        COLLATE "C" NOT NULL,
    company        uuid        NOT NULL,
    xid            xid8        NOT NULL,
    declared_at    timestamptz NOT NULL,
    sync           boolean     NOT NULL DEFAULT false
) WITH (fillfactor = 50);

-- Where a trail stood whenever somebody verified it: a trail that is later cut or rewritten, head and all, no longer
-- passes through these points. The company is the zero uuid for the trail of the engine itself.
CREATE TABLE IF NOT EXISTS piste.audit_anchor (
    company        uuid        NOT NULL,
    seq            bigint      NOT NULL,
    hash           bytea       NOT NULL,
    verified_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    verified_by    text        COLLATE "C" NOT NULL,
    PRIMARY KEY (company, seq, hash)
);

RESET ROLE;

-- The trigram index is made by the superuser: its operator class lives where nobody else may look.
DO $$
DECLARE
    home name := (SELECT extnamespace::regnamespace::name FROM pg_extension WHERE extname = 'pg_trgm');
BEGIN
    IF to_regclass('piste.company_by_fragment') IS NULL THEN
        EXECUTE format(
            'CREATE INDEX company_by_fragment ON piste.company USING gin (search_text %I.gin_trgm_ops)', home);
    END IF;
END
$$;

-- What the two other owners need to see in order to judge for themselves.
REVOKE SELECT (schema_name) ON piste.company FROM piste_roles;
GRANT SELECT (id, window_name) ON piste.company TO piste_roles;
GRANT SELECT (login) ON piste.operator TO piste_roles;
