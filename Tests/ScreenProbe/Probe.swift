import Glibc
import Terminal

/// The probe's loop: one poll over the screen's descriptors, as the console has it.
struct Probe {
    let screen: Screen
    let log: Int32
    var scene = Scene()
    var theme = Theme.standard
    var cursor: Position?

    mutating func run() -> Int32 {
        say("open \(screen.size.columns)x\(screen.size.rows) \(screen.depth.rawValue) \(screen.notice ?? "")")
        present()
        say("ready")
        while true {
            var polled = screen.descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            let count = poll(&polled, nfds_t(polled.count), -1)
            if count < 0, errno != EINTR { return 9 }
            for event in screen.events() {
                say("\(event)")
                if let code = handle(event) { return code }
            }
        }
    }

    private mutating func handle(_ event: InputEvent) -> Int32? {
        switch event {
        case .hangup:
            screen.close()
            say("closed \(screen.endingSignal ?? 0)")
            return 0
        case .key(let key): return handle(key)
        default:
            present()
            return nil
        }
    }

    private mutating func handle(_ key: Key) -> Int32? {
        switch key {
        case .character("q"):
            screen.close()
            return 0
        case .character("x"): return 3
        case .character("S"): UnsafeMutablePointer<Int>(bitPattern: 8)?.pointee = 1
        case .character("F"): fatalError("the last words")
        case .character("E"): perror("noise on standard error")
        case .character("R"): for _ in 0..<100 { present() }
        case .character("t"): theme = (try? ThemeLibrary(folders: []).theme(named: "high-contrast")) ?? theme
        case .character("w"): screen.write(raw: Array("\u{1B}]52;c;QWRh\u{7}".utf8))
        case .character("c"): cursor = cursor == nil ? Position(row: 2, column: 3) : nil
        case .character("d"): scene.isDifferent.toggle()
        case .character("n"): scene.offset += 1
        case .character("1"): scene.seconds -= 1
        case .character("B"): measure()
        case .control("z"): screen.suspend()
        case .control("l"): screen.redraw()
        case .down: scene.selected += 1
        default: break
        }
        present()
        say("drawn")
        return nil
    }

    private func present() {
        screen.present(scene.canvas(screen.size, glyphs: screen.glyphs), theme: theme, cursor: cursor)
    }

    private func say(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = Glibc.write(log, bytes, bytes.count)
    }

    /// Times what the console does for a key; the terminal's end must be read meanwhile.
    private func measure() {
        let clock = ContinuousClock()
        func median(_ label: String, _ body: (Int) -> Void) {
            let times = (0..<101).map { round in clock.measure { body(round) } }.sorted()
            say("median \(label) \(times[50].components.attoseconds / 1_000_000_000) ns")
        }
        let size = screen.size
        let library = ThemeLibrary(folders: [])
        median("read a theme") { _ in _ = try? library.theme(named: "piste") }
        median("gate 60 texts") { _ in
            for index in 0..<60 { _ = DisplayText("ada\(index)@awesome.example") }
        }
        let still = scene.canvas(size, glyphs: screen.glyphs)
        let sides = [Scene.noise(size, side: true), Scene.noise(size, side: false)]
        median("draw the scene") { _ in _ = scene.canvas(size, glyphs: screen.glyphs) }
        screen.present(still, theme: theme)
        median("present unchanged") { _ in
            screen.present(scene.canvas(size, glyphs: screen.glyphs), theme: theme)
        }
        var moving = scene
        let lines = (0..<2).map { index in
            moving.selected = index
            return moving.canvas(size, glyphs: screen.glyphs)
        }
        median("present two changed rows") { screen.present(lines[$0 % 2], theme: theme) }
        median("present all changed") { screen.present(sides[$0 % 2], theme: theme) }
    }
}
