import FoundationEssentials
import Glibc

/// Copies over SSH: by tmux's own way inside tmux, else by OSC 52, which asks the user's own terminal.
struct Clipboard: Sendable {
    /// What most terminals take at most, encoded.
    static let limit = 74_994

    private let isInsideTmux: Bool

    init(environment: [String: String]) {
        isInsideTmux = environment["TMUX"]?.isEmpty == false
    }

    /// How a text gets to the clipboard, decided by where the program runs.
    enum Way: Equatable {
        case escape([UInt8])
        case tmux
        case tooLong(Int)
    }

    func way(for text: String) -> Way {
        let encoded = Data(text.utf8).base64EncodedString()
        guard encoded.utf8.count <= Self.limit else { return .tooLong(text.utf8.count) }
        return isInsideTmux ? .tmux : .escape(Array("\u{1B}]52;c;\(encoded)\u{7}".utf8))
    }

    /// Hands the text to tmux, which passes it on to the terminal; says whether tmux took it.
    static func loadTmuxBuffer(_ text: String) -> Bool {
        guard let stream = popen("tmux load-buffer -w - 2>/dev/null", "w") else { return false }
        let bytes = Array(text.utf8)
        let written = fwrite(bytes, 1, bytes.count, stream)
        return pclose(stream) == 0 && written == bytes.count
    }
}
