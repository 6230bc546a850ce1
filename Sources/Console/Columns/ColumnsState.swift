/// The choice of the columns that a list shows.
struct ColumnsState: Equatable, Sendable {
    var screen: ListScreen
    var selected = 0
}
