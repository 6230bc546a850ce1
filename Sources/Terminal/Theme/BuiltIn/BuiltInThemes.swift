/// The themes that need no file.
enum BuiltInThemes {
    /// The one to begin with.
    static let standard = "piste"

    static let texts = ["piste": piste, "piste-light": pisteLight, "high-contrast": highContrast]
}
