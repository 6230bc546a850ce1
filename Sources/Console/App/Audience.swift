package import Terminal

/// Whoever may look over the shoulder of the one who works here, read only.
package struct Audience: Sendable {
    /// Where somebody's coming and going is told; asked for anew before each wait.
    package var descriptors: @Sendable () -> [Int32]
    /// Lets in who came and forgets who went; says whether anybody looks on now.
    package var attend: @Sendable () -> Bool
    /// Shows a frame to all of them.
    package var show: @Sendable (Canvas, Theme) -> Void

    package init(
        descriptors: @escaping @Sendable () -> [Int32], attend: @escaping @Sendable () -> Bool,
        show: @escaping @Sendable (Canvas, Theme) -> Void
    ) {
        self.descriptors = descriptors
        self.attend = attend
        self.show = show
    }
}
