/// How well one role of a theme reads on the ground that it stands on.
package struct ContrastFigure: Hashable, Sendable {
    /// The role, and the ground: the screen's, a selected row's or the impersonation banner's.
    package let style: Style
    /// The colours where every colour can be shown; nil for the terminal's own.
    package let foreground: RGB?
    package let background: RGB?
    /// The contrast by WCAG 2, from 1 to 21, where every colour can be shown; nil when only the terminal knows.
    package let contrast: Double?
    /// The same on a terminal of 256 colours.
    package let indexedContrast: Double?

    /// What the role needs; nil for what is no text and no mark.
    package var needed: Double? { style.role.neededContrast }

    /// False when a contrast is known and too low.
    package var isEnough: Bool {
        guard let needed else { return true }
        return [contrast, indexedContrast].allSatisfy { $0.map { $0 >= needed } ?? true }
    }
}

extension Role {
    /// Text must be read (4.5), what is meant to be faint and what is a shape must be seen (3).
    fileprivate var neededContrast: Double? {
        switch self {
        case .background, .border: nil
        case .muted, .borderFocus, .chart1, .chart2, .chart3, .chart4: 3
        case .text, .title, .accent, .selection, .header, .key, .ok, .warn, .error, .countdownOk,
            .countdownWarn, .countdownCritical, .impersonation:
            4.5
        }
    }
}

extension Theme {
    /// The contrast of every role on the screen, on a selected row and on the impersonation banner.
    package var contrastFigures: [ContrastFigure] {
        let grounds: [Role?] = [nil, .selection, .impersonation]
        return grounds.flatMap { ground in
            Role.allCases.filter { $0 != .background && (ground == nil || $0.neededContrast != nil) }.map {
                figure(Style($0, on: ground))
            }
        }
    }

    private func figure(_ style: Style) -> ContrastFigure {
        let seen = appearance(style, .direct)
        let indexed = appearance(style, .indexed)
        return ContrastFigure(
            style: style, foreground: seen.foreground, background: seen.background,
            contrast: Self.contrast(seen), indexedContrast: Self.contrast(indexed))
    }

    private func appearance(_ style: Style, _ depth: ColorDepth) -> (foreground: RGB?, background: RGB?) {
        let paints = paints(style, depth)
        return (paints.foreground.appearance(depth), paints.background.appearance(depth))
    }

    private static func contrast(_ colors: (foreground: RGB?, background: RGB?)) -> Double? {
        guard let foreground = colors.foreground, let background = colors.background else { return nil }
        return foreground.contrast(with: background)
    }
}
