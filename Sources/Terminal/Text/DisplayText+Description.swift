extension DisplayText: CustomStringConvertible {
    /// The text itself, so that an interpolation into other text reads as meant; it passes the gate there once more.
    package var description: String { string }
}
