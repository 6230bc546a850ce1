import FoundationEssentials
import Host
import LocalCluster
import Terminal

/// Looks at this program's side: its terminal, its theme and the private PostgreSQL.
struct ProgramExamination {
    var theme: String?
    var library = ThemeLibrary(environment: Environment.all)
    var environment = Environment.all

    func findings() -> [Finding] {
        [.good("piste", "version \(Piste.version)"), terminal, size, locale, appearance, cluster]
            .compactMap { $0 }
    }

    private var terminal: Finding {
        guard StandardOutput.isTerminal else {
            return .good("terminal", "none: standard output is no terminal, so commands write plain text")
        }
        let name = environment["TERM"] ?? ""
        do throws(TerminalError) {
            guard let notice = try Screen.check(terminal: name) else {
                return .good("terminal", "\(name), known here")
            }
            return .warning(
                "terminal", notice,
                mend: "install its description (Debian: ncurses-term), or set TERM=xterm-256color")
        } catch {
            return .problem(
                "terminal", error.description,
                mend:
                    "set TERM to what the terminal is, for instance xterm-256color; piste --plain needs none")
        }
    }

    private var size: Finding? {
        guard let size = StandardOutput.size else { return nil }
        let shown = "\(size.columns)×\(size.rows)"
        guard size.columns >= 60, size.rows >= 16 else {
            return .problem("window", "\(shown); the console needs 60×16", mend: "make the window larger")
        }
        guard size.columns >= 80, size.rows >= 24 else {
            return .warning(
                "window", "\(shown); everything fits from 80×24 on", mend: "make the window larger")
        }
        return .good("window", shown)
    }

    private var locale: Finding {
        let name =
            ["LC_ALL", "LC_CTYPE", "LANG"].compactMap { environment[$0] }.first { !$0.isEmpty } ?? "none"
        guard Screen.hasUnicode else {
            return .warning(
                "locale", "\(name), and this machine has no UTF-8 locale: names are shown in ASCII",
                mend: "install one (Debian: locales, then C.UTF-8 or your own), and set LANG")
        }
        let isUnicode = name.uppercased().filter { $0 != "-" }.hasSuffix("UTF8")
        return isUnicode
            ? .good("locale", name)
            : .warning(
                "locale", "\(name) names no UTF-8; the console takes UTF-8 all the same",
                mend: "set LANG=C.UTF-8, so that other programs do so too")
    }

    private var appearance: Finding {
        let name = theme ?? Theme.standard.name
        do throws(ThemeError) {
            _ = try library.theme(named: name)
            let plain = environment["NO_COLOR"]?.isEmpty == false
            return .good(
                "theme",
                "\(name), one of \(library.names.count)"
                    + (plain ? "; shown without colours, as NO_COLOR asks" : ""))
        } catch {
            return .problem(
                "theme", error.description,
                mend: "mend the file, or choose one of the others: T in the console")
        }
    }

    private var cluster: Finding? {
        let status = LocalCluster.standard.status()
        guard status.phase != .absent else { return nil }
        return .good(
            "private PostgreSQL",
            "\(status.phase.rawValue), in \(status.dataDirectory), \(status.bytes >> 20) MB")
    }
}
