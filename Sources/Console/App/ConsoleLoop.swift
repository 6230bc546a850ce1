import Dispatch
import Glibc
import Tenancy
import Terminal

/// One `poll(2)` over the keyboard, the mailbox and the next timer; between a key and its frame nothing waits.
final class ConsoleLoop {
    private let options: ConsoleOptions
    private let screen: Terminal.Screen
    private let mailbox: Mailbox
    private let runner: EffectRunner
    private let clipboard: Clipboard
    private var state: ConsoleState
    private let themeWatch = ThemeWatch()
    private var theme: Theme
    /// What the theme on screen is read from.
    private var themeName: String
    private var isOver = false

    init(_ options: ConsoleOptions, screen: Terminal.Screen, mailbox: Mailbox) {
        self.options = options
        self.screen = screen
        self.mailbox = mailbox
        runner = EffectRunner(
            mailbox: mailbox, connect: options.connect, prove: options.prove)
        clipboard = Clipboard(environment: options.environment)
        theme = .standard
        themeName = Theme.standard.name
        state = ConsoleState(
            size: screen.size, login: options.login, target: options.target, themes: options.themes.names,
            theme: Theme.standard.name)
        state.glyphs = screen.glyphs
        state.keys = options.keys
        state.isReadOnly = options.isReadOnly
        state.isRecorded = options.record != nil
        state.idleLock.limit = options.idleLockMinutes.map { Milliseconds($0) * 60_000 }
        state.take(options.tables)
    }

    /// Why a visit was ended that the visitor did not end.
    var visitEnd: Visit.End? { state.visitEnd }
    var lacksPassword: Bool { state.lacksPassword }

    func run() {
        state.now = Self.now
        state.idleLock.lastTouch = state.now
        if let visit = options.visit { state.begin(visit) }
        if options.hasTour { state.beginTour() }
        themeWatch.add(options.themes.folders)
        if let name = options.theme { _ = use(theme: name) }
        if let notice = screen.notice { state.say(DisplayText(notice), .warning) }
        present()
        perform(state.start() + openingEffects())
        while !isOver { turn() }
        screen.close()
        waitForShutDown()
    }

    /// Sleeps until something happens, takes all of it in, and shows what came of it.
    private func turn() {
        let onlookers = options.audience?.descriptors() ?? []
        let polled =
            screen.descriptors + [mailbox.readEnd] + (themeWatch.descriptor.map { [$0] } ?? []) + onlookers
        var descriptors = polled.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        let wait = state.untilNextChange(at: Self.now).map { Int32(clamping: $0) } ?? -1
        // EINTR is a resize or a signal; the screen's events tell which.
        _ = poll(&descriptors, nfds_t(descriptors.count), wait)
        let isThemeWritten = descriptors.contains { $0.fd == themeWatch.descriptor && $0.revents != 0 }
        if isThemeWritten, themeWatch.takeChanges() { readThemeAgain() }
        if descriptors.suffix(onlookers.count).contains(where: { $0.revents != 0 }) { attend() }
        var actions = mailbox.takeAll() + screen.events().map { Action.input($0) }
        if actions.isEmpty { actions = [.clockTicked] }
        for action in actions { if let event = ConsoleEvent(action) { options.note(event) } }
        for action in actions where !isOver { perform(state.update(action, at: Self.now)) }
        if !isOver { present() }
    }

    /// Lets onlookers come and go; whoever works here sees it in the next frame.
    private func attend() {
        let isLookedAt = options.audience?.attend() == true
        state.isRecorded = isLookedAt || options.record != nil
    }

    private func present() {
        let (canvas, cursor) = FrameView(state).draw()
        screen.present(canvas, theme: theme, cursor: cursor)
        options.record?(canvas, theme)
        options.audience?.show(canvas, theme)
        state.notePresented()
    }

    private func openingEffects() -> [Effect] {
        switch options.start {
        case .companies: []
        case .company(let urlID): state.open(.access(urlID: urlID))
        case .impersonation(let urlID, let reason, let ticket, let user, let minutes):
            state.open(
                .impersonation(
                    ImpersonationRequest(
                        urlID: urlID, reason: reason, ticket: ticket, user: user, minutes: minutes)))
        }
    }

    private func perform(_ effects: [Effect]) {
        for effect in effects {
            switch effect {
            case .control(let request): runner.run(request)
            case .inside(let id, let request): runner.run(request, inside: id)
            case .terminal(let request): perform(request)
            }
        }
    }

    private func perform(_ request: TerminalRequest) {
        switch request {
        case .quit: isOver = true
        case .redraw: screen.redraw()
        case .suspend: screen.suspend()
        case .useTheme(let name, let keep):
            if use(theme: name), keep { options.keepTheme(name) }
        case .keepTables(let tables): options.keepTables(tables)
        case .copy(let text, let what): copy(text, what)
        }
    }

    /// A theme that can't be read is named, and never stops anything: the one on screen stays.
    ///
    /// - Returns: whether it could be read.
    private func use(theme name: String) -> Bool {
        do {
            theme = try options.themes.theme(named: name)
            themeName = name
            state.theme = name
            themeWatch.add(options.themes.folders(of: name))
            return true
        } catch {
            state.theme = themeName
            state.say(DisplayText(error.brief), .failure)
            return false
        }
    }

    /// Takes in what was written to the theme on screen; a mistake in it is named, and the last good one stays.
    private func readThemeAgain() {
        state.take(themes: options.themes.names)
        do {
            let read = try options.themes.theme(named: themeName)
            guard read != theme else { return }
            theme = read
            state.say("The theme \(DisplayText(themeName)) was read again.")
        } catch {
            state.say(DisplayText(error.brief), .failure)
        }
    }

    private func copy(_ text: String, _ what: String) {
        switch clipboard.way(for: text) {
        case .tooLong(let bytes):
            state.say("Not copied: \(what) has \(String(bytes)) bytes, more than terminals take.", .failure)
        case .escape(let sequence):
            screen.write(raw: sequence)
            state.say("Copied \(what), \(String(text.utf8.count)) bytes, by OSC 52 to your own terminal.")
        case .tmux:
            let mailbox = self.mailbox
            Task.detached {
                if Clipboard.loadTmuxBuffer(text) {
                    mailbox.post(.terminal(.copied("Copied \(what), \(text.utf8.count) bytes, by tmux.")))
                } else {
                    mailbox.post(.terminal(.copyFailed("Not copied: tmux did not take it.")))
                }
            }
        }
    }

    /// Leaves every context; the terminal may be gone by now, so this takes a second at the most.
    private func waitForShutDown() {
        let done = DispatchSemaphore(value: 0)
        let runner = self.runner
        Task.detached {
            await runner.shutDown(patience: .seconds(1))
            done.signal()
        }
        _ = done.wait(timeout: .now() + 1.5)
    }

    /// Counts on while the machine sleeps, as the server's clock does.
    private static var now: Milliseconds {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return Milliseconds(time.tv_sec) * 1000 + Milliseconds(time.tv_nsec) / 1_000_000
    }
}
