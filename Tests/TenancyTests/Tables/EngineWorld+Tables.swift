import Postgres
import Tenancy
import TestSupport
import Testing

extension EngineWorld {
    /// The tables that `addTables` makes in the first company, beside those of the blueprint.
    static let furtherTables = ["codes", "company", "keys", "lines", "notes", "things"]

    /// Tables of every sort of key, and one with a column of every kind of type.
    ///
    /// `things` has a row of everyday values, one of the farthest that PostgreSQL has, and one of nothing but NULL.
    func addTables() async throws {
        let home = acme
        try await owner.run(
            script: """
                UPDATE piste.blueprint SET resources = resources || '{\(Self.furtherTables.joined(separator: ","))}'::text[];
                SET ROLE piste_owner;
                CREATE TYPE \(home).mood AS ENUM ('sad', 'ok', 'happy');
                CREATE TYPE \(home).spot AS (x int, label text);
                CREATE DOMAIN \(home).percent AS numeric CHECK (value BETWEEN 0 AND 100);
                CREATE TABLE \(home).things (
                    id bigint PRIMARY KEY, small smallint, number numeric, real float8, flag boolean, word text, code char(5),
                    at timestamptz, local_at timestamp, day date, hour time, span interval, ident uuid, doc jsonb, raw_doc json,
                    list int[], words text[], mood \(home).mood, spot \(home).spot, share \(home).percent, bytes bytea,
                    stretch int4range, days datemultirange, address inet, place point, bits varbit, page xml, amount money,
                    label "char", parent bigint REFERENCES \(home).things, "odd ""name" text
                );
                CREATE TABLE \(home).lines (
                    b int, a text, n int, what text COLLATE "C", PRIMARY KEY (a, b));
                CREATE INDEX lines_by_n ON \(home).lines (n);
                CREATE INDEX lines_by_what ON \(home).lines (what DESC, a DESC, b DESC);
                CREATE TABLE \(home).notes (what text, n int);
                CREATE TABLE \(home).codes (
                    code text NOT NULL UNIQUE, line_a text, line_b int, FOREIGN KEY (line_a, line_b) REFERENCES \(home).lines);
                CREATE TABLE \(home).keys (id int PRIMARY KEY, secret text, owner bigint REFERENCES \(home).users);
                CREATE TABLE \(home).company (id int PRIMARY KEY, name text);
                SELECT piste.put_behind_gate('\(home)', t)
                FROM unnest(ARRAY['codes', 'company', 'lines', 'notes', 'things']) t;
                SELECT piste.put_behind_gate('\(home)', 'keys', redacted => '{secret}');
                RESET ROLE;
                INSERT INTO \(home).things VALUES
                    (1, 7, 1.50, 0.1, true, 'Zürich', 'ab', '2026-03-01 12:04:31.5+01', '2026-03-01 12:04', '2026-03-01',
                        '12:04', '1 day 02:00', '00000000-0000-0000-0000-00000000000a', '{"a": [1, 2]}', '{ "a":1 }',
                        '{1,2}', '{"x y",NULL}', 'happy', '(1,"a b")', 50, '\\x00ff', '[1,5)', '{[2026-01-01,2026-02-01)}',
                        '10.0.0.1/8', '(1,2)', B'101', '<a/>', 3, 'q', NULL, 'odd'),
                    (2, -32768, 'NaN', 'Infinity', false, '\(String(repeating: "é", count: 5000))', '', 'infinity',
                        '294276-12-31 23:59:59.999999', '4714-11-24 BC', '24:00', '-178000000 years',
                        'ffffffff-ffff-ffff-ffff-ffffffffffff', '"\(String(repeating: "x", count: 5000))"', 'null', '{}',
                        '{}', 'sad', '(,)', 0, decode(repeat('ab', 5000), 'hex'), 'empty', '{}', '::1', '(1e300,-Infinity)',
                        B'', NULL, '-92233720368547758.08', '', 1, ''),
                    (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
                        NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
                    (4, 1, \(String(repeating: "9", count: 400)), '-Infinity', NULL, 'O’Neill', 'ab', '-infinity',
                        '0044-03-15 10:00 BC', 'infinity', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'ok', NULL, NULL, '',
                        NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1, NULL);
                INSERT INTO \(home).lines SELECT n % 7, 'a' || n / 7, nullif(n % 4, 0), (ARRAY['x', NULL, 'y'])[1 + n % 3]
                FROM generate_series(0, 29) n;
                INSERT INTO \(home).notes SELECT (ARRAY['one', 'two', NULL])[1 + n % 3], n / 2 FROM generate_series(0, 19) n;
                INSERT INTO \(home).codes VALUES ('c1', 'a1', 2), ('c2', 'a1', 2), ('c3', NULL, 1), ('c4', 'a0', 0);
                INSERT INTO \(home).keys SELECT n, 's3cret' || n, n FROM generate_series(1, 3) n;
                INSERT INTO \(home).company VALUES (1, 'a table with a name of the engine''s');
                """)
    }

    /// A session in the first company, and what its tables look like.
    func look(as login: String? = nil) async throws -> (TenantSession, [String: TenantTable]) {
        let session = try await session("acme", as: login)
        let tables = try await session.tables()
        return (session, Dictionary(uniqueKeysWithValues: tables.map { ($0.name, $0) }))
    }

    /// What the trail says of looks at rows so far, in order.
    func looks() async throws -> [String] {
        try await owner.query(
            """
            SELECT action || ' ' || resource FROM piste.entry e JOIN piste.company k ON k.id = e.company
            WHERE k.url_id = 'acme' AND action LIKE 'rows.%' ORDER BY e.id
            """
        ).map { try $0.string(0) }
    }
}
