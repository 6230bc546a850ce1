import Terminal
import Testing

@testable import Console

/// What a visitor may do, and for how long.
struct VisitTests {
    private func visiting(minutes: Int = 20, idle: Int = 5) -> Driver {
        let driver = Driver.inside()
        driver.state.idleLock.lastTouch = driver.now
        driver.state.now = driver.now
        driver.state.begin(Visit(minutes: minutes, idleMinutes: idle))
        return driver
    }

    private func wait(_ driver: Driver, minutes: Milliseconds) {
        driver.now += minutes * 60_000
        driver.send(.clockTicked)
        driver.present()
    }

    @Test func itSaysWhatItIs() {
        #expect(visiting().frame.contains("Yours for 20 minutes"))
        #expect(visiting(minutes: 1).frame.contains("for one minute"))
    }

    @Test func anIdleVisitorGoes() {
        let driver = visiting()
        wait(driver, minutes: 4)
        driver.press(.down)
        _ = driver.takeEffects()
        wait(driver, minutes: 4)
        #expect(!driver.effects.contains(.terminal(.quit)))
        #expect(driver.state.untilNextChange(at: driver.now) ?? .max <= 60_000)
        wait(driver, minutes: 1)
        #expect(driver.effects.contains(.terminal(.quit)))
        #expect(driver.state.visitEnd == .idle)
    }

    @Test func theTimeIsOverWhoeverIsBusy() {
        let driver = visiting(minutes: 3, idle: 60)
        wait(driver, minutes: 1)
        #expect(driver.frame.contains("This visit ends in 02:00."))
        driver.press(.down)
        #expect(!driver.frame.contains("This visit ends"))
        wait(driver, minutes: 1)
        #expect(!driver.effects.contains(.terminal(.quit)))
        wait(driver, minutes: 1)
        #expect(driver.effects.contains(.terminal(.quit)))
        #expect(driver.state.visitEnd == .time)
    }

    @Test func noFileAndNoShell() {
        let driver = visiting()
        for key in [Key.character("x"), .control("z")] {
            driver.press(key)
            #expect(driver.frame.contains("This demo writes no files and starts no programs."))
            #expect(driver.state.overlays.isEmpty)
            #expect(driver.effects.isEmpty)
        }
        driver.press(.character("?"))
        #expect(!driver.frame.contains("into a file"))
        // The control: without a visit the same key opens the form.
        let free = Driver.inside()
        free.press(.character("x"))
        #expect(free.state.overlays.count == 1)
    }

    /// Whatever asked for it: an effect that leads out of the console is not let out.
    @Test func theEffectsThemselvesAreHeldBack() {
        let driver = visiting()
        let themes = driver.state.looks.themes
        let effects: [Effect] = [
            .terminal(.suspend), .terminal(.keepTables(TablesKept())),
            .terminal(.useTheme("/etc/passwd", keep: true)),
            .terminal(.useTheme(themes[0], keep: false)),
            .terminal(.redraw),
        ]
        #expect(
            driver.state.withinVisit(effects) == [
                .terminal(.useTheme(themes[0], keep: false)), .terminal(.redraw),
            ])
        #expect(Driver.inside().state.withinVisit(effects) == effects)
    }
}
