-- What waits in the outboxes of companies: jobs that were enqueued with a change, for a service that drains.

SET LOCAL ROLE piste_owner;

-- `turn` is the job's place among all: a company's jobs follow each other, and those of companies that have few waiting are not
-- behind all of one that has many (piste.enqueue). Until `visible_at` the job is with whoever leased it. A job goes with its
-- company.
CREATE TABLE IF NOT EXISTS piste.job (
    id             uuid        PRIMARY KEY,
    company        uuid        NOT NULL REFERENCES piste.company ON DELETE CASCADE,
    kind           text        COLLATE "C" NOT NULL,
    payload        jsonb       NOT NULL,
    turn           bigint      NOT NULL,
    enqueued_at    timestamptz NOT NULL,
    visible_at     timestamptz NOT NULL,
    attempts       integer     NOT NULL DEFAULT 0,
    lease          uuid,
    leased_by      text        COLLATE "C"
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500);

CREATE INDEX IF NOT EXISTS job_by_turn ON piste.job (turn, enqueued_at);
CREATE INDEX IF NOT EXISTS job_of_company ON piste.job (company, turn);
CREATE INDEX IF NOT EXISTS job_by_lease ON piste.job (lease) WHERE lease IS NOT NULL;

-- What a job holds is nobody's to sample.
ALTER TABLE piste.job ALTER kind SET STATISTICS 0, ALTER payload SET STATISTICS 0;

-- A transaction that enqueues, until it ends: a row of it is never committed. Behind the transaction's last statement its jobs are
-- counted, in the company's lane.
CREATE UNLOGGED TABLE IF NOT EXISTS piste.enqueuing (
    made           xid8        NOT NULL,
    company        uuid        NOT NULL,
    closing        boolean     NOT NULL DEFAULT false,
    PRIMARY KEY (made, company)
) WITH (fillfactor = 50, autovacuum_vacuum_threshold = 500);

-- Whoever commits jobs of a company holds its row from the last look at how many there are until they are there.
CREATE TABLE IF NOT EXISTS piste.outbox_lane (
    company        uuid        PRIMARY KEY REFERENCES piste.company ON DELETE CASCADE
);

-- The services that may drain, each by an admin's leave.
CREATE TABLE IF NOT EXISTS piste.drainer (
    login          text        COLLATE "C" PRIMARY KEY REFERENCES piste.operator ON DELETE CASCADE,
    granted_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    granted_by     text        COLLATE "C" NOT NULL
);

-- One row is the right of a service to the jobs that one call of `drain` took. `made` is that call's transaction, `sync` is set by
-- the guard of durability at its commit. Never logged: after a crash no client is left that could use it, and the jobs come back by
-- their own time.
CREATE UNLOGGED TABLE IF NOT EXISTS piste.job_lease (
    id             uuid        PRIMARY KEY,
    login          text        COLLATE "C" NOT NULL,
    made           xid8        NOT NULL,
    until          timestamptz NOT NULL,
    sync           boolean     NOT NULL DEFAULT false
) WITH (fillfactor = 50, autovacuum_vacuum_threshold = 500);

CREATE INDEX IF NOT EXISTS job_lease_by_login ON piste.job_lease (login, until);

RESET ROLE;
