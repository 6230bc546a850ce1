extension Sabotage {
    static let roles = [
        Sabotage(
            "roles.superusers", names: "the operator {bob} is a superuser", "ALTER ROLE {bob} SUPERUSER"),
        Sabotage(
            "roles.bypass", names: "rogue bypasses row level security", "CREATE ROLE rogue LOGIN BYPASSRLS"),
        Sabotage(
            "roles.createrole", names: "rogue can create roles",
            "CREATE ROLE rogue LOGIN CREATEROLE; GRANT piste_operators TO rogue WITH ADMIN OPTION"),
        Sabotage(
            "server.installer", names: "{carol} installed the engine, and is an operator",
            "INSERT INTO piste.installer (login) VALUES ('{carol}')"),
        Sabotage(
            "roles.replication", names: "the operator {carol} can replicate", "ALTER ROLE {carol} REPLICATION"
        ),
        Sabotage(
            "roles.predefined", names: "rogue is in pg_read_all_data",
            "CREATE ROLE rogue LOGIN; GRANT pg_read_all_data TO rogue"),
        Sabotage("memberships.engine", names: "{bob} is in piste_owner", "GRANT piste_owner TO {bob}"),
        Sabotage(
            "memberships.engine", names: "rogue is in piste_operators",
            "CREATE ROLE rogue LOGIN; GRANT piste_operators TO rogue"),
        Sabotage(
            "memberships.companies", names: "{carol} is in {globex}_writer of globex without an open context",
            "GRANT {globex}_writer TO {carol}"),
        Sabotage(
            "memberships.companies", names: "{alice} is in {acme}_writer", "GRANT {acme}_writer TO {alice}"),
        Sabotage(
            "memberships.companies", names: "{alice} may put others into {acme}_reader",
            "GRANT {acme}_reader TO {alice} WITH ADMIN OPTION"),
        Sabotage("roles.companies", names: "{acme}_reader can log in", "ALTER ROLE {acme}_reader LOGIN"),
        Sabotage(
            "roles.companies", names: "{acme}_agent is in {globex}_reader",
            "GRANT {globex}_reader TO {acme}_agent"),
        Sabotage(
            "roles.companies", names: "{acme}_writer has an attribute", "ALTER ROLE {acme}_writer CREATEDB"),
        Sabotage(
            "roles.companies", names: "{acme}_writer is not in piste_operators",
            // From PostgreSQL 16 on a membership is taken back for whoever granted it.
            """
            DO $$ BEGIN EXECUTE (
                SELECT string_agg(format('REVOKE piste_operators FROM %s GRANTED BY %s', m.member::regrole, m.grantor::regrole), '; ')
                FROM pg_auth_members m
                WHERE m.roleid = 'piste_operators'::regrole AND m.member = '{acme}_writer'::regrole); END $$
            """),
        Sabotage(
            "roles.companies", names: "{acme}_agent of acme is missing",
            "ALTER ROLE {acme}_agent RENAME TO gone_agent"),
        Sabotage(
            "operators.attributes", names: "{carol} can create databases", "ALTER ROLE {carol} CREATEDB"),
        Sabotage("operators.attributes", names: "{carol} inherits", "ALTER ROLE {carol} INHERIT"),
        Sabotage("operators.attributes", names: "{carol} is a superuser", "ALTER ROLE {carol} SUPERUSER"),
        Sabotage("operators.attributes", names: "{carol} can replicate", "ALTER ROLE {carol} REPLICATION"),
        Sabotage(
            "operators.recorded", names: "mallory is registered, and no record says by whom",
            "INSERT INTO piste.operator (login, level, added_by) VALUES ('mallory', 'admin', 'nobody')"),
        Sabotage(
            "operators.recorded",
            names: "{carol} has the level admin, and the record says viewer",
            "UPDATE piste.operator SET level = 'admin' WHERE login = '{carol}'"),
        Sabotage(
            "operators.memberships", names: "{carol} is in rogue", "CREATE ROLE rogue; GRANT rogue TO {carol}"
        ),
        Sabotage("operators.memberships", names: "{carol} is in pg_monitor", "GRANT pg_monitor TO {carol}"),
        Sabotage(
            "operators.memberships", names: "{carol} is in the operator {bob}", "GRANT {bob} TO {carol}"),
        Sabotage(
            "operators.privileges", names: "{carol} has privileges on table {globex}.users",
            "GRANT SELECT ON {globex}.users TO {carol}"),
        Sabotage(
            "operators.privileges", names: "piste.random_bytes",
            "GRANT EXECUTE ON FUNCTION piste.random_bytes(integer) TO {carol}"),
        Sabotage(
            "operators.privileges", names: "{carol} owns table public.mine",
            "CREATE TABLE public.mine (); ALTER TABLE public.mine OWNER TO {carol}"),
        Sabotage(
            "operators.privileges", names: "{carol} may grant EXECUTE",
            "GRANT EXECUTE ON FUNCTION piste.whoami() TO {carol} WITH GRANT OPTION"),
        Sabotage(
            "operators.creating", names: "{carol} may create temporary tables",
            "GRANT TEMPORARY ON DATABASE {database} TO {carol}"),
        Sabotage(
            "operators.creating", names: "{carol} may create objects in public",
            "GRANT CREATE ON SCHEMA public TO {carol}"),
    ]
}
