/// A column of a list: its name in data, its title for people, and where its values come from.
package struct Column<Row>: Sendable {
    package let key: String
    package let title: String
    /// Left out of tables, which have only so much room.
    package let isDetail: Bool
    /// Whether the next command wants it as it is; then nothing of it is cut.
    package let isIdentity: Bool
    package let value: @Sendable (Row) -> Value

    package init(
        _ key: String, title: String? = nil, isDetail: Bool = false, isIdentity: Bool = false,
        _ value: @escaping @Sendable (Row) -> Value
    ) {
        self.key = key
        self.title = title ?? key.split(separator: "_").joined(separator: " ").uppercased()
        self.isDetail = isDetail
        self.isIdentity = isIdentity
        self.value = value
    }
}
