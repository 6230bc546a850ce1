/// How many colours a terminal shows.
package enum ColorDepth: String, CaseIterable, Comparable, Sendable {
    /// None: roles differ by bold, underline and reverse.
    case mono
    /// The sixteen colours of the terminal's own palette.
    case ansi = "16"
    /// The fixed cube and grey ramp of 256 colours.
    case indexed = "256"
    /// Red, green and blue as they are.
    case direct

    package static func < (left: ColorDepth, right: ColorDepth) -> Bool {
        left.rank < right.rank
    }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    /// What the user asked for with `--color`, and with `NO_COLOR` when nothing was asked for.
    ///
    /// - Returns: nil when the terminal's own abilities decide.
    package static func wish(option: String?, environment: [String: String]) -> ColorDepth? {
        if option == "truecolor" { return .direct }
        if let option, option != "auto" { return ColorDepth(rawValue: option) }
        return environment["NO_COLOR"].map(\.isEmpty) == false ? .mono : nil
    }

    /// The most that a terminal of `colors` colours can do.
    static func ability(colors: Int, isDirect: Bool) -> ColorDepth {
        if isDirect { return .direct }
        return colors >= 256 ? .indexed : colors >= 8 ? .ansi : .mono
    }
}
