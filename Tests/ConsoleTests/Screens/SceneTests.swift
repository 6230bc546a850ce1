import Tenancy
import Terminal
import Testing

@testable import Console

/// Every screen at every size: as it is kept, and as it has to be whatever is kept.
struct SceneTests {
    @Test(arguments: Scene.all)
    func looksAsItIsKept(scene: Scene) throws {
        let file = try SceneFile(scene)
        try expectText(file.text, "Screens/\(scene.name)")
    }

    @Test func everyFileBelongsToAScene() throws {
        #expect(Set(Scene.all.map(\.name)).count == Scene.all.count)
        #expect(try keptFrames(in: "Screens") == Set(Scene.all.map { $0.name + ".txt" }))
    }

    @Test(arguments: Scene.scenesAndSizes)
    func noLineIsWiderThanTheScreen(scene: Scene, size: Size) throws {
        for glyphs in [Glyphs.unicode, .ascii] {
            for line in try scene.driver(size, glyphs).canvas.lines {
                #expect(DisplayText(line).columns <= size.columns, "\(line)")
            }
        }
    }

    /// Letters may be a customer's; marks, borders and punctuation are always Piste's own.
    @Test(arguments: Scene.scenesAndSizes)
    func inASCIINothingElseIsDrawn(scene: Scene, size: Size) throws {
        for line in try scene.driver(size, .ascii).canvas.lines {
            let strange = line.filter { !$0.isASCII && !$0.isLetter }
            #expect(strange.isEmpty, "\(strange) in \(line)")
        }
    }

    @Test(arguments: Scene.scenesAndSizes)
    func theBottomLineNamesTheWayToTheHelpOrOut(scene: Scene, size: Size) throws {
        let driver = try scene.driver(size)
        guard Layout.hasRoom(size), driver.state.notice == nil, !driver.state.idleLock.isLocked else {
            return
        }
        guard driver.state.linkFailure == nil, driver.state.tour == nil else { return }
        let bottom = driver.canvas.text(row: size.rows - 1)
        let isTyping = !driver.state.overlays.isEmpty || driver.state.filterTarget != nil
        #expect(bottom.contains(isTyping ? "esc " : "? help"), "\(bottom)")
    }

    @Test(arguments: Scene.scenesAndSizes)
    func insideACompanyTheTopBarNamesItAndCountsDown(scene: Scene, size: Size) throws {
        let driver = try scene.driver(size)
        guard Layout.hasRoom(size), let context = driver.state.context, context.ended == nil else { return }
        let top = driver.canvas.text(row: 0)
        #expect(top.contains(#/ \d\d:\d\d$/#), "\(top)")
        if driver.state.isImpersonating { #expect(top.contains("IMPERSONATING"), "\(top)") }
        guard !driver.state.idleLock.isLocked, !driver.state.hasScreenOnTop || driver.state.proof != nil
        else { return }
        let name = driver.state.proof?.companyName ?? context.open.companyName
        #expect(top.contains(name), "\(top)")
    }

    @Test(arguments: Scene.scenesAndSizes)
    func withoutColoursWhatCountsIsToldApart(scene: Scene, size: Size) throws {
        let canvas = try scene.driver(size).canvas
        let library = ThemeLibrary(folders: [themeFolder])
        for name in library.names {
            let theme = try library.theme(named: name)
            let isTold = canvas.cells.allSatisfy { cell in
                guard cell.style.counts else { return true }
                return theme.ink(cell.style, .mono).modifiers != theme.ink(.text, .mono).modifiers
            }
            #expect(isTold, "\(name)")
        }
    }

    @Test(arguments: Scene.scenesAndSizes.filter { $0.0.selects })
    func theSelectedRowIsToldApartWithoutColours(scene: Scene, size: Size) throws {
        let canvas = try scene.driver(size).canvas
        let rows = (0..<size.rows).filter { row in
            (0..<size.columns).contains {
                let style = canvas[row, $0].style
                return style.ground == .selection || style.role == .selection
            }
        }
        #expect(!rows.isEmpty)
        for row in rows {
            let hasMark = canvas.text(row: row).contains(#/[▌▸]/#)
            let isReversed = (0..<size.columns).contains {
                Theme.plain.ink(canvas[row, $0].style, .mono).modifiers.contains(.reverse)
            }
            #expect(hasMark || isReversed, "\(canvas.text(row: row))")
        }
    }
}

extension Style {
    /// Whether what it draws must not be overlooked: the selection, an impersonation, a countdown that runs out.
    fileprivate var counts: Bool {
        let counting: Set<Role> = [.selection, .impersonation, .countdownWarn, .countdownCritical]
        return counting.contains(role) || ground.map(counting.contains) == true
    }
}

private let themeFolder =
    String(#filePath.dropLast("Tests/ConsoleTests/Screens/SceneTests.swift".count)) + "themes"
