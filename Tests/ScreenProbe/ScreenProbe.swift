import Glibc
import Terminal

/// Drives a real screen for the tests: draws a scene, does what single keys ask for, and logs what it saw.
///
/// Usage: ScreenProbe LOG [--mouse] [--ascii] [--color=DEPTH] [--escape-delay=MILLISECONDS]
@main
struct ScreenProbe {
    static func main() {
        Crashes.endAtOnce()
        let log = open(CommandLine.arguments[1], O_WRONLY | O_CREAT | O_APPEND, 0o600)
        var environment: [String: String] = [:]
        for name in ["TERM", "SSH_TTY", "NO_COLOR"] {
            if let value = getenv(name) { environment[name] = String(cString: value) }
        }
        if option("--color=") == "crash" { fatalError("before a screen is open") }
        let options = Screen.Options(
            color: ColorDepth.wish(option: option("--color="), environment: environment),
            mouse: CommandLine.arguments.contains("--mouse"),
            ascii: CommandLine.arguments.contains("--ascii"),
            escapeDelay: option("--escape-delay=").flatMap { Int($0) })
        do {
            var probe = Probe(screen: try Screen(options, environment: environment), log: log)
            exit(probe.run())
        } catch {
            print("no screen: \(error.code): \(error)")
            exit(7)
        }
    }

    private static func option(_ name: String) -> String? {
        CommandLine.arguments.first { $0.hasPrefix(name) }.map { String($0.dropFirst(name.count)) }
    }
}
