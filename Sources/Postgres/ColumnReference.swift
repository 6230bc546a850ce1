/// A column's name, or its number counted from 0.
package protocol ColumnReference {
    func position(in columns: [String]) -> Int?
}

extension String: ColumnReference {
    package func position(in columns: [String]) -> Int? { columns.firstIndex(of: self) }
}

extension Int: ColumnReference {
    package func position(in columns: [String]) -> Int? { columns.indices.contains(self) ? self : nil }
}
