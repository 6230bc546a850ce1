import Foundation
import Testing

/// A screen costs its folder and three lines: whatever stands in its folder is named in at most three other files.
struct ScreenNamesTests {
    /// One says that it is a screen, one opens it, one reads for it.
    private static let most = 3

    /// The words of the console's sources by their paths below `Sources/Console`.
    private static let sources: [String: Set<String>] = {
        let root = #filePath.components(separatedBy: "/Tests/")[0] + "/Sources/Console"
        let paths = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
        var sources: [String: Set<String>] = [:]
        for path in paths where path.hasSuffix(".swift") {
            sources[path] = words(
                String(
                    decoding: FileManager.default.contents(atPath: "\(root)/\(path)") ?? Data(), as: UTF8.self
                ))
        }
        return sources
    }()

    /// The words of a source, without those of its comments.
    private static func words(_ source: String) -> Set<String> {
        var words: Set<String> = []
        for line in source.utf8.split(separator: UInt8(ascii: "\n")) {
            let code = line.drop { $0 == UInt8(ascii: " ") }
            guard !code.starts(with: "//".utf8) else { continue }
            for word in code.split(whereSeparator: { !isOfAWord($0) }) {
                words.insert(String(decoding: word, as: UTF8.self))
            }
        }
        return words
    }

    private static func isOfAWord(_ byte: UInt8) -> Bool {
        switch Unicode.Scalar(byte) {
        case "A"..."Z", "a"..."z", "0"..."9", "_": true
        default: false
        }
    }

    /// The files outside a folder that name a type.
    private static func files(
        naming type: String, outside folder: String, in sources: [String: Set<String>]
    ) -> [String] {
        sources.filter { !$0.key.hasPrefix(folder) && $0.value.contains(type) }.keys.sorted()
    }

    @Test func whatStandsInAScreensFolderIsNamedInThreeOtherFilesAtMost() {
        var screens = 0
        for path in Self.sources.keys.sorted() where path.hasPrefix("Screens/") {
            let parts = path.split(separator: "/")
            guard parts.count == 3, !parts[2].contains("+") else { continue }
            let type = String(parts[2].dropLast(".swift".count))
            let files = Self.files(naming: type, outside: "Screens/\(parts[1])/", in: Self.sources)
            #expect(files.count <= Self.most, "\(type) is named in \(files.joined(separator: ", "))")
            guard type == "\(parts[1])Screen" else { continue }
            screens += 1
            #expect(files.contains("Keys/KeyTable.swift"), "\(type) is in no table of keys")
        }
        #expect(screens == 16)
    }

    /// Names are counted, and not parts of them or what is said in comments.
    @Test func aFourthFileIsSeen() {
        var sources = [
            "Screens/A/AScreen.swift": "struct AScreen {}", "B.swift": "AScreenView() // an\n// AScreen",
        ]
        .mapValues(Self.words)
        #expect(Self.files(naming: "AScreen", outside: "Screens/A/", in: sources) == [])
        for name in ["C", "D", "E", "F"] { sources["\(name).swift"] = Self.words("let a: [AScreen]") }
        #expect(Self.files(naming: "AScreen", outside: "Screens/A/", in: sources).count > Self.most)
    }
}
