import Foundation
import Glibc
import Terminal
import Testing

/// A folder of themes for one test.
final class ThemeFolder {
    let path: String

    init(_ themes: [String: String]) throws {
        path = "/tmp/piste-themes-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        mkdir(path, 0o700)
        for (name, text) in themes { write(text, to: "\(name).toml") }
    }

    func write(_ text: String, to name: String) { write(bytes: Array(text.utf8), to: name) }

    func write(bytes: [UInt8], to name: String) {
        let file = open("\(path)/\(name)", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        #expect(Glibc.write(file, bytes, bytes.count) == bytes.count)
        close(file)
    }

    /// Moves a file over another, as editors do that write a new one first.
    func move(_ name: String, to other: String) {
        #expect(rename("\(path)/\(name)", "\(path)/\(other)") == 0)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    var library: ThemeLibrary { ThemeLibrary(folders: [path]) }
}
