import Terminal

/// One line that the palette offers.
struct PaletteEntry: Equatable, Sendable {
    enum Target: Equatable, Sendable {
        case command(Command)
        /// Puts this into the line, for an argument to be typed behind it.
        case complete(String)
        /// Enters the company with this url id.
        case company(String)
        /// Goes to the open company with this number.
        case tab(Int)
        /// Lists the users of the company on screen that fit.
        case users(String)
        /// Opens the form for a company, with a user of it where one was named.
        case impersonate(urlID: String, user: String?)
        case theme(String)
        case quit
        /// Only says why it can't be done here.
        case refusal(DisplayText)
    }

    var title: DisplayText
    var meaning: DisplayText
    var target: Target
    /// The characters of the title that fit what was typed.
    var matched: [Int] = []
    /// What `tab` puts into the line.
    var completion: String?
}
