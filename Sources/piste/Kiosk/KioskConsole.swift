import Console
import Glibc
import Host
import LocalCluster
import Postgres

/// The console of a visitor: this program once more, in a process that can do little else.
struct KioskConsole {
    let options: KioskOptions
    let hasTour: Bool

    /// Starts the console's process on the terminal; it holds the place's lock as well.
    ///
    /// - Parameters:
    ///   - recording: the file that it writes what it shows into.
    ///   - onlookers: the socket that the host comes to for looking on.
    func start(
        _ running: RunningCluster, _ place: VisitPlace, recording: Int32?, onlookers: Int32?
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, place.lock, place.lock)
        for descriptor in [recording, onlookers] {
            if let descriptor { posix_spawn_file_actions_adddup2(&actions, descriptor, descriptor) }
        }
        let arguments =
            [
                "piste", "demo", "--kiosk", "--kiosk-visit", running.socketDirectory, "--visit-minutes",
                "\(options.visitMinutes)", "--idle-minutes", "\(options.idleMinutes)", "--memory",
                "\(options.memory)",
            ] + (hasTour ? ["--tour"] : [])
            + (recording.map { ["--kiosk-recording", "\($0)"] } ?? [])
            + (onlookers.map { ["--kiosk-onlookers", "\($0)"] } ?? [])
        var argv = arguments.map { strdup($0) } + [nil]
        var environment = Self.environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in argv + environment { free(text) } }
        var pid = pid_t()
        let status = ChildSignals.clean {
            posix_spawn(&pid, "/proc/self/exe", &actions, $0, &argv, &environment)
        }
        guard status == 0 else {
            throw CommandError(.failed, "the console does not start: \(String(cString: strerror(status)))")
        }
        return pid
    }

    /// What of the visitor's environment the console sees: how their terminal and their language are called.
    ///
    /// Neither may name a file, or anything but what such names are made of.
    static var environment: [String: String] {
        var kept = ["LANG": "C.UTF-8", "TERM": "xterm", "TZ": "UTC", "PATH": "/usr/bin:/bin"]
        for name in ["TERM", "COLORTERM", "LANG", "LC_ALL", "LC_CTYPE", "NO_COLOR"] {
            guard let value = Environment.value(name), value.utf8.count <= 64,
                value.utf8.allSatisfy({ byte in
                    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                        || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                        || "-_.+@".utf8.contains(byte)
                })
            else { continue }
            kept[name] = value
        }
        return kept
    }

    /// Runs the console on a visitor's own server, with what is left of a process's powers.
    func run(on socketDirectory: String, display: DisplayOptions) throws {
        // No file can be written but the recording that the host opened, and no image of the memory is left behind.
        signal(SIGXFSZ, SIG_IGN)
        let megabytes = rlim_t(options.memory) << 20
        for (resource, limit) in [
            (RLIMIT_CORE, 0), (RLIMIT_FSIZE, options.kioskRecording == nil ? 0 : rlim_t(Recording.most)),
            (RLIMIT_DATA, megabytes), (RLIMIT_NOFILE, 256),
        ] {
            var limits = rlimit(rlim_cur: limit, rlim_max: limit)
            guard setrlimit(__rlimit_resource_t(UInt32(resource.rawValue)), &limits) == 0 else {
                throw CommandError(.failed, "the limits of a visit cannot be set")
            }
        }
        let running = RunningCluster(socketDirectory: socketDirectory)
        let settings = try Settings(isProfiled: false, given: display.given, idleLock: 0)
        var launch = ConsoleLaunch(
            target: Target(settings: running.settings(user: DemoLogins.standard), local: nil),
            display: display,
            settings: settings)
        launch.name = "demo"
        launch.visit = Visit(minutes: options.visitMinutes, idleMinutes: options.idleMinutes)
        launch.hasTour = hasTour
        launch.recording = options.kioskRecording.map { Recording(into: Int32($0)) }
        launch.audience = options.kioskOnlookers.map { Onlookers(at: Int32($0)).audience }
        defer { launch.recording?.end() }
        try launch.run()
    }
}
