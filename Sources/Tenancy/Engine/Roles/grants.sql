-- Who may execute what. Nothing in the schema piste is for PUBLIC.

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA piste FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA piste FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA piste FROM piste_operators;

GRANT EXECUTE ON FUNCTION
    piste.whoami(),
    piste.companies(text, text, integer, boolean, text, text, boolean),
    piste.companies_count(text, text),
    piste.declare_companies_export(text, text, text[]),
    piste.company(text),
    piste.look_at_schemas(text[]),
    piste.look_at_tables(text),
    piste.schemas_like(text),
    piste.schema_difference(text, text),
    piste.adopt(text, text, text, text, jsonb, text),
    piste.observe_schema(text, text, text),
    piste.adoption_statements(text),
    piste.undoing_statements(text, text, text, text, jsonb, text),
    piste.release(text, text),
    piste.take_windows_down(text),
    piste.share_table(text),
    piste.stop_sharing(text),
    piste.shared_tables(),
    piste.create_company(text, text, text),
    piste.rename_company(text, text),
    piste.suspend_company(text),
    piste.resume_company(text),
    piste.set_company_policy(text, text, integer, boolean, text, text),
    piste.set_company_provider(text, text, text, text, jsonb, text[], text, boolean, jsonb, boolean),
    piste.link_user(text, text, text),
    piste.remove_company_provider(text),
    piste.company_provider(text),
    piste.delete_company(text, text, text),
    piste.rotate_signing_key(text),
    piste.signing_keys(text),
    piste.deletion_certificates(text),
    piste.export_company(text),
    piste.open_export(text),
    piste.export_records(bigint, bigint, integer),
    piste.finish_export(text, bigint, jsonb),
    piste.generate_context_token(text, integer),
    piste.exchange_id_token(text, text, text, text, text, timestamptz, integer, text, jsonb),
    piste.inspect_token(text),
    piste.record_refused_id_token(text, text, text),
    piste.impersonate_company(text, text, text, text, integer),
    piste.requests(boolean),
    piste.request(uuid),
    piste.watch_requests(),
    piste.decide_request(uuid, boolean, text),
    piste.claim_request(uuid),
    piste.withdraw_request(uuid),
    piste.enter(text, text, text),
    piste.declare(text, text, jsonb),
    piste.leave(),
    piste.end_context(uuid, text),
    piste.ticket(text, text, text, jsonb, integer, boolean, text),
    piste.use(uuid),
    piste.enqueue(text, jsonb),
    piste.let_drain(text, boolean),
    piste.drain(integer, integer, text),
    piste.jobs(uuid),
    piste.finish_jobs(uuid, uuid[]),
    piste.outbox(),
    piste.missed(),
    piste.missed_reasons(),
    piste.ticket_figures(),
    piste.tables(),
    piste.adopted_here(),
    piste.played_here(),
    piste.columns(text),
    piste.table_keys(text),
    piste.contexts(boolean),
    piste.setting(text),
    piste.settings(),
    piste.set_setting(text, text),
    piste.durability_report(),
    piste.compare_head(text, bigint, text),
    piste.audit_trail(text, bigint, integer, text, text, bigint),
    piste.audit_values(bigint[]),
    piste.declare_trail(text, jsonb),
    piste.erase_values(text, text, text, text),
    piste.archive_trail(text, bigint, text, text),
    piste.seal(),
    piste.audit_days(text, integer),
    piste.audit_figures(integer),
    piste.verify_audit(text),
    piste.watch_audit(integer, text),
    piste.audit_extent(text, timestamptz, timestamptz),
    piste.audit_records(text, bigint, bigint, integer),
    piste.audit_checkpoint(text, text),
    piste.add_operator(text, text, boolean),
    piste.remove_operator(text),
    piste.operators(),
    piste.sweep(),
    piste.next_sweep(),
    piste.metrics(),
    piste.chain_heads(uuid, integer),
    piste.migrate_company(text, integer, boolean),
    piste.migrations(boolean, text, integer, text, boolean, text, text),
    piste.fleet(),
    piste.isolation_report(text, boolean),
    piste.companies_report(text[]),
    piste.proof_facts(),
    piste.begin_probes(),
    piste.role_stem_of(text),
    piste.change_probe_token(uuid, text, integer),
    piste.strip_probe_windows(),
    piste.end_probes(),
    piste.record_proof(text, text, integer, integer)
TO piste_operators;

-- The inner halves of `enter`, `leave`, `end_context`, `use`, `adopt`, `release` and the like, which run with the caller's own rights. Called
-- directly they do the same, without moving the session or touching an adopted store.
GRANT EXECUTE ON FUNCTION
    piste.open_context(text, text, text),
    piste.close_own_context(),
    piste.end_context_of(uuid, text),
    piste.leave_session(),
    piste.take_role(text),
    piste.left_role(),
    piste.open_ticket(uuid),
    piste.try_statement(text),
    piste.plan_other_degree(text, text, text, text, jsonb, text),
    piste.plan_adoption(text, text, text, text, jsonb, text),
    piste.finish_adoption(text, text, text, text, jsonb, text),
    piste.release_company(text, text),
    piste.forget_steps(),
    piste.plan_share(text),
    piste.finish_share(text, text[]),
    piste.end_share(text)
TO piste_operators;

-- What `open_export` calls with the caller's own rights.
GRANT EXECUTE ON FUNCTION
    piste.archive_tables(text),
    piste.export_facts()
TO piste_operators;

-- What every window and every policy asks on behalf of whoever reads.
GRANT EXECUTE ON FUNCTION piste.open_until(uuid, text, text) TO piste_operators;

-- Whoever installed this without being superuser needs the two dangerous powers no more (Roles/roles).
DO $$
DECLARE
    makers text := (SELECT string_agg(quote_ident(maker), ', ') FROM piste.makers() AS maker);
BEGIN
    IF NOT (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = current_user) THEN
        EXECUTE format('REVOKE CREATE ON SCHEMA piste FROM piste_signal, %s', makers);
        EXECUTE format('REVOKE piste_signal, %s FROM %I', makers, current_user);
    END IF;
END
$$;

-- Operators inherit nothing, so each of them gets the same by name; those of this database, again after each upgrade.
SET LOCAL ROLE piste_owner;
DO $$
BEGIN
    PERFORM piste.let_call(o.login, true) FROM piste.operator o;
END
$$;
RESET ROLE;
