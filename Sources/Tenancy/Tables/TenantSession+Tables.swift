import FoundationEssentials
import Postgres

extension TenantSession {
    /// The company's tables as this context sees them: their sizes, columns, keys, and what leads from one to another.
    ///
    /// It is no look at rows, and so no record: the catalogs tell it, and the gate may be shut. What is redacted is named with
    /// its type, and no more.
    public func tables() async throws(TenancyError) -> [TenantTable] {
        let rows = try await wire.rows(Self.shapeQuestion)
        guard let row = rows.first else { return [] }
        let text = try row.read { row throws(PostgresError) in try row.string(0) }
        guard let shape = try? JSONDecoder().decode(TableShape.self, from: Data(text.utf8)) else {
            throw TenancyError(.failed, "The shape of the company's tables cannot be read.")
        }
        return shape.tables.map { shape.table($0) }
    }

    /// One table of the company.
    ///
    /// - Throws: `notFound`, with the tables that there are.
    public func table(_ name: String) async throws(TenancyError) -> TenantTable {
        let all = try await tables()
        guard let table = all.first(where: { $0.name == name }) else {
            let known = all.map(\.name).joined(separator: ", ")
            throw TenancyError(.notFound, "There is no table \(name) here; there are \(known).")
        }
        return table
    }

