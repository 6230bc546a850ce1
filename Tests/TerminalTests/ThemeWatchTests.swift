import Glibc
import Terminal
import Testing

/// The kernel tells when a theme was written; nothing looks by itself.
struct ThemeWatchTests {
    private static let text = "name = \"dusk\"\n"

    private func isReadable(_ watch: ThemeWatch) throws -> Bool {
        var polled = pollfd(fd: try #require(watch.descriptor), events: Int16(POLLIN), revents: 0)
        return poll(&polled, 1, 0) > 0
    }

    @Test func aWrittenOrMovedThemeIsTold() throws {
        let folder = try ThemeFolder(["dusk": Self.text])
        let watch = ThemeWatch()
        watch.add([folder.path, "/no/such/folder"])
        let isReadableBefore = try isReadable(watch)
        #expect(!isReadableBefore)
        #expect(!watch.takeChanges())
        folder.write(Self.text, to: "dusk.toml")
        let isReadableNow = try isReadable(watch)
        #expect(isReadableNow)
        #expect(watch.takeChanges())
        #expect(!watch.takeChanges())
        folder.write(Self.text, to: "new.tmp")
        #expect(!watch.takeChanges())
        folder.move("new.tmp", to: "dusk.toml")
        #expect(watch.takeChanges())
    }

    @Test func whatIsNoThemeIsNotTold() throws {
        let folder = try ThemeFolder([:])
        let watch = ThemeWatch()
        watch.add([folder.path])
        for name in ["notes.txt", ".dusk.toml", "dusk.toml~", String(repeating: "x", count: 200)] {
            folder.write("x", to: name)
        }
        #expect(!watch.takeChanges())
        for number in 0..<500 { folder.write(Self.text, to: "theme-\(number).toml") }
        #expect(watch.takeChanges())
        #expect(!watch.takeChanges())
    }

    @Test func foldersOfAThemeAreThoseThatItMayBeReadFrom() {
        let library = ThemeLibrary(folders: ["/one", "/two"])
        #expect(library.folders(of: "dusk") == ["/one", "/two"])
        #expect(library.folders(of: "/three/dusk.toml") == ["/one", "/two", "/three"])
        #expect(library.folders(of: "dusk.toml") == ["/one", "/two", "."])
        #expect(library.file(named: "dusk") == nil)
        #expect(library.file(named: "./dusk.toml") == "./dusk.toml")
    }
}
