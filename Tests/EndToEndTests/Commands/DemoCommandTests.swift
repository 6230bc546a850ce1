import Foundation
import Glibc
import Testing

/// `piste demo` on a demo that is there already.
struct DemoCommandTests {
    @Test(
        "A finished demo is stamped and opened as it is; what was taken from it since is made good without a word"
    )
    func finished() async throws {
        let folder = try TemporaryFolder()
        chmod(folder.path, 0o755)
        let root = folder.path + "/cluster"
        let environment = [
            "PISTE_LOCAL_ROOT": root, "XDG_DATA_HOME": folder.path, "XDG_RUNTIME_DIR": folder.path,
        ]
        func run(_ arguments: String...) async throws -> Piste.Outcome {
            try await Piste.run(arguments, environment: environment, deadline: .seconds(240))
        }
        func demo(_ companies: Int) async throws -> Piste.Outcome {
            try await run("demo", "--companies", "\(companies)", "--users", "12", "--plain")
        }
        func names(_ outcome: Piste.Outcome) -> [String] { outcome.lines.filter { $0.hasPrefix("url id: ") } }
        let made = try await demo(2)
        #expect(made.status == 0, "\(made)")
        #expect(made.narration.contains("Creating companies"))
        let stamp = root + "/data/piste.stamp"
        let text = try String(contentsOfFile: stamp, encoding: .utf8)
        #expect(text.hasSuffix(" 2 12\n"))

        let again = try await demo(2)
        #expect(again.status == 0 && names(again).count == 2 && names(again) == names(made), "\(again)")
        #expect(!again.narration.contains("Creating") && !again.narration.contains("Importing"))

        let other = try #require(
            names(made).map { String($0.dropFirst("url id: ".count)) }.first { $0 != "awesome" })
        let gone = try await run(
            "company", "delete", other, "--without-export", "--confirm", other, "--as", "bob")
        #expect(gone.status == 0, "\(gone)")
        let mended = try await demo(2)
        #expect(mended.status == 0 && names(mended) == names(made), "\(mended)")
        #expect(!mended.narration.contains("Creating"), "a screen may be on")

        // Another plan is another demo, and a stamp that is none is none.
        let more = try await demo(3)
        #expect(more.status == 0 && more.narration.contains("Creating companies"), "\(more)")
        try "something else\n".write(toFile: stamp, atomically: false, encoding: .utf8)
        #expect(try await demo(3).status == 0)
        #expect(try String(contentsOfFile: stamp, encoding: .utf8).hasSuffix(" 3 12\n"))
        #expect(try await run("local", "destroy", "--yes").status == 0)
    }
}
