/// The theme picker; what is selected is on screen at once.
struct ThemePickerState: Equatable, Sendable {
    var selected: Int
    /// The theme to go back to.
    var before: String
}
