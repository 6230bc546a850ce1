import Glibc
import Host
import Postgres

/// Reads a key set from its address with the system's `curl`, which knows certificates and proxies better than we ever shall.
///
/// Only https, or http on this very machine; no redirection; ten seconds and 256 KiB at most.
enum KeySetDownload {
    private static let onThisMachine = ["http://127.0.0.1", "http://localhost", "http://[::1]"]

    /// Tells whether nobody on the way can change what comes from there: https, or http on this machine.
    static func isSafe(_ address: String) -> Bool {
        guard address.utf8.allSatisfy({ (0x21..<0x7F).contains($0) }) else { return false }
        if address.hasPrefix("https://") {
            let host = address.dropFirst("https://".count).prefix { $0 != "/" }
            guard let colon = host.lastIndex(of: ":"), host.last != "]" else { return !host.isEmpty }
            return isPort(host[host.index(after: colon)...])
        }
        guard let host = onThisMachine.first(where: address.hasPrefix) else { return false }
        let rest = address.dropFirst(host.count)
        guard rest.first == ":" else { return rest.isEmpty || rest.first == "/" }
        return isPort(rest.dropFirst().prefix { $0 != "/" })
    }

    /// Tells whether it is a number from 1 to 65535, in digits and nothing else.
    private static func isPort(_ text: Substring) -> Bool {
        text.utf8.allSatisfy { (48...57).contains($0) } && UInt16(text).map { $0 > 0 } == true
    }

    /// The text at the address; throws what hindered it.
    @Sendable
    static func text(_ address: String) async throws(TenancyError) -> String {
        guard isSafe(address) else {
            throw TenancyError(
                .invalid,
                "Keys are read from an https address only (http on this machine), whose port is at most 65535: \(address)."
            )
        }
        let outcome: Result<String, TenancyError> = await withCheckedContinuation { continuation in
            let hasThread = DedicatedThread.run(named: "piste-keys") {
                continuation.resume(returning: Result { () throws(TenancyError) in try curl(address) })
            }
            if !hasThread {
                continuation.resume(
                    returning: .failure(TenancyError(.failed, "The system grants no thread to read keys.")))
            }
        }
        return try outcome.get()
    }

    private static func curl(_ address: String) throws(TenancyError) -> String {
        let isLocal = !address.hasPrefix("https://")
        var arguments = [
            "curl", "--disable", "--silent", "--show-error", "--globoff", "--max-redirs", "0",
            "--proto", isLocal ? "=http" : "=https", "--max-time", "10",
            "--max-filesize", "\(JSONWebKeySet.longest)", "--header", "Accept: application/json",
            "--write-out", "\n%{http_code}",
        ]
        if isLocal { arguments += ["--noproxy", "*"] }
        let child = try ReadProgram(arguments + ["--url", address])
        let output = child.read(child.output, atMost: JSONWebKeySet.longest + 16)
        let narration = child.read(child.errors, atMost: 4096)
        let status = child.end(isTooLong: output == nil)
        guard let output else {
            throw failure(address, "the answer is longer than \(JSONWebKeySet.longest) bytes")
        }
        guard status == 0 else {
            let words = narration.map { String(decoding: $0, as: UTF8.self) } ?? ""
            throw failure(
                address, words.split(separator: "\n").first.map(String.init) ?? "curl ends with \(status)")
        }
        guard let end = output.lastIndex(of: 0x0A), output[(end + 1)...].elementsEqual("200".utf8) else {
            let code = output.lastIndex(of: 0x0A).map { String(decoding: output[($0 + 1)...], as: UTF8.self) }
            throw failure(address, "the server answers with the status \(code ?? "none"), and not with 200")
        }
        guard let text = String(validating: output[..<end], as: UTF8.self) else {
            throw failure(address, "the answer is not UTF-8")
        }
        return text
    }

    private static func failure(_ address: String, _ words: String) -> TenancyError {
        TenancyError(.failed, "The provider's keys cannot be read from \(address): \(words).")
    }
}
