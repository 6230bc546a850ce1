-- What services hold: the tickets of this moment, and the memberships that they need.

SET LOCAL ROLE piste_owner;

-- One row is the right to use some tables of one company in one transaction. `made` is the transaction that asked for it,
-- `used` the one that uses it: both are numbers that PostgreSQL never gives twice. `sync` is set by the guard of durability,
-- `closing` by the commit that looks whether it comes in time.
-- Never logged, since after a crash no transaction is left that could use it; the record of its making is in the trail.
-- No index on what `use` changes, so that its update stays within the page; and no checks, whose text PostgreSQL would read anew
-- at each step of each request: only `ticket` makes rows.
CREATE UNLOGGED TABLE IF NOT EXISTS piste.ticket (
    id             uuid        PRIMARY KEY,
    login          text        COLLATE "C" NOT NULL,
    company        uuid        NOT NULL,
    tables         text[]      COLLATE "C" NOT NULL,
    access         text        COLLATE "C" NOT NULL,
    subject        text        COLLATE "C",
    token          uuid,
    seconds        integer     NOT NULL,
    made           xid8        NOT NULL,
    made_at        timestamptz NOT NULL,
    expires_at     timestamptz NOT NULL,
    sync           boolean     NOT NULL DEFAULT false,
    used           xid8,
    until          timestamptz,
    closing        boolean     NOT NULL DEFAULT false
) WITH (fillfactor = 50, autovacuum_vacuum_threshold = 500);

CREATE INDEX IF NOT EXISTS ticket_by_time ON piste.ticket (login, company, made_at);
-- The sweep and the figures ask for all that are so old, or so young, every few seconds.
CREATE INDEX IF NOT EXISTS ticket_by_age ON piste.ticket (made_at);

-- A service's membership in a company's role: granted when a ticket first needs it, and kept for a while. `tables` are those
-- that a ticket may name, and `links` the foreign keys among them, as of its blueprint's `version`: 'journeys>users' says that a
-- journey names a user.
CREATE TABLE IF NOT EXISTS piste.lease (
    login          text        COLLATE "C" NOT NULL,
    company        uuid        NOT NULL,
    granted_at     timestamptz NOT NULL,
    used_at        timestamptz NOT NULL,
    version        integer     NOT NULL,
    tables         text[]      COLLATE "C" NOT NULL,
    links          text[]      COLLATE "C" NOT NULL,
    PRIMARY KEY (login, company)
) WITH (fillfactor = 50);

-- How many tickets there were, for whoever keeps the engine running, and how many in this second: 100,000 times the second,
-- and the number. A sequence is counted on by everybody, and waited for by nobody.
CREATE SEQUENCE IF NOT EXISTS piste.tickets;
CREATE SEQUENCE IF NOT EXISTS piste.ticket_pace CACHE 1;

RESET ROLE;
