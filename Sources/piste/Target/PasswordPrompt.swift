import Glibc
import Postgres
import Terminal

/// Asks for a password at the terminal, without showing it.
enum PasswordPrompt {
    /// The longest password that is taken, in bytes.
    private static let limit = 1000

    /// Has a password asked for wherever a server wants one, as long as somebody sits at a terminal.
    static func begin() {
        guard isatty(STDIN_FILENO) == 1 else { return }
        Passwords.ask { ask(for: $0) }
    }

    /// Asks nobody any more: a screen is on, and keys are its own.
    static func end() { Passwords.ask(with: nil) }

    /// The password; nil where there is no terminal, or `^C` or `^D` was pressed.
    private static func ask(for whose: String) -> String? {
        let terminal = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard terminal >= 0 else { return nil }
        defer { close(terminal) }
        var modes = termios()
        guard tcgetattr(terminal, &modes) == 0 else { return nil }
        var hidden = modes
        hidden.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG)
        tcsetattr(terminal, TCSAFLUSH, &hidden)
        defer {
            write("\r\n", to: terminal)
            tcsetattr(terminal, TCSADRAIN, &modes)
        }
        write("Password for \(String(displaying: whose)): ", to: terminal)
        return line(from: terminal)
    }

    private static func line(from terminal: Int32) -> String? {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while true {
            let count = read(terminal, &byte, 1)
            guard count == 1 else {
                if count < 0, errno == EINTR { continue }
                return nil
            }
            switch byte {
            case UInt8(ascii: "\r"), UInt8(ascii: "\n"): return String(validating: bytes, as: UTF8.self)
            case 3, 4, 27: return nil
            case 8, 127:
                while let last = bytes.popLast(), last & 0xC0 == 0x80 {}
            case 21: bytes = []
            case ..<32: break
            default: if bytes.count < limit { bytes.append(byte) }
            }
        }
    }

    private static func write(_ text: String, to terminal: Int32) {
        let bytes = Array(text.utf8)
        _ = Glibc.write(terminal, bytes, bytes.count)
    }
}
