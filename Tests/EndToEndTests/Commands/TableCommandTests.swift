import Postgres
import TestSupport
import Testing

/// `piste tables` and `piste rows`: any table of a company, in each form.
struct TableCommandTests {
    /// Gives the company tables of its own: one with a key of two columns and far values, one without a key.
    private func addTables(_ world: ConsoleWorld) async throws {
        let home = try await world.home()
        try await world.owner.run(
            script: """
                UPDATE piste.blueprint SET resources = resources || '{things,notes}'::text[];
                SET ROLE piste_owner;
                CREATE TABLE \(home).things (
                    a text, b int, number numeric, at timestamptz, day date, doc jsonb, flag boolean, list int[], bytes bytea,
                    secret text, owner bigint REFERENCES \(home).users, PRIMARY KEY (a, b));
                CREATE TABLE \(home).notes (what text);
                SELECT piste.put_behind_gate('\(home)', 'things', redacted => '{secret}');
                SELECT piste.put_behind_gate('\(home)', 'notes');
                RESET ROLE;
                INSERT INTO \(home).things VALUES
                    ('Zürich', 1, 1.50, '2026-03-01 12:00+01', '2026-03-01', '{"a":[1,2]}', true, '{1,2}', '\\x00ff', 's3cret', 1),
                    ('far', 2, 'NaN', 'infinity', '4714-11-24 BC', 'null', false, '{}', '', 's3cret', NULL),
                    ('far', 3, 12345678901234567890, '294276-12-31 23:59:59.999999+00', 'infinity',
                        to_jsonb(repeat('x', 1000000)), NULL, NULL, NULL, NULL, NULL),
                    (E'line\\nfeed \\x1b[31m', 4, NULL, '0044-03-15 10:00+00 BC', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
                INSERT INTO \(home).notes SELECT 'note ' || n FROM generate_series(1, 70) n;
                """)
    }

