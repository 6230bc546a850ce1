/// What a terminal is told about a cell: two colour numbers, -1 for its own, and modifiers.
package struct Ink: Hashable, Sendable {
    package var foreground: Int32
    package var background: Int32
    package var modifiers: Style.Modifiers

    package init(foreground: Int32, background: Int32, modifiers: Style.Modifiers) {
        self.foreground = foreground
        self.background = background
        self.modifiers = modifiers
    }

    /// The same where a terminal has eight colours: bright ones are their plain twins, and what would then be drawn in its
    /// own ground's colour, as a grey frame on black, is white or black.
    package var inEightColors: Ink {
        func plain(_ color: Int32) -> Int32 { color > 7 ? color - 8 : color }
        var ink = Ink(foreground: plain(foreground), background: plain(background), modifiers: modifiers)
        if ink.foreground == ink.background, ink.foreground >= 0 {
            ink.foreground = ink.background == 7 ? 0 : 7
        }
        return ink
    }
}

extension Theme {
    /// The least contrast at which a role keeps its own colour on another role's ground.
    private static let legible = 4.5

    /// What a style comes to on a terminal of this depth.
    ///
    /// Plain and muted text on a ground that has a text colour of its own takes that colour, and so does any other role
    /// that would not be legible there.
    package func ink(_ style: Style, _ depth: ColorDepth) -> Ink {
        let look = self[style.role]
        let ground = style.ground.map { self[$0] }
        guard depth != .mono else {
            var modifiers = style.modifiers.union(look.mono ?? style.role.mono)
            if let role = style.ground {
                modifiers.formUnion((ground?.mono ?? role.mono).intersection(.reverse))
            }
            return Ink(foreground: -1, background: -1, modifiers: modifiers)
        }
        let (foreground, background) = paints(style, depth)
        return Ink(
            foreground: foreground.number(depth), background: background.number(depth),
            modifiers: style.modifiers.union(look.modifiers))
    }

    /// The two colours of a style.
    package func paints(_ style: Style, _ depth: ColorDepth) -> (foreground: Paint, background: Paint) {
        let look = self[style.role]
        let screen = self[.background].background ?? .terminal
        let plain = self[.text].foreground ?? .terminal
        let text = look.foreground ?? plain
        guard let role = style.ground else { return (text, look.background ?? screen) }
        let ground = self[role].background ?? screen
        let own = self[role].foreground ?? plain
        let isPlain = style.role == .text || style.role == .muted
        if isPlain, self[role].background != nil, self[role].foreground != nil { return (own, ground) }
        guard let seen = text.appearance(depth), let behind = ground.appearance(depth) else {
            return (text, ground)
        }
        // What is meant to be faint stays so on the screen itself.
        let isLegible = look.background == nil && role == .background
        return (isLegible || seen.contrast(with: behind) >= Self.legible ? text : own, ground)
    }
}
