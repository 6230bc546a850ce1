import Postgres
import Tenancy
import TestSupport
import Testing

/// Rows of any table: whatever its key, its types and its order.
struct TableRowsTests {
    private func texts(_ rows: [TableRow]) -> [String] {
        rows.map { row in row.values.map { $0.text ?? "-" }.joined(separator: " ") }
    }

    @Test("Every table is paged both ways, by every column, with nothing twice and nothing lost")
    func pages() async throws {
        try await EngineWorld.run { world in
            try await world.addTables()
            let (session, tables) = try await world.look()
            for name in ["codes", "keys", "lines", "notes", "things"] {
                let table = try #require(tables[name])
                for sort in [nil] + table.visibleColumns.map({ $0.name }) {
                    for ascending in [true, false] {
                        let all = try await session.rows(
                            of: table, sort: sort, ascending: ascending, PageRequest(limit: 100))
                        #expect(!all.hasMore)
                        let (forward, backward) = try await walk(limit: 3, anchor: \TableRow.place) {
                            request in
                            try await session.rows(of: table, sort: sort, ascending: ascending, request)
                        }
                        #expect(texts(forward) == texts(all.rows), "\(name) by \(sort ?? "key")")
                        #expect(texts(backward) == texts(all.rows), "\(name) by \(sort ?? "key") backwards")
                        #expect(Set(all.rows.map(\.id)).count == all.rows.count)
                        guard all.rows.count > 2, !table.key.isEmpty else { continue }
                        let again = try await session.rows(
                            of: table, sort: sort, ascending: ascending,
                            PageRequest(.from(all.rows[1].place), limit: 1))
                        #expect(again.rows == [all.rows[1]], "\(name) from \(sort ?? "key")")
                    }
                }
            }
            let down = try await session.rows(
                of: try #require(tables["lines"]), columns: ["n"], sort: "n", ascending: false,
                PageRequest(limit: 30))
            #expect(
                down.rows.prefix(8).allSatisfy { $0.values[0].isNull }
                    && down.rows.last?.values[0].text == "1")
            await session.leave()
        }
    }

    @Test("Values of every type come as PostgreSQL writes them, whole in the row, cut in the list")
    func values() async throws {
        try await EngineWorld.run { world in
            try await world.addTables()
            let (session, tables) = try await world.look()
            let things = try #require(tables["things"])
            let rows = try await session.rows(of: things).rows
            let named = rows.map { row in
                Dictionary(uniqueKeysWithValues: zip(things.visibleColumns.map(\.name), row.values))
            }
            let first = named[0]
            for (column, text) in [
                ("number", "1.50"), ("real", "0.1"), ("flag", "true"), ("word", "Zürich"),
                ("day", "2026-03-01"),
                ("span", "1 day 02:00:00"), ("doc", #"{"a": [1, 2]}"#), ("raw_doc", #"{ "a":1 }"#),
                ("list", "{1,2}"), ("words", #"{"x y",NULL}"#), ("mood", "happy"), ("spot", #"(1,"a b")"#),
                ("share", "50"), ("bytes", #"\x00ff"#), ("stretch", "[1,5)"), ("address", "10.0.0.1/8"),
                ("place", "(1,2)"), ("bits", "101"), ("page", "<a/>"), (#"odd "name"#, "odd"),
            ] {
                #expect(first[column]?.text == text && first[column]?.isWhole == true, "\(column)")
            }
            let far = named[1]
            #expect(far["number"]?.text == "NaN" && far["real"]?.text == "Infinity")
            #expect(far["at"]?.text == "infinity" && far["day"]?.text == "4714-11-24 BC")
            #expect(far["local_at"]?.text == "294276-12-31 23:59:59.999999")
            #expect(
                far["word"]?.text?.count == 200 && far["word"]?.bytes == 10_000
                    && far["word"]?.isWhole == false)
            #expect(far["doc"]?.bytes == 5002 && far["doc"]?.isWhole == false)
            #expect(
                far["bytes"]?.text?.count == 202 && far["bytes"]?.bytes == 5000
                    && far["bytes"]?.isWhole == false)
            #expect(far["words"]?.text == "{}" && far["stretch"]?.text == "empty" && far["code"]?.text == "")
            #expect(named[2].filter { $0.key != "id" }.values.allSatisfy { $0 == .null })
            #expect(named[3]["number"]?.bytes == 400 && named[3]["number"]?.isWhole == false)
            #expect(
                named[3]["local_at"]?.text == "0044-03-15 10:00:00 BC" && named[3]["bytes"]?.text == #"\x"#)

            let whole = try #require(try await session.row(of: things, key: ["2"]))
            let values = Dictionary(
                uniqueKeysWithValues: zip(things.visibleColumns.map(\.name), whole.values))
            #expect(whole.values.allSatisfy { $0.isWhole })
            #expect(values["word"]?.text?.count == 5000 && values["bytes"]?.text?.count == 10_002)
            #expect(try await session.row(of: things, key: ["77"]) == nil)
            #expect(
                try await session.row(of: try #require(tables["lines"]), key: ["a1", "2"])?.key == [
                    "a1", "2",
                ])
            // A table without a key gives whole rows by their place.
            let notes = try #require(tables["notes"])
            let last = try #require(try await session.rows(of: notes, PageRequest(.end, limit: 1)).rows.last)
            #expect(
                last.key == nil && last.place.description == RowPlace(last.place.description)?.description)
            let same = try await session.rows(
                of: notes, longest: nil, PageRequest(.from(last.place), limit: 1))
            #expect(same.rows == [last])
            await session.leave()
        }
    }

    @Test("A filter looks at one column or at all that are shown, folded, and by comparison")
    func filters() async throws {
        try await EngineWorld.run { world in
            try await world.addTables()
            let (session, tables) = try await world.look()
            let things = try #require(tables["things"])
            for (typed, ids) in [
                ("zurich", "1"), ("ZÜRICH", "1"), ("o'neill", "4"), ("o’neill", "4"), ("word:oneill", ""),
                ("id>2", "3 4"), ("id>=2 id<4", "2 3"), ("id!=1", "2 3 4"), ("number:null", "3"),
                ("!number:null", "1 2 4"), ("number!=null", "1 2 4"), ("mood=happy", "1"),
                ("mood>sad", "1 4"),
                ("number=NaN", "2"), ("real=-Infinity", "4"), ("at=infinity", "2"), ("day<2026-01-01", "2"),
                ("local_at<'0001-01-01'", "4"), ("flag=true", "1"), ("list={1,2}", "1"),
                ("doc:\"[1, 2]\"", "1"),
                (#"bytes=\x00ff"#, "1"), ("stretch=empty", "2"), ("parent=1", "2 4"), ("/^o.neill$/", "4"),
                ("!/z|o/", "2 3"), ("!zurich", "2 3 4"), ("\"odd\"", "1"), (#"odd "#, "1"), ("zur odd", "1"),
                ("zur oneill", ""), ("12:04", "1"), ("word=\"null\"", ""), ("%", ""), ("_", ""),
                ("happy", "1"),
                ("raw_doc={", ""), ("spot:\"a b\"", "1"), ("code=ab", "1 4"), ("address:10.0", "1"),
            ] {
                var found = ""
                do {
                    let filter = try RowFilter(typed, for: things)
                    found = try await session.rows(of: things, matching: filter, columns: nil)
                        .rows.map { $0.key?[0] ?? "?" }.joined(separator: " ")
                    #expect(
                        try await session.countRows(of: things, matching: filter)
                            == found.split(separator: " ").count)
                } catch {
                    found = (error as? TenancyError)?.code == .invalid ? "" : "\(error)"
                }
                #expect(found == ids, "\(typed)")
            }
            let many = try RowFilter("id>many", for: things)
            let wrong = await failure { () async throws(TenancyError) in
                _ = try await session.rows(of: things, matching: many)
            }
            #expect(wrong?.code == .invalid && wrong?.message.contains("bigint") == true)
            // Only what is shown is looked at.
            let shown = try await session.rows(
                of: things, matching: try RowFilter("zurich", for: things), columns: ["id", "mood"])
            #expect(shown.rows.isEmpty)
            await session.leave()
        }
    }

    @Test("Foreign keys lead to the row they name and to those that name it; each look is one record")
    func references() async throws {
        try await EngineWorld.run { world in
            try await world.addTables()
            let (session, tables) = try await world.look()
            let codes = try #require(tables["codes"])
            let key = try #require(codes.references.first)
            let row = try #require(try await session.row(of: codes, key: ["c1"]))
            let there = try #require(RowFilter(rowNamedBy: Array(row.values[1...2]), by: key))
            let lines = try #require(tables[key.referencedTable])
            let named = try await session.rows(of: lines, matching: there, longest: nil)
            #expect(named.rows.map(\.key) == [["a1", "2"]])
            let back = try #require(
                RowFilter(rowsNaming: [named.rows[0].values[1], named.rows[0].values[0]], by: key))
            #expect(try await session.rows(of: codes, matching: back).rows.map(\.key) == [["c1"], ["c2"]])
            #expect(RowFilter(rowNamedBy: [.null, row.values[1]], by: key) == nil)
            #expect(
                try await world.looks() == ["rows.read codes", "rows.read lines", "rows.read codes"])
            await session.leave()
        }
    }

    @Test("A column's values are counted, the most frequent first, NULL too")
    func frequency() async throws {
        try await EngineWorld.run { world in
            try await world.addTables()
            let (session, tables) = try await world.look()
            let lines = try #require(tables["lines"])
            let what = try await session.frequency(of: "what", in: lines)
            #expect(what.shares.map { "\($0.value.text ?? "-") \($0.rows)" } == ["x 10", "y 10", "- 10"])
            #expect(what.rows == 30 && what.different == 3 && !what.isSample)
            let some = try await session.frequency(
                of: "n", in: lines, matching: try RowFilter("what=x", for: lines), limit: 1)
            #expect(some.rows == 10 && some.shares.count == 1 && some.different == 4)
            let things = try #require(tables["things"])
            for column in things.visibleColumns {
                #expect(try await session.frequency(of: column.name, in: things).rows == 4, "\(column.name)")
            }
            #expect(Set(try await world.looks()) == ["rows.count lines", "rows.count things"])
            await session.leave()
        }
    }
}