    @Test("Tables are listed with what leads where; a table's columns too, and which of them are redacted")
    func tables() async throws {
        try await ConsoleWorld.run { world in
            try await addTables(world)
            let tables = try await world.piste("tables", "awesome", "--format", "json", as: world.alice)
                .objects()
            #expect(
                tables.compactMap { $0["name"] as? String }
                    == ["journey_steps", "journeys", "notes", "things", "users"])
            let things = try #require(tables.first { $0["name"] as? String == "things" })
            #expect(things["key"] as? String == "a,b" && things["redacted"] as? String == "secret")
            #expect(things["references"] as? String == "users")
            let columns = try await world.piste(
                "tables", "awesome", "things", "--format", "csv", as: world.alice)
            #expect(CommaSeparated.column("name", of: columns.output).count == 11)
            #expect(CommaSeparated.column("type", of: columns.output).contains("integer[]"))
            #expect(CommaSeparated.column("redacted", of: columns.output).filter { $0 == "true" }.count == 1)
            let plain = try await world.piste("tables", "awesome", as: world.carol)
            #expect(plain.status == 0 && plain.lines.count == 6)
            let missing = try await world.piste("tables", "awesome", "pg_class", as: world.carol)
            #expect(missing.status == 1 && missing.narration.contains("journeys"))
        }
    }

    @Test("Rows of every type come whole in JSON and CSV, and safe in a table")
    func rows() async throws {
        try await ConsoleWorld.run { world in
            try await addTables(world)
            let json = try await world.piste("rows", "awesome", "things", "--format", "json", as: world.alice)
            let rows = try json.objects()
            #expect(rows.count == 4 && rows.allSatisfy { $0["secret"] == nil && $0.keys.count == 10 })
            #expect(!json.output.contains("s3cret"))
            let far = rows.filter { $0["a"] as? String == "far" }
            #expect(far[0]["number"] as? String == "NaN" && far[0]["at"] as? String == "infinity")
            #expect(far[0]["day"] as? String == "4714-11-24 BC")
            #expect(json.output.contains("\"number\": 12345678901234567890"))
            #expect((far[1]["at"] as? String)?.hasSuffix("294276-12-31T23:59:59.999999Z") == true)
            #expect((far[1]["doc"] as? String)?.count == 1_000_000)
            let zurich = try #require(rows.first { $0["b"] as? Int == 1 })
            #expect(
                (zurich["at"] as? String)?.hasPrefix("2026-03-01T11:00:00") == true
                    && zurich["flag"] as? Bool == true)
            #expect(
                (zurich["doc"] as? [String: [Int]]) == ["a": [1, 2]]
                    && zurich["bytes"] as? String == #"\x00ff"#)

            let csv = try await world.piste("rows", "awesome", "things", "--format", "csv", as: world.shop)
            #expect(CommaSeparated.column("secret", of: csv.output).filter { $0 == "s3cret" }.count == 2)
            let table = try await world.piste("rows", "awesome", "things", as: world.alice)
            #expect(table.lines.count == 5 && !table.bytes.contains(0x1B) && table.output.contains("…"))
            #expect(try await world.records("rows.read") == 3)
        }
    }

    @Test("The overview's figures are a list like another, from one record")
    func overview() async throws {
        try await ConsoleWorld.run { world in
            let figures = try await world.piste("overview", "awesome", "--format", "json", as: world.carol)
                .objects()
            let users = figures.filter { $0["topic"] as? String == "users" }.compactMap {
                $0["value"] as? Int
            }
            #expect(users.reduce(0, +) == 201)
            #expect(figures.contains { $0["topic"] as? String == "step stalled" && $0["value"] as? Int == 1 })
            #expect(try await world.records("overview.read") == 1)
        }
    }

    @Test("Filter, columns, sort, place, count, frequency and one whole row")
    func questions() async throws {
        try await ConsoleWorld.run { world in
            try await addTables(world)
            func rows(_ arguments: String...) async throws -> Piste.Outcome {
                try await Piste.run(
                    ["rows", "awesome"] + arguments,
                    environment: ["PISTE_DATABASE_URL": world.url(world.alice)])
            }
            let found = try await rows(
                "things", "--filter", "zurich b<2", "--columns", "b,a", "--format", "csv")
            #expect(found.output == "b,a\n1,Zürich\n", "\(found)")
            let down = try await rows(
                "things", "--sort", "b", "--descending", "--columns", "b", "--format", "csv")
            #expect(down.output == "b\n4\n3\n2\n1\n" && down.narration.contains("no index"))
            let first = try await rows("things", "--columns", "b", "--limit", "2")
            let place = try #require(
                first.narration.split(separator: " ").drop(while: { $0 != "--after" }).dropFirst().first)
            let rest = try await rows("things", "--columns", "b", "--after", String(place), "--format", "csv")
            let firstTwo = try await rows("things", "--columns", "b", "--limit", "2", "--format", "csv")
            #expect(
                Set(
                    CommaSeparated.column("b", of: rest.output)
                        + CommaSeparated.column("b", of: firstTwo.output))
                    == ["1", "2", "3", "4"])
            #expect(try await rows("notes", "--count", "--format", "csv").output == "rows\n70\n")
            let many = try await rows("notes", "--limit", "500", "--format", "csv")
            #expect(CommaSeparated.rows(many.output).count == 71 && many.narration.contains("has no key"))
            let frequency = try await rows("things", "--frequency", "a", "--format", "csv")
            #expect(frequency.output.hasPrefix("value,rows\nfar,2\n"))

            let one = try await rows("things", "--key", "Zürich", "--key", "1")
            #expect(one.status == 0 && one.output.contains("owner: 1 → users(id)"))
            #expect(one.output.contains("secret: redacted here"))
            let user = try await rows("users", "--key", "1")
            #expect(user.output.contains("named by: things owner=1"))
            for (arguments, status) in [
                (["things", "--key", "Zürich"], 2), (["things", "--key", "x", "--key", "1"], 1),
                (["nothing"], 1),
                (["things", "--sort", "secret"], 2), (["things", "--columns", "secret"], 2),
                (["things", "--filter", "secret:s"], 2), (["things", "--filter", "b>many"], 2),
                (["things", "--frequency", "a;b"], 2), (["things", "--after", "'"], 2),
                (["things", "--key", "1", "--count"], 2), (["things", "--filter", "/[/"], 2), ([], 2),
            ] as [([String], Int32)] {
                let wrong = try await Piste.run(
                    ["rows", "awesome"] + arguments,
                    environment: ["PISTE_DATABASE_URL": world.url(world.alice)])
                #expect(
                    wrong.status == status && wrong.output == "" && wrong.narration != "",
                    "\(arguments): \(wrong)")
            }
            #expect(try await world.value("SELECT count(*) FROM piste.context WHERE ended_at IS NULL") == "0")
        }
    }
}
