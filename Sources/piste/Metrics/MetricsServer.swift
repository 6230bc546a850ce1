import Glibc
import Host
import Postgres

/// Answers `GET /metrics` over HTTP/1.1, and nothing else.
///
/// One question with one answer takes no library: a request is a few lines that end with an empty one. Whoever is slow, silent
/// or long is cut off; at most eight are served at once.
final class MetricsServer: Sendable {
    private let socket: Int32
    private let body: @Sendable () -> String

    /// How long somebody may take to ask, in seconds.
    private static let patience = 5
    /// The bytes of the longest request.
    private static let longest = 8192
    private let places = Places(8)

    /// Binds the address; throws when that is not possible, with what would be right.
    init(_ address: MetricsAddress, body: @escaping @Sendable () -> String) throws {
        self.body = body
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        var found: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(address.host, address.port, &hints, &found)
        guard status == 0, let first = found else {
            throw CommandError(
                .usage, "there is no such address: \(String(cString: gai_strerror(status)))",
                at: address.displayName,
                remedy: "--metrics 127.0.0.1:9187")
        }
        defer { freeaddrinfo(found) }
        let made = Glibc.socket(
            first.pointee.ai_family, first.pointee.ai_socktype | Int32(SOCK_CLOEXEC.rawValue), 0)
        var yes: Int32 = 1
        setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        guard made >= 0, bind(made, first.pointee.ai_addr, first.pointee.ai_addrlen) == 0,
            listen(made, 16) == 0
        else {
            let reason = String(cString: strerror(errno))
            close(made)
            throw CommandError(
                .failed, "figures cannot be served there: \(reason)", at: address.displayName,
                remedy: "name another port, or stop what listens there")
        }
        socket = made
    }

    /// Serves on a thread of its own for as long as the process lives.
    func start() {
        _ = DedicatedThread.run(named: "piste-metrics") { [self] in
            while true {
                let client = accept(socket, nil, nil)
                guard client >= 0 else {
                    if errno == EBADF || errno == EINVAL { return }
                    usleep(10_000)
                    continue
                }
                _ = fcntl(client, F_SETFD, FD_CLOEXEC)
                guard places.take() else {
                    close(client)
                    continue
                }
                let isServed = DedicatedThread.run(named: "piste-scrape") { [self] in
                    serve(client)
                    close(client)
                    places.give()
                }
                if !isServed {
                    close(client)
                    places.give()
                }
            }
        }
    }

    private func serve(_ client: Int32) {
        var patience = timeval(tv_sec: Self.patience, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(client, SOL_SOCKET, option, &patience, socklen_t(MemoryLayout<timeval>.size))
        }
        guard let line = requestLine(client) else { return send("400 Bad Request", "not HTTP\n", to: client) }
        let words = line.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 3, words[2].hasPrefix("HTTP/1.") else {
            return send("400 Bad Request", "not HTTP\n", to: client)
        }
        let path = words[1].prefix { $0 != "?" }
        guard path == "/metrics" else {
            return send("404 Not Found", "the figures are at /metrics\n", to: client)
        }
        guard words[0] == "GET" || words[0] == "HEAD" else {
            return send("405 Method Not Allowed", "GET them\n", to: client, also: "Allow: GET, HEAD\r\n")
        }
        send("200 OK", body(), to: client, withBody: words[0] == "GET")
    }

    /// The first line of a request, once the whole of its head has come; nil when that does not come in time.
    private func requestLine(_ client: Int32) -> String? {
        let end = ContinuousClock.now + .seconds(Self.patience)
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1024)
        while bytes.count <= Self.longest, ContinuousClock.now < end {
            let count = recv(client, &buffer, buffer.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return nil }
            bytes += buffer[..<count]
            let text = String(decoding: bytes, as: UTF8.self)
            if text.contains("\r\n\r\n") || text.contains("\n\n") {
                return text.split(whereSeparator: \.isNewline).first.map(String.init)
            }
        }
        return nil
    }

    private func send(
        _ status: String, _ body: String, to client: Int32, also header: String = "", withBody: Bool = true
    ) {
        let head =
            "HTTP/1.1 \(status)\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
            + "Content-Length: \(body.utf8.count)\r\n\(header)Connection: close\r\n\r\n"
        var bytes = Array((head + (withBody ? body : "")).utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes {
                Glibc.send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }
}
