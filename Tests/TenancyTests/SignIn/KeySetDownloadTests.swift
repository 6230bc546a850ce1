import FoundationEssentials
import Glibc
import TestSupport
import Testing

@testable import Tenancy

private let hasCurl = (try? Program.run("/usr/bin/env", ["curl", "--version"]))?.status == 0

/// What is taken from a server that gives keys, and what is not.
@Suite(
    .enabled(
        if: PaperProvider.python != nil && hasCurl, "python3 or curl is not installed"))
struct KeySetDownloadTests {
    /// Answers each path in its own way.
    private static let script = """
        import http.server, sys

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def do_GET(self):
                status, body, more = {
                    "/good": (200, b'{"keys": []}\\n', []),
                    "/missing": (404, b"nothing here", []),
                    "/empty": (204, b"", []),
                    "/broken": (500, b'{"keys": []}', []),
                    "/latin": (200, b'"\\xff"', []),
                    "/away": (302, b"", [("Location", "/good")]),
                    "/file": (302, b"", [("Location", "file:///etc/passwd")]),
                    "/large": (200, b"x" * 300000, []),
                }.get(self.path, (200, None, [("Transfer-Encoding", "chunked")]))
                self.send_response(status)
                for name, value in more:
                    self.send_header(name, value)
                if body is not None:
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                    return
                # More than anybody asked for, and nothing that says so in front.
                self.end_headers()
                try:
                    while True:
                        self.wfile.write(b"1000\\r\\n" + b"x" * 4096 + b"\\r\\n")
                except OSError:
                    pass
            def log_message(self, *words):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        print(server.server_address[1], flush=True)
        server.serve_forever()
        """

    /// Runs the body with the address of such a server.
    private func withServer(_ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/piste-keys-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data(Self.script.utf8).write(to: URL(filePath: folder + "/server.py"))
        let python = try #require(PaperProvider.python)
        let started = try await Program.run(
            "/bin/sh", ["-c", "(exec \(python) -B '\(folder)/server.py') >'\(folder)/port' 2>&1 & echo $!"])
        let pid = try #require(pid_t(started.output.prefix { $0.isNumber }))
        defer { kill(pid, SIGTERM) }
        var port = ""
        let isUp = try await eventually {
            let text = FileManager.default.contents(atPath: folder + "/port") ?? Data()
            port = String(decoding: text, as: UTF8.self)
            return port.last == "\n"
        }
        try #require(isUp)
        try await body("http://127.0.0.1:\(port.prefix { $0.isNumber })")
    }

    @Test func takesAnAnswerAsItIsAndNothingElse() async throws {
        try await withServer { server in
            let first = try await KeySetDownload.text(server + "/good")
            #expect(first == "{\"keys\": []}\n")
            for (path, words) in [
                ("/missing", "status 404"), ("/empty", "status 204"), ("/broken", "status 500"),
                ("/latin", "not UTF-8"),
                ("/away", "status 302"), ("/file", "status 302"), ("/large", "xceeded"),
                ("/endless", "longer than"),
            ] {
                let error = await #expect(throws: TenancyError.self, "\(path)") {
                    try await KeySetDownload.text(server + path)
                }
                let message = error?.message ?? ""
                #expect(message.contains(server + path), "\(message)")
                #expect(
                    message.contains(words) || (path == "/endless" && message.contains("xceeded")),
                    "\(message)")
                #expect(error?.code == .failed)
            }
            let last = try await KeySetDownload.text(server + "/good")
            #expect(last == first)
        }
        let nobody = await #expect(throws: TenancyError.self) {
            try await KeySetDownload.text("http://127.0.0.1:1/k")
        }
        #expect(nobody?.message.contains("keys cannot be read from http://127.0.0.1:1/k") == true)
    }

    @Test(arguments: [
        ("https://id.example/k", true), ("https://id.example:443/k", true), ("https://[::1]:8443/k", true),
        ("http://127.0.0.1:8080", true), ("http://[::1]/k", true), ("https://id.example:+443/k", false),
        ("http://127.0.0.1:+80/k", false), ("http://localhost:-1/k", false),
        ("https://id.example:0/k", false),
        ("https://id.example:65536/k", false), ("https://id.example:/k", false), ("https://", false),
        ("http://127.0.0.1@evil.example/k", false), ("http://localhost.evil.example/k", false),
        ("http://id.example/k", false), ("file:///etc/passwd", false), ("https://id.example /k", false),
    ])
    func aPortIsANumberInDigits(address: String, isSafe: Bool) {
        #expect(KeySetDownload.isSafe(address) == isSafe)
    }
}
