import FoundationEssentials
import Glibc

/// The link that one ssh goes through.
struct SSHLink {
    /// Milliseconds each way.
    var delay = 0
    /// Bytes a second each way; 0 for as many as there are.
    var rate = 0
    let file = "/tmp/piste-link-\(UUID().uuidString.prefix(8))"

    /// The bytes that have come from the server.
    var bytes: Int { note?.bytes ?? 0 }

    /// Ends the link between two moments, as when a train enters a tunnel for good.
    func cut() { if let note { kill(note.pid, SIGKILL) } }

    /// Lets nothing through any more, in either direction, and tells nobody.
    func freeze() { if let note { kill(note.pid, SIGSTOP) } }

    /// The bytes once nothing has come for a while, which is less than the second between two ticks of a countdown.
    func settledBytes() async throws -> Int {
        var (last, since) = (bytes, ContinuousClock.now)
        while ContinuousClock.now - since < .milliseconds(700) {
            try await Task.sleep(for: .milliseconds(50))
            if bytes != last { (last, since) = (bytes, .now) }
        }
        return last
    }

    private var note: (pid: pid_t, bytes: Int)? {
        guard let text = try? String(contentsOfFile: file, encoding: .utf8) else { return nil }
        let words = text.split(separator: " ")
        guard words.count == 2, let pid = pid_t(words[0]), let bytes = Int(words[1]) else { return nil }
        return (pid, bytes)
    }
}
