import Tenancy
import Terminal
import Testing

@testable import Console

extension Fixture {
    static let orders = TenantTable(
        "orders", estimatedRows: 48_213, bytes: 9_437_184,
        [
            TableColumn("id", "bigint", .number),
            TableColumn("customer_id", "bigint", .number, mayUpdate: true),
            TableColumn("reference", "text", .text), TableColumn("status", "order_status", .choice),
            TableColumn("total", "numeric(12,2)", .number, isNullable: true),
            TableColumn("lines", "jsonb", .json, isNullable: true),
            TableColumn("card", "text", .text, isRedacted: true),
            TableColumn("placed_at", "timestamp with time zone", .moment),
        ],
        key: ["id"],
        references: [ForeignKey("orders_customer", "orders", ["customer_id"], names: "customers", ["id"])],
        referencedBy: [ForeignKey("parcels_order", "parcels", ["order_id"], names: "orders", ["id"])],
        indexed: ["placed_at"])

    static let customers = TenantTable(
        "customers", estimatedRows: 812,
        bytes: 90_112,
        [TableColumn("id", "bigint", .number), TableColumn("name", "text", .text)], key: ["id"],
        referencedBy: [ForeignKey("orders_customer", "orders", ["customer_id"], names: "customers", ["id"])])

    static let parcels = TenantTable(
        "parcels", estimatedRows: 0, bytes: 8_192,
        [TableColumn("order_id", "bigint", .number), TableColumn("weight", "real", .number)], key: [],
        references: [ForeignKey("parcels_order", "parcels", ["order_id"], names: "orders", ["id"])])

    static let tables = [customers, orders, parcels]

    static func order(_ number: Int) -> TableRow {
        let values = [
            TableValue("\(number)"), TableValue("\(number % 7)"), TableValue("ref-\(number)"),
            TableValue(number % 3 == 0 ? "late" : "paid"),
            number % 5 == 0 ? .null : TableValue("\(number).50"),
            TableValue(text: #"{"sku": "a\u001b[2J", "qty": [1, 2]"#, bytes: 4_000, isWhole: false),
            TableValue("infinity"),
        ]
        return TableRow(values: values, key: ["\(number)"], place: RowPlace(["\(number)"]))
    }

    static let wholeOrder = TableRow(
        values: [
            TableValue("7"), TableValue("3"), TableValue("ref \u{1B}[2J \u{202E}seven\nand its second line"),
            TableValue("paid"), .null, TableValue(#"{"sku": "a, b", "qty": [1, 2], "gift": {}}"#),
            TableValue("0044-03-15 12:00:00+00 BC"),
        ], key: ["7"], place: RowPlace(["7"]))
}

extension Driver {
    func answerTables(_ tables: [TenantTable] = Fixture.tables) {
        for case .inside(let id, .loadTables(let request)) in takeEffects().reversed() {
            send(.inside(id, .tablesLoaded(request, .success(tables))))
            return
        }
        Issue.record("no tables were asked for")
    }

    func answerRows(_ rows: [TableRow] = (1...100).map(Fixture.order), hasMore: Bool = false) {
        for case .inside(let id, .loadRows(let request, _, let page)) in takeEffects().reversed() {
            send(.inside(id, .rowsLoaded(request, page.place, .success(Page(rows: rows, hasMore: hasMore)))))
            return
        }
        Issue.record("no rows were asked for")
    }

    func answerRow(_ row: TableRow? = Fixture.wholeOrder) {
        for case .inside(let id, .loadRow(let request, _, _)) in takeEffects().reversed() {
            send(.inside(id, .rowLoaded(request, .success(row))))
            return
        }
        Issue.record("no row was asked for")
    }

    /// The tables of Awesome Corp.
    static func onTables(_ size: Size = Size(columns: 100, rows: 30)) -> Driver {
        let driver = inside(columns: size.columns, rows: size.rows, level: .admin)
        driver.press(.character("4"))
        driver.answerTables()
        return driver
    }

    /// Its orders.
    static func onRows(_ size: Size = Size(columns: 100, rows: 30)) -> Driver {
        let driver = onTables(size)
        driver.press(.down, .enter)
        driver.answerRows()
        return driver
    }

    /// One of them.
    static func onRow(_ size: Size = Size(columns: 100, rows: 30)) -> Driver {
        let driver = onRows(size)
        driver.press(.enter)
        driver.answerRow()
        return driver
    }

    /// The company's screen, where it is the one that a test speaks of.
    func screen<Wanted: TenantScreen>(_ type: Wanted.Type = Wanted.self) -> Wanted? {
        state.context?.screen?.screen as? Wanted
    }
}
