import Glibc

/// Questions on the terminal, for what cannot be undone.
enum Question {
    /// Asks for a whole `yes`; false where nobody can answer.
    static func confirm(_ question: String) -> Bool {
        guard isatty(STDIN_FILENO) == 1 else { return false }
        Narration.write("\(question) Type yes: ")
        return readLine() == "yes"
    }

    /// Asks for words; nil where nobody can answer.
    static func typed(_ question: String) -> String? {
        guard isatty(STDIN_FILENO) == 1 else { return nil }
        Narration.write("\(question) ")
        return readLine()
    }
}
