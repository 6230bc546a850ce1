import ArgumentParser

/// How the console draws.
struct DisplayOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The theme.", valueName: "name"))
    var theme: String?

    @Option(help: "auto, 256, 16, mono or direct.")
    var color = ColorMode.auto

    @Flag(help: "Draw frames and bars with ASCII characters.")
    var ascii = false

    @Flag(help: "Take mouse clicks and wheel; selecting text then needs the shift key.")
    var mouse = false

    @Flag(help: "Print the companies as a plain table instead of opening the console.")
    var plain = false
}

/// The colours that the terminal is taken to have.
enum ColorMode: String, ExpressibleByArgument, CaseIterable {
    case auto, direct, mono
    case indexed = "256"
    case ansi = "16"
}
