/// How a theme draws one role.
package struct Look: Hashable, Sendable {
    /// The text's colour; nil takes that of the theme's text.
    package var foreground: Paint?
    /// The ground's colour; nil takes that of the screen.
    package var background: Paint?
    package var modifiers: Style.Modifiers
    /// The modifiers where there are no colours; nil takes the role's own reading.
    package var mono: Style.Modifiers?

    package init(
        foreground: Paint? = nil, background: Paint? = nil, modifiers: Style.Modifiers = [],
        mono: Style.Modifiers? = nil
    ) {
        self.foreground = foreground
        self.background = background
        self.modifiers = modifiers
        self.mono = mono
    }
}

extension Role {
    /// How the role reads without any colour.
    var mono: Style.Modifiers {
        switch self {
        case .background, .text, .border, .ok, .countdownOk, .chart1, .chart2, .chart3, .chart4: []
        case .muted: .dim
        case .borderFocus, .title, .accent, .key, .warn, .countdownWarn: .bold
        case .header: .underline
        case .error: [.bold, .underline]
        case .selection: .reverse
        case .impersonation, .countdownCritical: [.bold, .reverse]
        }
    }
}
