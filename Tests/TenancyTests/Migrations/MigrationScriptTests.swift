import Tenancy
import Testing

/// SQL of an application's own tools, statement by statement.
struct MigrationScriptTests {
    @Test("Statements end where no string, name, comment or dollar quote goes on, and know their line")
    func splits() {
        let script = MigrationScript(
            """
            -- a comment; with a semicolon
            BEGIN;
            CREATE TABLE "a;b" (x text DEFAULT 'it''s; fine');

            /* one /* two; */ still */ INSERT INTO t VALUES (E'\\';', $1);
            CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $body$ SELECT 1; $body$;
            SELECT a$b, 'x' ; ; COMMIT;
            """)
        #expect(script.isPlain)
        #expect(
            script.statements == [
                .init(line: 3, sql: #"CREATE TABLE "a;b" (x text DEFAULT 'it''s; fine')"#),
                .init(line: 5, sql: #"INSERT INTO t VALUES (E'\';', $1)"#),
                .init(
                    line: 6, sql: "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $body$ SELECT 1; $body$"),
                .init(line: 7, sql: "SELECT a$b, 'x'"),
            ])
        #expect(script.blueprint.first == "SET LOCAL search_path = {schema}, pg_catalog")
        #expect(MigrationScript("CREATE TABLE {schema}.x (); COMMIT").statements.count == 2)
        #expect(MigrationScript("  -- nothing\n;;").statements.isEmpty)
        #expect(MigrationScript("SELECT 'open").statements == [.init(line: 1, sql: "SELECT 'open")])
    }
}
