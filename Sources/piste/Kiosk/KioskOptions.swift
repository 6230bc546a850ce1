import ArgumentParser
import Glibc

/// A demo for visitors whom nobody knows: `piste demo --kiosk` as a forced command or a login shell.
struct KioskOptions: ParsableArguments {
    @Flag(
        help: ArgumentHelp(
            "Serve a visitor over SSH: a private copy of the demo, no files, no shell, all of it removed afterwards."
        ))
    var kiosk = false

    @Option(help: "With --kiosk: how many visitors there may be at once.")
    var visitors = 8

    @Option(help: "With --kiosk: how long a visit may last.")
    var visitMinutes = 20

    @Option(help: "With --kiosk: after so many minutes without a key the visit is over.")
    var idleMinutes = 5

    @Option(
        help: ArgumentHelp(
            "With --kiosk: how much memory a visitor's console may take; a visitor's server has 32 MB of buffers.",
            valueName: "MB"))
    var memory = 192

    @Option(
        help: ArgumentHelp(
            "With --kiosk: where the copies lie; an absolute path, by default beside the private PostgreSQL.",
            valueName: "folder"), completion: .directory)
    var kioskFolder: String?

    /// The socket of a visitor's own server: how the supervisor tells the console where it is.
    @Option(help: .hidden)
    var kioskVisit: String?

    /// The descriptor of the visit's recording: how the supervisor hands it to the console.
    @Option(help: .hidden)
    var kioskRecording: Int?

    /// The descriptor of the socket that onlookers come to.
    @Option(help: .hidden)
    var kioskOnlookers: Int?

    /// Where the copies lie, whatever the visitor's environment says.
    var folder: String {
        if let kioskFolder { return kioskFolder }
        guard geteuid() != 0, let home = getpwuid(geteuid())?.pointee.pw_dir else {
            return "/var/lib/piste/kiosk"
        }
        return String(cString: home) + "/.local/share/piste/kiosk"
    }

    func validate() throws {
        guard (1...200).contains(visitors) else {
            throw ValidationError("--visitors is a number from 1 to 200")
        }
        guard (1...24 * 60).contains(visitMinutes) else {
            throw ValidationError("--visit-minutes is a number from 1 to 1440")
        }
        guard (1...24 * 60).contains(idleMinutes) else {
            throw ValidationError("--idle-minutes is a number from 1 to 1440")
        }
        guard (64...4096).contains(memory) else {
            throw ValidationError("--memory is a number of MB from 64 to 4096")
        }
        guard kioskFolder?.hasPrefix("/") != false else {
            throw ValidationError("--kiosk-folder is an absolute path")
        }
    }
}
