import Foundation
import Postgres
import TestSupport
import Testing

/// `piste company export`, `restore`, `delete` and `certificate`, run from outside and killed in their middle.
struct ArchiveCommandTests {
    /// Runs a shell line in a folder of its own, where `$piste` is the program; `$DB` and `$OWNER` reach the world's database.
    private func shell(_ world: ConsoleWorld, _ folder: String, _ line: String) async throws -> Program {
        var environment = ProcessInfo.processInfo.environment
        environment["piste"] = BuiltBinary.path
        environment["PISTE_DATABASE_URL"] = world.url(world.bob)
        environment["OWNER"] = world.url("postgres")
        environment["HOME"] = folder
        let variables = environment
        return try await Program.run("/bin/sh", ["-c", "cd \(folder)\n\(line)"], environment: variables)
    }

    private func inFolder(_ body: (ConsoleWorld, String) async throws -> Void) async throws {
        let folder = NSTemporaryDirectory() + "piste-archives-\(UUID().uuidString.prefix(12))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await ConsoleWorld.run { world in try await body(world, folder) }
    }

    private func files(_ folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder).filter { !$0.hasPrefix(".") }.sorted()
    }

    @Test func goThereAndBack() async throws {
        try await inFolder { world, folder in
            for format in ["jsonl", "csv"] {
                let run = try await shell(
                    world, folder,
                    """
                    $piste company export evil --output \(format).tar --format \(format) > sums \
                    && sha256sum -c sums \
                    && $piste company restore \(format).tar --name New --url-id new-\(format) --database "$OWNER" \
                    && $piste company export new-\(format) --output again.tar --format \(format) --force \
                    && for t in users journeys journey_steps; do \
                        tar xOf \(format).tar data/$t.\(format) > one; tar xOf again.tar data/$t.\(format) > two; \
                        test -s one && cmp one two || exit 9; done
                    """)
                #expect(run.status == 0, "\(run.errors)")
            }
            let again = try await shell(world, folder, "$piste company export evil --output csv.tar")
            #expect(again.status == 1 && again.errors.contains("--force"), "\(again.errors)")
            let support = try await shell(
                world, folder, "$piste company export evil --output s.tar --as \(world.alice)")
            #expect(support.status == 3 && support.errors.contains("not_allowed"), "\(support.errors)")
            let admin = try await shell(world, folder, "$piste company restore csv.tar --name N --url-id nn")
            #expect(admin.status == 3 && admin.errors.contains("superuser"), "\(admin.errors)")
            let damaged = try await shell(
                world, folder,
                "printf x | dd of=csv.tar bs=1 seek=2000 conv=notrunc 2> /dev/null; "
                    + "$piste company restore csv.tar --name N --url-id nn --database \"$OWNER\"")
            #expect(damaged.status == 5 && damaged.errors.contains("digest"), "\(damaged.errors)")
            #expect(try await world.value("SELECT count(*) FROM piste.company WHERE url_id = 'nn'") == "0")
            #expect(try files(folder).allSatisfy { !$0.hasSuffix(".partial") })
        }
    }

    @Test func deletesOnlyWhatWasConfirmedAndSaved() async throws {
        try await inFolder { world, folder in
            for (arguments, said) in [
                ("", "--without-export"), ("--export a.tar --without-export", "--without-export"),
                ("--without-export", "not confirmed"), ("--without-export --confirm blau", "another company"),
            ] {
                let run = try await shell(world, folder, "$piste company delete evil \(arguments)")
                #expect(run.status == 2 && run.errors.contains(said), "\(arguments): \(run.errors)")
            }
            #expect(try await world.value("SELECT count(*) FROM piste.company") == "3")
            let run = try await shell(
                world, folder,
                "$piste company delete evil --confirm evil --export a.tar --certificate c.json && sha256sum a.tar"
            )
            #expect(run.status == 0, "\(run.errors)")
            #expect(try files(folder) == ["a.tar", "c.json"])
            let certificate = try String(contentsOfFile: folder + "/c.json", encoding: .utf8)
            #expect(certificate.contains(run.output.prefix(64)))
            let shown = try await shell(world, folder, "$piste company certificate evil")
            #expect(shown.output == certificate)
            let none = try await shell(world, folder, "$piste company certificate awesome")
            #expect(none.status == 1 && none.output.isEmpty)
            let back = try await shell(
                world, folder,
                "$piste company restore a.tar --name Back --url-id evil --database \"$OWNER\" && $piste users evil --limit 500"
            )
            #expect(back.status == 0 && back.output.contains("ada@evil.example"), "\(back.errors)")
            let bare = try await shell(
                world, folder, "$piste company delete evil --confirm evil --without-export")
            #expect(bare.status == 0 && bare.output.contains("company.delete"), "\(bare.errors)")
        }
    }

    /// The process is killed when its file has begun to grow, and a little later each time.
    @Test func aKilledExportLeavesNoArchive() async throws {
        try await inFolder { world, folder in
            try await enlarge(world, "awesome", users: 60_000)
            for size in [0, 1, 1_000_000, 4_000_000] {
                let run = try await shell(
                    world, folder,
                    """
                    $piste company export awesome --output a.tar & pid=$!
                    while kill -0 $pid && ! [ "$(stat -c %s a.tar.partial 2> /dev/null || echo -1)" -ge \(size) ]; do :; done
                    kill -9 $pid; wait $pid
                    """)
                #expect(run.status == 137, "\(size): \(run.errors)")
                #expect(try files(folder) == ["a.tar.partial"], "\(size)")
            }
            let run = try await shell(world, folder, "$piste company export awesome --output a.tar")
            #expect(run.status == 0 && run.errors.contains("interrupted"), "\(run.errors)")
            #expect(try files(folder) == ["a.tar"])
        }
    }

    @Test func aKilledRestoreLeavesNoCompany() async throws {
        try await inFolder { world, folder in
            try await enlarge(world, "awesome", users: 20_000)
            let export = try await shell(world, folder, "$piste company export awesome --output a.tar")
            #expect(export.status == 0, "\(export.errors)")
            var killed = 0
            for statement in [
                "COPY", "INSERT INTO", "SELECT piste.check_restored", "SELECT piste.record_restore",
            ] {
                let run = try await shell(
                    world, folder,
                    """
                    $piste company restore a.tar --name New --url-id new --database "$OWNER" & pid=$!
                    psql -Xq "$OWNER" <<'SQL'
                    DO $$
                    BEGIN
                        FOR attempt IN 1 .. 3000 LOOP
                            PERFORM pg_stat_clear_snapshot();
                            EXIT WHEN EXISTS (
                                SELECT FROM pg_stat_activity
                                WHERE application_name = 'piste restore' AND datname = current_database()
                                  AND state = 'active' AND query LIKE '\(statement)%');
                            PERFORM pg_sleep(0.001);
                        END LOOP;
                    END
                    $$
                    SQL
                    kill -9 $pid; wait $pid
                    """)
                // A short statement may be over before the signal comes; then the restore is whole.
                #expect(run.status == 137 || run.status == 0, "\(statement): \(run.errors)")
                killed += run.status == 137 ? 1 : 0
                #expect(
                    try await eventually {
                        try await world.value(
                            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'piste restore' "
                                + "AND datname = current_database()") == "0"
                    })
                if try await world.value("SELECT count(*) FROM piste.company WHERE url_id = 'new'") == "1" {
                    let home = try await world.home("new")
                    #expect(try await world.value("SELECT count(*) FROM \(home).users") == "20201")
                    _ = try await shell(
                        world, folder, "$piste company delete new --confirm new --without-export")
                }
                #expect(
                    try await world.value(
                        """
                        SELECT count(*) FROM pg_namespace WHERE nspname ~ '^t_'
                            AND nspname NOT IN (SELECT schema_name FROM piste.company)
                        """) == "0")
            }
            #expect(killed > 0)
            let run = try await shell(
                world, folder, "$piste company restore a.tar --name New --url-id new --database \"$OWNER\"")
            #expect(run.status == 0, "\(run.errors)")
        }
    }

    /// Held up in its middle, the deletion goes on without its client: all of it or nothing, and the certificate is there.
    @Test func aKilledDeletionIsAllOrNothing() async throws {
        try await inFolder { world, folder in
            let home = try await world.home("awesome")
            try await world.owner.query("BEGIN")
            try await world.owner.query("LOCK TABLE \(home).users IN ACCESS SHARE MODE")
            let run = try await shell(
                world, folder,
                """
                $piste company delete awesome --confirm awesome --without-export --certificate c.json & pid=$!
                while kill -0 $pid && [ "$(psql -XAt "$OWNER" -c "SELECT count(*) FROM pg_locks WHERE NOT granted \
                AND relation = '\(home).users'::regclass")" != 1 ]; do :; done
                kill -9 $pid; wait $pid
                """)
            #expect(run.status == 137, "\(run.errors)")
            #expect(try files(folder) == ["c.json.partial"])
            try await world.owner.query("COMMIT")
            #expect(
                try await eventually {
                    try await world.value(
                        "SELECT count(*) FROM pg_stat_activity WHERE usename = '\(world.bob)'") == "0"
                })
            let isGone = try await world.value("SELECT to_regnamespace('\(home)')") == nil
            #expect(
                try await world.value("SELECT count(*) FROM piste.company WHERE url_id = 'awesome'")
                    == (isGone ? "0" : "1"))
            #expect(
                try await world.value("SELECT count(*) FROM pg_roles WHERE left(rolname, 14) = '\(home)'")
                    == (isGone ? "0" : "3"))
            let again = try await shell(
                world, folder,
                isGone
                    ? "$piste company certificate awesome"
                    : "$piste company delete awesome --confirm awesome --without-export")
            #expect(again.status == 0 && again.output.contains("company.delete"), "\(again.errors)")
        }
    }

    private func enlarge(_ world: ConsoleWorld, _ urlID: String, users: Int) async throws {
        let home = try await world.home(urlID)
        try await world.owner.query("SET session_replication_role = replica")
        try await world.owner.query(
            """
            INSERT INTO \(home).users (id, email, name)
            SELECT n, 'p' || n || '@x.example', 'Person ' || n FROM generate_series(1001, 1000 + \(users)) AS n
            """)
        try await world.owner.query("RESET session_replication_role")
    }
}
