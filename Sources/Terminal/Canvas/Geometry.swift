/// Columns and rows.
package struct Size: Hashable, Sendable {
    package var columns: Int
    package var rows: Int

    package init(columns: Int, rows: Int) {
        self.columns = columns
        self.rows = rows
    }
}

/// A row and a column, both from 0 at the top left.
package struct Position: Hashable, Sendable {
    package var row: Int
    package var column: Int

    package init(row: Int, column: Int) {
        self.row = row
        self.column = column
    }
}

/// A part of the canvas.
package struct Rect: Hashable, Sendable {
    package var row: Int
    package var column: Int
    package var columns: Int
    package var rows: Int

    package init(row: Int, column: Int, columns: Int, rows: Int) {
        self.row = row
        self.column = column
        self.columns = max(0, columns)
        self.rows = max(0, rows)
    }

    package var endRow: Int { row + rows }
    package var endColumn: Int { column + columns }

    /// The rectangle without its outermost cells.
    package var inner: Rect {
        Rect(row: row + 1, column: column + 1, columns: columns - 2, rows: rows - 2)
    }

    /// Cuts `count` rows off the top, or what there is.
    package mutating func takeTop(_ count: Int) -> Rect {
        let taken = min(max(0, count), rows)
        let top = Rect(row: row, column: column, columns: columns, rows: taken)
        row += taken
        rows -= taken
        return top
    }

    /// Cuts `count` rows off the bottom, or what there is.
    package mutating func takeBottom(_ count: Int) -> Rect {
        let taken = min(max(0, count), rows)
        rows -= taken
        return Rect(row: row + rows, column: column, columns: columns, rows: taken)
    }

    /// Cuts `count` columns off the left, or what there is.
    package mutating func takeLeft(_ count: Int) -> Rect {
        let taken = min(max(0, count), columns)
        let left = Rect(row: row, column: column, columns: taken, rows: rows)
        column += taken
        columns -= taken
        return left
    }
}

extension Rect {
    /// True when the position lies inside.
    package func contains(_ position: Position) -> Bool {
        (row..<endRow).contains(position.row) && (column..<endColumn).contains(position.column)
    }
}
