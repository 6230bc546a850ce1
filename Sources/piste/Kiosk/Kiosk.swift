import Glibc
import LocalCluster

/// One visitor from the door to the goodbye: a place, a private copy of the demo, the console on it, and all of it gone.
///
/// This process only supervises. It ignores what a terminal can send, so that it is still there to clean up when the link is
/// cut; the console is a process of its own, without an environment, without files and with little memory. Both hold the
/// place's lock: whichever dies how, the place is taken while one of them lives.
struct Kiosk {
    let options: KioskOptions
    let plan: DemoPlan
    let hasTour: Bool
    /// The folder that what visitors see is written into; nil where nothing is.
    var recordings: String?

    /// How long after its end a console may take to leave before it is ended.
    private static let grace = 15

    func run() throws {
        guard isatty(STDIN_FILENO) == 1, StandardOutput.isTerminal else {
            throw CommandError(
                .refused, "only the demo is here, on a terminal; no command is run and no file is copied",
                remedy: "ssh -t, without a command")
        }
        for signal in [SIGHUP, SIGINT, SIGQUIT, SIGTSTP, SIGTTOU, SIGTTIN] { Glibc.signal(signal, SIG_IGN) }
        var before = termios()
        let isKnown = tcgetattr(STDIN_FILENO, &before) == 0
        let house = VisitHouse(folder: options.folder, places: options.visitors)
        guard let place = try house.takePlace() else {
            throw CommandError(
                .refused,
                options.visitors == 1
                    ? "somebody else is looking at the demo"
                    : "\(options.visitors) visitors are inside already",
                remedy: "come again in a few minutes")
        }
        defer { place.release() }
        defer {
            do { try place.clear() } catch {
                Narration.say("The copy could not be removed: \(error.message)")
            }
        }
        let plan = plan
        let running = try house.open(
            place, edition: "\(Piste.version) \(plan.companyCount)\n", narrate: Narration.say
        ) { running in
            try waitFor {
                try await LocalPreparation.prepare(running)
                try await DemoBuild(cluster: running, plan: plan).run()
            }
        }
        let recording = try recordings.map {
            try Recording.open("\($0)/visit-\(Moment.now.filter { $0 != ":" })-\(getpid()).cast")
        }
        let console = KioskConsole(options: options, hasTour: hasTour)
        let onlookers = WatchSocket(in: place.cluster.root).listen()
        let ending = try watch(
            console.start(running, place, recording: recording, onlookers: onlookers))
        for descriptor in [recording, onlookers] { if let descriptor { Glibc.close(descriptor) } }
        if ending != 0, isKnown {
            // A console that was killed has not put the terminal back.
            _ = tcsetattr(STDIN_FILENO, TCSADRAIN, &before)
            try? StandardOutput.shared.line("\u{1B}[?1049l\u{1B}[?2004l\u{1B}[?1000l\u{1B}[?25h\u{1B}[0m")
            try? StandardOutput.shared.flush()
            Narration.say("The console ended unexpectedly.")
        }
        Narration.say("Your copy of the demo is removed. Goodbye.")
    }

    /// Waits for the console, and ends one that outlives its time; gives its status, 128 + n after signal n.
    private func watch(_ pid: pid_t) throws -> Int32 {
        var signals = sigset_t()
        sigemptyset(&signals)
        for signal in [SIGCHLD, SIGTERM] { sigaddset(&signals, signal) }
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        let end = ContinuousClock.now + .seconds(options.visitMinutes * 60 + Self.grace)
        var status: Int32 = 0
        while true {
            let waited = waitpid(pid, &status, WNOHANG)
            if waited == pid { return status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f }
            guard waited == 0 || errno == EINTR else { return 0 }
            let left = max(0, (end - .now).components.seconds)
            var limit = timespec(tv_sec: Int(left) + 1, tv_nsec: 0)
            let signal = sigtimedwait(&signals, nil, &limit)
            if signal == SIGTERM { kill(pid, SIGTERM) }
            if ContinuousClock.now > end { kill(pid, SIGKILL) }
        }
    }
}
