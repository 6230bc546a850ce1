import Postgres
import TestSupport
import Testing

@testable import Tenancy

/// Every row that a statement writes is a record of its own, named by its key, whatever that is, with its values apart.
@Suite("Records of changes")
struct ChangeRecordTests {
    @Test("One a row, in the rows' order, whatever the statement", arguments: TestServers.all)
    func rowByRow(server: TestServer) async throws {
        try await EngineWorld.run(on: server) { world in
            let before = try await newest(world)
            let shop = try await world.connect(world.shop)
            let ticket = try await shop.ticket("acme", "users,journeys")
            try await shop.run(
                script: """
                    BEGIN;
                    SELECT piste.use('\(ticket)');
                    UPDATE users SET status = 'invited' WHERE id IN (3, 4, 5);
                    UPDATE users SET status = status WHERE id = 6;
                    UPDATE users SET status = 'active' WHERE false;
                    INSERT INTO users (id, email, name) VALUES (901, 'n@x', 'N')
                    ON CONFLICT (id) DO UPDATE SET name = excluded.name;
                    INSERT INTO users (id, email, name) VALUES (901, 'n@x', 'M'), (902, 'o@x', 'O')
                    ON CONFLICT (id) DO UPDATE SET name = excluded.name;
                    UPDATE users SET id = 903 WHERE id = 902;
                    DELETE FROM users WHERE id = 903;
                    COMMIT;
                    """)
            let records = try await changes(
                world, after: before, "actor || ' ' || (context = '\(ticket)')::text")
            #expect(
                records
                    == [
                        #"users.update users/3 {"new": {"status": "invited"}, "old": {"status": "active"}}"#,
                        #"users.update users/4 {"new": {"status": "invited"}, "old": {"status": "active"}}"#,
                        #"users.update users/5 {"new": {"status": "invited"}, "old": {"status": "active"}}"#,
                        "users.insert users/901 n@x",
                        #"users.update users/901 {"new": {"name": "M"}, "old": {"name": "N"}}"#,
                        "users.insert users/902 o@x",
                        #"users.update users/903 {"new": {"id": 903}, "old": {"id": 902}}"#,
                        "users.delete users/903 o@x",
                    ].map { "\(world.shop) true: \($0)" })
            // Each verifies, values and all.
            #expect(try await world.owner.value("SELECT piste.seal() > 0") == "t")
            let firm = "(SELECT id FROM piste.company WHERE url_id = 'acme')"
            #expect(try await world.owner.value("SELECT piste.first_bad_values(\(firm))").isEmpty)
            await shop.close()
        }
    }

    @Test("A row is named by its key: one column, several, none, or one that nobody may see")
    func names() async throws {
        try await EngineWorld.run { world in
            let home = world.acme
            let before = try await newest(world)
            try await world.owner.run(
                script: """
                    SET ROLE piste_owner;
                    CREATE TABLE \(home).codes (code text PRIMARY KEY, what text);
                    CREATE TABLE \(home).lines (b int, a text, n int, PRIMARY KEY (a, b));
                    CREATE TABLE \(home).notes (what text);
                    CREATE TABLE \(home).marks (what text NOT NULL, UNIQUE (what));
                    CREATE TABLE \(home).keys (secret text PRIMARY KEY, what text);
                    CREATE TABLE \(home)."Odd/name" (id uuid PRIMARY KEY, what jsonb, twice text GENERATED ALWAYS AS ('x') STORED);
                    SELECT piste.put_behind_gate('\(home)', t)
                    FROM unnest(ARRAY['codes', 'lines', 'notes', 'marks', 'Odd/name']) t;
                    SELECT piste.put_behind_gate('\(home)', 'keys', redacted => '{secret}');
                    RESET ROLE;
                    """)
            let long = String(repeating: "é", count: 201)
            try await world.owner.run(
                script: """
                    INSERT INTO \(home).codes VALUES ('a/b', 'x'), ('\(long)', NULL), ('\(String(long.dropLast()))', NULL);
                    INSERT INTO \(home).lines VALUES (2, '7', 1);
                    INSERT INTO \(home).notes VALUES ('n'), (NULL);
                    INSERT INTO \(home).marks VALUES ('m');
                    INSERT INTO \(home).keys VALUES ('s3cret', 'k');
                    UPDATE \(home).keys SET secret = 'other';
                    UPDATE \(home).keys SET secret = 's3cret', what = 'l';
                    INSERT INTO \(home)."Odd/name" VALUES
                        ('00000000-0000-0000-0000-00000000000a', '{"kept": null}');
                    DELETE FROM \(home).lines;
                    """)
            #expect(
                try await changes(world, after: before, "'r'")
                    == [
                        #"codes.insert codes/a/b {"new": {"code": "a/b", "what": "x"}}"#,
                        """
                        codes.insert codes/sha256:\(try await world.owner.value(
                        "SELECT encode(sha256(convert_to('\(long)', 'UTF8')), 'hex')")) {"new": {"code": "\(long)"}}
                        """,
                        """
                        codes.insert codes/\(long.dropLast()) {"new": {"code": "\(long.dropLast())"}}
                        """,
                        #"lines.insert lines/["7", "2"] {"new": {"a": "7", "b": 2, "n": 1}}"#,
                        #"notes.insert notes {"new": {"what": "n"}}"#, "notes.insert notes -",
                        #"marks.insert marks/m {"new": {"what": "m"}}"#,
                        #"keys.insert keys {"new": {"what": "k"}}"#, "keys.update keys -",
                        #"keys.update keys {"new": {"what": "l"}, "old": {"what": "k"}}"#,
                        """
                        Odd/name.insert Odd/name/00000000-0000-0000-0000-00000000000a {"new": {"id": \
                        "00000000-0000-0000-0000-00000000000a", "what": {"kept": null}}}
                        """,
                        #"lines.delete lines/["7", "2"] {"old": {"a": "7", "b": 2, "n": 1}}"#,
                    ].map { "r: \($0)" })
            #expect(
                try await world.owner.value(
                    "SELECT string_agg(detail ->> 'columns', ' ' ORDER BY id) FROM piste.entry WHERE action = 'keys.update'"
                )
                    == #"["secret"] ["secret", "what"]"#)
            // What names a row erases its values, and only them.
            let bob = try await world.connect(world.bob)
            for (table, id, many) in [("codes", long, 1), ("lines", #"["7", "2"]"#, 2), ("codes", "b", 0)] {
                #expect(
                    try await bob.query(
                        "SELECT erased FROM piste.erase_values('acme', $1, $2, 'asked for')",
                        [.text(table), .text(id)])[0].int(0) == many)
            }
            #expect(
                try await world.owner.number("SELECT count(*) FROM piste.entry_values WHERE about ~ '^codes'")
                    == 2)
            await bob.close()
        }
    }

    @Test("A table that somebody has altered past the engine is told as it is, by one row and by many")
    func alteredByHand() async throws {
        try await EngineWorld.run { world in
            let shop = try await world.connect(world.shop)
            let change = { (id: String) in
                let ticket = try await shop.ticket("acme", "users,journeys")
                try await shop.run(
                    script: """
                        BEGIN; SELECT piste.use('\(ticket)'); UPDATE users SET locale = 'fr' WHERE \(id); COMMIT;
                        """)
            }
            let told = #""locale": "fr""#
            let before = try await newest(world)
            try await change("id = 3")
            try await world.owner.run(
                script: """
                    ALTER TABLE \(world.acme).users RENAME locale TO tongue;
                    ALTER TABLE \(world.acme).users RENAME id TO number;
                    """)
            try await change("id = 4")
            try await change("id IN (5, 6)")
            try await world.owner.query("ALTER TABLE \(world.acme).users ADD COLUMN extra integer")
            try await change("id = 7")
            let records = try await changes(world, after: before, "'r'")
            #expect(
                records.map { $0.replacing(#""tongue": "fr""#, with: told).split(separator: " {")[0] } == [
                    "r: users.update users/3", "r: users.update users/4", "r: users.update users/5",
                    "r: users.update users/6", "r: users.update users/7",
                ])
            #expect(
                records.allSatisfy { $0.replacing(#""tongue": "fr""#, with: told).contains(told) },
                "\(records)")
            await shop.close()
        }
    }

    @Test("Of a change's values, a reader is given the columns of their window, whatever the table is called")
    func visible() async throws {
        try await EngineWorld.run { world in
            try await world.owner.run(
                script: """
                    SET ROLE piste_owner;
                    CREATE TABLE \(world.acme).cards (id int PRIMARY KEY, number text, holder text);
                    SELECT piste.put_behind_gate('\(world.acme)', 'cards');
                    RESET ROLE;
                    INSERT INTO \(world.acme).cards VALUES (1, '4111', 'Ada');
                    SELECT piste.put_behind_gate('\(world.acme)', 'cards', redacted => '{number}');
                    """)
            let (carol, _) = try await world.inside("acme", as: world.carol)
            let (shop, _) = try await world.inside("acme", as: world.shop)
            for (connection, seen) in [
                (carol, #"{"new": {"id": 1, "holder": "Ada"}}"#),
                (shop, #"{"new": {"id": 1, "holder": "Ada", "number": "4111"}}"#),
            ] {
                try await connection.query("SELECT piste.declare('audit.read', 'audit')")
                #expect(
                    try await connection.value(
                        """
                        SELECT "values" FROM piste.audit_values(ARRAY(
                            SELECT entry FROM piste.audit_trail() WHERE action = 'cards.insert'))
                        """) == seen)
                await connection.close()
            }
        }
    }

    @Test("A cascade is recorded where it ends, and a statement that fails leaves no record")
    func cascades() async throws {
        try await EngineWorld.run { world in
            let home = world.acme
            let before = try await newest(world)
            try await world.owner.run(
                script: """
                    INSERT INTO \(home).users (id, email, name) VALUES (801, 'a@x', 'A'), (802, 'b@x', 'B');
                    INSERT INTO \(home).journeys (id, user_id, name) VALUES (81, 801, 'J'), (82, 801, 'K'), (83, 802, 'L');
                    DELETE FROM \(home).users WHERE id > 800;
                    """)
            #expect(
                await world.owner.sqlState(
                    "INSERT INTO \(home).users (email, name) VALUES ('c@x', 'C'), ('c@x', 'D')") == "23505")
            let said = try await changes(world, after: before, "'r'").map {
                $0.split(separator: " ")[1...2].joined(separator: " ")
            }
            #expect(
                said.sorted() == [
                    "journeys.delete journeys/81", "journeys.delete journeys/82",
                    "journeys.delete journeys/83",
                    "journeys.insert journeys/81", "journeys.insert journeys/82",
                    "journeys.insert journeys/83",
                    "users.delete users/801", "users.delete users/802",
                    "users.insert users/801", "users.insert users/802",
                ])
        }
    }

    /// A plan that was made for one row is used for ten thousand: it must not compare each with each.
    @Test("A large change after small ones is recorded row by row")
    func largeAfterSmall() async throws {
        try await EngineWorld.run { world in
            let home = world.acme
            for n in 1...8 {
                try await world.owner.query("UPDATE \(home).users SET locale = 'l\(n)' WHERE id = 1")
            }
            try await world.owner.run(
                script: """
                    INSERT INTO \(home).users (id, email, name)
                    SELECT n, n || '@x', 'N' FROM generate_series(1001, 11000) n;
                    UPDATE \(home).users SET name = 'No. ' || id WHERE id > 1000;
                    """)
            let paired = try await world.owner.number(
                """
                SELECT count(*) FROM piste.entry e JOIN piste.entry_values v ON v.entry = e.id
                WHERE e.action = 'users.update' AND e.resource = 'users/' || substring(v.content FROM 'No. ([0-9]+)')
                  AND v.content LIKE '%"old": {"name": "N"}%'
                """)
            #expect(paired == 10_000)
        }
    }

    private func newest(_ world: EngineWorld) async throws -> Int {
        try await world.owner.number("SELECT max(id) FROM piste.entry")
    }

    /// The changes of acme's tables in their order: so many words of the record, then action, resource and values (of inserted
    /// and deleted users their address).
    private func changes(_ world: EngineWorld, after number: Int, _ who: String) async throws -> [String] {
        try await world.owner.query(
            """
            SELECT \(who) || ': ' || e.action || ' ' || e.resource || ' ' || coalesce(CASE
                WHEN e.action IN ('users.insert', 'users.delete') OR e.action ~ '^journeys'
                THEN coalesce(v.content::jsonb #>> '{new,email}', v.content::jsonb #>> '{old,email}', 'j')
                ELSE v.content END, '-')
            FROM piste.entry e LEFT JOIN piste.entry_values v ON v.company = e.company AND v.entry = e.id
            WHERE e.company = (SELECT id FROM piste.company WHERE url_id = 'acme')
              AND e.id > \(number) AND e.action ~ '\\.(insert|update|delete)$'
            ORDER BY e.id
            """
        ).map { try $0.string(0) }
    }
}
