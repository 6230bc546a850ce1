import Terminal

/// Why a command did not succeed: what was wrong, where, and what would be right.
struct CommandError: Error {
    var status: ExitStatus
    /// What was wrong, in a sentence without its full stop.
    var what: String
    /// The engine's code word, when it refused.
    var refusal: String?
    /// The server's SQLSTATE, where there is one.
    var sqlState: String?
    /// The file, the database or the argument that it concerns.
    var place: String?
    /// What would be right.
    var remedy: String?

    init(_ status: ExitStatus, _ what: String, at place: String? = nil, remedy: String? = nil) {
        self.status = status
        self.what = what
        self.place = place
        self.remedy = remedy
    }
}

extension CommandError {
    /// Writes the error to standard error, every part of it through the gate.
    func report() {
        guard self.status != .interrupted else { return }
        let lines = DisplayText.lines(of: what)
        Narration.tell("piste: " + lines.map(\.string).joined(separator: "\n       "))
        if let place { Narration.tell("  where  " + String(displaying: place)) }
        if let remedy { Narration.tell("  try    " + String(displaying: remedy)) }
    }
}
