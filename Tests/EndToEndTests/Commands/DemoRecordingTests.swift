import Foundation
import Glibc
import TestSupport
import Testing

/// `piste demo --record`: a file that an asciinema player plays, whatever became of the terminal.
struct DemoRecordingTests {
    private static let arguments = ["demo", "--companies", "2", "--users", "12"]

    @Test func aRecordingIsWholeAndHoldsTheDemoAlone() async throws {
        let folder = try TemporaryFolder()
        chmod(folder.path, 0o755)
        let environment = [
            "PISTE_LOCAL_ROOT": folder.path + "/cluster", "HOME": folder.path, "XDG_DATA_HOME": folder.path,
            "XDG_RUNTIME_DIR": folder.path, "PISTE_DATABASE_URL": "postgresql://elsewhere.example/customers",
        ]
        let outcome: Result<Void, any Error>
        do {
            try await record(folder.path, environment)
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        let destroyed = try await Piste.run(["local", "destroy", "--yes"], environment: environment)
        #expect(destroyed.status == 0, "\(destroyed)")
        try outcome.get()
    }

    private func record(_ folder: String, _ environment: [String: String]) async throws {
        // The terminal goes away in the middle.
        let cut = folder + "/cut.cast"
        let tmux = try Tmux(
            Self.arguments + ["--record", cut], columns: 80, rows: 24, environment: environment)
        try await tmux.wait(for: "Awesome Corp", "alice · support", "WATCHED", seconds: 300)
        try tmux.press("Enter")
        try await tmux.wait(for: "ACCESS  read-only", "Ada Lovelace")
        let console = try tmux.processID()
        try tmux.hangUp()
        #expect(try await eventually { kill(console, 0) != 0 })
        let whole = try Recorded(cut)
        #expect(whole.ending == "over" && whole.rest.isEmpty)
        #expect(whole.width == 80 && whole.height == 24)
        for words in ["Awesome Corp", "Ada Lovelace", "WATCHED"] {
            #expect(whole.text.contains(words), "\(words)")
        }
        // Of the machine that it was made on there is nothing in it.
        let all = try String(contentsOfFile: cut, encoding: .utf8)
        for words in [
            folder, "elsewhere.example", NSUserName() + "@", ProcessInfo.processInfo.hostName + ":",
        ] {
            #expect(!all.contains(words), "\(words)")
        }
        #expect(try FileManager.default.attributesOfItem(atPath: cut)[.posixPermissions] as? Int == 0o600)

        // The program is killed: what was shown until then is there, to the last line or the one before.
        let killed = folder + "/killed.cast"
        let other = try Tmux(
            Self.arguments + ["--record", killed], columns: 100, rows: 30, environment: environment)
        try await other.wait(for: "Awesome Corp", "alice · support")
        let pid = try other.processID()
        #expect(kill(pid, SIGKILL) == 0)
        #expect(try await eventually { kill(pid, 0) != 0 })
        let torn = try Recorded(killed)
        #expect(torn.text.contains("Awesome Corp") && torn.ending == nil)

        // One that is over is played to its end; no file is written over.
        let played = try await Piste.run(["demo", "--watch", cut], environment: environment)
        #expect(played.status == 0 && played.output.contains("Ada Lovelace"), "\(played.status)")
        let again = try Tmux(Self.arguments + ["--record", cut], environment: environment)
        try await again.wait(for: "name a file that is not there yet", "[exit 1]")

        // What somebody made there that is not the demo's is on no recording.
        let made = try await Piste.run(
            [
                "company", "create", "Real Customer", "--url-id", "real-7", "--auth-provider", "okta", "--as",
                "bob",
            ], environment: environment.filter { $0.key != "PISTE_DATABASE_URL" })
        #expect(made.status == 0, "\(made)")
        let refused = try Tmux(
            Self.arguments + ["--record", folder + "/real.cast"], environment: environment)
        try await refused.wait(for: "real-7", "[exit 3]")
        #expect(access(folder + "/real.cast", F_OK) != 0)
    }
}

/// An asciinema file, read as strictly as its format is written down.
private struct Recorded {
    var width = 0
    var height = 0
    /// All that was shown, without colours and places.
    var text = ""
    /// The marker that it ends with.
    var ending: String?
    /// What stands behind the last whole line.
    var rest = ""

    init(_ path: String) throws {
        var lines = try String(contentsOfFile: path, encoding: .utf8).components(separatedBy: "\n")
        rest = lines.removeLast()
        let head = try #require(try Self.value(of: lines.removeFirst()) as? [String: Any])
        #expect(head["version"] as? Int == 2)
        width = try #require(head["width"] as? Int)
        height = try #require(head["height"] as? Int)
        #expect((head["env"] as? [String: String])?.keys.sorted() == ["TERM"])
        var before = 0.0
        for line in lines {
            let event = try #require(try Self.value(of: line) as? [Any])
            let moment = try #require(event.first as? Double)
            #expect(event.count == 3 && moment >= before)
            before = moment
            let (kind, data) = (event[1] as? String, try #require(event[2] as? String))
            switch kind {
            case "o":
                text += data.replacing(/\u{1B}\[[0-9;?]*[HmJl]/, with: "")
            case "m": ending = data
            default: #expect(kind == "r")
            }
        }
        #expect(!text.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F })
    }

    private static func value(of line: String) throws -> Any {
        try JSONSerialization.jsonObject(with: Data(line.utf8))
    }
}
