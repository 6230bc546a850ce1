import ArgumentParser

/// How the console draws.
struct DisplayOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The theme.", valueName: "name"), completion: .themes)
    var theme: String?

    @Option(help: "auto, truecolor (also direct), 256, 16 or mono.")
    var color: ColorMode?

    @Flag(inversion: .prefixedNo, help: "Draw frames and bars with ASCII characters.")
    var ascii: Bool?

    @Flag(
        inversion: .prefixedNo,
        help: "Take clicks, double clicks and the wheel; selecting text then needs the shift key.")
    var mouse: Bool?

    @Flag(inversion: .prefixedNo, help: "Let nothing be changed from this console.")
    var readOnly: Bool?

    @Option(
        help: ArgumentHelp(
            "Blank the screen after so many minutes without a key; 0 for never.", valueName: "minutes"))
    var idleLock: Int?

    @Flag(help: "Print the companies as a plain table instead of opening the console.")
    var plain = false

    func validate() throws {
        guard idleLock.map({ (0...24 * 60).contains($0) }) ?? true else {
            throw ValidationError("--idle-lock is a number of minutes from 0, for never, to 1440")
        }
    }

    /// The form of what is printed instead of drawn, where `--format` is given or not.
    func format(_ chosen: ListingFormat? = nil) -> ListingFormat { plain ? .plain : chosen ?? .table }

    /// What the flags set.
    var given: [Setting: SettingValue] {
        var given: [Setting: SettingValue] = [:]
        given[.theme] = theme.map { .text($0) }
        given[.color] = color.map { .text($0.rawValue) }
        given[.ascii] = ascii.map { .truth($0) }
        given[.mouse] = mouse.map { .truth($0) }
        given[.readOnly] = readOnly.map { .truth($0) }
        given[.idleLock] = idleLock.map { .minutes($0) }
        return given
    }
}

/// The colours that the terminal is taken to have.
enum ColorMode: String, ExpressibleByArgument, CaseIterable {
    case auto, truecolor, direct, mono
    case indexed = "256"
    case ansi = "16"
}
