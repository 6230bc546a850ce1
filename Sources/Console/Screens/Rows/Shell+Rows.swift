import Tenancy
import Terminal

extension TenantTable {
    /// The screen of its rows.
    func screen(among tables: [TenantTable]) -> AnyTenantScreen {
        AnyTenantScreen(RowsScreen(of: self, among: tables))
    }
}

extension Shell {
    /// Goes to the rows of another table that name one with these values.
    mutating func goToRows(naming values: [TableValue], by key: ForeignKey, among tables: [TenantTable]) {
        guard let table = tables.first(where: { $0.name == key.table }),
            let base = RowFilter(rowsNaming: values, by: key)
        else { return }
        let words =
            "\(key.columns.joined(separator: ", ")) = \(values.compactMap(\.text).joined(separator: ", "))"
        passage = .enter(AnyTenantScreen(RowsScreen(of: table, among: tables, base: base, baseWords: words)))
    }
}

extension Shell {
    /// Lists the keys of other tables whose rows name one of this, to pick one.
    mutating func askForPointers(to table: TenantTable, ofRow isThere: Bool) {
        guard isThere, !table.referencedBy.isEmpty else {
            say("No other table names rows of this one.", .warning)
            return
        }
        overlays.append(
            .pick(
                PickState(
                    title: "Who points here", purpose: .pointers,
                    items: table.referencedBy.map {
                        .init(DisplayText($0.table), DisplayText("by \($0.columns.joined(separator: ", "))"))
                    })))
    }
}

extension TenantTable {
    /// What stands in these columns of a row; a column that cannot be read is left out.
    func values(of names: [String], in row: TableRow) -> [TableValue] {
        let visible = visibleColumns
        return names.compactMap { name in
            visible.firstIndex { $0.name == name }.flatMap {
                row.values.indices.contains($0) ? row.values[$0] : nil
            }
        }
    }
}
