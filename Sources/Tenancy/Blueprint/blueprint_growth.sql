-- The blueprint, grown: the indexes of a company that has become large. Run by the sweeper, or after loading in bulk.
--
-- Every order in which the console pages, both ways, with the id as the tie-break, and within one status by the last update:
-- the stalled journeys of a large company are few and far between. And fragments of names and addresses.

CREATE INDEX IF NOT EXISTS users_by_creation ON {schema}.users (created_at, id);
CREATE INDEX IF NOT EXISTS users_by_last_seen ON {schema}.users (last_seen_key, id);
CREATE INDEX IF NOT EXISTS users_by_status ON {schema}.users (status, id);
CREATE INDEX IF NOT EXISTS users_by_role ON {schema}.users (role, id);
CREATE INDEX IF NOT EXISTS users_by_fragment ON {schema}.users USING gin (search_text {trigram});
CREATE INDEX IF NOT EXISTS journeys_by_name ON {schema}.journeys (name, id);
CREATE INDEX IF NOT EXISTS journeys_by_start ON {schema}.journeys (started_at, id);
CREATE INDEX IF NOT EXISTS journeys_by_status ON {schema}.journeys (status, id);
CREATE INDEX IF NOT EXISTS journeys_by_step ON {schema}.journeys (current_step, id);
CREATE INDEX IF NOT EXISTS journeys_by_status_update ON {schema}.journeys (status, updated_at, id);
ANALYZE {schema}.users;
ANALYZE {schema}.journeys;
