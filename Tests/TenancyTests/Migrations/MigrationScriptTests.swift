import Testing

@testable import Tenancy

/// SQL of an application's own tools, statement by statement.
struct MigrationScriptTests {
    private static func told(_ script: MigrationScript) -> [String] {
        script.statements.map { "\($0.line): \($0.sql)" }
    }

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
            Self.told(script) == [
                #"3: CREATE TABLE "a;b" (x text DEFAULT 'it''s; fine')"#,
                #"5: INSERT INTO t VALUES (E'\';', $1)"#,
                "6: CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $body$ SELECT 1; $body$",
                "7: SELECT a$b, 'x'",
            ])
        #expect(script.blueprint[script.prefix - 1] == "SET LOCAL search_path = {schema}, pg_catalog")
        #expect(MigrationScript("CREATE TABLE {schema}.x (); COMMIT").statements.count == 2)
        #expect(MigrationScript("  -- nothing\n;;").statements.isEmpty)
        #expect(Self.told(MigrationScript("SELECT 'open")) == ["1: SELECT 'open"])
    }
}
