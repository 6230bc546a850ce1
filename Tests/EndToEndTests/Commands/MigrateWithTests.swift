import Foundation
import Glibc
import LocalCluster
import Postgres
import Tenancy
import TestSupport
import Testing

/// `piste migrate --with`: an application's own migration tool makes the next blueprint.
struct MigrateWithTests {
    private static let psql = "psql -qX -v ON_ERROR_STOP=1"
    static let hasPsql = (try? Program.run("/usr/bin/env", ["psql", "--version"]))?.status == 0

    private func run(
        _ command: String, _ world: ConsoleWorld, _ more: [String] = [], as login: String? = nil
    ) async throws -> Piste.Outcome {
        try await Piste.run(
            ["migrate", "--with", command] + more,
            environment: ["PISTE_DATABASE_URL": world.url(login ?? RunningCluster.superuser)])
    }

    /// Nothing of a tool's run is left in the database.
    private func expectNothingLeft(_ world: ConsoleWorld) async throws {
        #expect(
            try await world.value(
                """
                SELECT concat_ws(', ',
                    (SELECT count(*) FROM pg_event_trigger),
                    (SELECT count(*) FROM piste.tool_statement),
                    (SELECT count(*) FROM pg_namespace n WHERE n.nspname ~ '^[tw]_[0-9a-f]{12}$' AND NOT EXISTS (
                        SELECT FROM piste.company k WHERE n.nspname IN (k.schema_name, k.window_name))))
                """) == "0, 0, 0")
    }

    private func newest(_ world: ConsoleWorld) async throws -> Int {
        try #require(Int(try await world.value("SELECT max(version) FROM piste.blueprint") ?? ""))
    }

    @Test(
        "What the tool does in its own schema is done in every company, rows and all", .enabled(if: hasPsql))
    func takesWhatTheToolDoes() async throws {
        try await ConsoleWorld.run { world in
            let folder = try TemporaryFolder()
            let first = folder.path + "/first.sql"
            try """
            BEGIN;
            CREATE TABLE orders (
                id serial PRIMARY KEY, user_id bigint REFERENCES users DEFERRABLE INITIALLY DEFERRED, state text);
            CREATE TABLE schema_migrations (version text PRIMARY KEY, ran_at timestamptz NOT NULL DEFAULT now());
            INSERT INTO schema_migrations (version) VALUES ('001'); -- as most tools note it
            COMMIT;
            BEGIN;
            INSERT INTO users (email, name) VALUES ('gone@x.example', 'never committed');
            ROLLBACK;
            UPDATE users SET locale = 'de' WHERE locale = 'en';
            INSERT INTO orders (user_id) VALUES (NULL);
            ALTER TABLE orders ADD COLUMN total numeric NOT NULL DEFAULT 0;
            SELECT count(*) FROM orders;
            """.write(toFile: first, atomically: true, encoding: .utf8)
            let before = try await newest(world)
            // The tool reaches its own tables, and nothing else of this database.
            let done = try await run(
                """
                test "$DATABASE_URL" = {url} && \(Self.psql) -f \(first) \
                && \(Self.psql) -Atc "SELECT 'users ' || count(*) FROM users" {url} \
                && ! \(Self.psql) -c "SELECT FROM piste.company" && ! \(Self.psql) -c "CREATE TABLE public.mine ()" \
                && ! \(Self.psql) -c "SELECT FROM \(try await world.home()).users"
                """, world, ["--canary", "blau"])
            #expect(done.status == 0, "\(done)")
            #expect(done.output.isEmpty && done.narration.contains("users 0"), "\(done)")
            #expect(done.narration.contains("Blueprint \(before + 1) is registered"), "\(done)")
            #expect(done.narration.contains("3 companies were migrated"), "\(done)")
            try await expectNothingLeft(world)
            try await world.owner.query("SELECT * FROM piste.create_company('New', 'new-one', 'okta')")
            for (company, users) in [("awesome", 201), ("blau", 201), ("new-one", 0)] {
                let home = try await world.home(company)
                let told = try await world.value(
                    """
                    SELECT concat_ws(', ', (SELECT version FROM \(home).schema_migrations),
                        (SELECT count(*) FROM \(home).orders WHERE total = 0 AND id = 1),
                        (SELECT count(*) FROM \(home).users WHERE locale = 'de' AND email <> 'gone@x.example'))
                    """)
                #expect(told == "001, 1, \(users)", "\(company)")
            }
            let failing =
                "SELECT string_agg(id || ': ' || evidence, '; ') FROM piste.isolation_report() WHERE NOT passed AND id !~ '^server'"
            #expect(try await world.value(failing) == nil)
            let rows = try await world.piste("rows", "awesome", "orders", "--format", "json", as: world.alice)
            #expect(try rows.objects().count == 1, "\(rows)")

            // The next run finds what the first one left, and has nothing to do.
            let again = try await run(
                """
                test "$(\(Self.psql) -Atc 'SELECT version FROM schema_migrations')" = 001
                """, world)
            #expect(again.status == 0 && again.narration.contains("changed nothing"), "\(again)")
            #expect(try await newest(world) == before + 1)
            let checked = try await run(
                "\(Self.psql) -c 'CREATE TABLE notes (id serial PRIMARY KEY)'", world, ["--check"])
            #expect(checked.status == 0 && checked.narration.contains("nothing was registered"), "\(checked)")
            #expect(try await newest(world) == before + 1)
        }
    }

    @Test("What cannot be taken is told with its statement, and nothing is registered", .enabled(if: hasPsql))
    func refuses() async throws {
        try await ConsoleWorld.run { world in
            let before = try await newest(world)
            for (command, status, words) in [
                ("exit 3", 1, ["status 3", "nothing was registered"]),
                ("no-such-program", 1, ["status 127"]),
                ("\(Self.psql) -c 'CREATE TABLE half (id serial PRIMARY KEY)' && exit 4", 1, ["status 4"]),
                (
                    "\(Self.psql) -c 'CREATE INDEX CONCURRENTLY late ON users (locale)'", 1,
                    ["CREATE INDEX CONCURRENTLY late", "without CONCURRENTLY"]
                ),
                ("\(Self.psql) -c 'CREATE VIEW v AS SELECT id FROM users'", 1, ["view v"]),
                (
                    "printf 'a@b.example\\tA\\n' | \(Self.psql) -c 'COPY users (email, name) FROM STDIN'", 1,
                    ["insert the rows"]
                ),
                ("\(Self.psql) -c 'ALTER TABLE users DROP COLUMN locale'", 1, ["locale"]),
            ] {
                let ended = try await run(command, world)
                #expect(Int(ended.status) == status, "\(command): \(ended)")
                for word in words { #expect(ended.narration.contains(word), "\(command): \(word): \(ended)") }
                try await expectNothingLeft(world)
            }
            #expect(try await newest(world) == before)
            let admin = try await run("true", world, as: world.bob)
            #expect(admin.status != 0 && admin.narration.contains("superuser"), "\(admin)")
            #expect(try await run("true", world, ["--status"]).status == 2)
            #expect(try await run("true", world, ["--add", "x.sql"]).status == 2)

            // A company whose rows forbid it stops the run at the canary.
            let stopped = try await run(
                "\(Self.psql) -c \"ALTER TABLE users ADD CONSTRAINT mild CHECK (name !~ 'Lovelace')\"", world,
                ["--canary", "blau"])
            #expect(
                stopped.status == 1 && stopped.narration.contains("no other company was touched"),
                "\(stopped)")
            #expect(try await world.records("company.migrate") == 0)
        }
    }

    @Test("A run that was killed leaves nothing that the next one does not take away", .enabled(if: hasPsql))
    func survivesKills() async throws {
        try await ConsoleWorld.run { world in
            let folder = try TemporaryFolder()
            let sign = folder.path + "/there"
            let running = RunningPiste(
                [
                    "migrate", "--with",
                    "\(Self.psql) -c 'CREATE TABLE half (id serial PRIMARY KEY)' -c '\\! touch \(sign)' -c 'SELECT pg_sleep(60)'",
                ], on: world.url(RunningCluster.superuser))
            #expect(try await eventually { access(sign, F_OK) == 0 })
            let second = try await run("true", world)
            #expect(second.status == 1 && second.narration.contains("another migration tool"), "\(second)")
            _ = try await running.stop(SIGKILL)
            #expect(
                try await eventually {
                    try await world.value(
                        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
                    ) == "0"
                })
            // The proof names what it left until then.
            #expect(
                try await world.value(
                    "SELECT count(*) FROM piste.isolation_report() WHERE NOT passed AND evidence LIKE '%piste_tool%'"
                )
                    != "0")
            let next = try await run("\(Self.psql) -c 'CREATE TABLE whole (id serial PRIMARY KEY)'", world)
            #expect(next.status == 0 && next.narration.contains("3 companies were migrated"), "\(next)")
            try await expectNothingLeft(world)
            let home = try await world.home()
            #expect(try await world.value("SELECT to_regclass('\(home).whole') IS NOT NULL") == "t")
            #expect(try await world.value("SELECT to_regclass('\(home).half') IS NULL") == "t")
        }
    }

    @Test(
        "Django's own migrate makes the blueprint, and works on in each company",
        .enabled(if: Driver.django.isInstalled, "needs Django and psycopg 2 (Debian's python3-django)"))
    func django() async throws {
        try await ConsoleWorld.run { world in
            let folder = try TemporaryFolder()
            for (name, text) in [
                (
                    "site.py",
                    """
                    import os, sys
                    from django.conf import settings
                    settings.configure(
                        DATABASES={"default": {"ENGINE": "django.db.backends.postgresql", "HOST": os.environ["PGHOST"],
                            "NAME": os.environ["PGDATABASE"], "USER": os.environ["PGUSER"], "PASSWORD": os.environ["PGPASSWORD"]}},
                        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions", "shop"],
                        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField", USE_TZ=True)
                    from django.core.management import execute_from_command_line
                    execute_from_command_line(sys.argv)
                    """
                ),
                ("shop/__init__.py", ""),
                (
                    "shop/models.py",
                    """
                    from django.db import models
                    class Order(models.Model):
                        number = models.CharField(max_length=20, unique=True)
                        buyer = models.ForeignKey("auth.User", models.CASCADE)
                        labels = models.ManyToManyField("auth.Group")
                    """
                ),
            ] {
                let path = "\(folder.path)/\(name)"
                try FileManager.default.createDirectory(
                    atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
                try text.write(toFile: path, atomically: true, encoding: .utf8)
            }
            let site = "cd \(folder.path) && /usr/bin/python3 -B site.py"
            let first = try await run("\(site) makemigrations -v 0 shop && \(site) migrate -v 0", world)
            #expect(first.status == 0 && first.narration.contains("3 companies were migrated"), "\(first)")
            for company in ["awesome", "evil"] {
                let home = try await world.home(company)
                #expect(
                    try await world.value(
                        "SELECT string_agg(app, ',' ORDER BY app) FROM (SELECT DISTINCT app FROM \(home).django_migrations) AS a"
                    )
                        == "auth,contenttypes,sessions,shop")
                #expect(try await world.value("SELECT count(*) > 10 FROM \(home).auth_permission") == "t")
            }
            // The application changes, with a backfill of its own.
            try """
            from django.db import models
            class Order(models.Model):
                number = models.CharField(max_length=20, unique=True)
                buyer = models.ForeignKey("auth.User", models.CASCADE)
                labels = models.ManyToManyField("auth.Group")
                note = models.TextField(default="", blank=True)
            """.write(toFile: folder.path + "/shop/models.py", atomically: true, encoding: .utf8)
            let second = try await run("\(site) makemigrations -v 0 shop && \(site) migrate -v 0", world)
            #expect(second.narration.contains("Blueprint 3 is registered"), "\(second)")
            // Somebody may be at a company's tables, as the server's own cleaning is: it waits for the next run.
            var isDone = second.status == 0 && second.narration.contains("3 companies were migrated")
            #expect(isDone || second.narration.contains("0 failed"), "\(second)")
            if !isDone {
                isDone = try await eventually {
                    try await world.piste("migrate", as: RunningCluster.superuser).status == 0
                }
            }
            #expect(isDone)
            let third = try await run("\(site) migrate -v 0", world)
            #expect(third.status == 0 && third.narration.contains("changed nothing"), "\(third)")
            let home = try await world.home()
            #expect(
                try await world.value(
                    "SELECT count(*) FROM information_schema.columns WHERE table_schema = '\(home)' AND column_name = 'note' AND table_name = 'shop_order'"
                )
                    == "1")
            let failing =
                "SELECT string_agg(id || ': ' || evidence, '; ') FROM piste.isolation_report() WHERE NOT passed AND id !~ '^server'"
            #expect(try await world.value(failing) == nil)
            try await expectNothingLeft(world)
        }
    }
}
