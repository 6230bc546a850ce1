/// The choice of the columns that a list shows, how wide, and in which order.
struct ColumnsState: Equatable, Sendable {
    var screen: ListScreen
    var selected = 0
}
