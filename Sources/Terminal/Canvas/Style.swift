/// How a cell is drawn: the role that colours its text, the role whose background it stands on, and modifiers.
package struct Style: Hashable, Sendable {
    package struct Modifiers: OptionSet, Hashable, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        package static let bold = Modifiers(rawValue: 1)
        package static let italic = Modifiers(rawValue: 2)
        package static let underline = Modifiers(rawValue: 4)
        package static let reverse = Modifiers(rawValue: 8)
        package static let dim = Modifiers(rawValue: 16)
    }

    package var role: Role
    /// The role whose background the cell takes; nil stands for the role's own, or the screen's.
    package var ground: Role?
    package var modifiers: Modifiers

    package init(_ role: Role, on ground: Role? = nil, _ modifiers: Modifiers = []) {
        self.role = role
        self.ground = ground
        self.modifiers = modifiers
    }

    package static let text = Style(.text)
    package static let muted = Style(.muted)

    package func on(_ ground: Role?) -> Style { Style(role, on: ground, modifiers) }
    package var bold: Style { Style(role, on: ground, modifiers.union(.bold)) }
}