    /// The catalogs in one question.
    ///
    /// Every name is qualified: the path begins with the company's windows. A window's own table is the one that its rule reads.
    private static let shapeQuestion = """
        WITH pane AS MATERIALIZED (
            SELECT t.name, t.may_insert, t.may_update, t.may_delete, w.oid AS window_oid, s.oid AS store_oid, s.relnamespace,
                CASE WHEN s.reltuples < 0 THEN nullif(pg_catalog.pg_stat_get_live_tuples(s.oid), 0)
                    ELSE s.reltuples::bigint END AS estimate,
                pg_catalog.pg_total_relation_size(s.oid) AS bytes
            FROM piste.tables() t
            JOIN pg_catalog.pg_class w ON w.relname = t.name
                AND w.relnamespace = pg_catalog.to_regnamespace(pg_catalog.quote_ident(pg_catalog.current_schema()))
            CROSS JOIN LATERAL (
                SELECT c.* FROM pg_catalog.pg_rewrite r
                JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = r.oid
                    AND d.refclassid = 'pg_catalog.pg_class'::regclass
                JOIN pg_catalog.pg_class c ON c.oid = d.refobjid AND c.relkind IN ('r', 'p', 'm') AND c.relname = w.relname
                WHERE r.ev_class = w.oid LIMIT 1
            ) s
        ), col AS MATERIALIZED (
            SELECT p.name AS table_name, a.attname, a.attnum, p.store_oid, y.typnamespace = p.relnamespace AS is_own,
                pg_catalog.format_type(a.atttypid, a.atttypmod) AS type, n.nspname, a.attnotnull,
                CASE WHEN a.attidentity <> '' THEN 'identity' WHEN a.attgenerated <> '' THEN 'generated'
                    WHEN a.atthasdef THEN 'default' END AS filled,
                pg_catalog.has_column_privilege(p.window_oid, a.attname, 'SELECT') AS shown,
                p.may_update AND pg_catalog.has_column_privilege(p.window_oid, a.attname, 'UPDATE') AS may_update,
                b.oid AS base, b.typtype, b.typcategory, b.typelem, b.typsubscript
            FROM pane p
            JOIN pg_catalog.pg_attribute a ON a.attrelid = p.store_oid AND a.attnum > 0 AND NOT a.attisdropped
            JOIN pg_catalog.pg_attribute v ON v.attrelid = p.window_oid AND v.attname = a.attname AND NOT v.attisdropped
            JOIN pg_catalog.pg_type y ON y.oid = a.atttypid
            JOIN pg_catalog.pg_namespace n ON n.oid = p.relnamespace
            CROSS JOIN LATERAL (
                WITH RECURSIVE below AS (
                    SELECT y.oid, y.typtype, y.typbasetype
                    UNION ALL
                    SELECT u.oid, u.typtype, u.typbasetype FROM below
                    JOIN pg_catalog.pg_type u ON u.oid = below.typbasetype WHERE below.typtype = 'd'
                )
                SELECT u.* FROM below JOIN pg_catalog.pg_type u ON u.oid = below.oid WHERE below.typtype <> 'd'
            ) b
        )
        SELECT pg_catalog.json_build_object(
            'tables', (
                SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
                    'name', p.name, 'may_insert', p.may_insert, 'may_update', p.may_update, 'may_delete', p.may_delete,
                    'estimate', p.estimate, 'bytes', p.bytes) ORDER BY p.name), '[]')
                FROM pane p),
            'columns', (
                SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
                    'table', c.table_name, 'name', c.attname,
                    'type', pg_catalog.replace(c.type, pg_catalog.quote_ident(c.nspname) || '.', ''),
                    'not_null', c.attnotnull, 'filled', c.filled, 'shown', c.shown, 'may_update', c.may_update,
                    'kind', CASE
                        WHEN c.typtype = 'e' THEN 'choice' WHEN c.typtype = 'c' THEN 'composite'
                        WHEN c.typtype IN ('r', 'm') THEN 'range' WHEN c.typcategory = 'A' THEN 'array'
                        WHEN c.base IN (114, 3802) THEN 'json' WHEN c.base = 16 THEN 'boolean'
                        WHEN c.base = 17 THEN 'bytes' WHEN c.base = 1082 THEN 'date' WHEN c.base IN (1083, 1266) THEN 'time'
                        WHEN c.base = 1114 THEN 'local_moment' WHEN c.base = 1184 THEN 'moment'
                        WHEN c.base = 1186 THEN 'interval' WHEN c.base = 2950 THEN 'uuid'
                        WHEN c.base IN (20, 21, 23, 26, 700, 701, 790, 1700) THEN 'number'
                        WHEN c.typcategory = 'S' THEN 'text' WHEN c.typcategory = 'I' OR c.base IN (774, 829) THEN 'network'
                        WHEN c.typcategory = 'G' THEN 'geometry' ELSE 'other' END,
                    'ordered', c.base IN (1043, 650) OR c.typtype IN ('e', 'r', 'm') OR EXISTS (
                        SELECT FROM pg_catalog.pg_opclass o
                        WHERE o.opcmethod = 403 AND o.opcdefault AND o.opcnamespace = 11
                          AND o.opcintype = c.base) OR c.typcategory = 'A' AND EXISTS (
                        SELECT FROM pg_catalog.pg_type e
                        WHERE e.oid = c.typelem AND (e.oid = 1043 OR e.typtype = 'e' OR EXISTS (
                            SELECT FROM pg_catalog.pg_opclass o
                            WHERE o.opcmethod = 403 AND o.opcdefault AND o.opcnamespace = 11 AND o.opcintype = e.oid)))
                    ) ORDER BY c.table_name, c.attnum), '[]')
                FROM col c),
            'indexes', (
                SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
                    'table', p.name, 'name', x.relname, 'is_unique', i.indisunique AND i.indimmediate,
                    'is_primary', i.indisprimary, 'parts', parts.list) ORDER BY x.relname), '[]')
                FROM pane p
                JOIN pg_catalog.pg_index i ON i.indrelid = p.store_oid AND i.indisvalid AND i.indisready AND i.indpred IS NULL
                JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid AND x.relam = 403
                CROSS JOIN LATERAL (
                    SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
                        'column', a.attname, 'option', i.indoption[n],
                        'is_plain', o.opcdefault AND i.indcollation[n] IS NOT DISTINCT FROM a.attcollation) ORDER BY n) AS list
                    FROM pg_catalog.generate_series(0, i.indnkeyatts - 1) AS n
                    JOIN pg_catalog.pg_opclass o ON o.oid = i.indclass[n]
                    LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = p.store_oid AND a.attnum = i.indkey[n] AND a.attnum > 0
                ) parts),
            'keys', (
                SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
                    'name', k.conname, 'table', p.name, 'columns', mine.list, 'referenced_table', q.name,
                    'referenced_columns', theirs.list) ORDER BY p.name, k.conname), '[]')
                FROM pane p
                JOIN pg_catalog.pg_constraint k ON k.conrelid = p.store_oid AND k.contype = 'f'
                JOIN pane q ON q.store_oid = k.confrelid
                CROSS JOIN LATERAL (
                    SELECT pg_catalog.json_agg(a.attname ORDER BY u.place) AS list
                    FROM pg_catalog.unnest(k.conkey) WITH ORDINALITY AS u (number, place)
                    JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number
                ) mine
                CROSS JOIN LATERAL (
                    SELECT pg_catalog.json_agg(a.attname ORDER BY u.place) AS list
                    FROM pg_catalog.unnest(k.confkey) WITH ORDINALITY AS u (number, place)
                    JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.number
                ) theirs)
        )::text
        """
}
